"""Everything that writes in this domain."""

from portal.members.actions.enquiries import (
    confirm_enquiry,
    forget_unconfirmed_enquiries,
    mark_enquiry_read,
    submit_enquiry,
)
from portal.members.actions.invitations import (
    invite_officer,
    invite_to_organisation,
    resend_invitation,
    void_invitation,
)
from portal.members.actions.organisations import create_organisation, edit_organisation
from portal.members.actions.people import (
    LastLeaderError,
    end_membership,
    forget_person,
    start_membership,
    start_officer_term,
)

__all__ = [
    "LastLeaderError",
    "confirm_enquiry",
    "create_organisation",
    "edit_organisation",
    "end_membership",
    "forget_person",
    "forget_unconfirmed_enquiries",
    "invite_officer",
    "invite_to_organisation",
    "mark_enquiry_read",
    "resend_invitation",
    "start_membership",
    "start_officer_term",
    "submit_enquiry",
    "void_invitation",
]
