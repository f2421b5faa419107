"""Funders' forms as data: what is shipped, and what a file with a mistake is told."""

from __future__ import annotations

import pytest

from portal.applications import templates
from portal.applications.templates import TemplateError

PATH = templates.FOLDER / "ssi-rsmf-full.2025-r1.toml"


def test_the_shipped_form_has_the_limits_of_its_sources():
    form = templates.newest("ssi-rsmf-full")
    assert {section.key: section.limit["words"] for section in form.sections} == {
        "summary": 500,
        "vision": 300,
        "objectives": 200,
        "timeliness": 300,
        "edia": 300,
        "approach": 2000,
        "capability": 1000,
        "resources": 1000,
    }
    assert form.count_rule == "unknown"
    assert form.deadline_zone == "Europe/London"
    assert not form.is_checked
    assert form.checked_by == ""
    assert len(form.budget_headings) == 8
    assert len(form.sources) == 2
    assert form.unverified


def test_a_file_is_read_once():
    assert templates.newest("ssi-rsmf-full") is templates.pinned("ssi-rsmf-full", "2025-r1")
    with pytest.raises(TemplateError, match="missing"):
        templates.pinned("ssi-rsmf-full", "1999-r1")


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


MISTAKES = [
    ('funder = "SSI / UKRI"', 'founder = "SSI / UKRI"', "'founder' is not a key"),
    ("limit = { words = 2000 }", "limit = { words = 0 }", "must be a whole number above 0"),
    ("limit = { words = 2000 }", "limit = { furlongs = 2000 }", "'furlongs' is not a unit"),
    ('key = "approach"', 'key = "Approach!"', "must be a short lower-case word"),
    ('key = "edia"', 'key = "vision"', "two sections are called 'vision'"),
    ('zone = "Europe/London"', 'zone = "Europe/Atlantis"', "is not a time zone"),
    ('count_rule = "unknown"', 'count_rule = "guess"', "'guess' is not one of"),
    ("live_page_seen = false", 'live_page_seen = "no"', "must be true or false"),
    ('url = "https://github.com/joacorapela/rsmf2025"', 'url = "javascript:x"', "begins with https://"),
    ('id = "ssi-rsmf-full"', 'id = "other"', "the file must be called other.2025-r1.toml"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), MISTAKES)
def test_a_mistake_is_named_by_file_line_and_key(tmp_path, right, wrong, message):
    text = PATH.read_text(encoding="utf-8").replace(right, wrong, 1)
    path = tmp_path / PATH.name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError, match=message) as caught:
        templates.read(path)
    said = str(caught.value)
    assert said.startswith(PATH.name)
    if "two sections" in message or "above 0" in message or "unit" in message:
        assert ", line " in said
    else:
        assert f", line {line_of(text, wrong)}:" in said


def test_what_is_not_toml_is_said_with_its_line(tmp_path):
    path = tmp_path / "broken.1.toml"
    path.write_text('id = "x"\ntitle = \n', encoding="utf-8")
    with pytest.raises(TemplateError, match=r"broken\.1\.toml: .*line 2"):
        templates.read(path)
