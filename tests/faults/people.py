"""Those who write: by HTTP without JavaScript."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import requests

from tests.browser.writing import APPLICATION
from tests.stack import Stack
from tests.waiting import eventually

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
DOCUMENT = re.compile(r'data-document-id-value="(\d+)" data-document-role-value="(\w+)"')


class Writer:
    """Somebody of the sample, signed in by HTTP."""

    def __init__(self, stack: Stack, mail: str, password: str) -> None:
        self.stack = stack
        self.http = requests.Session()
        page = self._get("/sign-in")
        form = {"csrf_token": html.unescape(TOKEN.findall(page)[0]), "email": mail, "password": password}
        headers = {"Origin": stack.origin, "Referer": f"{stack.origin}/sign-in"}
        answer = self.http.post(f"{stack.origin}/sign-in", data=form, headers=headers, timeout=30)
        assert answer.ok, answer.text[-500:]
        assert "/sign-in" not in answer.url, answer.text[-500:]

    def _get(self, path: str) -> str:
        answer = self.http.get(self.stack.origin + path, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code}"
        return answer.text

    def cookies(self, server: str = "") -> dict[str, str]:
        """What a browser of this person sends; `server` is Caddy's choice of a process."""
        kept = {cookie.name: cookie.value or "" for cookie in self.http.cookies}
        return {**kept, "portal_server": server} if server else kept

    def sections(self) -> list[str]:
        """The paths of the application's sections."""
        title = html.escape(APPLICATION)
        (path,) = set(re.findall(rf'href="(/applications/\d+)"[^>]*>\s*{re.escape(title)}', self._get("/applications")))
        return list(dict.fromkeys(re.findall(rf'href="({path}/sections/[\w-]+)"', self._get(path))))

    def document(self, path: str) -> int:
        """The id of the section's document, in which this person may write."""
        ((number, role),) = DOCUMENT.findall(self._get(path))
        assert role == "write", f"{path}: {role}"
        return int(number)

    def reading(self, path: str) -> list[str]:
        """The paragraphs of the page as it is without JavaScript."""
        parser = Paragraphs()
        parser.feed(self._get(path))
        return parser.texts


class Paragraphs(HTMLParser):
    """The paragraphs inside the element that shows a document's text."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0  # of <div>, inside the text
        self.texts: list[str] = []
        self.is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        if ("data-document-target", "reading") in attrs:
            self.depth = 1
        elif tag == "div" and self.depth:
            self.depth += 1
        elif tag == "p" and self.depth:
            self.texts.append("")
            self.is_open = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self.depth:
            self.depth -= 1
        elif tag == "p":
            self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.is_open:
            self.texts[-1] += data


def server_cookies(stack: Stack) -> list[str]:
    """Caddy's name for each server process, once it passes requests on to all of them."""
    names: set[str] = set()

    def are_known() -> bool:
        names.add(requests.get(f"{stack.origin}/healthz", timeout=10).cookies["portal_server"])
        return len(names) == len(stack.server_ports)

    eventually(are_known, "Caddy to pass requests on to every server")
    return sorted(names)
