"""Erasing a person: what they wrote stays, and nothing anywhere says who they were."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from portal.accounts import erasure_log
from portal.accounts.jobs import complete_erasure_log
from portal.accounts.models import AuthSession, User
from portal.applications.models import Activity, Participant
from portal.boards.models import Post
from portal.collab.models import DocAuthor, DocUpdate, DocVersion
from portal.extensions import db
from tests.applications.test_sections import section_of
from tests.builders.accounts import PASSWORD
from tests.collab.tabs import Tab

NAME, ADDRESS = "Quilletta Vanterpool", "quilletta@vanterpool.example"
YES = {"is_sure": "y"}


@pytest.fixture
def team(app, make, sign_in, connect):
    """Quilletta, who leads a centre with Ana, has posted, and writes on Ana's application; and her open text."""
    ana = make.leader("Ana")
    quilletta = make.leader(NAME, organisation=ana.membership.organisation, email=ADDRESS)
    application = make.application(ana, "Empathy for all")
    place = make.participant(application, quilletta, "reader")
    sign_in(ana).post(f"/applications/{application.id}/people/{place.id}/role", data={"role": "writer"})
    make.post(make.thread(make.board("Practice"), author=ana), author=quilletta, body="Listen first.")
    section = section_of(app, application)
    tab = Tab(connect(quilletta, namespace="/doc"), section.document_id)
    tab.write("Words that stay.")
    return ana, quilletta, application, section, tab


def places_that_say(app, *words):
    """table.column of every stored value in which one of the words stands."""
    with app.app_context():
        found = set()
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(sa.select(table)).mappings():
                for column, value in row.items():
                    said = (
                        value.decode("utf-8", "ignore")
                        if isinstance(value, bytes)
                        else json.dumps(value, default=str, ensure_ascii=False)
                    )
                    if any(word.casefold() in said.casefold() for word in words):
                        found.add(f"{table.name}.{column}")
        return found


def erase(sign_in, user):
    return sign_in(user).post("/account/erasure", data=YES)


def test_no_table_says_the_name_or_the_address_afterwards(app, team, make, sign_in):
    ana, quilletta, *_ = team
    make.invitation(
        "colleague", by=ana, name=NAME, email=ADDRESS, subject_id=ana.membership.organisation_id, role="colleague"
    )
    sign_in(ana).post("/sign-in/link", data={"email": ADDRESS})
    assert {"users.name", "users.email", "application_activities.details"} <= places_that_say(app, NAME, ADDRESS)

    answer = erase(sign_in, quilletta)

    assert answer.status_code == 303
    assert places_that_say(app, "Quilletta", "Vanterpool") == set()


def test_what_was_written_stays_under_former_member(app, team, sign_in, connect):
    ana, quilletta, application, section, _tab = team
    erase(sign_in, quilletta)
    browser = sign_in(ana)
    with app.app_context():
        thread = db.session.scalars(sa.select(Post.thread_id).where(Post.author_id == quilletta.id)).one()
    page = browser.get(f"/boards/threads/{thread}").text
    assert "Listen first." in page
    assert "Former member" in page
    assert Tab(connect(ana, namespace="/doc"), section.document_id).text == "Words that stay."
    assert "Former member" in browser.get(f"/applications/{application.id}/activity").text


def test_the_documents_forget_who_wrote(app, team, sign_in):
    _ana, quilletta, _application, section, _tab = team
    with app.app_context():
        assert db.session.scalars(sa.select(DocAuthor).where(DocAuthor.user_id == quilletta.id)).all()
    erase(sign_in, quilletta)
    with app.app_context():
        for column in (DocAuthor.user_id, DocUpdate.user_id, DocVersion.user_id):
            assert db.session.scalars(sa.select(column).where(column == quilletta.id)).all() == []
        assert db.session.scalars(sa.select(DocUpdate.seq).where(DocUpdate.doc_id == section.document_id)).all()


def test_every_device_is_signed_out_and_nothing_more_is_taken(app, team, sign_in, connect):
    _ana, quilletta, _application, _section, tab = team
    elsewhere = sign_in(quilletta)
    answer = erase(sign_in, quilletta)
    assert answer.location == "/account/erased"
    assert elsewhere.get("/account").location.startswith("/sign-in")
    assert not tab.socket.is_connected("/doc")
    with app.app_context():
        assert (
            db.session.scalars(
                sa.select(AuthSession).where(AuthSession.revoked_at.is_(None), AuthSession.user_id == quilletta.id)
            ).all()
            == []
        )


def test_the_old_password_opens_nothing(make, client, sign_in):
    ana = make.person("Ana", email=ADDRESS, password=PASSWORD)
    erase(sign_in, ana)
    assert client.post("/sign-in", data={"email": ADDRESS, "password": PASSWORD}).status_code == 422


def test_places_and_roles_end(app, team, sign_in):
    ana, quilletta, application, *_ = team
    erase(sign_in, quilletta)
    with app.app_context():
        person = db.session.get_one(User, quilletta.id)
        assert not person.is_member
        place = db.session.scalars(sa.select(Participant).where(Participant.user_id == person.id)).one()
        assert place.removed_at is not None
    assert "Vanterpool" not in sign_in(ana).get(f"/applications/{application.id}/partners").text


def test_the_last_lead_passes_the_application_on(app, make, sign_in):
    lead = make.leader("Lead Person")
    second = make.leader("Second", organisation=lead.membership.organisation)
    application = make.application(lead)
    erase(sign_in, lead)
    with app.app_context():
        roles = {
            place.user_id: place.role
            for place in db.session.scalars(
                sa.select(Participant).where(
                    Participant.application_id == application.id, Participant.removed_at.is_(None)
                )
            )
        }
        assert roles == {second.id: "lead"}
        assert db.session.scalars(sa.select(Activity).where(Activity.verb == "lead_passed")).one()


def test_the_only_leader_is_told_what_to_settle_first(make, sign_in):
    browser = sign_in(make.leader("Ana", organisation=make.organisation("Lone Centre")))
    assert "You are the only leader of Lone Centre" in browser.get("/account/erasure").text
    assert browser.post("/account/erasure", data=YES).status_code == 422
    assert browser.get("/account").status_code == 200


def test_the_only_officer_is_told_too(make, sign_in):
    browser = sign_in(make.officer("Ona"))
    assert "You are the only officer" in browser.get("/account/erasure").text
    make.officer("Second")
    assert "You are the only officer" not in browser.get("/account/erasure").text


def test_it_asks_to_be_sure_and_for_the_person_again(app, make, sign_in):
    from tests.accounts.test_account import long_ago  # noqa: PLC0415

    browser = sign_in(make.associate("Ana"))
    assert browser.post("/account/erasure").status_code == 422
    long_ago(app)
    assert browser.post("/account/erasure", data=YES).location.startswith("/account/confirm")
    assert browser.get("/account").status_code == 200


def test_a_failure_on_the_way_erases_nothing(app, team, sign_in, monkeypatch):
    """In one transaction: what fails in the last domain leaves the first as it was."""
    from portal.accounts.signals import person_erased  # noqa: PLC0415

    def fail(_user, **_more):
        raise RuntimeError("the last receiver fails")

    quilletta = team[1]
    with person_erased.connected_to(fail), pytest.raises(RuntimeError):
        erase(sign_in, quilletta)
    with app.app_context():
        assert db.session.get_one(User, quilletta.id).name == NAME


def test_who_is_at_the_server_erases_by_address(app, team):
    runner = app.test_cli_runner()
    assert "Nobody has an account" in runner.invoke(args=["people", "erase", "nobody@example.org", "--yes"]).output
    done = runner.invoke(args=["people", "erase", ADDRESS.upper(), "--yes"])
    assert done.exit_code == 0, done.output
    assert places_that_say(app, "Quilletta", "Vanterpool") == set()


def test_an_erasure_is_repeated_after_a_restore(app, team, sign_in):
    """A backup from before it holds the person again; the log beside the backups does not know the name."""
    quilletta = team[1]
    erase(sign_in, quilletta)
    kept = app.extensions["settings"].instance / erasure_log.NAME
    assert "quilletta" not in kept.read_text(encoding="utf-8").casefold()
    with app.app_context():  # as the backup had it
        again = {"name": NAME, "email": ADDRESS, "email_key": ADDRESS, "erased_at": None, "suspended_at": None}
        db.session.execute(sa.update(User).where(User.id == quilletta.id).values(**again))
        db.session.commit()
    runner = app.test_cli_runner()
    first = runner.invoke(args=["people", "replay-erasures", str(kept)])
    assert first.output.startswith("1 of "), first.output
    assert places_that_say(app, "Quilletta", "Vanterpool") == set()
    assert runner.invoke(args=["people", "replay-erasures", str(kept)]).output.startswith("0 of ")


def test_a_line_that_the_disk_did_not_take_is_made_good(app, team, sign_in):
    erase(sign_in, team[1])
    kept = app.extensions["settings"].instance / erasure_log.NAME
    lines = kept.read_text(encoding="utf-8").splitlines()
    kept.write_text("\n".join(lines[:-1]) + "\n" * bool(lines[:-1]), encoding="utf-8")
    with app.app_context():
        complete_erasure_log()
        complete_erasure_log()
    assert kept.read_text(encoding="utf-8").splitlines() == lines


def test_a_number_that_another_person_has_now_is_left_alone(app, team, make, tmp_path):
    other = make.person("Somebody Else")
    line = {"user_id": other.id, "joined_at": "2020-01-01T00:00:00+00:00", "at": "2020-02-01T00:00:00+00:00"}
    file = tmp_path / "erasures.log"
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert app.test_cli_runner().invoke(args=["people", "replay-erasures", str(file)]).output.startswith("0 of 1")
    with app.app_context():
        assert db.session.get_one(User, other.id).name == "Somebody Else"


@pytest.mark.parametrize("line", ["{", "[]", '{"user_id": "x"}', '{"user_id": 1, "joined_at": "never", "at": "never"}'])
def test_a_broken_log_is_refused_with_its_line(app, team, tmp_path, line):
    file = tmp_path / "erasures.log"
    file.write_text(line + "\n", encoding="utf-8")
    done = app.test_cli_runner().invoke(args=["people", "replay-erasures", str(file)])
    assert done.exit_code == 1
    assert "line 1" in done.output
