"""Freezing a section or all of them: who may, what the team sees, and how it is taken up again."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from portal.applications import actions
from portal.applications.models import Activity, Section
from portal.audit import AuditEvent
from portal.clock import utcnow
from portal.collab import queries, reader
from portal.collab.models import DocState, DocVersion
from portal.extensions import db
from portal.transaction import commit, rollback, writing
from tests.applications.test_sections import fragments, watch
from tests.collab.tabs import Tab

WHY = "The funder changed a question"


def address(application, tail, key="vision"):
    return f"/applications/{application.id}/sections/{key}/{tail}" if key else f"/applications/{application.id}/{tail}"


def page_of(browser, application, key="vision"):
    return browser.get(f"/applications/{application.id}/sections/{key}").text


def document_of(application, key="vision"):
    return next(section.document_id for section in application.sections if section.key == key)


def read_everything(app):
    with app.app_context():
        reader.read_due(now_please=True)
        while reader.read_versions():
            pass


def standing_of(app, application, key="vision"):
    with app.app_context():
        document_id = document_of(application, key)
        return queries.standing([document_id])[document_id].state


def lines(browser, application):
    page = browser.get(f"/applications/{application.id}/activity").text
    return re.findall(r'<li><span dir="auto">(.*?)</span>', page)


@pytest.fixture
def team(make):
    """Ana leads; a writer and a reader of hers; Ben, who leads another organisation, writes."""
    ana = make.leader("Ana")
    application = make.application(ana)
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


@pytest.mark.parametrize("role", ["writer", "reader", "partner", "outsider", "officer"])
def test_only_the_lead_freezes_and_unfreezes(app, team, make, sign_in, role):
    application, people = team
    outside = {"outsider": make.leader, "officer": make.officer}
    browser = sign_in(people.get(role) or outside[role]("Eve"))
    refused = 404 if role in outside else 403
    for key in ("vision", ""):
        for verb in ("freeze", "unfreeze"):
            assert browser.get(address(application, verb, key)).status_code == refused
            assert browser.post(address(application, verb, key), data={"reason": WHY}).status_code == refused
    assert standing_of(app, application) == "open"
    if refused == 403:
        assert "Freeze" not in page_of(browser, application)
        assert "Freeze all sections" not in browser.get(f"/applications/{application.id}/text").text


def test_a_frozen_section_takes_no_edits_and_says_who_froze_it(app, team, sign_in, connect):
    application, people = team
    ben = Tab(connect(people["partner"], namespace="/doc"), document_of(application))
    ben.send(ben.added("Ours"))
    lead = sign_in(people["lead"])
    assert address(application, "freeze") in page_of(lead, application)

    answer = lead.post(address(application, "freeze"))
    assert (answer.status_code, answer.location) == (303, f"/applications/{application.id}/sections/vision")
    ben.send(ben.added("Too late"))
    assert ben.hear().refused[-1]["code"] == "locked"
    page = page_of(sign_in(people["reader"]), application)
    assert "Freezing: the last words are being kept." in page
    assert '<span class="tag">Freezing</span>' in page

    read_everything(app)
    page = page_of(sign_in(people["reader"]), application)
    assert re.search(r"Frozen by <bdi>Ana</bdi> \(<time [^>]*>[^<]*</time>\)\.", page)
    assert page.count('<span class="tag">Frozen</span>') == 1, "in the list of sections"
    assert (
        '<span class="tag">Frozen</span>' in sign_in(people["reader"]).get(f"/applications/{application.id}/text").text
    )
    for kind in ("html", "md"):
        download = lead.get(f"/applications/{application.id}/download.{kind}").text
        assert download.count("· Frozen ·") == 1, "what is taken along says which text stays as it is"
    assert "Ana froze Vision" in lines(lead, application)
    with app.app_context():
        version = db.session.scalars(sa.select(DocVersion)).one()
        assert (version.kind, version.text, version.user_id) == ("frozen", "\nOurs", people["lead"].id)


def test_the_lead_unfreezes_for_a_reason_that_the_team_reads(app, team, sign_in, connect):
    application, people = team
    lead = sign_in(people["lead"])
    lead.post(address(application, "freeze"))
    read_everything(app)
    page = page_of(lead, application)
    assert address(application, "unfreeze") in page
    assert f'action="{address(application, "freeze")}"' not in page

    for reason in ("", "   ", "x" * 301):
        answer = lead.post(address(application, "unfreeze"), data={"reason": reason})
        assert answer.status_code == 422
        assert f'value="{reason.strip()}"' in answer.text
    assert standing_of(app, application) == "frozen"

    assert lead.post(address(application, "unfreeze"), data={"reason": f" {WHY}. "}).status_code == 303
    assert standing_of(app, application) == "open"
    assert lines(sign_in(people["reader"]), application)[0] == f"Ana unfroze Vision: {WHY}"
    ben = Tab(connect(people["partner"], namespace="/doc"), document_of(application))
    ben.send(ben.added("Again"))
    assert ben.hear().saved


def test_freezing_twice_keeps_the_first_time_and_says_it_once(app, team, sign_in):
    application, people = team
    lead = sign_in(people["lead"])
    for _ in range(2):
        assert lead.post(address(application, "freeze")).status_code == 303
    assert [line for line in lines(lead, application) if "froze" in line] == ["Ana froze Vision"]
    for _ in range(2):
        assert lead.post(address(application, "unfreeze"), data={"reason": WHY}).status_code == 303
    assert len([line for line in lines(lead, application) if "unfroze" in line]) == 1
    assert "Nothing is frozen here." in lead.get(address(application, "unfreeze")).text
    with app.app_context():
        verbs = db.session.scalars(
            sa.select(AuditEvent.verb).where(AuditEvent.verb.like("%froze%")).order_by(AuditEvent.id)
        )
        assert list(verbs) == ["application_frozen", "application_unfrozen"]


def test_all_sections_are_frozen_at_once_and_opened_again(app, team, sign_in):
    application, people = team
    count = len(application.sections)
    lead = sign_in(people["lead"])
    lead.post(address(application, "freeze"))
    question = lead.get(address(application, "freeze", ""))
    assert f"1 of {count} frozen" in question.text
    assert "Nobody can change the words any more, not even you." in question.text

    answer = lead.post(address(application, "freeze", ""), follow_redirects=True)
    assert f"{count - 1} sections are frozen." in answer.text
    assert {standing_of(app, application, section.key) for section in application.sections} == {"freezing"}
    assert address(application, "freeze", "") not in answer.text
    assert "Nothing changed." in lead.post(address(application, "freeze", ""), follow_redirects=True).text

    assert lead.post(address(application, "unfreeze", ""), data={"reason": ""}).status_code == 422
    answer = lead.post(address(application, "unfreeze", ""), data={"reason": WHY}, follow_redirects=True)
    assert f"{count} sections are open again." in answer.text
    assert {standing_of(app, application, section.key) for section in application.sections} == {"open"}
    assert len([line for line in lines(lead, application) if WHY in line]) == count


def test_the_team_sees_it_at_once_and_nobody_else_does(app, team, make, sign_in, connect):
    application, people = team
    other = make.application(make.leader("Ann"))
    watching, elsewhere = connect(people["reader"]), connect(other.created_by)
    assert watch(watching, application)
    assert watch(elsewhere, other)

    lead = sign_in(people["lead"])
    lead.post(address(application, "freeze"))
    [freezing] = fragments(watching)
    assert "Freezing: the last words are being kept." in freezing
    assert f'src="{address(application, "freeze")}"' in freezing, "what one may do is asked for anew"
    assert "<form" not in freezing
    assert "Ana froze Vision" in freezing

    read_everything(app)
    assert any(re.search(r"Frozen by <bdi>Ana</bdi> \(<time [^>]*zoned[^>]*>", html) for html in fragments(watching))

    lead.post(address(application, "unfreeze"), data={"reason": WHY})
    [opened] = fragments(watching)
    assert "Frozen" not in opened
    assert WHY in opened
    assert fragments(elsewhere) == []


def test_what_is_rolled_back_is_told_to_nobody(app, team, connect):
    application, people = team
    watching = connect(people["reader"])
    assert watch(watching, application)
    with app.app_context():
        writing()
        section = db.session.scalars(sa.select(Section).where(Section.key == "vision")).one()
        assert actions.freeze_sections([section], by=people["lead"]) == [section]
        rollback()
        assert db.session.scalars(sa.select(Activity).where(Activity.verb == "frozen")).all() == []
    assert fragments(watching) == []


def test_the_state_of_a_frozen_section_may_still_be_moved(app, team, sign_in):
    application, people = team
    lead = sign_in(people["lead"])
    lead.post(address(application, "freeze"))
    assert lead.post(address(application, "state"), data={"state": "ready"}).status_code == 303
    read_everything(app)
    page = page_of(lead, application)
    assert "Ana moved Vision to Ready" in page
    assert '<span class="tag">Frozen</span>' in page


def test_a_page_in_parts_gets_the_frame_back(team, sign_in):
    application, people = team
    lead = sign_in(people["lead"])
    answer = lead.post(address(application, "freeze"), headers={"Turbo-Frame": "section-2-freezing"})
    assert answer.location == address(application, "freeze")
    assert address(application, "unfreeze") in lead.get(answer.location).text


def test_a_named_version_is_told_to_the_team(team, sign_in):
    application, people = team
    writer = sign_in(people["writer"])
    page = page_of(writer, application)
    assert f'href="/documents/{document_of(application)}/versions"' in page
    writer.post(f"/documents/{document_of(application)}/versions", data={"name": "Before the review"})
    assert lines(writer, application)[0] == "Wim kept a version of Vision: “Before the review”"
    assert "/versions" not in page_of(sign_in(people["reader"]), application)


@pytest.mark.parametrize("page", ["versions", "rescues"])
def test_a_page_about_a_text_stands_where_the_text_does(team, sign_in, page):
    application, people = team
    answer = sign_in(people["lead"]).get(f"/documents/{document_of(application)}/{page}")
    assert re.findall(r'aria-current="page">([^<]+)<', answer.text) == ["Funding", "Funding"]


def test_a_restored_version_is_told_and_a_ready_section_is_drafting_again(app, team, sign_in, connect):
    application, people = team
    document_id = document_of(application)
    lead = sign_in(people["lead"])
    lead.post(f"/documents/{document_id}/versions", data={"name": "Empty"})
    ben = Tab(connect(people["partner"], namespace="/doc"), document_id)
    ben.send(ben.added("Ours"))
    read_everything(app)
    lead.post(address(application, "state"), data={"state": "ready"})
    watching = connect(people["reader"])
    assert watch(watching, application)
    with app.app_context():
        version = db.session.scalars(sa.select(DocVersion)).one().id

    answer = lead.post(f"/documents/{document_id}/versions/{version}/restoration")
    assert answer.location == f"/applications/{application.id}/sections/vision"
    assert "The text is as it was in that version." in page_of(lead, application)
    assert lines(lead, application)[:2] == [
        "Vision is drafting again: Ana changed its text",
        "Ana restored an earlier version of Vision",
    ]
    told = "".join(fragments(watching))
    assert "0 of 300" in told
    assert "Drafting" in told
    assert "Ours" not in page_of(lead, application)


def test_a_text_that_cannot_be_read_says_so_and_stays_readable(app, team, sign_in, connect):
    application, people = team
    document_id = document_of(application)
    ben = Tab(connect(people["partner"], namespace="/doc"), document_id)
    ben.send(ben.added("What was read last"))
    read_everything(app)
    with app.app_context():
        db.session.execute(sa.update(DocState).where(DocState.doc_id == document_id).values(failed_at=utcnow()))
        commit()
    lead = sign_in(people["lead"])
    page = page_of(lead, application)
    assert "The portal cannot read the newest changes of this text." in page
    assert "What was read last" in page
    assert '<span class="tag over">Unreadable</span>' in page
    assert f'action="{address(application, "freeze")}"' not in page
    lead.post(address(application, "freeze"))
    assert standing_of(app, application) == "unreadable"
    assert not any("froze" in line for line in lines(lead, application))


def test_a_frozen_workspace_asks_no_more_of_the_database(app, team, sign_in, statements):
    application, people = team
    browser = sign_in(people["lead"])
    browser.post(address(application, "freeze", ""))
    read_everything(app)
    page_of(browser, application)
    with statements() as seen:
        assert "Frozen by " in page_of(browser, application)
    assert len(seen) <= 12, "\n".join(seen)


def test_who_froze_it_is_named_also_after_they_left_the_team(app, team, make, sign_in):
    application, people = team
    place = make.participant(application, make.colleague("Lea", people["lead"].membership.organisation), "lead")
    sign_in(place.user).post(address(application, "freeze"))
    read_everything(app)
    lead = sign_in(people["lead"])
    lead.post(f"/applications/{application.id}/people/{place.id}/removal")
    assert "Frozen by <bdi>Lea</bdi> (" in page_of(lead, application)
