"""Everything that writes an application."""

from portal.applications.actions.applications import edit_application, mark_seen, start_application
from portal.applications.actions.erasure import forget_name
from portal.applications.actions.freezing import freeze_sections, note_restored, note_version, unfreeze_sections
from portal.applications.actions.partners import (
    accept_invitation,
    decline_invitation,
    invite_partner,
    leave_as_partner,
    withdraw_partner,
)
from portal.applications.actions.people import (
    add_person,
    await_confirmation,
    change_role,
    confirm_person,
    end_place_of_member,
    note_invitation,
    remove_person,
)
from portal.applications.actions.sections import assign_section, move_section, note_typing

__all__ = [
    "accept_invitation",
    "add_person",
    "assign_section",
    "await_confirmation",
    "change_role",
    "confirm_person",
    "decline_invitation",
    "edit_application",
    "end_place_of_member",
    "forget_name",
    "freeze_sections",
    "invite_partner",
    "leave_as_partner",
    "mark_seen",
    "move_section",
    "note_invitation",
    "note_restored",
    "note_typing",
    "note_version",
    "remove_person",
    "start_application",
    "unfreeze_sections",
    "withdraw_partner",
]
