"""A funder's form as it is used: sections, limits, sources, and what is asked for besides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where the facts were seen."""

    title: str
    url: str
    seen: str


@dataclass(frozen=True, slots=True)
class SectionRule:
    """One text of the funder's form. `limit` maps a unit to a number, e.g. {"words": 500}; empty: no limit known."""

    key: str
    title: str
    limit: dict[str, int]
    guidance: str
    is_public: bool
    count_rule: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that the funder asks for besides the texts, in words: an attachment or a sign-off."""

    title: str
    note: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """One version of one funder's form. `checked_by` is empty until a person compared it with the live call."""

    id: str
    version: str
    funder: str
    title: str
    form: str
    awards: str
    count_rule: str
    checked_on: date
    checked_by: str
    live_page_seen: bool
    sources: tuple[Source, ...]
    deadline_kind: str
    deadline_zone: str | None
    deadline_note: str
    roles: dict[str, dict[str, Any]]
    sections: tuple[SectionRule, ...]
    attachments: tuple[Requirement, ...]
    budget_note: str
    budget_headings: tuple[tuple[str, str], ...]
    signoffs: tuple[Requirement, ...]
    unverified: tuple[str, ...]

    @property
    def is_checked(self) -> bool:
        return bool(self.checked_by) and self.live_page_seen

    def section(self, key: str) -> SectionRule | None:
        """The rule of a section by its key, or None when this version has no such section."""
        return next((section for section in self.sections if section.key == key), None)
