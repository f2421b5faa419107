"""What a page is checked for: axe-core's WCAG rules, and that nothing scrolls sideways."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from playwright.sync_api import Page

from launcher.environment import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def axe_source() -> str:
    """The library's text. It is evaluated, not added to the page: the content security policy would refuse that."""
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """ "rule: what is wrong, at which element" for each violation of a WCAG rule, whatever its impact."""
    page.evaluate(axe_source())
    result: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })", WCAG
    )
    return [
        f"{rule['id']}: {rule['help']}, at {node['target'][-1]}: {node['failureSummary'][:300]}"
        for rule in result["violations"]
        for node in rule["nodes"][:3]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def has_focus(page: Page, selector: str) -> bool:
    """Whether the focus is on such an element. (`wait_for_function` would need eval, which the policy forbids.)"""
    return bool(page.evaluate("selector => document.activeElement?.matches(selector)", selector))


def kind_of(path: str) -> str:
    """Which template an address leads to: numbers and names stand for any of their kind."""
    path = re.sub(r"\d+", "N", re.split("[?#]", path, maxsplit=1)[0].rstrip("/") or "/")
    path = re.sub(r"^/members/(?!new$|enquiries$|people)[^/]+", "/members/S", path)
    path = re.sub(r"^/boards/(?!new$|threads|posts)[^/]+", "/boards/S", path)
    return re.sub(r"/sections/[^/]+", "/sections/S", path)


def links_of(page: Page) -> list[str]:
    """The addresses of this portal that the page links to, in order."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("a[href]")]
              .filter(a => a.origin === location.origin && !a.hasAttribute("download"))
              .map(a => a.pathname + a.search)"""
        )
    )
