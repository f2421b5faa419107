"""Static files: addresses by content, what stylesheets name, the import map and its hash."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

# What the bars allow a board page, gzipped, in bytes: script (Turbo, Stimulus, socket client and ours), and CSS.
SCRIPT_LIMIT, CSS_LIMIT = 62_000, 12_000


def fetch(client: FlaskClient, url: str) -> TestResponse:
    """A file's answer, read and closed."""
    with client.get(url) as answer:
        answer.get_data()
    return answer


def test_a_stylesheet_names_each_font_by_the_fonts_own_hash(client: FlaskClient, app: Flask) -> None:
    url = app.extensions["assets"].url("css/base.css")

    sheet = fetch(client, url)

    fonts = re.findall(r"url\((.+?)\)", sheet.text)
    assert sheet.mimetype == "text/css"
    assert len(fonts) == 5
    for font in fonts:
        answer = fetch(client, font)
        assert (answer.status_code, answer.mimetype) == (200, "font/woff2")


def test_an_asset_is_kept_for_a_year_and_another_hash_is_not_found(client: FlaskClient, app: Flask) -> None:
    url = app.extensions["assets"].url("js/main.js")

    assert fetch(client, url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(url.replace(url.split("/")[2], "0" * 12)).status_code == 404
    assert client.get("/assets/000000000000/../../config.py").status_code in (303, 404)


def test_every_page_names_its_modules_by_a_map_whose_hash_the_policy_has(client: FlaskClient) -> None:
    page = client.get("/about")

    import_map = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', page.text)[1]  # type: ignore[index]
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    assert '"controllers/zoned":"/assets/' in import_map


def test_no_page_of_ours_has_inline_script_or_style(client: FlaskClient) -> None:
    for path in ("/", "/about", "/privacy", "/accessibility", "/members", "/join", "/sign-in"):
        text = client.get(path).text
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text), path
        assert len(re.findall(r"<script(?![^>]*\ssrc=)", text)) == 1, path


def test_what_every_page_preloads_is_what_it_imports(client: FlaskClient, app: Flask) -> None:
    page = client.get("/about").text

    preloads = re.findall(r'<link rel="modulepreload" href="([^"]+)"', page)
    assert len(preloads) == 5
    assert {fetch(client, url).status_code for url in preloads} == {200}


def test_script_and_style_of_a_page_stay_light(client: FlaskClient, app: Flask) -> None:
    page = client.get("/about").text
    assets = app.extensions["assets"]

    sheets = [*re.findall(r'<link rel="stylesheet" href="([^"]+)"', page), assets.url("css/boards.css")]
    css = sum(len(gzip.compress(fetch(client, url).data)) for url in sheets)
    modules = [
        name for name in assets.hashes if name.endswith(".js") and not name.startswith(("js/editor/", "vendor/editor"))
    ]
    script = sum(len(gzip.compress((assets.folder / name).read_bytes())) for name in modules if "document" not in name)

    assert css <= CSS_LIMIT, f"{css} bytes of CSS"
    assert script <= SCRIPT_LIMIT, f"{script} bytes of script"


def test_a_pages_own_stylesheet_does_not_make_every_visit_a_reload(app: Flask) -> None:
    """Turbo reloads when a tracked element differs between two pages; a page's own sheet comes and goes instead."""
    for template in app.jinja_env.list_templates(filter_func=lambda name: name != "layout.html"):
        source = app.jinja_env.loader.get_source(app.jinja_env, template)[0]  # type: ignore[union-attr]
        assert 'data-turbo-track="reload"' not in source, template
