"""A reply appears for those who watch the thread, and for nobody else."""

from __future__ import annotations

import re

import pytest

from portal.boards import actions, policy
from portal.boards.models import Post, Thread
from portal.extensions import db
from portal.transaction import rollback, writing


def watch(socket, thread) -> bool:
    return socket.emit("subscribe", {"stream": f"thread:{thread.id}"}, callback=True)["ok"]


def fragments(socket) -> list[str]:
    return [message["args"][0]["html"] for message in socket.get_received() if message["name"] == "stream"]


def test_a_reply_reaches_those_watching_and_nobody_else(make, sign_in, connect):
    thread, elsewhere = make.thread(), make.thread()
    ana, ben, eve = make.leader("Ana"), make.leader("Ben"), make.leader("Eve")
    watching, away, idle = connect(ben), connect(eve), connect(eve)
    assert watch(watching, thread)
    assert watch(away, elsewhere)

    sign_in(ana).post(f"/boards/threads/{thread.id}/posts", data={"body": "Hello **all**"})

    [fragment] = fragments(watching)
    assert "Hello <strong>all</strong>" in fragment
    assert fragments(away) == fragments(idle) == []


def test_the_fragment_is_what_the_page_shows_and_names_no_reader(app, make, sign_in, connect):
    thread, olu = make.thread(), make.officer("Olu")
    watching = connect(make.leader("Ben"))
    assert watch(watching, thread)
    sign_in(olu).post(f"/boards/threads/{thread.id}/posts", data={"body": "From an officer"})

    [fragment] = fragments(watching)
    assert f'target="posts-{thread.id}"' in fragment
    assert 'data-number="2"' in fragment
    assert "csrf" not in fragment
    assert "<form" not in fragment
    shown = sign_in(make.leader("Ana")).get(f"/boards/threads/{thread.id}").text
    article = re.search(r'<article.*?data-number="2".*?</article>', fragment, re.DOTALL)
    assert article is not None
    assert " ".join(article.group().split()) in " ".join(shown.split())


def test_a_reply_that_was_rolled_back_is_not_sent(app, make, connect):
    thread, ana = make.thread(), make.leader("Ana")
    watching = connect(make.leader("Ben"))
    assert watch(watching, thread)
    with app.app_context():
        writing()
        held = policy.access_thread(ana, thread.id, to=policy.can_reply, for_update=True)
        actions.publish_post(held, author=held.author, body="Never happened")
        rollback()
    assert fragments(watching) == []
    with app.app_context():
        assert db.session.get_one(Thread, thread.id).posts_count == 1
        assert db.session.query(Post).count() == 1


def test_a_refused_and_a_repeated_reply_send_nothing_more(make, sign_in, connect):
    thread, ana = make.thread(), make.leader("Ana")
    watching, browser = connect(make.leader("Ben")), sign_in(ana)
    assert watch(watching, thread)
    path, data = f"/boards/threads/{thread.id}/posts", {"body": "Once", "submission_key": "one-and-only"}
    for sent in (data, data, {"body": ""}, {"body": "x" * 50_001}):
        browser.post(path, data=sent)
    assert len(fragments(watching)) == 1


@pytest.mark.parametrize("audience", ["members", "officers"])
def test_nobody_watches_what_they_may_not_read(make, sign_in, connect, audience):
    thread = make.thread(board=make.board(audience=audience))
    outsiders = [make.associate("Eve")] + ([make.leader("Ana")] if audience == "officers" else [])
    sockets = [connect(person) for person in outsiders]
    for socket in sockets:
        answer = socket.emit("subscribe", {"stream": f"thread:{thread.id}"}, callback=True)
        assert answer["ok"] is False
        assert answer["error"]["code"] == "not_found"

    olu = make.officer("Olu")
    inside = connect(olu)
    assert watch(inside, thread)
    sign_in(olu).post(f"/boards/threads/{thread.id}/posts", data={"body": "Among us"})
    assert len(fragments(inside)) == 1
    assert [fragments(socket) for socket in sockets] == [[]] * len(sockets)


@pytest.mark.parametrize(
    "name", ["thread:0", "thread:999", "thread:" + "9" * 30, "thread:", "thread:-1", "thread:x", 7, None]
)
def test_a_thread_that_is_not_there_cannot_be_watched(make, connect, name):
    make.thread()
    answer = connect(make.leader("Ana")).emit("subscribe", {"stream": name}, callback=True)
    assert answer["ok"] is False
    assert answer["error"]["code"] in {"not_found", "unknown_stream"}


def test_watchers_see_that_a_thread_was_locked(make, sign_in, connect):
    thread = make.thread()
    watching, officer = connect(make.leader("Ben")), sign_in(make.officer("Olu"))
    assert watch(watching, thread)
    officer.post(f"/boards/threads/{thread.id}/lock")
    officer.post(f"/boards/threads/{thread.id}/lock")
    officer.post(f"/boards/threads/{thread.id}/unlock")
    locked, opened = fragments(watching)
    assert f'target="thread-{thread.id}-lock"' in locked
    assert "An officer locked this thread" in locked
    assert "locked" not in opened.replace("-lock", "")
