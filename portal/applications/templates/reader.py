"""Reading a file: checked key by key, and what is wrong said with its line."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import available_timezones

from portal.applications.templates.model import Requirement, SectionRule, Source, Template

TEXT_RULES = ("ws", "ws_alnum", "uax29", "chars", "chars_no_space", "chars_crlf2", "sentences")
COUNT_RULES = frozenset((*TEXT_RULES, "items", "pages_pdf", "lines_pdf", "unknown"))
LIMIT_UNITS = frozenset(
    ("words", "chars", "chars_no_space", "lines", "sentences", "pages", "items", "files", "megabytes")
)
FACTS = {"id", "version", "funder", "title", "form", "awards", "count_rule"}
TABLES = {"checked", "sources", "deadline", "roles", "sections", "attachments", "budget", "signoff", "unverified"}
DEADLINE_KINDS = frozenset(("fixed", "local_to_lead", "none", "rolling"))
_KINDS: dict[type, str] = {str: "a text", bool: "true or false", date: "a date", dict: "a table", list: "a list"}


class TemplateError(Exception):
    """A template file cannot be used; the message names the file, the line and the key."""


class Reader:
    """Checks a file's data key by key and knows where in the text a key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def template(self, data: dict[str, Any]) -> Template:
        self.only(data, "", self.TOP)
        checked = self.table(data, "checked", {"on", "by", "live_page_seen"})
        deadline = self.table(data, "deadline", {"kind", "zone", "note"})
        budget = self.table(data, "budget", {"note", "headings"}, required=False)
        template = Template(
            id=self.need(data, "id", str),
            version=self.need(data, "version", str),
            funder=self.need(data, "funder", str),
            title=self.need(data, "title", str),
            form=self.need(data, "form", str, default=""),
            awards=self.need(data, "awards", str, default=""),
            count_rule=self.rule(data),
            checked_on=self.need(checked, "on", date),
            checked_by=self.need(checked, "by", str),
            live_page_seen=self.need(checked, "live_page_seen", bool),
            sources=tuple(self.source(row) for row in self.rows(data, "sources")),
            deadline_kind=self.choice(deadline, "kind", DEADLINE_KINDS),
            deadline_zone=self.zone(deadline),
            deadline_note=self.need(deadline, "note", str, default=""),
            roles=self.need(data, "roles", dict, default={}),
            sections=self.sections(data),
            attachments=tuple(self.attachment(row) for row in self.rows(data, "attachments", required=False)),
            budget_note=self.need(budget, "note", str, default=""),
            budget_headings=tuple(self.heading(row) for row in self.rows(budget, "headings", required=False)),
            signoffs=tuple(self.signoff(row) for row in self.rows(data, "signoff", required=False)),
            unverified=tuple(self.need(row, "fact", str) for row in self.rows(data, "unverified", required=False)),
        )
        if self.path.name != f"{template.id}.{template.version}.toml":
            self.fail("id", f"the file must be called {template.id}.{template.version}.toml")
        return template

    TOP = FACTS | TABLES

    def sections(self, data: dict[str, Any]) -> tuple[SectionRule, ...]:
        rows = self.rows(data, "sections")
        rules = tuple(self.section(row, self.rule(data)) for row in rows)
        keys = [rule.key for rule in rules]
        for key in keys:
            if keys.count(key) > 1:
                self.fail(key, f"two sections are called '{key}'", value=True)
        return rules

    def section(self, row: dict[str, Any], rule: str) -> SectionRule:
        self.only(row, "sections", {"key", "title", "limit", "guidance", "public", "count_rule"})
        key = self.need(row, "key", str)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", key):
            self.fail(key, f"the key '{key}' must be a short lower-case word", value=True)
        return SectionRule(
            key=key,
            title=self.need(row, "title", str),
            limit=self.limit(row, key),
            guidance=self.need(row, "guidance", str, default=""),
            is_public=self.need(row, "public", bool, default=False),
            count_rule=self.rule(row) if "count_rule" in row else rule,
        )

    def limit(self, row: dict[str, Any], where: str) -> dict[str, int]:
        limit: dict[str, int] = self.need(row, "limit", dict, default={})
        for unit, figure in limit.items():
            if unit not in LIMIT_UNITS:
                self.fail(where, f"'{unit}' is not a unit of a limit", value=True)
            if not isinstance(figure, int) or isinstance(figure, bool) or figure < 1:
                self.fail(where, f"the limit of '{where}' must be a whole number above 0", value=True)
        return limit

    def source(self, row: dict[str, Any]) -> Source:
        self.only(row, "sources", {"title", "url", "seen"})
        url = self.need(row, "url", str)
        if not url.startswith("https://"):
            self.fail(url, "a source's address begins with https://", value=True)
        return Source(self.need(row, "title", str), url, self.need(row, "seen", str, default=""))

    def attachment(self, row: dict[str, Any]) -> Requirement:
        self.only(row, "attachments", {"key", "title", "kind", "limit", "per_item", "note"})
        self.need(row, "key", str)
        self.need(row, "kind", str)
        return Requirement(self.need(row, "title", str), self.need(row, "note", str, default=""), row)

    def heading(self, row: dict[str, Any]) -> tuple[str, str]:
        self.only(row, "headings", {"key", "title"})
        return self.need(row, "key", str), self.need(row, "title", str)

    def signoff(self, row: dict[str, Any]) -> Requirement:
        self.only(row, "signoff", {"who", "scope", "form", "note"})
        return Requirement(self.need(row, "who", str), self.need(row, "note", str, default=""), row)

    def zone(self, deadline: dict[str, Any]) -> str | None:
        zone: str | None = self.need(deadline, "zone", str, default=None)
        if zone is not None and zone not in available_timezones():
            self.fail("zone", f"'{zone}' is not a time zone")
        return zone

    def rule(self, row: dict[str, Any]) -> str:
        return self.choice(row, "count_rule", COUNT_RULES)

    def choice(self, row: dict[str, Any], key: str, allowed: frozenset[str]) -> str:
        value: str = self.need(row, key, str)
        if value not in allowed:
            self.fail(key, f"'{value}' is not one of {', '.join(sorted(allowed))}")
        return value

    def table(self, data: dict[str, Any], key: str, known: set[str], *, required: bool = True) -> dict[str, Any]:
        row: dict[str, Any] = self.need(data, key, dict) if required else self.need(data, key, dict, default={})
        self.only(row, key, known)
        return row

    def rows(self, data: dict[str, Any], key: str, *, required: bool = True) -> list[dict[str, Any]]:
        rows = self.need(data, key, list) if required else self.need(data, key, list, default=[])
        if not all(isinstance(row, dict) for row in rows) or (required and not rows):
            self.fail(key, f"'{key}' must be a list of tables")
        return list(rows)

    _MISSING = object()

    def need(self, row: dict[str, Any], key: str, kind: type, *, default: Any = _MISSING) -> Any:
        if key not in row:
            if default is self._MISSING:
                self.fail(key, f"'{key}' is missing")
            return default
        if not isinstance(row[key], kind):
            self.fail(key, f"'{key}' must be {_KINDS.get(kind, kind.__name__)}")
        return row[key]

    def only(self, row: dict[str, Any], where: str, known: set[str] | frozenset[str]) -> None:
        for key in row:
            if key not in known:
                self.fail(key, f"'{key}' is not a key that {where or 'a template'} may have")

    def fail(self, key: str, message: str, *, value: bool = False) -> NoReturn:
        pattern = re.escape(f'"{key}"') if value else rf"^\s*\[*{re.escape(key)}\b|[{{,]\s*{re.escape(key)}\s*="
        line = next((n for n, text in enumerate(self.lines, 1) if re.search(pattern, text)), None)
        place = f"{self.path.name}, line {line}" if line else self.path.name
        raise TemplateError(f"{place}: {message}.")
