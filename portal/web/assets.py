"""Static files under content-addressed names, and the one import map that names our modules.

`/assets/<hash>/css/app.css` never changes, so it is kept for a year; a changed file has another address.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from flask import Flask, Response, send_from_directory
from markupsafe import Markup
from werkzeug.exceptions import NotFound

HASH_LENGTH = 12
YEAR = 31_536_000


class Assets:
    """The static folder, read once at start: path -> hash of the content, and the import map."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hashes = {
            str(path.relative_to(folder).as_posix()): hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_LENGTH]
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix != ".md"
        }
        self.import_map = json.dumps({"imports": self._imports()}, separators=(",", ":"))

    def url(self, path: str) -> str:
        """The address of a static file. Raises KeyError for a file that is not there: a typo fails a test."""
        return f"/assets/{self.hashes[path]}/{path}"

    def _imports(self) -> dict[str, str]:
        """Bare names for modules: "controllers/mine", "lib/socket", "editor/mount", "vendor/turbo"."""
        names = {}
        for path in self.hashes:
            if path.endswith(".js") and path.startswith(("js/", "vendor/")):
                names[path.removeprefix("js/").removesuffix(".js")] = self.url(path)
        return names

    @property
    def import_map_hash(self) -> str:
        """The CSP source of the inline import map."""
        digest = hashlib.sha256(self.import_map.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"


def init_app(app: Flask) -> None:
    """Serve `/assets/` and give templates `asset_url` and `import_map`."""
    assets = Assets(Path(app.root_path) / "static")
    app.extensions["assets"] = assets
    app.jinja_env.globals.update(asset_url=assets.url, import_map=Markup(assets.import_map))  # noqa: S704  # our own file names

    @app.get("/assets/<digest>/<path:path>")
    def asset(digest: str, path: str) -> Response:
        if assets.hashes.get(path) != digest:
            raise NotFound
        response = send_from_directory(assets.folder, path, max_age=YEAR)
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response
