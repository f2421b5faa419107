"""Static files under content-addressed names, and the one import map that names our modules.

`/assets/<hash>/css/base.css` never changes, so it is kept for a year; a changed file has another address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from pathlib import Path

from flask import Flask, Response, send_from_directory
from markupsafe import Markup
from werkzeug.exceptions import NotFound

HASH_LENGTH = 12
YEAR = 31_536_000
CSS_URL = re.compile(r"url\((\.\./[^)]+)\)")

# What every page with script needs, so that the browser fetches it without waiting for the imports to be read.
PRELOADED_MODULES = (
    "js/main.js",
    "vendor/turbo.js",
    "vendor/stimulus.js",
    "js/lib/behaviours.js",
    "js/lib/keep-focus.js",
    "js/lib/page.js",
    "js/lib/patiently.js",
    "js/lib/refusals.js",
)


class Assets:
    """The static folder, read once at start: path -> hash of the content, and the import map."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".md"]
        names = {path.relative_to(folder).as_posix(): path for path in paths}
        self.hashes = {name: _hash(path.read_bytes()) for name, path in names.items() if path.suffix != ".css"}
        self.stylesheets: dict[str, bytes] = {}
        for name, path in names.items():
            if path.suffix == ".css":
                self.stylesheets[name] = self._with_addresses(name, path.read_text(encoding="utf-8")).encode()
                self.hashes[name] = _hash(self.stylesheets[name])
        self.import_map = json.dumps({"imports": self._imports()}, separators=(",", ":"))

    def url(self, path: str) -> str:
        """The address of a static file. Raises KeyError for a file that is not there: a typo fails a test."""
        return f"/assets/{self.hashes[path]}/{path}"

    def preloads(self) -> list[str]:
        """The addresses of the modules that every page uses."""
        return [self.url(path) for path in PRELOADED_MODULES if path in self.hashes]

    def _with_addresses(self, name: str, text: str) -> str:
        """A stylesheet with the hashes of what it names: a relative address would carry the stylesheet's own."""
        here = posixpath.dirname(name)
        return CSS_URL.sub(lambda found: f"url({self.url(posixpath.normpath(f'{here}/{found[1]}'))})", text)

    def _imports(self) -> dict[str, str]:
        """Bare names for modules: "controllers/mine", "lib/socket", "editor/mount", "vendor/turbo"."""
        names = {}
        for path in sorted(self.hashes):
            if path.endswith(".js") and path.startswith(("js/", "vendor/")):
                names[path.removeprefix("js/").removesuffix(".js")] = self.url(path)
        return names

    @property
    def import_map_hash(self) -> str:
        """The CSP source of the inline import map."""
        digest = hashlib.sha256(self.import_map.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:HASH_LENGTH]


def init_app(app: Flask) -> None:
    """Serve `/assets/` and give templates `asset_url`, `import_map` and `module_preloads`."""
    assets = Assets(Path(app.root_path) / "static")
    app.extensions["assets"] = assets
    app.jinja_env.globals.update(
        asset_url=assets.url,
        module_preloads=assets.preloads(),
        import_map=Markup(assets.import_map),  # noqa: S704  # our own file names
    )

    @app.get("/assets/<digest>/<path:path>")
    def asset(digest: str, path: str) -> Response:
        if assets.hashes.get(path) != digest:
            raise NotFound
        if path in assets.stylesheets:
            response = Response(assets.stylesheets[path], mimetype="text/css")
        else:
            response = send_from_directory(assets.folder, path, max_age=YEAR)
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response

    @app.get("/favicon.ico")
    def favicon() -> Response:
        """For those who ask without reading the page's link."""
        return send_from_directory(assets.folder, "favicon.svg", max_age=86_400)
