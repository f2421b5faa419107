"""The workspace of a section: what it shows, who moves it, and what typing does."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from portal.applications import actions
from portal.applications.models import Activity, Section
from portal.audit import AuditEvent
from portal.collab import reader
from portal.extensions import db
from portal.transaction import rollback, writing
from tests.collab.tabs import Tab


def section_of(app, application, key="vision"):
    with app.app_context():
        query = sa.select(Section).where(Section.application_id == application.id, Section.key == key)
        return db.session.scalars(query).one()


def move(browser, application, state, key="vision"):
    return browser.post(f"/applications/{application.id}/sections/{key}/state", data={"state": state})


def read_everything(app):
    with app.app_context():
        reader.read_due(now_please=True)


def watch(socket, application):
    return socket.emit("subscribe", {"stream": f"application:{application.id}"}, callback=True)["ok"]


def fragments(socket):
    return [message["args"][0]["html"] for message in socket.get_received() if message["name"] == "stream"]


@pytest.fixture
def team(make):
    """A leads; a writer and a reader of A; a writer of B."""
    ana = make.leader("Ana")
    application = make.application(ana, deadline=("2026-12-18T17:00", "Europe/London"))
    home = ana.membership.organisation
    people = {
        "lead": ana,
        "writer": make.colleague("Wim", home),
        "reader": make.colleague("Rea", home),
        "partner": make.leader("Ben"),
    }
    make.participant(application, people["writer"], "writer")
    make.participant(application, people["reader"], "reader")
    make.participant(application, people["partner"], "writer")
    return application, people


def test_an_application_opens_at_its_first_section(team, sign_in):
    application, people = team
    answer = sign_in(people["reader"]).get(f"/applications/{application.id}")
    assert answer.location.endswith(f"/applications/{application.id}/sections/summary")


def test_a_reader_sees_everything_and_changes_nothing(team, sign_in):
    application, people = team
    browser = sign_in(people["reader"])
    page = browser.get(f"/applications/{application.id}/sections/vision").text
    assert 'data-document-role-value="read"' in page
    assert 'sections/vision/state">' not in page
    assert "0 of 300" in page
    assert "Ben" in page
    assert move(browser, application, "drafting").status_code == 403


MOVES = {
    "lead": {"drafting": 303, "in_review": 303, "ready": 303, "not_started": 422, "nonsense": 422},
    "writer": {"drafting": 303, "in_review": 303, "ready": 403, "not_started": 422},
    "partner": {"drafting": 303, "in_review": 303, "ready": 403},
    "reader": {"drafting": 403, "in_review": 403, "ready": 403},
}


@pytest.mark.parametrize("role", MOVES)
def test_who_may_move_a_section_where(team, sign_in, role):
    application, people = team
    browser = sign_in(people[role])
    for state, expected in MOVES[role].items():
        assert move(browser, application, state).status_code == expected, state


def test_a_ready_section_is_moved_back_by_the_lead_and_not_by_a_writer(app, team, sign_in):
    application, people = team
    assert move(sign_in(people["lead"]), application, "ready").status_code == 303
    assert move(sign_in(people["writer"]), application, "drafting").status_code == 403
    assert section_of(app, application).state == "ready"
    assert move(sign_in(people["lead"]), application, "drafting").status_code == 303
    assert section_of(app, application).state == "drafting"


def test_the_partner_that_leads_a_section_makes_it_ready(app, team, sign_in):
    application, people = team
    home = people["partner"].membership.organisation_id
    assign = f"/applications/{application.id}/sections/vision/organisation"
    assert sign_in(people["writer"]).post(assign, data={"organisation": home}).status_code == 403
    assert sign_in(people["lead"]).post(assign, data={"organisation": home}).status_code == 303
    assert move(sign_in(people["partner"]), application, "ready").status_code == 303
    assert move(sign_in(people["partner"]), application, "ready", key="edia").status_code == 403
    assert move(sign_in(people["writer"]), application, "drafting").status_code == 403
    page = sign_in(people["reader"]).get(f"/applications/{application.id}/sections/vision").text
    assert "Led by <bdi>Ben Centre" in page


def test_every_move_leaves_a_line_and_an_audit_row(app, team, sign_in):
    application, people = team
    move(sign_in(people["writer"]), application, "in_review")
    move(sign_in(people["writer"]), application, "in_review")  # the same again is no move
    page = sign_in(people["reader"]).get(f"/applications/{application.id}/sections/vision").text
    assert "Wim moved Vision to In review" in page
    assert (
        "Wim moved Vision to In review" in sign_in(people["lead"]).get(f"/applications/{application.id}/activity").text
    )
    with app.app_context():
        rows = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.verb == "application_moved")).all()
        assert [(row.details["state"], row.details["before"]) for row in rows] == [("in_review", "not_started")]


def test_a_move_and_a_meter_reach_the_team_and_nobody_else(app, team, make, sign_in, connect):
    application, people = team
    other = make.application(make.leader("Eve"))
    watching, away = connect(people["partner"]), connect(people["lead"])
    outside = connect(make.officer("Omar"))
    assert watch(watching, application)
    assert not watch(outside, application)
    assert not watch(watching, other)

    move(sign_in(people["lead"]), application, "in_review")
    [fragment] = fragments(watching)
    section = section_of(app, application)
    assert f'target="section-{section.id}-measure"' in fragment
    assert "In review" in fragment
    assert f'src="/applications/{application.id}/sections/vision/state"' in fragment
    assert "csrf" not in fragment
    assert fragments(away) == fragments(outside) == []


def test_the_frame_of_the_state_shows_each_person_what_they_may_do(team, sign_in):
    application, people = team
    frame = f"/applications/{application.id}/sections/vision/state"
    assert 'value="ready"' in sign_in(people["lead"]).get(frame).text
    page = sign_in(people["writer"]).get(frame).text
    assert 'value="in_review"' in page
    assert 'value="ready"' not in page
    assert (
        "<form method"
        not in re.search(r"<turbo-frame.*?</turbo-frame>", sign_in(people["reader"]).get(frame).text, re.S)[0]
    )


def test_typing_begins_a_section_and_sends_its_meter(app, team, connect, sign_in):
    application, people = team
    section = section_of(app, application)
    watching = connect(people["reader"])
    assert watch(watching, application)
    tab = Tab(connect(people["partner"], namespace="/doc"), section.document_id)
    tab.write("Care begins with listening")
    read_everything(app)
    assert section_of(app, application).state == "drafting"
    [fragment] = fragments(watching)
    assert "4 of 300" in fragment
    assert "Drafting" in fragment
    page = sign_in(people["reader"]).get(f"/applications/{application.id}/sections/vision").text
    assert "Care begins with listening" in page
    assert "4 of 300" in page
    assert "Ben began to write Vision" in page


def test_typing_in_a_ready_section_sets_it_back_with_a_line(app, team, connect, sign_in):
    application, people = team
    section = section_of(app, application)
    tab = Tab(connect(people["writer"], namespace="/doc"), section.document_id)
    tab.write("First words")
    move(sign_in(people["lead"]), application, "ready")
    read_everything(app)  # what was typed before the move does not undo it
    assert section_of(app, application).state == "ready"

    tab.write(" and more")
    read_everything(app)
    assert section_of(app, application).state == "drafting"
    page = sign_in(people["lead"]).get(f"/applications/{application.id}/sections/vision").text
    assert "Vision is drafting again: Wim changed its text" in page


def test_a_text_over_its_limit_is_said_with_what_to_cut(app, team, connect, sign_in):
    application, people = team
    section = section_of(app, application, "objectives")
    tab = Tab(connect(people["writer"], namespace="/doc"), section.document_id)
    tab.write("word " * 202)
    read_everything(app)
    page = sign_in(people["reader"]).get(f"/applications/{application.id}/sections/vision").text
    assert "202 of 200, 2 over" in page
    assert "Cut 2 words from" in page


def test_a_reader_cannot_write_and_an_outsider_cannot_open(app, team, make, connect):
    application, people = team
    section = section_of(app, application)
    reading = Tab(connect(people["reader"], namespace="/doc"), section.document_id)
    assert reading.answer["role"] == "read"
    for outsider in (make.officer("Omar"), make.leader("Eve"), make.associate("Ali")):
        assert not Tab(connect(outsider, namespace="/doc"), section.document_id).answer["ok"]


def test_what_changed_counts_from_the_last_visit(app, team, connect, sign_in):
    application, people = team
    lead = sign_in(people["lead"])
    assert lead.post(f"/applications/{application.id}/seen").status_code == 303
    section = section_of(app, application)
    Tab(connect(people["partner"], namespace="/doc"), section.document_id).write("New words")
    read_everything(app)
    page = lead.get("/applications").text
    assert "New text in Vision" in page
    assert "Ben began to write Vision" in page
    assert "Since your last visit" in lead.get(f"/applications/{application.id}/sections/edia").text
    assert "New text in Vision" not in sign_in(people["partner"]).get("/applications").text

    lead.post(f"/applications/{application.id}/seen")
    assert "New text in Vision" not in lead.get("/applications").text


def test_wrong_addresses_are_not_found(team, make, sign_in):
    application, people = team
    browser = sign_in(people["lead"])
    other = make.application(make.leader("Eve"))
    for path in ("/applications/999", f"/applications/{other.id}", f"/applications/{application.id}/sections/nothing"):
        assert browser.get(path).status_code == 404, path
    assert move(browser, other, "drafting").status_code == 404


def test_the_workspace_costs_a_fixed_number_of_statements(team, make, sign_in, statements):
    application, people = team
    for number in range(6):
        make.participant(application, make.leader(f"Partner {number}"), "writer")
    browser = sign_in(people["lead"])
    browser.post(f"/applications/{application.id}/seen")
    address = f"/applications/{application.id}/sections/vision"
    browser.get(address)
    with statements() as seen:
        assert browser.get(address).status_code == 200
    assert len(seen) <= 12, "\n".join(seen)


def test_the_list_costs_a_fixed_number_of_statements(make, sign_in, statements):
    ana = make.leader("Ana")
    applications = [make.application(ana) for _ in range(4)]
    browser = sign_in(ana)
    for application in applications:
        browser.post(f"/applications/{application.id}/seen")
    with statements() as seen:
        assert browser.get("/applications").status_code == 200
    assert len(seen) <= 8, "\n".join(seen)


def test_a_rolled_back_move_is_not_sent(app, team, connect):
    application, people = team
    watching = connect(people["reader"])
    assert watch(watching, application)
    with app.app_context():
        writing()
        section = db.session.get(Section, section_of(app, application).id)
        actions.move_section(section, "ready", by=people["lead"])
        rollback()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Activity).where(Activity.verb == "moved")) == 0
    assert fragments(watching) == []


def test_who_is_in_a_section_is_a_number_for_the_team_only(app, team, make, connect, sign_in):
    application, people = team
    section = section_of(app, application)
    Tab(connect(people["partner"], namespace="/doc"), section.document_id)
    browser = sign_in(people["lead"])
    assert browser.get(f"/applications/{application.id}/here").json == {str(section.document_id): 1}
    assert "1 here" in browser.get(f"/applications/{application.id}/sections/edia").text
    assert sign_in(make.officer("Omar")).get(f"/applications/{application.id}/here").status_code == 404
