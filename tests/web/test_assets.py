"""Static files: addresses by content, what stylesheets name, the import map and its hash."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import Make

# What a board page may weigh, gzipped, in bytes: script (Turbo, Stimulus and the socket client are 50 kB), and CSS.
SCRIPT_LIMIT, CSS_LIMIT = 75_000, 12_000


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
    assert len(fonts) == 7
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

    [import_map] = re.findall(r'<script type="importmap"[^>]*>(.*?)</script>', page.text)
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
    assert len(preloads) == 8
    assert {fetch(client, url).status_code for url in preloads} == {200}


def test_script_and_style_of_a_thread_stay_light(make: Make, sign_in: Callable[..., FlaskClient], app: Flask) -> None:
    browser = sign_in(make.leader("Ana"))
    page = browser.get(f"/boards/threads/{make.thread().id}").text
    assets = app.extensions["assets"]
    names = {name for attribute in re.findall(r'data-controller="([^"]+)"', page) for name in attribute.split()}
    assert "<portal-stream" in page

    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    css = sum(len(gzip.compress(fetch(browser, url).data)) for url in sheets)
    named = {f"js/controllers/{name.replace('--', '/')}.js" for name in names}
    modules = with_imports({"js/main.js", "js/lib/portal-stream.js", *named}, app)
    script = sum(len(gzip.compress((assets.folder / name).read_bytes())) for name in modules)

    assert css <= CSS_LIMIT, f"{css} bytes of CSS"
    assert script <= SCRIPT_LIMIT, f"{script} bytes of script: {sorted(modules)}"


# What a button fetches when it is pressed: the words for "download" when somebody signs out with unsent text.
ON_PRESS = {"editor/unsent-words"}


def with_imports(names: set[str], app: Flask) -> set[str]:
    """These modules and all that they import, by the names of the import map."""
    assets = app.extensions["assets"]
    addresses = json.loads(assets.import_map)["imports"]
    waiting, found = set(names), set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        if name.startswith("vendor/"):
            continue  # bundles: whole
        for bare in re.findall(r'(?:from|import|import\() ?"([^"]+)"', (assets.folder / name).read_text()):
            if bare in ON_PRESS:
                continue
            waiting |= {addresses[bare].split("/", 3)[3]} - found
    return found


def test_a_pages_own_stylesheet_does_not_make_every_visit_a_reload(app: Flask) -> None:
    """Turbo reloads when a tracked element differs between two pages; a page's own sheet comes and goes instead."""
    loader = app.jinja_env.loader
    assert loader is not None
    for template in app.jinja_env.list_templates(filter_func=lambda name: name != "layout.html"):
        source = loader.get_source(app.jinja_env, template)[0]
        assert 'data-turbo-track="reload"' not in source, template
