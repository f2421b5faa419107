"""What this domain puts into the layout: navigation, the desk, what waits on a person."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext

from portal.accounts.models import User
from portal.applications import policy, queries
from portal.applications.templates import pinned
from portal.web.slots import DeskPart, NavItem, WaitingItem, desk_parts, nav_items, waiting


def fill_slots() -> None:
    nav_items.fill("applications", NavItem(lazy_gettext("Funding"), "applications.index", "/applications"), order=30)
    desk_parts.fill("applications", DeskPart("applications/desk.html", _my_applications), order=20)
    waiting.fill("applications", _waiting, order=30)


def _my_applications(user: User) -> dict[str, Any] | None:
    """Left out for whoever has none and may not start one."""
    listed, waiting_for = queries.my_applications(user), queries.waiting_to_be_let_in(user)
    if not listed and not waiting_for and not policy.can_start(user):
        return None
    return {"listed": listed, "waiting": waiting_for, "can_start": policy.can_start(user), "pinned": pinned}


def _waiting(user: User) -> list[WaitingItem]:
    return [*_invitations(user), *_people(user), *_rescues(user)]


def _invitations(user: User) -> list[WaitingItem]:
    return [
        WaitingItem(
            title=gettext(
                "Say whether %(organisation)s joins “%(title)s”",
                organisation=partner.organisation.name,
                title=partner.application.title,
            ),
            url=url_for("applications.partner_invitation", partner_id=partner.id),
            since=partner.invited_at,
            who=partner.invited_by.name if partner.invited_by else "",
            until=partner.application.deadline_at,
            until_zone=partner.application.deadline_zone,
        )
        for partner in queries.invitations_to_answer(user)
    ]


def _people(user: User) -> list[WaitingItem]:
    return [
        WaitingItem(
            title=gettext(
                "Let %(name)s into “%(title)s”, or not", name=person.user.name, title=person.application.title
            ),
            url=url_for("applications.partners", application_id=person.application_id, _anchor="waiting"),
            since=person.added_at,
            who=person.user.name,
        )
        for person in queries.people_to_confirm(user)
    ]


def _rescues(user: User) -> list[WaitingItem]:
    return [
        WaitingItem(
            title=ngettext(
                "Insert or decline a rescued text for “%(section)s”",
                "Insert or decline %(num)s rescued texts for “%(section)s”",
                count,
                section=section.title,
            ),
            url=url_for("collab.rescues", document_id=section.document_id),
            since=since,
        )
        for section, count, since in queries.rescues_to_read(user)
    ]
