"""What the worker does for accounts: sign-in links, and when sessions were last used."""

from __future__ import annotations

from typing import Any

from portal import jobs
from portal.accounts import actions, erasure_log, queries, seen
from portal.jobs import schedule
from portal.transaction import commit


@jobs.handler("sign_in_link")
def send_sign_in_link(payload: dict[str, Any]) -> None:
    """Mail a link to the person of this address; for one that nobody has, or that is suspended, do nothing."""
    user = queries.person_with_address(payload["email"])
    if user is not None and not user.is_suspended:
        actions.send_link(user, next_path=payload["next"])


@schedule.every(minutes=10)
def write_sessions_seen() -> None:
    """See `seen`."""
    seen.write_noted()


@schedule.every(minutes=60)
def forget_ended() -> None:
    """Sessions and links are kept for a while after their end, then not at all."""
    actions.forget_ended()
    commit()


@schedule.every(minutes=60)
def complete_erasure_log() -> None:
    """The file beside the database names everybody whom the database says were erased."""
    erasure_log.complete(queries.erasures())
