"""A named person at a browser of their own."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

TIMEOUT_MS = 15_000


class Person:
    """Somebody at a browser of their own; what the console says against the page is kept."""

    def __init__(self, context: BrowserContext, origin: str, *, expects_refused_upgrades: bool = False) -> None:
        self.context, self.origin = context, origin
        self.expected = "WebSocket connection to" if expects_refused_upgrades else None
        self.complaints: list[str] = []
        self.page = self.open_page()

    def open_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not (self.expected and self.expected in message.text):
            self.complaints.append(message.text)

    def go(self, path: str) -> Page:
        self.page.goto(self.origin + path)
        return self.page

    def sign_in(self, mail: str, password: str) -> None:
        page = self.go("/sign-in")
        page.get_by_label("Mail address").fill(mail)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def forget_refusals(self) -> None:
        """Drop what Chromium says of 4xx answers, in tests that ask for one."""
        self.complaints[:] = [text for text in self.complaints if "responded with a status of 4" not in text]

    def session_cookies(self) -> list[Any]:
        """What keeps this person signed in, without Caddy's choice of a server."""
        return [
            {"name": c["name"], "value": c["value"], "url": self.origin}
            for c in self.context.cookies(self.origin)
            if c["name"] != "portal_server"
        ]

    @property
    def server(self) -> str:
        """Which server process Caddy's cookie names."""
        cookies = self.context.cookies(self.origin)
        return next((c["value"] for c in cookies if c["name"] == "portal_server"), "")
