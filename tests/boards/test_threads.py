"""Reading a thread: from the first unread post, page by page; starting one; locking it."""

from __future__ import annotations

import re
import uuid

import pytest
import sqlalchemy as sa

from portal.audit import AuditEvent
from portal.boards.models import Board, Post, ReadPosition, Thread
from portal.clock import utcnow
from portal.extensions import db


def numbers_on(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-number="(\d+)"', page)]


def read_to(app, person, thread) -> int:
    with app.app_context():
        position = db.session.get(ReadPosition, (person.id, thread.id))
        return position.number if position else 0


def test_a_thread_opens_at_the_first_unread_post(make, sign_in):
    ana, thread = make.leader("Ana"), make.thread()
    make.posts(thread, 45)
    browser, path = sign_in(ana), f"/boards/threads/{thread.id}"

    assert numbers_on(browser.get(path).text) == list(range(1, 21)), "nothing read: it begins at the top"
    assert 'id="unread"' not in browser.get(path).text

    browser.post(f"{path}/read", data={"number": 25})
    page = browser.get(path).text
    assert numbers_on(page) == list(range(21, 41))
    assert "21 new" in page
    assert page.index('data-number="25"') < page.index('id="unread"') < page.index('data-number="26"')

    browser.post(f"{path}/read", data={"number": 46})
    page = browser.get(path).text
    assert numbers_on(page) == list(range(41, 47)), "all read: it opens at its end"
    assert 'id="unread"' not in page


def test_pages_are_reached_by_their_number(make, sign_in):
    thread = make.thread()
    make.posts(thread, 45)
    browser, path = sign_in(make.leader("Ana")), f"/boards/threads/{thread.id}"
    assert numbers_on(browser.get(f"{path}?page=2").text) == list(range(21, 41))
    assert numbers_on(browser.get(f"{path}?page=3").text) == list(range(41, 47))
    for page in ("0", "4", "-1", "x", "9" * 30, ""):
        assert browser.get(f"{path}?page={page}").status_code == 404, page


def test_the_reply_is_written_at_the_end(make, sign_in):
    thread = make.thread()
    make.posts(thread, 25)
    browser, path = sign_in(make.leader("Ana")), f"/boards/threads/{thread.id}"
    first, last = browser.get(f"{path}?page=1").text, browser.get(f"{path}?page=2").text
    assert 'id="new-post"' not in first
    assert f"{path}?page=2#new-post" in first
    assert 'id="new-post"' in last


def test_a_permalink_leads_to_the_page_and_the_place(make, sign_in):
    thread = make.thread()
    post = make.posts(thread, 30)[-1]
    answer = sign_in(make.leader("Ana")).get(f"/boards/posts/{post.id}")
    assert answer.status_code == 302
    assert answer.location == f"/boards/threads/{thread.id}?page=2#post-{post.id}"


def test_the_last_of_ten_thousand_posts_costs_what_the_first_does(app, make, sign_in, statements):
    thread = make.thread()
    with app.app_context():
        db.session.execute(
            sa.insert(Post),
            [
                {
                    "thread_id": thread.id,
                    "number": number,
                    "author_id": thread.author_id,
                    "body": "x",
                    "html": "<p>x</p>",
                    "renderer": 1,
                    "organisation_name": "",
                    "created_at": utcnow(),
                }
                for number in range(2, 10_001)
            ],
        )
        db.session.execute(sa.update(Thread).values(posts_count=10_000))
        db.session.commit()
    browser, counts = sign_in(make.leader("Ana")), []
    for page in (1, 500):
        with statements() as seen:
            assert len(numbers_on(browser.get(f"/boards/threads/{thread.id}?page={page}").text)) == 20
        assert all("OFFSET" not in line or "OFFSET ?" not in line for line in seen)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10


def test_reading_changes_nothing_and_positions_never_go_back(app, make, sign_in):
    ana, thread = make.leader("Ana"), make.thread()
    make.posts(thread, 5)
    browser, path = sign_in(ana), f"/boards/threads/{thread.id}"

    browser.get(path)
    assert read_to(app, ana, thread) == 0, "GET never writes"

    for sent, kept in ((4, 4), (2, 4), (999, 6)):
        answer = browser.post(f"{path}/read", data={"number": sent}, headers={"X-Requested-With": "fetch"})
        assert answer.status_code == 204
        assert read_to(app, ana, thread) == kept


def test_without_script_a_button_marks_the_page_as_read(make, sign_in):
    thread = make.thread()
    make.posts(thread, 3)
    browser, path = sign_in(make.leader("Ana")), f"/boards/threads/{thread.id}"
    assert "Mark read to here" in browser.get(path).text
    answer = browser.post(f"{path}/read", data={"number": 4})
    assert (answer.status_code, answer.location) == (303, f"{path}#unread")
    assert "Mark read to here" not in browser.get(path).text


@pytest.mark.parametrize("number", ["", "0", "-3", "x", "1e9", "99999999999999999999"])
def test_a_read_position_that_is_no_number_is_refused(app, make, sign_in, number):
    ana, thread = make.leader("Ana"), make.thread()
    assert sign_in(ana).post(f"/boards/threads/{thread.id}/read", data={"number": number}).status_code == 422
    assert read_to(app, ana, thread) == 0


def test_a_member_starts_a_thread(app, make, sign_in):
    board, ana = make.board(), make.leader("Ana", make.organisation("Leicester"))
    browser = sign_in(ana)
    answer = browser.post(
        f"/boards/{board.slug}/threads", data={"title": "  Assessing\tempathy ", "body": "How **do** you?"}
    )
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "<strong>do</strong>" in page
    assert "Assessing empathy" in page
    assert "Leicester" in page
    with app.app_context():
        kept = db.session.get_one(Board, board.id)
        assert kept.threads_count == 1
        assert kept.last_posted_at is not None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"title": "", "body": "My text"}, "Give the thread a title."),
        ({"title": "x" * 201, "body": "My text"}, "A title takes 200 characters."),
        ({"title": "My title", "body": " \r\n "}, "Write something first."),
        (
            {"title": "My title", "body": "My text" + "x" * 50_000},
            "Your text has 50,007 characters and a post takes 50,000.",
        ),
        ({}, "Give the thread a title."),
    ],
)
def test_a_thread_that_does_not_fit_is_refused_and_kept_in_the_form(app, make, sign_in, data, sentence):
    board = make.board()
    answer = sign_in(make.leader("Ana")).post(f"/boards/{board.slug}/threads", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    if data.get("title"):
        assert data["title"] in answer.text
    if "My text" in data.get("body", ""):
        assert data["body"] in answer.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Thread.id))) == 0


def test_a_double_click_starts_one_thread(app, make, sign_in):
    board, browser = make.board(), sign_in(make.leader("Ana"))
    data = {"title": "Once", "body": "Only", "submission_key": str(uuid.uuid4())}
    first, second = (browser.post(f"/boards/{board.slug}/threads", data=data) for _ in range(2))
    assert first.location == second.location
    with app.app_context():
        assert db.session.get_one(Board, board.id).threads_count == 1


def test_an_officer_locks_a_thread_and_it_takes_no_more_replies(app, make, sign_in):
    thread, ana, olu = make.thread(), make.leader("Ana"), make.officer("Olu")
    path = f"/boards/threads/{thread.id}"
    member, officer = sign_in(ana), sign_in(olu)
    assert member.post(f"{path}/lock").status_code == 403
    assert officer.post(f"{path}/lock").status_code == 303

    page = member.get(path).text
    assert "An officer locked this thread" in page
    assert 'id="new-post"' not in page
    refused = member.post(f"{path}/posts", data={"body": "Written for an hour"})
    assert refused.status_code == 403
    assert "Written for an hour" in refused.text, "what was typed is given back"
    assert officer.post(f"{path}/posts", data={"body": "A closing word"}).status_code == 303

    assert member.post(f"{path}/unlock").status_code == 403
    assert officer.post(f"{path}/unlock").status_code == 303
    assert member.post(f"{path}/posts", data={"body": "Back again"}).status_code == 303
    with app.app_context():
        assert db.session.get_one(Thread, thread.id).posts_count == 3
        verbs = set(db.session.scalars(sa.select(AuditEvent.verb).where(AuditEvent.object_type == "threads")))
        assert verbs == {"thread_locked", "thread_unlocked"}


def test_names_and_texts_of_every_script_are_shown_as_written(make, sign_in):
    hojat = make.leader("حجت محمدرضا", make.organisation("Centro de Empatía"))
    thread = make.thread(author=hojat, title="<b>سلام</b>", body="می‌خواهم <script>alert(1)</script>")
    page = sign_in(make.leader("Ana")).get(f"/boards/threads/{thread.id}").text
    assert "حجت محمدرضا" in page
    assert "Centro de Empatía" in page
    assert "می‌خواهم" in page
    assert "&lt;b&gt;سلام" in page
    assert "<script>alert" not in page
