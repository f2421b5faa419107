"""How funders count: named rules over a document's plain text, each with its source.

The browser has a twin of this module, `js/editor/counting.js`; `tests/data/counting.json` holds both to one answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Unicode's White_Space, written out: Python's str.split() also splits at U+001C to U+001F, JavaScript's \s also
# at U+FEFF, and the two counts must never differ.
WHITE_SPACE = re.compile("[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")

# Zero-width marks that nobody typed: U+200B is left behind by suggestions, U+FEFF by pasting.
INVISIBLE = re.compile("[\u200b\ufeff]")


def ws(text: str) -> int:
    """Words as runs of anything but white space, which is how Word counts and what most forms do.

    A dash that stands alone is a word, "and/or" and a URL are one each, Japanese without spaces is one.
    Source: no funder publishes its algorithm; this is the common reading of "words" ("as Word counts").
    """
    return sum(1 for token in WHITE_SPACE.split(settled(text)) if token)


def chars(text: str) -> int:
    """Characters with spaces: Unicode code points, a line end counts as one.

    Source: the John Templeton Foundation says that spaces and punctuation count. Forms that count a line end
    twice will have a rule of their own.
    """
    return len(settled(text))


def settled(text: str) -> str:
    """The text as it is counted: line ends as U+000A, zero-width leftovers gone; a ZWNJ (U+200C) is spelling."""
    return INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


RULES: dict[str, Callable[[str], int]] = {"ws": ws, "chars": chars}


def count(text: str) -> dict[str, int]:
    """Every rule's figure for `text`, by rule id."""
    return {rule: function(text) for rule, function in RULES.items()}
