"""Words that came too late for a section: proved by the team's own record, told on desk, page and stream."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.accounts.models import User
from portal.applications import actions
from portal.applications.models import Application, Participant
from portal.clock import utcnow
from portal.collab import reader
from portal.collab.models import DocRescue
from portal.collab.protocol import frame
from portal.extensions import db
from portal.members.models import Membership, Organisation
from portal.transaction import commit
from tests.applications.test_partners import waiting_titles
from tests.applications.test_sections import fragments, watch
from tests.collab.tabs import Tab
from tests.collab.test_rescues import code_of, hand_in


@pytest.fixture
def team(make):
    """Ana leads; Wim and Rea of her organisation write and read; Tomás writes for a partner."""
    ana, tomas = make.leader("Ana"), make.leader("Tomás")
    home = ana.membership.organisation
    wim, rea = make.colleague("Wim", home), make.colleague("Rea", home)
    application = make.application(ana, "Kindness on wards")
    for person, role in ((wim, "writer"), (rea, "reader"), (tomas, "writer")):
        make.participant(application, person, role)
    return application, {"ana": ana, "wim": wim, "rea": rea, "tomas": tomas}


@pytest.fixture
def typed(team, connect):
    """An update of Tomás' that was never sent."""
    application, people = team
    return Tab(connect(people["tomas"], namespace="/doc"), application.sections[0].document_id).typed("For every ward")


def in_application(app, application, act):
    with app.app_context():
        act(db.session.get_one(Application, application.id))
        commit()


def place_of(application: Application, user) -> Participant:
    return next(each for each in application.participants if each.user_id == user.id)


def send(browser, application, update):
    return hand_in(browser, application.sections[0].document_id, frame([update]), epoch=1, base_seq=0)


def removed(app, application, user, by):
    in_application(
        app,
        application,
        lambda found: actions.remove_person(place_of(found, user), by=db.session.get_one(User, by.id)),
    )


def test_who_was_removed_made_a_reader_or_left_hands_in_words_for_thirty_days(app, team, typed, sign_in):
    application, people = team
    tomas, ana = people["tomas"], people["ana"]
    browser = sign_in(tomas)
    assert code_of(send(browser, application, typed)) == (409, "can_write")

    in_application(app, application, lambda found: actions.change_role(place_of(found, tomas), "reader", by=ana))
    assert send(browser, application, typed).status_code == 201
    removed(app, application, tomas, by=ana)
    assert send(browser, application, typed).status_code == 201

    with app.app_context():
        place_of(db.session.get_one(Application, application.id), tomas).wrote_until = utcnow() - timedelta(days=31)
        commit()
    assert code_of(send(browser, application, typed)) == (404, "not_found")


def test_a_place_that_ended_with_the_membership_or_the_organisation_counts_too(app, team, typed, sign_in):
    application, people = team
    tomas = people["tomas"]
    browser = sign_in(tomas)
    with app.app_context():
        membership = db.session.get_one(Membership, tomas.membership.id)
        membership.ends_on = utcnow().date() - timedelta(days=3)
        commit()
    assert send(browser, application, typed).status_code == 201
    with app.app_context():
        db.session.get_one(Membership, tomas.membership.id).ends_on = utcnow().date() - timedelta(days=40)
        commit()
    assert code_of(send(browser, application, typed)) == (404, "not_found")
    with app.app_context():
        db.session.get_one(Membership, tomas.membership.id).ends_on = None
        db.session.get_one(Organisation, tomas.membership.organisation_id).left_at = utcnow()
        commit()
    assert send(browser, application, typed).status_code == 201


def test_who_only_ever_read_or_was_never_let_in_hands_in_nothing(app, team, typed, sign_in, make):
    application, people = team
    rea = people["rea"]
    assert code_of(send(sign_in(rea), application, typed)) == (403, "forbidden")
    removed(app, application, rea, by=people["ana"])
    assert code_of(send(sign_in(rea), application, typed)) == (404, "not_found")

    gus = make.associate("Gus")
    make.participant(application, gus, "writer", guest=True, confirmed=False)
    removed(app, application, gus, by=people["ana"])
    assert code_of(send(sign_in(gus), application, typed)) == (404, "not_found")
    with app.app_context():
        assert not db.session.query(DocRescue).count()


@pytest.fixture
def handed_in(app, team, typed, sign_in):
    """Tomás was removed and handed his words in; the reader process has not looked yet."""
    application, people = team
    removed(app, application, people["tomas"], by=people["ana"])
    return send(sign_in(people["tomas"]), application, typed).json["id"]


def read(app):
    with app.app_context():
        reader.read_rescues()


def test_writers_see_the_words_on_the_desk_and_above_the_text_and_readers_do_not(app, team, handed_in, sign_in):
    application, people = team
    document = application.sections[0].document_id
    page = f"/applications/{application.id}/sections/{application.sections[0].key}"
    assert "rescued text waits" not in sign_in(people["wim"]).get(page).text, "nobody has read it yet"
    read(app)
    for name in ("ana", "wim"):
        browser = sign_in(people[name])
        assert "Insert or decline a rescued text for “Summary”" in waiting_titles(app, people[name])
        shown = browser.get(page).text
        assert "1 rescued text waits" in shown
        assert "For every ward" in shown
        assert f'href="/documents/{document}/rescues"' in shown
    for name in ("rea", "tomas"):
        browser = sign_in(people[name])
        assert "rescued text for" not in browser.get("/").text
    assert "For every ward" not in sign_in(people["rea"]).get(page).text


def test_the_page_of_a_section_stays_within_its_statements(app, team, handed_in, sign_in, statements):
    application, people = team
    read(app)
    browser = sign_in(people["wim"])
    with statements() as sent:
        browser.get(f"/applications/{application.id}/sections/{application.sections[0].key}")
    assert len(sent) <= 12


def test_watchers_are_told_to_look_again_without_a_word_of_it(app, team, handed_in, connect, sign_in, make):
    application, people = team
    document = application.sections[0].document_id
    eve = make.leader("Eve")
    other = make.application(eve, "Another")
    watching, away = connect(people["wim"]), connect(eve)
    assert watch(watching, application)
    assert watch(away, other)
    read(app)
    [shown] = fragments(watching)
    assert f'src="/documents/{document}/rescues/panel"' in shown
    assert "For every ward" not in shown
    assert "Tomás" not in shown

    decide = f"/documents/{document}/rescues/{handed_in}/decision"
    sign_in(people["ana"]).post(decide, data={"decision": "declined"})
    assert len(fragments(watching)) == 1
    assert fragments(away) == []
    assert not waiting_titles(app, people["wim"])
