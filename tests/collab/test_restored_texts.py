"""Whatever people did before and do afterwards: a restored text is the version's, and nothing of the former enters."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.collab import actions, queries, reader
from portal.collab.applying import clocks
from portal.collab.models import DocAuthor, DocUpdate, DocVersion
from portal.collab.updates import check_update
from portal.extensions import db
from portal.transaction import commit
from tests.collab.tabs import Tab

WORDS = st.text(alphabet="abc é☕ن", min_size=1, max_size=8)
EDIT = st.tuples(st.integers(0, 1), st.sampled_from(["type", "add", "remove"]), st.integers(0, 9), WORDS)
EDITS = st.lists(EDIT, max_size=6)


def typed_here(tab: Tab, how: str, place: int, words: str) -> bytes | None:
    """One edit in this tab's copy alone; None where there is nothing to remove."""
    blocks = tab.body.children
    if how == "remove":
        if len(blocks) < 2:
            return None
        del blocks[place % len(blocks)]
        return tab.taken()
    return tab.added(words) if how == "add" else tab.typed(words, place % len(blocks))


def write(tabs: list[Tab], edits: list[Any]) -> None:
    for who, *edit in edits:
        update = typed_here(tabs[who].hear(), *edit)
        if update is not None:
            tabs[who].send(update)


def refused_late(tabs: list[Tab], edits: list[Any]) -> list[bytes]:
    """What the tabs type on the former text, sent before they hear of another, and again by those that do not look."""
    late = [(tabs[who], update) for who, *edit in edits if (update := typed_here(tabs[who], *edit)) is not None]
    numbers = {tab: tab.n for tab in tabs}
    for tab, update in late:
        tab.send(update)
    for tab in tabs:
        tab.hear().open()
        tab.n = numbers[tab]
    for tab, update in late:
        tab.send(update)
        assert tab.hear().refused[-1]["code"] == "gone"
        tab.refused.clear()
    return [update for _, update in late]


def log_of(document: int) -> list[Any]:
    query = sa.select(DocUpdate.seq, DocUpdate.body).where(DocUpdate.doc_id == document).order_by(DocUpdate.seq)
    return list(db.session.execute(query))


def authors_of(document: int) -> dict[int, int | None]:
    query = sa.select(DocAuthor.client_id, DocAuthor.user_id).where(DocAuthor.doc_id == document)
    return {row.client_id: row.user_id for row in db.session.execute(query)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=EDITS, after=EDITS, late=EDITS, later=EDITS)
def test_a_restored_text_is_its_versions_and_nothing_of_the_former_enters(
    app, make, note, tab, before, after, late, later
):
    people = [make.person("Ana"), make.person("Ben")]
    document = note("Vision", writers=people)
    tabs = [tab(person, document) for person in people]
    write(tabs, before)
    expected = tabs[0].text
    with app.app_context():
        version = actions.keep_version(document, "named").id
        commit()
    write(tabs, after)
    replaced = tabs[0].text
    with app.app_context():
        reader.read_versions()
        authors, log = authors_of(document), log_of(document)
        actions.restore(db.session.get(DocVersion, version), by=people[0])
        commit()

    typed_late = refused_late(tabs, late)

    for each in tabs:
        assert each.begin_anew().text == expected
    with app.app_context():
        assert queries.readings([document])[document].text == expected
        assert log_of(document) == log
    write(tabs, later)
    assert [each.hear().refused for each in tabs] == [[], []]
    final = tab(people[0], document)
    with app.app_context():
        reader.read_due(now_please=True)
        while reader.read_versions():
            pass
        assert tabs[0].text == tabs[1].text == final.text == queries.readings([document])[document].text
        assert db.session.query(DocVersion.text).filter_by(doc_id=document, kind="replaced").scalar() == replaced
        appended = log_of(document)
        assert [row.seq for row in appended] == list(range(1, len(appended) + 1))
        # Taking the same paragraph out once more is the same bytes; whatever adds something is its tab's alone.
        added_late = {update for update in typed_late if check_update(update).client is not None}
        assert not {row.body for row in appended[len(log) :]} & added_late
        now = authors_of(document)
        assert authors.items() <= now.items()
        assert clocks(final.doc.get_state()).keys() <= now.keys(), "everybody whose words are in the text is known"
