"""Words that came too late: who may hand them in, what is refused, who reads and decides, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.models import User
from portal.audit import AuditEvent
from portal.clock import utcnow
from portal.collab import actions, reader
from portal.collab.actions import rescues
from portal.collab.applying import ApplyError
from portal.collab.jobs import forget_decided_rescues
from portal.collab.models import DocHead, DocRescue, DocState, DocVersion
from portal.collab.protocol import MAX_RESCUE, MAX_RESCUED_UPDATES, frame
from portal.extensions import db
from portal.jobs import Job
from portal.transaction import commit
from tests.builders import Make
from tests.collab.conftest import Rights
from tests.collab.tabs import Tab

JSON = {"Accept": "application/json"}
Opens = Callable[..., Tab]


class Late:
    """Tomás has the text open, types, and loses the right before it arrives."""

    def __init__(self, app: Flask, tab: Tab, browser: FlaskClient, rights: Rights, tomas: User) -> None:
        self.app, self.tab, self.browser, self.rights, self.tomas = app, tab, browser, rights, tomas
        self.document = tab.document_id
        self.seq, self.epoch = tab.seq, tab.epoch

    def loses(self, role: str = "read", *, days_ago: float = 0) -> None:
        self.rights.lost[self.tomas.id, self.document] = utcnow() - timedelta(days=days_ago, minutes=1)
        self.rights.change(self.tomas, self.document, role)

    def hand_in(self, *updates: bytes, browser: FlaskClient | None = None, **changes: Any) -> TestResponse:
        query = {"epoch": self.epoch, "base_seq": self.seq, **changes}
        return hand_in(browser or self.browser, self.document, frame(updates), **query)


def hand_in(browser: FlaskClient, document: int, body: bytes, **query: Any) -> TestResponse:
    return browser.post(
        f"/documents/{document}/rescues",
        query_string=query,
        data=body,
        content_type="application/octet-stream",
        headers=JSON,
    )


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


@pytest.fixture
def tomas(make: Make) -> User:
    return make.leader("Tomás")


@pytest.fixture
def ana(make: Make) -> User:
    return make.leader("Ana")


@pytest.fixture
def late(app: Flask, note: Any, rights: Rights, tab: Opens, sign_in: Any, ana: User, tomas: User) -> Late:
    document = note("Vision", writers=[ana, tomas])
    return Late(app, tab(tomas, document), sign_in(tomas), rights, tomas)


@pytest.fixture
def read(app: Flask) -> Callable[[], None]:
    def read_now() -> None:
        with app.app_context():
            reader.read_rescues()

    return read_now


@pytest.fixture
def waiting(late: Late, read: Callable[[], None]) -> int:
    """The id of a rescue that was read and waits for an editor."""
    late.loses("none")
    answer = late.hand_in(late.tab.typed(" for every ward"))
    read()
    return int(answer.json["id"])


def rescue_of(app: Flask, rescue_id: int) -> DocRescue:
    with app.app_context():
        return db.session.get_one(DocRescue, rescue_id)


# Handing in.


def test_who_lost_the_right_hands_in_words_and_the_text_stays_as_it_is(late: Late, read: Any, app: Flask) -> None:
    late.loses("none")
    answer = late.hand_in(late.tab.typed(" for every ward"), late.tab.added("With you"))

    assert answer.status_code == 201
    assert answer.json["url"] == "/rescues"
    assert "Vision" not in answer.text, "nothing of the document is in the answer"
    read()
    rescue = rescue_of(app, answer.json["id"])
    assert (rescue.text, rescue.error, rescue.reason) == (" for every ward\nWith you", "", "role")
    with app.app_context():
        assert db.session.get_one(DocHead, late.document).seq == 0, "nothing was appended"
        [audited] = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.verb == "rescue_handed_in"))
        assert (audited.actor_id, audited.object_id) == (late.tomas.id, rescue.id)


def test_who_wrote_while_the_text_was_frozen_hands_in_words(late: Late, app: Flask, ana: User) -> None:
    with app.app_context():
        actions.freeze(late.document, by=ana)
        commit()
    update = late.tab.typed(" too late")
    assert rescue_of(app, late.hand_in(update).json["id"]).reason == "freeze"

    with app.app_context():
        actions.unfreeze(late.document, by=ana)
        commit()
    second = late.hand_in(update, late.tab.typed(", and more"))
    assert rescue_of(app, second.json["id"]).reason == "freeze", "taken up again since"


def test_who_wrote_on_a_text_that_was_replaced_hands_in_words(
    late: Late, app: Flask, ana: User, tab: Opens, make: Make, read: Any
) -> None:
    tab(ana, late.document).write(" of Ana")
    late.tab.hear()
    version = make.version(late.document, "named")
    update = late.tab.typed(" and of Tomás")
    with app.app_context():
        actions.restore(db.session.get_one(DocVersion, version.id), by=ana)
        commit()

    answer = late.hand_in(update, base_seq=1)
    read()
    rescue = rescue_of(app, answer.json["id"])
    assert (rescue.reason, rescue.text) == ("reset", " and of Tomás")
    assert code_of(late.hand_in(update, base_seq=9)) == (422, "malformed")
    assert code_of(late.hand_in(update, base_seq=1, epoch=2)) == (409, "can_write")


def test_words_from_before_the_portal_was_restored_from_a_backup_are_taken(late: Late, app: Flask, read: Any) -> None:
    update = late.tab.typed(" of that night")
    with app.app_context():
        for table in (DocHead, DocState):
            db.session.execute(sa.update(table).values(epoch=29_900_000))
        commit()
    answer = late.hand_in(update, base_seq=400)
    read()
    rescue = rescue_of(app, answer.json["id"])
    assert (rescue.reason, rescue.text) == ("reset", " of that night")


def test_words_that_were_saved_are_not_rescued_again(late: Late, app: Flask, read: Any) -> None:
    saved = late.tab.typed(" saved")
    late.tab.send(saved)
    late.tab.hear()
    late.loses("none")
    answer = late.hand_in(saved, late.tab.typed(" and lost"))
    read()
    assert rescue_of(app, answer.json["id"]).text == " and lost"


def test_words_are_read_after_the_text_was_squashed_past_them(
    late: Late, app: Flask, read: Any, tab: Opens, ana: User
) -> None:
    update = late.tab.typed(" of mine")
    ben = tab(ana, late.document)
    ben.write(" of hers")
    with app.app_context():
        reader.read_document(reader.Due(late.document, wants_state=True))
    late.loses("none")
    answer = late.hand_in(update)
    read()
    assert rescue_of(app, answer.json["id"]).text == " of mine"


def test_the_same_words_twice_are_one_rescue(late: Late, app: Flask) -> None:
    late.loses("none")
    update = late.tab.typed(" once")
    first, again = late.hand_in(update), late.hand_in(update)
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    with app.app_context():
        assert db.session.query(DocRescue).count() == 1


def test_who_can_write_puts_the_words_in_themselves(late: Late, app: Flask) -> None:
    assert code_of(late.hand_in(late.tab.typed(" now"))) == (409, "can_write")
    with app.app_context():
        assert not db.session.query(DocRescue).count()


def test_after_thirty_days_it_is_too_late(late: Late, app: Flask, ana: User) -> None:
    update = late.tab.typed(" late")
    late.loses("none", days_ago=29)
    assert late.hand_in(update).status_code == 201
    late.loses("read", days_ago=30)
    assert code_of(late.hand_in(update)) == (410, "too_late"), "they still read the text"
    late.loses("none", days_ago=30)
    assert code_of(late.hand_in(update)) == (404, "not_found"), "nothing is said of a text that they cannot see"

    late.rights.give(late.tomas, late.document, "write")
    with app.app_context():
        actions.freeze(late.document, by=ana)
        db.session.execute(sa.update(DocHead).values(locked_at=utcnow() - timedelta(days=30)))
        commit()
    assert code_of(late.hand_in(update)) == (410, "too_late")


def test_who_never_could_write_hands_in_nothing(
    late: Late, app: Flask, make: Make, sign_in: Any, rights: Rights
) -> None:
    eve, rea = make.leader("Eve"), make.leader("Rea")
    rights.give(rea, late.document, "read")
    update = late.tab.typed(" not mine to give")

    assert code_of(late.hand_in(update, browser=sign_in(eve))) == (404, "not_found")
    assert code_of(late.hand_in(update, browser=sign_in(rea))) == (403, "forbidden")
    assert code_of(hand_in(sign_in(eve), 999_999, frame([update]), epoch=1, base_seq=0)) == (404, "not_found")
    with app.app_context():
        assert not db.session.query(DocRescue).count()


def test_suspended_and_signed_out_people_hand_in_nothing(late: Late, app: Flask) -> None:
    late.loses("none")
    update = late.tab.typed(" from home")
    assert code_of(late.hand_in(update, browser=app.test_client())) == (401, "signed_out")
    with app.app_context():
        db.session.get_one(User, late.tomas.id).suspended_at = utcnow()
        commit()
    assert code_of(late.hand_in(update)) == (401, "signed_out")
    late.browser.sends_token = False
    assert late.hand_in(update).status_code == 400, "a foreign page cannot hand in"
    with app.app_context():
        assert not db.session.query(DocRescue).count()


@pytest.mark.parametrize(
    ("epoch", "base_seq"),
    [(2, 0), (0, 0), (1, 1), (1, -1), ("", 0), ("one", 0), (1, ""), (10**12, 0), (1, "1.0"), ("²", 0)],
)
def test_a_position_that_never_was_is_refused(late: Late, epoch: Any, base_seq: Any) -> None:
    late.loses("none")
    update = late.tab.typed(" nowhere")
    assert code_of(late.hand_in(update, epoch=epoch, base_seq=base_seq)) == (422, "malformed")


def test_bytes_that_are_no_updates_are_refused(late: Late, app: Flask) -> None:
    late.loses("none")
    update = late.tab.typed(" words")
    for body in (
        b"",
        frame([]),
        frame([update])[:-1],
        frame([b""]),
        frame([update, b"\x01"]),
        frame([b"\xff" * 40]),
        frame([b"\x02" + update[1:]]),
        frame([b"\x00\x00"] * (MAX_RESCUED_UPDATES + 1)),
        b"<p>words</p>",
    ):
        answer = hand_in(late.browser, late.document, body, epoch=1, base_seq=0)
        assert code_of(answer) == (422, "malformed"), body[:40]
    with app.app_context():
        assert not db.session.query(DocRescue).count()


def test_too_much_at_once_is_refused_unread(late: Late) -> None:
    late.loses("none")
    answer = hand_in(late.browser, late.document, bytes(MAX_RESCUE + 1), epoch=1, base_seq=0)
    assert code_of(answer) == (413, "too_large")
    assert code_of(late.hand_in(bytes(300_000))) == (422, "malformed"), "no single update is that large"


def test_others_write_while_much_that_was_handed_in_is_read(
    late: Late, tab: Opens, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = tab(ana, late.document)
    late.loses("none")
    monkeypatch.setattr(rescues, "time", SimpleNamespace(sleep=lambda _seconds: hers.write(" meanwhile")))
    assert late.hand_in(late.tab.typed(" one"), late.tab.typed(" two")).status_code == 201
    assert [saved["n"] for saved in hers.hear().saved] == [1, 2]


def test_words_under_the_client_id_of_somebody_else_are_refused(late: Late, tab: Opens, ana: User, app: Flask) -> None:
    hers = tab(ana, late.document)
    hers.write(" of Ana")
    forged = hers.typed(" and not of Tomás")
    late.loses("none")
    assert code_of(late.hand_in(forged, base_seq=0)) == (422, "malformed")
    with app.app_context():
        assert not db.session.query(DocRescue).count()


def test_ten_an_hour_and_no_more(late: Late, app: Flask) -> None:
    late.loses("none")
    for number in range(10):
        assert late.hand_in(late.tab.typed(f" {number}")).status_code == 201
    refused = late.hand_in(late.tab.typed(" eleven"))
    assert code_of(refused) == (429, "too_many")
    with app.app_context():
        assert db.session.query(DocRescue).count() == 10


def test_one_person_cannot_fill_the_page_of_an_editor(
    late: Late, app: Flask, make: Make, ana: User, sign_in: Any
) -> None:
    late.loses("none")
    rows = [make.rescue(late.document, late.tomas, f"Words {number}. " + "x" * 20_000) for number in range(30)]
    assert code_of(late.hand_in(late.tab.typed(" one more"))) == (409, "waiting")
    browser = sign_in(ana)
    for path in ("rescues", "rescues/panel"):
        page = browser.get(f"/documents/{late.document}/{path}").text
        assert "Words 29." in page
        assert len(page) < 30 * 13_000, "only the beginning of each"
    for path, whose in (
        (f"/documents/{late.document}/rescues/{rows[0].id}", browser),
        (f"/rescues/{rows[0].id}", late.browser),
    ):
        whole = whose.get(path)
        assert whole.text == rows[0].text
        assert whole.content_type == "text/plain; charset=utf-8"
        assert "attachment" in whole.headers["Content-Disposition"]
    assert browser.get(f"/rescues/{rows[0].id}").status_code == 404, "not theirs"
    browser.post(f"/documents/{late.document}/rescues/{rows[0].id}/decision", data={"decision": "declined"})
    assert late.hand_in(late.tab.typed(" now there is room")).status_code == 201


def test_a_refusal_does_not_count_against_the_ten(late: Late) -> None:
    update = late.tab.typed(" words")
    for _ in range(12):
        assert code_of(late.hand_in(update)) == (409, "can_write")
    late.loses("none")
    assert late.hand_in(update).status_code == 201


def test_an_unreadable_rescue_is_marked_and_the_next_is_read(late: Late, app: Flask, read: Any) -> None:
    late.loses("none")
    poison, good = (late.hand_in(late.tab.typed(words)).json["id"] for words in (" one", " two"))
    with app.app_context():
        db.session.execute(sa.update(DocRescue).where(DocRescue.id == poison).values(body=frame([b"\x01\x01\x05"])))
        commit()
    read()
    assert rescue_of(app, poison).error.startswith("MalformedError")
    assert rescue_of(app, poison).read_at is not None
    assert rescue_of(app, good).text == " two"


def test_what_failed_on_a_busy_machine_is_read_once_more_before_it_is_given_up(
    late: Late, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    late.loses("none")
    rescue = late.hand_in(late.tab.typed(" words")).json["id"]
    setbacks, tries = reader.Setbacks(), []
    monkeypatch.setattr("portal.collab.reader.setbacks.FIRST_PAUSE", 0.0)

    def fails(*_bytes: Any) -> Any:
        tries.append(1)
        raise ApplyError("it took too long")

    with app.app_context():
        for expected in (None, "ApplyError: it took too long"):
            reader.read_rescues(read=fails, setbacks=setbacks)
            db.session.expire_all()
            assert (rescue_of(app, rescue).error or None) == expected
        reader.read_rescues(read=fails, setbacks=setbacks)
    assert len(tries) == 2


# Reading and deciding.


def test_editors_read_the_words_with_who_when_and_why(
    waiting: int, late: Late, ana: User, sign_in: Any, statements: Any
) -> None:
    browser = sign_in(ana)
    with statements() as sent:
        page = browser.get(f"/documents/{late.document}/rescues").text
    assert "for every ward" in page
    assert "Tomás lost the right to write here." in page
    assert '<blockquote class="rescued__text" dir="auto"' in page
    assert "Mark as inserted" in page
    assert "Decline" in page
    assert len(sent) <= 7

    [data] = browser.get(f"/documents/{late.document}/rescues", headers=JSON).json["rescues"]
    assert (data["id"], data["name"], data["reason"], data["text"]) == (waiting, "Tomás", "role", " for every ward")
    assert data["decide"] == f"/documents/{late.document}/rescues/{waiting}/decision"


def test_words_are_text_and_never_markup(late: Late, ana: User, sign_in: Any, read: Any) -> None:
    late.loses("none")
    late.hand_in(late.tab.typed(" <img src=x onerror=alert(1)>"))
    read()
    for path in ("rescues", "rescues/panel"):
        page = sign_in(ana).get(f"/documents/{late.document}/{path}").text
        assert "&lt;img src=x" in page
        assert "<img src=x" not in page


def test_only_who_may_write_reads_and_decides(
    waiting: int, late: Late, make: Make, rights: Rights, sign_in: Any, app: Flask
) -> None:
    rea, eve = make.leader("Rea"), make.leader("Eve")
    rights.give(rea, late.document, "read")
    for browser, status, panel in ((sign_in(rea), 403, 200), (sign_in(eve), 404, 404), (late.browser, 404, 404)):
        for path, expected in (("rescues", status), ("rescues/panel", panel)):
            answer = browser.get(f"/documents/{late.document}/{path}")
            assert answer.status_code == expected
            assert "ward" not in answer.text
            assert "Tomás" not in answer.text or browser is late.browser
        decide = f"/documents/{late.document}/rescues/{waiting}/decision"
        assert browser.post(decide, data={"decision": "declined"}).status_code == status
    assert rescue_of(app, waiting).decided_at is None


def test_a_rescue_is_reached_through_its_own_document(waiting: int, note: Any, ana: User, sign_in: Any) -> None:
    other = note("Another", writers=[ana])
    decide = f"/documents/{other}/rescues/{waiting}/decision"
    assert sign_in(ana).post(decide, data={"decision": "declined"}).status_code == 404


def test_two_editors_decide_at_once_and_the_second_is_told_who_did(
    waiting: int, late: Late, ana: User, make: Make, rights: Rights, sign_in: Any, app: Flask
) -> None:
    ben = make.leader("Ben")
    rights.give(ben, late.document, "write")
    decide = f"/documents/{late.document}/rescues/{waiting}/decision"

    first = sign_in(ana).post(decide, data={"decision": "inserted"}, headers=JSON)
    second = sign_in(ben).post(decide, data={"decision": "declined"}, headers=JSON)
    on_page = sign_in(ben).post(decide, data={"decision": "declined"})

    assert first.json == {"ok": True}
    assert code_of(second) == (409, "decided")
    assert second.json["error"]["message"] == "Ana inserted these words."
    assert on_page.status_code == 409
    assert "Ana inserted these words." in on_page.text
    rescue = rescue_of(app, waiting)
    assert (rescue.decision, rescue.decided_by_id) == ("inserted", ana.id)
    with app.app_context():
        verbs = db.session.scalars(sa.select(AuditEvent.verb).where(AuditEvent.object_type == "doc_rescues"))
        assert list(verbs) == ["rescue_handed_in", "rescue_inserted"]


def test_without_javascript_a_decision_leads_back_to_the_page(
    waiting: int, late: Late, ana: User, sign_in: Any
) -> None:
    browser = sign_in(ana)
    decide = f"/documents/{late.document}/rescues/{waiting}/decision"
    assert browser.post(decide, data={"decision": "perhaps"}).status_code == 422
    answer = browser.post(decide, data={"decision": "declined"}, follow_redirects=True)
    assert "Ana declined these words." in answer.text
    assert "Nothing waits" in answer.text
    framed = browser.post(
        decide, data={"decision": "declined"}, headers={"Turbo-Frame": f"document-{late.document}-rescues"}
    )
    assert framed.status_code == 409
    assert "Ana declined these words." in framed.text
    assert "<h1" not in framed.text


def test_a_frozen_text_takes_no_rescue_until_it_is_taken_up_again(
    waiting: int, late: Late, ana: User, sign_in: Any, app: Flask
) -> None:
    with app.app_context():
        actions.freeze(late.document, by=ana)
        commit()
    browser = sign_in(ana)
    page = browser.get(f"/documents/{late.document}/rescues").text
    assert "The text takes no changes now." in page
    assert "Mark as inserted" not in page
    decide = f"/documents/{late.document}/rescues/{waiting}/decision"
    assert code_of(browser.post(decide, data={"decision": "inserted"}, headers=JSON)) == (409, "locked")
    assert rescue_of(app, waiting).decided_at is None
    assert browser.post(decide, data={"decision": "declined"}, headers=JSON).status_code == 200


def test_the_writer_is_told_by_mail_without_the_words_and_without_a_title_that_they_may_not_see(
    waiting: int, late: Late, ana: User, sign_in: Any, app: Flask
) -> None:
    sign_in(ana).post(f"/documents/{late.document}/rescues/{waiting}/decision", data={"decision": "inserted"})
    with app.app_context():
        [mail] = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    assert mail["to"] == late.tomas.email
    assert "An editor has inserted them." in mail["text"]
    assert "/rescues" in mail["text"]
    assert "ward" not in mail["text"]
    assert "Note" not in mail["text"]


def test_a_writer_who_still_reads_the_text_is_told_which_it_was(
    late: Late, ana: User, sign_in: Any, app: Flask, read: Any
) -> None:
    late.loses("read")
    rescue = late.hand_in(late.tab.typed(" words")).json["id"]
    read()
    sign_in(ana).post(f"/documents/{late.document}/rescues/{rescue}/decision", data={"decision": "declined"})
    with app.app_context():
        [mail] = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    assert f"Note {late.document}" in mail["text"]
    assert "declined" in mail["text"]


def test_the_writer_follows_their_words_without_seeing_the_text(
    waiting: int, late: Late, ana: User, sign_in: Any, make: Make
) -> None:
    before = late.browser.get("/rescues").text
    assert "for every ward" in before
    assert "An editor has not decided yet." in before
    assert f"Note {late.document}" not in before
    sign_in(ana).post(f"/documents/{late.document}/rescues/{waiting}/decision", data={"decision": "declined"})

    after = late.browser.get("/rescues").text
    assert "An editor declined these words." in after
    assert "Ana" not in after, "who works on a text that they cannot see is not their business"
    assert "for every ward" in after
    assert "What became of your words" in late.browser.get("/").text
    stranger = sign_in(make.leader("Eve"))
    assert "ward" not in stranger.get("/rescues").text
    assert "What became of your words" not in stranger.get("/").text


def test_own_rescues_take_the_same_statements_however_many(late: Late, statements: Any, read: Any) -> None:
    late.loses("none")

    def sent() -> int:
        with statements() as seen:
            late.browser.get("/rescues")
        return len(seen)

    late.hand_in(late.tab.typed(" one"))
    first = sent()
    for number in range(5):
        late.hand_in(late.tab.typed(f" {number}"))
    assert sent() == first <= 6


def test_decided_words_go_after_thirty_days_and_open_ones_stay(
    waiting: int, late: Late, ana: User, sign_in: Any, app: Flask, read: Any
) -> None:
    open_one = late.hand_in(late.tab.typed(" and more")).json["id"]
    read()
    sign_in(ana).post(f"/documents/{late.document}/rescues/{waiting}/decision", data={"decision": "declined"})
    with app.app_context():
        db.session.execute(sa.update(DocRescue).values(at=utcnow() - timedelta(days=90)))
        db.session.execute(
            sa.update(DocRescue).where(DocRescue.id == waiting).values(decided_at=utcnow() - timedelta(days=29))
        )
        commit()
        forget_decided_rescues()
        assert db.session.query(DocRescue).count() == 2
        db.session.execute(
            sa.update(DocRescue).where(DocRescue.id == waiting).values(decided_at=utcnow() - timedelta(days=31))
        )
        commit()
        forget_decided_rescues()
        assert [rescue.id for rescue in db.session.query(DocRescue)] == [open_one]
