"""One table: who may do what; and the rule as a question and as a select agree."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications import policy
from portal.applications.models import Application, Participant, Partner, Section
from portal.extensions import db

ROLES = ("lead", "writer", "reader", "partner_leader", "partner_colleague", "guest")
OUTSIDE = ("pending", "removed", "officer", "other_leader", "associate", "own_colleague")

ON_TEAM = set(ROLES)
TABLE = {
    "see": (lambda user, application: policy.participant_of(user, application) is not None, ON_TEAM),
    "write": (policy.can_write, ON_TEAM - {"reader"}),
    "lead": (policy.can_lead, {"lead"}),
    "add_people": (policy.can_add_people, {"lead", "partner_leader"}),
    "move": (
        lambda user, application: bool(policy.states_to_move_to(user, application.sections[0])),
        ON_TEAM - {"reader"},
    ),
    "assign": (lambda user, application: policy.can_assign(user, application.sections[0]), {"lead"}),
    "manage_partners_colleague": (
        lambda user, application: policy.can_manage(user, place(application, "partner_colleague")),
        {"lead", "partner_leader"},
    ),
    "manage_lead": (lambda user, application: policy.can_manage(user, place(application, "lead")), {"lead"}),
    "manage_writer": (lambda user, application: policy.can_manage(user, place(application, "writer")), {"lead"}),
    "confirm": (lambda user, application: policy.can_confirm(user, place(application, "pending")), {"lead"}),
    "withdraw_partner": (lambda user, application: policy.can_withdraw(user, theirs(application)), {"lead"}),
    "leave_as_partner": (lambda user, application: policy.can_leave(user, theirs(application)), {"partner_leader"}),
    "start": (lambda user, application: policy.can_start(user), {"lead", "partner_leader", "other_leader"}),
}


def place(application, name):
    return next(person for person in application.participants if person.user.name == name)


def theirs(application):
    return next(partner for partner in application.partners if not partner.is_lead)


@pytest.fixture
def world(app, make):
    lead = make.leader("lead")
    home = lead.membership.organisation
    partner = make.leader("partner_leader")
    people = {
        "lead": lead,
        "writer": make.colleague("writer", home),
        "reader": make.colleague("reader", home),
        "partner_leader": partner,
        "partner_colleague": make.colleague("partner_colleague", partner.membership.organisation),
        "guest": make.associate("guest"),
        "pending": make.associate("pending"),
        "removed": make.colleague("removed", home),
        "officer": make.officer("officer"),
        "other_leader": make.leader("other_leader"),
        "associate": make.associate("associate"),
        "own_colleague": make.colleague("own_colleague", home),
    }
    application = make.application(lead)
    for name in ("writer", "partner_leader", "partner_colleague", "guest", "removed"):
        make.participant(application, people[name], "writer")
    make.participant(application, people["reader"], "reader")
    make.participant(application, people["pending"], "writer", confirmed=False)
    with app.app_context():
        query = sa.select(Participant).where(Participant.user_id == people["removed"].id)
        gone = db.session.scalars(query).one()
        gone.removed_at = gone.added_at
        db.session.commit()
    return application.id, {name: person.id for name, person in people.items()}


def test_who_may_do_what(app, world):
    application_id, people = world
    with app.app_context():
        application = policy.one_whole(sa.select(Application).where(Application.id == application_id))
        persons = {name: db.session.get(User, user_id) for name, user_id in people.items()}
        allowed = {
            verb: {name for name, person in persons.items() if rule(person, application)}
            for verb, (rule, _expected) in TABLE.items()
        }
    assert allowed == {verb: expected for verb, (_rule, expected) in TABLE.items()}


def test_the_question_and_the_select_agree(app, world, make):
    application_id, people = world
    make.application(make.leader("elsewhere"))
    with app.app_context():
        for name, user_id in people.items():
            user = db.session.get(User, user_id)
            seen = {row.id for row in db.session.scalars(policy.visible_applications(user)).unique()}
            applications = db.session.scalars(sa.select(Application)).all()
            expected = {row.id for row in applications if policy.participant_of(user, row)}
            assert seen == expected, name
            assert (application_id in seen) == (name in ROLES), name


def test_documents_judge_as_the_pages_do_in_one_statement(app, world, statements):
    application_id, people = world
    with app.app_context():
        document_id = db.session.scalars(
            sa.select(Section.document_id).where(Section.application_id == application_id)
        ).first()
        with statements() as seen:
            roles = policy.document_roles(set(people.values()), document_id)
        assert len(seen) == 1
        assert {name: roles[user_id] for name, user_id in people.items()} == {
            **dict.fromkeys(ON_TEAM, "write"),
            "reader": "read",
            **dict.fromkeys(OUTSIDE, "none"),
        }


def test_every_address_is_nothing_for_those_outside(app, world, make, sign_in, client):
    application_id, people = world
    with app.app_context():
        mine = db.session.scalars(sa.select(Participant).where(Participant.user_id == people["writer"])).one().id
        partner = db.session.scalars(sa.select(Partner).where(~Partner.is_lead)).one().id
        persons = {name: db.session.get(User, people[name]) for name in OUTSIDE}
        for person in persons.values():
            db.session.refresh(person)
    base = f"/applications/{application_id}"
    reading = [base, *(f"{base}/{tail}" for tail in (
        "edit", "activity", "partners", "sections/vision", "sections/vision/state", f"people/{mine}/removal",
        f"partners/{partner}/end",
    ))]  # fmt: skip
    writing = [f"{base}/{tail}" for tail in (
        "edit", "seen", "partners", "people", "people/invitations", "sections/vision/state",
        "sections/vision/organisation", f"people/{mine}/role", f"people/{mine}/removal", f"people/{mine}/confirmation",
        f"partners/{partner}/end", "people/invitations/1/withdrawal",
    )]  # fmt: skip
    for name, person in persons.items():
        browser = sign_in(person)
        for path in reading:
            assert browser.get(path).status_code == 404, (name, path)
        for path in writing:
            assert browser.post(path, data={"title": "x"}).status_code == 404, (name, path)
    assert client.get(base).location.startswith("/sign-in")
