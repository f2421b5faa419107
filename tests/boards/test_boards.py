"""Who sees which board, what is new on it, and how a board comes to be."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask_login import AnonymousUserMixin

from portal.boards import policy, queries
from portal.boards.models import Board
from portal.clock import utcnow
from portal.extensions import db

READERS = {
    "members": {"officer", "leader", "colleague"},
    "associates": {"officer", "leader", "colleague", "associate"},
    "officers": {"officer"},
}


@pytest.fixture
def people(make):
    centre = make.organisation("Leicester")
    return {
        "officer": make.officer("Olu"),
        "leader": make.leader("Ana", centre),
        "colleague": make.colleague("Ben", centre),
        "associate": make.associate("Eve"),
    }


@pytest.mark.parametrize("audience", READERS)
def test_a_board_and_all_that_is_in_it_is_there_for_its_audience_only(make, sign_in, people, audience):
    board = make.board("Teaching", audience=audience)
    thread = make.thread(board=board, title="Assessing empathy")
    post = make.post(thread)
    reads = [f"/boards/{board.slug}", f"/boards/{board.slug}/threads/new", f"/boards/threads/{thread.id}"]
    writes = [
        f"/boards/{board.slug}/threads",
        f"/boards/threads/{thread.id}/posts",
        f"/boards/threads/{thread.id}/read",
    ]
    outsiders = set(people) - READERS[audience]

    for role, person in people.items():
        browser = sign_in(person)
        is_reader = role in READERS[audience]
        assert ("Teaching" in browser.get("/boards").text) is is_reader, role
        for path in reads:
            assert browser.get(path).status_code == (200 if is_reader else 404), (role, path)
        assert browser.get(f"/boards/posts/{post.id}").status_code == (302 if is_reader else 404), role
        if not is_reader:
            for path in [*writes, f"/boards/threads/{thread.id}/lock", f"/boards/threads/{thread.id}/unlock"]:
                answer = browser.post(path, data={"title": "x", "body": "x", "number": 1})
                assert answer.status_code == 404, (role, path)
    assert outsiders or audience == "associates"


@pytest.mark.parametrize("path", ["/boards", "/boards/new", "/boards/teaching", "/boards/threads/1", "/boards/posts/1"])
def test_a_stranger_is_sent_to_sign_in(make, client, path):
    make.thread(board=make.board("Teaching", audience="associates"))
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")


def test_the_rule_and_its_query_agree(app, make, people):
    boards = [make.board(audience=audience) for audience in policy.AUDIENCES]
    everybody = [*people.values(), make.leader("Sue", suspended_at=utcnow()), AnonymousUserMixin()]
    with app.app_context():
        for person in everybody:
            listed = {board.id for board in db.session.scalars(policy.boards_read_by(person))}
            assert listed == {board.id for board in boards if policy.can_read(person, board)}


def test_somebody_suspended_reads_and_writes_nothing(app, make):
    board = make.board(audience="associates")
    thread = make.thread(board=board)
    sue = make.officer("Sue", suspended_at=utcnow())
    with app.app_context():
        assert not policy.can_read(sue, board)
        assert not policy.can_reply(sue, thread)
        assert db.session.scalars(policy.visible_threads(sue)).all() == []
        assert db.session.scalars(policy.visible_posts(sue)).all() == []


def test_the_page_says_who_can_see_it(make, sign_in):
    board = make.board(audience="associates")
    thread = make.thread(board=board)
    browser = sign_in(make.leader("Ana"))
    for path in (
        "/boards",
        f"/boards/{board.slug}",
        f"/boards/{board.slug}/threads/new",
        f"/boards/threads/{thread.id}",
    ):
        assert "Seen by members and associates" in browser.get(path).text


def test_the_index_counts_the_threads_with_news(make, sign_in):
    board, quiet = make.board("Teaching"), make.board("Wards")
    ana, ben = make.leader("Ana"), make.leader("Ben")
    first, second = make.thread(board=board, author=ben), make.thread(board=board, author=ben)
    make.posts(first, 3, ben)
    make.thread(board=quiet, author=ana)
    browser = sign_in(ana)

    assert "2 threads with news" in browser.get("/boards").text

    browser.post(f"/boards/threads/{second.id}/read", data={"number": 1})
    page = browser.get("/boards").text
    assert "1 thread with news" in page
    assert page.count("with news") == 1, "what she wrote herself is no news to her"


def test_an_empty_index_says_what_comes_next(make, sign_in):
    assert "No boards for you yet" in sign_in(make.leader("Ana")).get("/boards").text
    assert "Open a board" in sign_in(make.officer("Olu")).get("/boards").text


def test_an_officer_opens_a_board(app, make, sign_in):
    browser = sign_in(make.officer("Olu"))
    answer = browser.post(
        "/boards", data={"name": "Enseñanza y formación", "audience": "members", "description": "Ideas"}
    )
    assert answer.status_code == 303
    assert answer.location == "/boards/ensenanza-y-formacion"
    assert "Nothing here yet" in browser.get(answer.location).text


def test_boards_of_the_same_name_have_addresses_of_their_own(make):
    assert [make.board("Teaching").slug for _ in range(3)] == ["teaching", "teaching-2", "teaching-3"]
    assert make.board("آموزش").slug == "board"
    assert make.board("Threads").slug == "threads-2", "/boards/threads/1 is an address already"


def test_nobody_but_an_officer_opens_one(app, make, sign_in):
    for person in (make.leader("Ana"), make.associate("Eve")):
        browser = sign_in(person)
        assert browser.get("/boards/new").status_code == 403
        assert browser.post("/boards", data={"name": "Mine", "audience": "members"}).status_code == 403
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Board.id))) == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "", "audience": "members"}, "Give the board a name."),
        ({"name": "x" * 121, "audience": "members"}, "A name takes 120 characters."),
        ({"name": "Teaching", "audience": "everybody"}, "Not a valid choice"),
        ({"name": "Teaching", "audience": "members", "description": "x" * 501}, "A description takes 500 characters."),
    ],
)
def test_a_board_that_does_not_fit_is_refused_in_a_sentence(app, make, sign_in, data, sentence):
    answer = sign_in(make.officer("Olu")).post("/boards", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Board.id))) == 0


def test_a_board_is_opened_from_the_command_line(app, make, sign_in):
    result = app.test_cli_runner().invoke(args=["boards", "add", "Ward practice", "--audience", "associates"])
    assert result.exit_code == 0, result.output
    assert "/boards/ward-practice" in result.output
    assert "Ward practice" in sign_in(make.associate("Eve")).get("/boards").text


def test_the_index_costs_few_statements(make, sign_in, statements):
    for _ in range(5):
        make.posts(make.thread(board=make.board()), 2)
    browser = sign_in(make.leader("Ana"))
    with statements() as seen:
        assert browser.get("/boards").status_code == 200
    assert len(seen) <= 6, seen


def test_a_board_lists_threads_by_what_moved_last_and_marks_what_is_new(make, sign_in):
    board, ana, ben = make.board(), make.leader("Ana"), make.leader("Ben")
    older = make.thread(board=board, author=ana, title="Older")
    newer = make.thread(board=board, author=ben, title="Newer")
    make.post(older, ben)
    page = sign_in(ana).get(f"/boards/{board.slug}").text

    assert page.index("Older") < page.index("Newer")
    assert "1 new" in page, "Ana wrote the first post of it, Ben the second"
    assert f"/boards/threads/{older.id}#unread" in page
    assert f"/boards/threads/{newer.id}#unread" not in page, "she has read nothing of it: it opens at its top"


def test_the_list_is_paged_without_gap_or_repetition(make, sign_in, statements):
    board, ana = make.board(), make.leader("Ana")
    titles = [f"Thread number {number:03}." for number in range(65)]
    for title in titles:
        make.thread(board=board, author=ana, title=title)
    browser, path, found = sign_in(ana), f"/boards/{board.slug}", []
    while path:
        with statements() as seen:
            page = browser.get(path).text
        assert len(seen) <= 8
        found += [title for title in reversed(titles) if title in page]
        path = (
            page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
            if 'rel="next"' in page
            else None
        )
    assert found == list(reversed(titles))


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-", "-1", "1-x", "9" * 40 + "-1", "1-" + "9" * 40, "²-1"])
def test_a_broken_cursor_is_no_page(make, sign_in, cursor):
    board = make.board()
    assert sign_in(make.leader("Ana")).get(f"/boards/{board.slug}?before={cursor}").status_code == 404


def test_the_desk_shows_the_threads_with_news_in_one_statement(app, make, statements):
    ana, ben = make.leader("Ana"), make.leader("Ben")
    hidden = make.thread(board=make.board(audience="officers"), author=ben)
    threads = [make.thread(author=ben) for _ in range(8)]
    make.posts(threads[0], 2, ben)
    with app.app_context(), statements() as seen:
        lines, total = queries.unread_threads(ana)
        assert [line.unread for line in lines] == [3, 1, 1, 1, 1, 1]
        assert [line.thread.board.name for line in lines]
    assert total == 8
    assert hidden.id not in {line.thread.id for line in lines}
    assert len(seen) == 1
