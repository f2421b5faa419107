"""The verbs of accounts: everything that writes."""

from portal.accounts.actions.erasure import erase
from portal.accounts.actions.invitations import (
    accept_as_new_person,
    accept_invitation,
    invite,
    void_invitation,
    void_invitations,
)
from portal.accounts.actions.links import ask_for_link, send_link, use_link
from portal.accounts.actions.people import (
    AddressTakenError,
    change_password,
    create_person,
    rename,
    renew_hash,
    set_time_zone,
)
from portal.accounts.actions.sessions import (
    confirm_session,
    end_other_sessions,
    end_session,
    forget_ended,
    start_session,
)

__all__ = [
    "AddressTakenError",
    "accept_as_new_person",
    "accept_invitation",
    "ask_for_link",
    "change_password",
    "confirm_session",
    "create_person",
    "end_other_sessions",
    "end_session",
    "erase",
    "forget_ended",
    "invite",
    "rename",
    "renew_hash",
    "send_link",
    "set_time_zone",
    "start_session",
    "use_link",
    "void_invitation",
    "void_invitations",
]
