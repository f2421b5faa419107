"""Reads with a name: the directory, who belongs where, who holds office, what waits."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Invitation, User
from portal.clock import utcnow
from portal.extensions import db
from portal.members import policy
from portal.members.models import ROLES, Enquiry, Membership, OfficerTerm, Organisation

LEADING_WORDS = ("the ", "professor ", "dr ")
READ_ENQUIRIES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Directory:
    """Every member, by name. `people` is organisation id -> how many, empty for those who may not see people."""

    organisations: list[Organisation]
    individuals: list[Organisation]
    people: dict[int, int]

    @property
    def total(self) -> int:
        return len(self.organisations) + len(self.individuals)


def directory(user: User) -> Directory:
    """Two statements, whatever the number of members; one for outsiders."""
    found = sorted(db.session.scalars(policy.visible_organisations(user)), key=lambda each: sort_key(each.name))
    return Directory(
        organisations=[each for each in found if not each.is_individual],
        individuals=[each for each in found if each.is_individual],
        people=people_counts() if policy.can_see_people(user) else {},
    )


def sort_key(name: str) -> str:
    """Accent-blind and without "The" or a title, as people look for a name."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    for word in LEADING_WORDS:
        plain = plain.removeprefix(word)
    return plain


def people_counts() -> dict[int, int]:
    """Organisation id -> current people."""
    query = (
        sa.select(Membership.organisation_id, sa.func.count(sa.distinct(Membership.user_id)))
        .where(is_current_membership())
        .group_by(Membership.organisation_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def is_current_membership() -> sa.ColumnElement[bool]:
    """`Membership.is_current` as a condition. It asks for the day when it is executed: a statement may be kept."""
    today = sa.bindparam(None, type_=sa.Date, callable_=lambda: utcnow().date())
    return sa.and_(Membership.starts_on <= today, sa.or_(Membership.ends_on.is_(None), Membership.ends_on > today))


def people_of(organisation: Organisation) -> list[Membership]:
    """The current people with their accounts, leaders first."""
    query = (
        sa.select(Membership)
        .where(Membership.organisation_id == organisation.id, is_current_membership())
        .options(joinedload(Membership.user), joinedload(Membership.organisation))
    )
    people = db.session.scalars(query).all()
    return sorted(people, key=lambda each: (ROLES.index(each.role), sort_key(each.user.name)))


def pending_invitations(user: User, organisation: Organisation) -> Sequence[Invitation]:
    """Those that `user` may send again or take back; one that ran out is among them."""
    query = policy.visible_invitations(user, organisation)
    return db.session.scalars(query.options(joinedload(Invitation.invited_by)).order_by(Invitation.id)).all()


def has_role_here(organisation: Organisation, email: str, role: str) -> bool:
    """Whether somebody with this address holds the role already, or one that stands above it."""
    query = (
        sa.select(Membership.role)
        .join(Membership.user)
        .where(
            Membership.organisation_id == organisation.id,
            is_current_membership(),
            User.email_key == User.key_of(email),
        )
    )
    return any(ROLES.index(held) <= ROLES.index(role) for held in db.session.scalars(query))


def officers() -> list[OfficerTerm]:
    """Those in office today, in the order in which they came."""
    query = sa.select(OfficerTerm).options(joinedload(OfficerTerm.user)).order_by(OfficerTerm.id)
    return [term for term in db.session.scalars(query) if term.is_current]


def unread_enquiries(user: User) -> Sequence[Enquiry]:
    """What no officer has read, oldest first."""
    query = policy.visible_enquiries(user).where(Enquiry.read_at.is_(None)).order_by(Enquiry.confirmed_at)
    return db.session.scalars(query).all()


def read_enquiries(user: User) -> Sequence[Enquiry]:
    """The last ones that were read, newest first, with who read them."""
    query = (
        policy.visible_enquiries(user)
        .where(Enquiry.read_at.is_not(None))
        .options(joinedload(Enquiry.read_by))
        .order_by(Enquiry.read_at.desc())
        .limit(READ_ENQUIRIES_SHOWN)
    )
    return db.session.scalars(query).all()


def enquiry_by_token_hash(token_hash: str) -> Enquiry | None:
    """The enquiry of a confirmation link. The link itself is the permission: whoever has it got the mail."""
    enquiry: Enquiry | None = db.session.scalar(sa.select(Enquiry).where(Enquiry.token_hash == token_hash))
    return enquiry


def led_alone_by(user: User) -> list[Organisation]:
    """The organisations that have no other leader than this person."""
    led = [each.organisation for each in user.current_memberships if each.role == "leader"]
    others = sa.select(Membership.organisation_id).where(
        Membership.organisation_id.in_({each.id for each in led}),
        Membership.role == "leader",
        Membership.user_id != user.id,
        is_current_membership(),
    )
    led_by_others = set(db.session.scalars(others))
    return [each for each in led if each.id not in led_by_others]


def is_only_officer(user: User) -> bool:
    """Whether the network would be without an officer who can sign in."""
    if not user.is_officer:
        return False
    terms = sa.select(OfficerTerm).where(OfficerTerm.user_id.is_not(None), OfficerTerm.user_id != user.id)
    return not any(term.is_current for term in db.session.scalars(terms))
