"""The files: found by id and version, read once a process."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from portal.applications.templates.model import Template
from portal.applications.templates.reader import Reader, TemplateError

FOLDER = Path(__file__).parent.parent / "templates_data"


def all_templates() -> list[Template]:
    """The newest version of every template, by title. Raises TemplateError for a file that cannot be used."""
    newest: dict[str, Template] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        template = read(path)
        newest[template.id] = template
    return sorted(newest.values(), key=lambda template: template.title)


def newest(template_id: str) -> Template | None:
    """The newest version of a template, or None."""
    return next((template for template in all_templates() if template.id == template_id), None)


def pinned(template_id: str, version: str) -> Template:
    """The version that an application pinned. Raises TemplateError when its file is gone."""
    path = FOLDER / f"{template_id}.{version}.toml"
    if not path.is_file():
        raise TemplateError(f"{path.name} is missing, and an application pins it.")
    return read(path)


@cache
def read(path: Path) -> Template:
    """Read and check one file, once a process. Raises TemplateError with file, line and key."""
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{path.name}: {error}") from error
    return Reader(path, text).template(data)
