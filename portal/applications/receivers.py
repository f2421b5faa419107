"""What happens in lower domains that changes something here."""

from __future__ import annotations

from typing import Any

from portal.accounts.models import User
from portal.accounts.signals import person_erased
from portal.applications import actions, broadcasts, queries
from portal.collab.models import DocVersion
from portal.collab.signals import document_read, version_kept, version_restored
from portal.members.models import Membership
from portal.members.signals import membership_ended
from portal.transaction import on_commit


@document_read.connect
def _note_text(_sender: Any, *, document_id: int, **_more: Any) -> None:
    """A text was read anew: its meter goes to the team, and typing may change the section's state."""
    section = queries.section_of_document(document_id)
    if section is None:
        return
    before = section.state
    author = queries.typed_since_last_move(section)
    if author is not None:
        actions.note_typing(section, by=author)
    if section.state == before:  # a move sends the meter along
        on_commit(broadcasts.publish_section, section.application_id, section.id, moved=False)


@version_kept.connect
def _note_version(_sender: Any, *, document_id: int, by: User, version: DocVersion, **_more: Any) -> None:
    section = queries.section_of_document(document_id)
    if section is not None:
        actions.note_version(section, version, by=by)


@version_restored.connect
def _note_restored(_sender: Any, *, document_id: int, by: User, version: DocVersion, **_more: Any) -> None:
    """The team reads who did it; the meter goes to them with the reading, the line under the title from here."""
    section = queries.section_of_document(document_id)
    if section is not None:
        actions.note_restored(section, version, by=by)
        on_commit(broadcasts.publish_section, section.application_id, section.id, moved=True)


@membership_ended.connect
def _end_places(membership: Membership, *, replaced_by: Membership | None = None, **_more: Any) -> None:
    """Whoever leaves an organisation leaves the teams on which they stood for it."""
    if replaced_by is not None:
        return
    for place in queries.places_of(membership.user_id, membership.organisation_id):
        actions.end_place_of_member(place, successor=queries.successor_of(place))


@person_erased.connect
def _forget(user: User, **_more: Any) -> None:
    """Whatever place the person still has ends, somebody else leads, and the activities say "Former member"."""
    for place in queries.all_places_of(user.id):
        actions.end_place_of_member(place, successor=queries.successor_of(place))
    actions.forget_name(user)
