"""A named person at a browser of their own."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

TIMEOUT_MS = 15_000


class Person:
    """Somebody at a browser of their own; what the console says against the page is kept."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context, self.origin = context, origin
        self.complaints: list[str] = []
        self.page = self.open_page()

    def open_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def go(self, path: str) -> Page:
        self.page.goto(self.origin + path)
        return self.page

    def sign_in(self, mail: str, password: str) -> None:
        page = self.go("/sign-in")
        page.get_by_label("Email").fill(mail)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def forget_refusals(self) -> None:
        """Drop what Chromium says of 4xx answers, in tests that ask for one."""
        self.complaints[:] = [text for text in self.complaints if "responded with a status of 4" not in text]

    @property
    def server(self) -> str:
        """Which server process Caddy's cookie names."""
        cookies = self.context.cookies(self.origin)
        return next((c["value"] for c in cookies if c["name"] == "portal_server"), "")
