"""What a rescue says: the words that updates add, with and without the text on which they were written."""

from __future__ import annotations

import os

import pytest
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.collab.applying import ApplyError
from portal.collab.protocol import MalformedError
from portal.collab.rescuing import in_child, rescued_words
from portal.collab.seed import FRAGMENT


class Writer:
    """A browser with a text open: each `take` is an update of its own."""

    def __init__(self, state: bytes = b"") -> None:
        self.doc: Doc[XmlFragment] = Doc()
        if state:
            self.doc.apply_update(state)
        self.body = self.doc.get(FRAGMENT, type=XmlFragment)
        self.known = self.doc.get_state()
        self.updates: list[bytes] = []

    @property
    def state(self) -> bytes:
        return self.doc.get_update()

    def text(self, at: int) -> XmlText:
        text = self.body.children[at].children[0]
        assert isinstance(text, XmlText)
        return text

    def type(self, at: int, where: int, words: str) -> None:
        self.text(at).insert(where, words)
        self.take()

    def begin(self, at: int, words: str) -> None:
        block = self.body.children.insert(at, XmlElement("block", {"kind": "p"}))
        block.children.append(XmlText(words))
        self.take()

    def take(self) -> None:
        self.updates.append(self.doc.get_update(self.known))
        self.known = self.doc.get_state()


@pytest.fixture
def base() -> Writer:
    base = Writer()
    for number, words in enumerate(("Vision", "Partners 日本 😀", "Costs")):
        base.begin(number, words)
    return base


def test_words_stand_block_by_block_in_the_order_of_the_text(base: Writer) -> None:
    ana = Writer(base.state)
    ana.type(2, 5, " next year")
    ana.type(0, 0, "Our ")
    ana.begin(1, "A paragraph 🙂 of its own")
    ana.type(0, 4, "shared ")

    assert rescued_words([base.state], ana.updates) == "Our shared \nA paragraph 🙂 of its own\n next year"


def test_what_was_typed_and_deleted_again_is_not_among_the_words(base: Writer) -> None:
    ana = Writer(base.state)
    ana.type(0, 6, " in two years")
    del ana.text(0)[10:14]
    ana.take()

    assert rescued_words([base.state], ana.updates) == " in years"
    assert rescued_words([], ana.updates) == " in years"


def test_deletions_and_styles_alone_are_no_words(base: Writer) -> None:
    ana = Writer(base.state)
    del ana.text(0)[0:3]
    ana.take()
    ana.text(1).format(0, 4, {"strong": {}})
    ana.take()

    assert rescued_words([base.state], ana.updates) == ""


def test_words_in_a_paragraph_that_somebody_removed_are_still_read(base: Writer) -> None:
    ana, ben = Writer(base.state), Writer(base.state)
    ana.type(1, 8, " and friends")
    ana.type(0, 6, " now")
    del ben.body.children[1]

    assert rescued_words([ben.state], ana.updates) == " and friends\n now"


def test_words_are_read_without_the_text_and_without_earlier_updates(base: Writer) -> None:
    ana = Writer(base.state)
    ana.type(0, 6, " said")
    ana.type(0, 11, " twice")
    ana.begin(1, "Alone")

    assert rescued_words([], ana.updates) == " said twice\nAlone"
    assert rescued_words([base.state], ana.updates[1:]) == " twice\nAlone"


def test_what_stands_in_the_text_already_is_not_rescued_again(base: Writer) -> None:
    ana = Writer(base.state)
    ana.type(0, 6, " saved")
    ana.type(0, 12, " and lost")

    assert rescued_words([base.state, ana.updates[0]], ana.updates) == " and lost"


def test_a_line_break_and_typed_zero_width_characters_read_as_in_the_editor(base: Writer) -> None:
    ana = Writer(base.state)
    ana.body.children[2].children.append(XmlElement("hard_break"))
    ana.body.children[2].children.append(XmlText("Second\u200b line\x00"))
    ana.take()

    assert rescued_words([base.state], ana.updates) == "Second line"


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_truncated_bytes_are_refused_as_unreadable(base: Writer, cut: int) -> None:
    ana = Writer(base.state)
    ana.type(0, 6, " and more words")

    with pytest.raises((MalformedError, ValueError)):
        rescued_words([], [ana.updates[0][:-cut]])
    with pytest.raises(ApplyError):
        in_child([base.state], [ana.updates[0][:-cut]])


def test_random_bytes_end_a_child_at_most(base: Writer) -> None:
    for _ in range(20):
        try:
            in_child([base.state], [os.urandom(200)])
        except ApplyError:
            continue
