"""The figures that funders' limits are held against; the browser's twin reads the same corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.richtext.counting import RULES, count

CORPUS = json.loads((Path(__file__).parent.parent / "data" / "counting.json").read_text(encoding="utf-8"))


def test_the_corpus_is_there_and_names_every_rule():
    assert len(CORPUS) >= 30
    assert all(set(RULES) <= set(case) for case in CORPUS)


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
def test_a_text_counts_as_the_corpus_says(case):
    assert count(case["text"]) == {rule: case[rule] for rule in RULES}
