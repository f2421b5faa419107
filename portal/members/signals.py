"""What happens here, for the domains above."""

from __future__ import annotations

from blinker import signal

membership_started = signal("members.membership-started")
"""Somebody joined an organisation or changed role there. Sender: the Membership, flushed."""

membership_ended = signal("members.membership-ended")
"""Somebody's role in an organisation ended. Sender: the Membership, whose `ends_on` is set.

Receivers run inside the transaction and take away what the role gave; `replaced_by` is the new
Membership when the person only changed role, else None.
"""

enquiry_confirmed = signal("members.enquiry-confirmed")
"""Somebody outside wrote and confirmed it from their mail. Sender: the Enquiry."""
