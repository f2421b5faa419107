"""What people type is kept without what nobody can see, wherever they type it."""

from __future__ import annotations

import pytest

from portal.web.typed import lines, one_line, paragraphs

UNSEEN = "a\x00b\x08c\x1bd\x7fe\ud800f"


@pytest.mark.parametrize("kept", [one_line, lines, paragraphs])
def test_what_cannot_be_seen_is_not_kept(kept):
    assert kept(UNSEEN) == "abcdef"
    assert kept(None) == ""


def test_a_line_is_one_line_and_a_text_keeps_its_shape():
    typed = "  Ana \t Lima\r\nLeicester\r  "
    assert one_line(typed) == "Ana Lima Leicester"
    assert lines(typed) == "  Ana \t Lima\nLeicester\n  "
    assert paragraphs(typed) == "Ana \t Lima\nLeicester"


def test_spelling_that_needs_a_joiner_stays():
    assert one_line("می\u200cخواهم") == "می\u200cخواهم"


def test_a_title_of_an_application_is_kept_without_what_cannot_be_seen(make, sign_in):
    lead = make.leader("Ana")
    application = make.application(lead=lead)
    browser = sign_in(lead)

    browser.post(f"/applications/{application.id}/edit", data={"title": "Lis\x08tening", "no_deadline": "y"})

    assert ">Listening<" in browser.get(f"/applications/{application.id}/edit", follow_redirects=True).text
