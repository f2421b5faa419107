"""What people type stays text: in mail headers one line, on every page no markup."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import jobs
from tests.builders import Make

SignIn = Callable[..., FlaskClient]


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_name_with_a_line_break_is_one_line_and_its_owner_still_gets_mail(
    app: Flask, make: Make, sign_in: SignIn, client: FlaskClient, line_break: str
) -> None:
    ana = make.person("Ana")
    sign_in(ana).post("/account", data={"name": f"Ana{line_break}Bcc: eve@example.org"})

    client.post("/sign-in/link", data={"email": ana.email})
    with app.app_context():
        jobs.run_due_jobs()

    [mail] = app.extensions["mail_transport"].messages
    assert mail["To"].addresses[0].display_name == "Ana Bcc: eve@example.org"
    assert mail["To"].addresses[0].addr_spec == ana.email
    assert mail["Bcc"] is None
    assert b"\nBcc" not in mail.as_bytes()


def test_who_joins_with_a_line_break_in_the_name_has_one_line(
    app: Flask, make: Make, sign_in: SignIn, client: FlaskClient
) -> None:
    ana = make.leader("Ana")
    _invitation, path = make.invitation(
        "colleague", by=ana, subject_id=ana.membership.organisation_id, role="colleague"
    )

    client.post(path, data={"name": "Ben\r\n\r\nBcc: eve@example.org", "password": "four quiet herons wade"})

    assert 'value="Ben Bcc: eve@example.org"' in client.get("/account").text


@pytest.mark.parametrize("address", ["ñ@example.org", "a b@example.org", "a@example.org\r\nBcc: b@example.org"])
def test_an_address_that_mail_cannot_reach_is_not_invited(make: Make, sign_in: SignIn, address: str) -> None:
    ana = make.leader("Ana")
    application = make.application(ana)

    answer = sign_in(ana).post(
        f"/applications/{application.id}/people/invitations",
        data={"name": "Ben", "email": address, "role": "reader"},
    )

    assert answer.status_code == 422


ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '"><script>alert(1)</script>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:alert(1))",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/track.png)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://ok.example "onmouseover=alert(1)")',
    '[x](https://ok.example/"onmouseover=alert(1)//)',
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "<turbo-stream action=append target=x><template><script>alert(1)</script></template></turbo-stream>",
    '<portal-stream name="thread:1"></portal-stream>',
    "<div data-controller=dialog data-action=click->dialog#open>x</div>",
    "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<base href=https://evil.example>",
    "<form action=https://evil.example><button>Sign in</button></form>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "{{7*7}}{% raw %}",
    "\u202e<script>\u202c",
    "<\x00script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
)


class Page(HTMLParser):
    """Every element and attribute of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str, str]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, "", ""))
        for name, value in attrs:
            if name in ("href", "src", "action", "formaction", "srcdoc") or name.startswith(("on", "data-")):
                self.found.add((tag, name, (value or "").strip().lower()))

    @property
    def active(self) -> set[tuple[str, str, str]]:
        """What acts by itself, or by a click, on somebody's behalf."""
        return {
            (tag, name, value)
            for tag, name, value in self.found
            if name.startswith("on")
            or name == "srcdoc"
            or value.startswith(("javascript:", "data:text", "vbscript:"))
            or (name in ("src", "action", "formaction") and "evil.example" in value)
            or tag in ("iframe", "object", "embed", "base", "style")
        }


def test_no_attack_in_any_field_becomes_markup_on_any_page(app: Flask, make: Make, sign_in: SignIn) -> None:
    quiet = pages_of(app, make, sign_in, "Quiet words")
    scripts = {url: text.count("<script") for url, text in quiet.items()}
    elements = {url: {tag for tag, _name, _value in Page(text).found} for url, text in quiet.items()}
    links = {"a", "p", "code", "pre", "br", "em", "strong", "ul", "li", "blockquote"}  # what Markdown may make

    assert len(ATTACKS) % 2 == 0
    for attack in ("\n\n".join(pair) for pair in zip(ATTACKS[::2], ATTACKS[1::2], strict=True)):
        for url, text in pages_of(app, make, sign_in, attack).items():
            page = Page(text)
            assert not page.active, (attack, url, page.active)
            assert text.count("<script") == scripts[url], (attack, url)
            new = {tag for tag, _name, _value in page.found} - elements[url] - links
            assert not new, (attack, url, new)


def pages_of(app: Flask, make: Make, sign_in: SignIn, text: str) -> dict[str, str]:
    """A world in which everything that can be typed is `text`, as the pages that show it (addresses without ids)."""
    text = text.replace("\0", "")  # as every form takes it (`portal.web.typed`); PostgreSQL would refuse it
    line = " ".join(text.split())
    organisation = make.organisation(f"{line} centre {next(make.numbers)}"[:200], description=text, place=line[:120])
    ana = make.leader(f"Ana {line}"[:200], organisation, email=f"ana-{next(make.numbers)}@example.org")
    board = make.board(line[:120], description=text)
    thread = make.thread(board, ana, title=line[:200], body=text)
    make.post(thread, ana, body=f"> {text}\n\n{text}")
    application = make.application(ana, line[:200])
    make.invitation(
        "colleague", by=ana, subject_id=organisation.id, role="colleague", name=line[:200], email="a@example.org"
    )
    make.participant(
        application, make.colleague(f"Cem {line}"[:200], organisation, email=f"c{next(make.numbers)}@x.org")
    )
    browser, home = sign_in(ana), f"/members/{organisation.slug}"
    section = f"/applications/{application.id}/sections/{application.sections[0].key}"
    urls = {
        "desk": "/",
        "boards": "/boards",
        "board": f"/boards/{board.slug}",
        "thread": f"/boards/threads/{thread.id}",
        "directory": "/members",
        "organisation": home,
        "profile": f"{home}/edit",
        "account": "/account",
        "applications": "/applications",
        "section": section,
        "team": f"/applications/{application.id}/partners",
        "activity": f"/applications/{application.id}/activity",
        "edit": f"/applications/{application.id}/edit",
        "whole": f"/applications/{application.id}/text",
    }
    shown = {name: browser.get(url).text for name, url in urls.items()}
    refused = browser.post("/sign-out", data={"body": text}, headers={"X-CSRFToken": "stale"})
    assert refused.status_code == 400
    return {**shown, "refusal": refused.text}
