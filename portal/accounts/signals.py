"""What happens to people and their sessions; every signal is sent inside the action's transaction."""

from __future__ import annotations

from blinker import signal

signed_in = signal("accounts.signed-in")
"""An AuthSession was started. Sender: the session."""

session_ended = signal("accounts.session-ended")
"""An AuthSession was revoked, by its person or by an action. Sender: the session."""

password_changed = signal("accounts.password-changed")
"""A person set a new password. Sender: the user."""

person_erased = signal("accounts.person-erased")
"""An account is being erased. Sender: the user, whose name and address are gone already; `address`, `name`: what
they were, to find where else they stand; `by`. Receivers run inside the transaction and leave no name."""

invitation_accepted = signal("accounts.invitation-accepted")
"""A person came in by an invitation. Sender: the invitation (`accepted_by` is set)."""
