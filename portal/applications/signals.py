"""What happens here. Each signal is sent inside the transaction; what leaves the process waits in `on_commit`."""

from __future__ import annotations

from blinker import signal

application_started = signal("applications.application-started")
"""An application exists. Sender: Application."""

application_edited = signal("applications.application-edited")
"""Its title or its deadline changed. Sender: Application."""

section_moved = signal("applications.section-moved")
"""A section's state or the organisation that writes it changed. Sender: Section."""

partners_changed = signal("applications.partners-changed")
"""A partner was invited, answered, was withdrawn or left. Sender: Application."""

team_changed = signal("applications.team-changed")
"""Somebody came, went, waits to be let in, or has another role. Sender: Application."""
