"""The words of roles, states and activities: said once, in Python, so that pages, mails and fragments agree."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from portal.applications.models import Activity

ROLES = {"lead": _("Lead"), "writer": _("Writer"), "reader": _("Reader")}

ROLE_MEANS = {
    "lead": _("writes, invites, and decides when a section is ready"),
    "writer": _("writes in every section"),
    "reader": _("reads everything"),
}

STATES = {
    "not_started": _("Not started"),
    "drafting": _("Drafting"),
    "in_review": _("In review"),
    "ready": _("Ready"),
}

# The stylesheet's class of a tag: colour stands beside the word, never alone.
STATE_TONES = {"not_started": "", "drafting": "drafting", "in_review": "review", "ready": "ready"}

PARTNER_STATES = {
    "invited": _("Invited"),
    "accepted": _("Taking part"),
    "declined": _("Declined"),
    "withdrawn": _("Invitation withdrawn"),
    "left": _("Left"),
}

PARTNER_TONES = {"invited": "review", "accepted": "ready", "declined": "", "withdrawn": "", "left": ""}

ACTIVITY = {
    "started": _("%(who)s started this application"),
    "renamed": _("%(who)s changed the title"),
    "deadline_set": _("%(who)s set the deadline to %(when)s"),
    "deadline_cleared": _("%(who)s marked the deadline as not known"),
    "moved": _("%(who)s moved %(section)s to %(state)s"),
    "reopened": _("%(section)s is drafting again: %(who)s changed its text"),
    "begun": _("%(who)s began to write %(section)s"),
    "frozen": _("%(who)s froze %(section)s"),
    "unfrozen": _("%(who)s unfroze %(section)s: %(reason)s"),
    "version_named": _("%(who)s kept a version of %(section)s: “%(name)s”"),
    "restored": _("%(who)s restored an earlier version of %(section)s"),
    "assigned": _("%(who)s gave %(section)s to %(organisation)s"),
    "partner_invited": _("%(who)s invited %(organisation)s"),
    "partner_accepted": _("%(who)s accepted for %(organisation)s"),
    "partner_declined": _("%(who)s declined for %(organisation)s"),
    "partner_withdrawn": _("%(who)s withdrew the invitation of %(organisation)s"),
    "partner_removed": _("%(who)s ended the part of %(organisation)s"),
    "partner_left": _("%(organisation)s left the application"),
    "person_invited": _("%(who)s sent an invitation by mail"),
    "person_added": _("%(who)s added %(person)s as %(role)s"),
    "person_waiting": _("%(person)s accepted an invitation and waits to be let in"),
    "person_confirmed": _("%(who)s let %(person)s in as %(role)s"),
    "person_turned_away": _("%(who)s did not let %(person)s in"),
    "person_removed": _("%(who)s removed %(person)s"),
    "person_left": _("%(person)s left the team"),
    "role_changed": _("%(who)s made %(person)s %(role)s"),
    "lead_passed": _("%(person)s is now lead, because the last lead left the organisation"),
}


def sentence(activity: Activity) -> str:
    """What happened, in one sentence without a full stop."""
    details: dict[str, Any] = dict(activity.details)
    values = {
        "who": activity.actor.name if activity.actor else str(_("The portal")),
        "section": activity.section.title if activity.section else details.get("section", ""),
        "state": STATES.get(details.get("state", ""), ""),
        "role": str(ROLES.get(details.get("role", ""), "")).lower(),
        "organisation": details.get("organisation", ""),
        "person": details.get("person", ""),
        "when": details.get("when", ""),
        "reason": details.get("reason", "").removesuffix("."),
        "name": details.get("name", ""),
    }
    return str(ACTIVITY[activity.verb]) % values
