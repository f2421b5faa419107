"""Whatever stands in `next=`, it leads to a path of this portal."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.accounts.destinations import safe_path

ORIGIN = "http://localhost:8450"
PIECES = st.sampled_from(["/", "\\", "//", "evil.example", "http:", "https://", "data:", "@", "?", "#", "\t", "%"])


def as_a_browser_reads_it(text):
    """The URL standard: outer spaces and controls and every tab and line break go, a backslash is a slash."""
    text = text.strip("".join(map(chr, range(33))))
    text = text.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    return urljoin(f"{ORIGIN}/sign-in", text)


@given(st.lists(PIECES | st.text(max_size=5), max_size=8).map("".join))
@example("/\t/evil.example")
@example("/\\evil.example")
@example("///evil.example")
@example(" //evil.example")
def test_no_text_leads_to_another_site(text):
    read = urlsplit(as_a_browser_reads_it(safe_path(text)))
    assert (read.scheme, read.netloc) == ("http", "localhost:8450")


@pytest.mark.parametrize("path", ["/", "/boards/threads/12?page=2#post-3", "/members/centro-de-empatía", "/a//b"])
def test_our_own_paths_are_kept(path):
    assert safe_path(path) == path


@pytest.mark.parametrize("text", [None, "", "boards", "mailto:eve@example.org", "/" + "x" * 2000])
def test_anything_else_is_the_first_page(text):
    assert safe_path(text) == "/"
