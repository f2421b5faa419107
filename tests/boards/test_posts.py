"""Writing a reply: once, numbered without gaps, never lost."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from portal.boards.models import Board, Post, ReadPosition, Thread
from portal.extensions import db
from portal.members.models import Membership, Organisation

STREAM = {"Accept": "text/vnd.turbo-stream.html, text/html"}


def posts_of(app, thread) -> list[Post]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Post).where(Post.thread_id == thread.id).order_by(Post.number)))


def test_a_reply_without_script_leads_to_where_it_stands(app, make, sign_in):
    thread, ana = make.thread(), make.leader("Ana")
    browser = sign_in(ana)
    answer = browser.post(f"/boards/threads/{thread.id}/posts", data={"body": "We *do* this."})
    post = posts_of(app, thread)[-1]
    assert answer.status_code == 303
    assert answer.location == f"/boards/threads/{thread.id}?page=1#post-{post.id}"
    assert "<em>do</em>" in browser.get(answer.location).text
    assert (post.body, post.number) == ("We *do* this.", 2)


def test_a_reply_with_script_answers_with_the_post_and_an_empty_form(app, make, sign_in):
    thread = make.thread()
    answer = sign_in(make.leader("Ana")).post(
        f"/boards/threads/{thread.id}/posts", data={"body": "Here it is", "seen": 1}, headers=STREAM
    )
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/vnd.turbo-stream.html")
    assert f'action="append" target="posts-{thread.id}"' in answer.text
    assert answer.text.count("Here it is") == 1, "the form is empty again"
    assert "Your reply is posted." in answer.text


def test_a_reply_that_opens_a_new_page_leads_there_also_with_script(app, make, sign_in):
    thread = make.thread()
    make.posts(thread, 19)
    answer = sign_in(make.leader("Ana")).post(
        f"/boards/threads/{thread.id}/posts", data={"body": "Number 21", "seen": 20}, headers=STREAM
    )
    assert answer.status_code == 303
    assert "?page=2#post-" in answer.location


def test_the_reply_keeps_the_organisation_of_its_day(app, make, sign_in):
    thread, leicester, oslo = make.thread(), make.organisation("Leicester"), make.organisation("Oslo")
    ana = make.leader("Ana", leicester)
    sign_in(ana).post(f"/boards/threads/{thread.id}/posts", data={"body": "From Leicester"})
    with app.app_context():
        membership = db.session.scalars(sa.select(Membership).where(Membership.user_id == ana.id)).one()
        membership.organisation = db.session.get_one(Organisation, oslo.id)
        db.session.commit()
    sign_in(ana).post(f"/boards/threads/{thread.id}/posts", data={"body": "From Oslo"})
    assert [post.organisation_name for post in posts_of(app, thread)[1:]] == ["Leicester", "Oslo"]


def test_a_double_click_posts_once(app, make, sign_in):
    thread, browser = make.thread(), sign_in(make.leader("Ana"))
    data = {"body": "Once", "submission_key": str(uuid.uuid4())}
    first, second = (browser.post(f"/boards/threads/{thread.id}/posts", data=data) for _ in range(2))
    assert first.location == second.location
    assert len(posts_of(app, thread)) == 2


def test_going_back_and_writing_something_else_posts_that_too(app, make, sign_in):
    thread, browser = make.thread(), sign_in(make.leader("Ana"))
    key = str(uuid.uuid4())
    for body in ("First", "Second", "Second"):
        browser.post(f"/boards/threads/{thread.id}/posts", data={"body": body, "submission_key": key})
    assert [post.body for post in posts_of(app, thread)[1:]] == ["First", "Second"]


def test_the_key_of_one_person_is_nothing_to_another(app, make, sign_in):
    thread, key = make.thread(), str(uuid.uuid4())
    for name in ("Ana", "Ben"):
        sign_in(make.leader(name)).post(
            f"/boards/threads/{thread.id}/posts", data={"body": "Same", "submission_key": key}
        )
    assert len(posts_of(app, thread)) == 3


def test_replies_at_the_same_moment_get_numbers_without_gaps(app, make, sign_in):
    thread = make.thread()
    browsers = [sign_in(make.leader(f"Person {number}")) for number in range(6)]

    def reply_four_times(browser) -> list[int]:
        return [
            browser.post(f"/boards/threads/{thread.id}/posts", data={"body": f"Reply {turn}"}).status_code
            for turn in range(4)
        ]

    with ThreadPoolExecutor(6) as pool:
        statuses = [status for answers in pool.map(reply_four_times, browsers) for status in answers]

    assert statuses == [303] * 24
    assert [post.number for post in posts_of(app, thread)] == list(range(1, 26))
    with app.app_context():
        kept = db.session.get_one(Thread, thread.id)
        assert kept.posts_count == 25
        assert kept.last_posted_at == kept.board.last_posted_at


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "Write something first."),
        (" \n\t ", "Write something first."),
        ("\x00\x01", "Write something first."),
        ("word " * 10_001, "Your text has 50,005 characters and a post takes 50,000."),
    ],
)
def test_a_reply_that_does_not_fit_is_refused_in_a_sentence_and_kept(app, make, sign_in, body, sentence):
    thread = make.thread()
    make.posts(thread, 25)
    answer = sign_in(make.leader("Ana")).post(f"/boards/threads/{thread.id}/posts", data={"body": body, "seen": 20})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Error:" in answer.text.split("</title>")[0], "the title says that something is wrong"
    assert 'data-number="20"' in answer.text, "the page that it was written on is still there"
    if body.startswith("word"):
        assert body in answer.text
    assert len(posts_of(app, thread)) == 26


def test_a_text_as_long_as_a_post_takes_is_taken(app, make, sign_in):
    thread = make.thread()
    body = ("word\r\n" * 10_000)[:-2]
    assert len(body.replace("\r\n", "\n")) == 49_999
    assert (
        sign_in(make.leader("Ana")).post(f"/boards/threads/{thread.id}/posts", data={"body": body}).status_code == 303
    )


@pytest.mark.parametrize("data", [{"seen": "x"}, {"seen": "-5"}, {"submission_key": "x" * 37}, {"seen": "9" * 30}])
def test_hidden_fields_that_were_tampered_with_are_refused(app, make, sign_in, data):
    thread = make.thread()
    answer = sign_in(make.leader("Ana")).post(f"/boards/threads/{thread.id}/posts", data={"body": "Text", **data})
    assert answer.status_code == 422
    assert len(posts_of(app, thread)) == 1


def test_odd_bytes_are_text_or_nothing(app, make, sign_in):
    thread = make.thread()
    answer = sign_in(make.leader("Ana")).post(
        f"/boards/threads/{thread.id}/posts", data={"body": b"caf\xe9 \x00 \xf0\x9f\x99\x82"}
    )
    assert answer.status_code == 303
    assert posts_of(app, thread)[-1].body == "caf%E9  🙂", "Werkzeug keeps a byte that is no UTF-8 as its code"


def test_a_reply_to_what_is_not_there_is_not_found(make, sign_in):
    browser = sign_in(make.leader("Ana"))
    for thread_id in ("0", "999", "9" * 30):
        assert browser.post(f"/boards/threads/{thread_id}/posts", data={"body": "x"}).status_code == 404
        assert browser.get(f"/boards/threads/{thread_id}").status_code == 404
        assert browser.get(f"/boards/posts/{thread_id}").status_code == 404


def test_replying_marks_as_read_what_stood_before_the_writer(app, make, sign_in):
    thread, ana, ben = make.thread(), make.leader("Ana"), make.leader("Ben")

    def read_to() -> int:
        with app.app_context():
            return db.session.get_one(ReadPosition, (ana.id, thread.id)).number

    browser = sign_in(ana)
    browser.post(f"/boards/threads/{thread.id}/posts", data={"body": "Mine", "seen": 1})
    assert read_to() == 2, "nothing came between: her own is read too"
    make.post(thread, ben)
    browser.post(f"/boards/threads/{thread.id}/posts", data={"body": "Again", "seen": 2})
    assert read_to() == 2, "Ben's post came between and is still new to her"


def test_a_reply_costs_few_statements(make, sign_in, statements):
    thread, browser = make.thread(), sign_in(make.leader("Ana"))
    make.posts(thread, 10)
    with statements() as seen:
        browser.post(
            f"/boards/threads/{thread.id}/posts",
            data={"body": "Short", "seen": 11, "submission_key": str(uuid.uuid4())},
            headers=STREAM,
        )
    assert len(seen) <= 16, seen


def test_a_reply_moves_its_board_and_no_other(app, make, sign_in):
    thread, elsewhere = make.thread(), make.thread()
    with app.app_context():
        before = db.session.get_one(Board, elsewhere.board_id).last_posted_at
    sign_in(make.leader("Ana")).post(f"/boards/threads/{thread.id}/posts", data={"body": "x"})
    with app.app_context():
        assert db.session.get_one(Board, elsewhere.board_id).last_posted_at == before
        assert db.session.get_one(Board, thread.board_id).last_posted_at > before


def test_signing_out_takes_the_drafts_of_this_device_along(make, sign_in):
    page = sign_in(make.leader("Ana")).get("/boards").text
    form = page.split('action="/sign-out"')[1].split("<")[0]
    assert "submit->forget-drafts#now" in form
