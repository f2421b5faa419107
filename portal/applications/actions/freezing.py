"""Freezing sections, taking them up again, and the lines about their versions.

Freezing holds the words, not the work around them: a frozen section's state and the organisation that leads it may
still change.
"""

from __future__ import annotations

from collections.abc import Iterable

from portal.accounts.models import User
from portal.applications.actions.activities import note
from portal.applications.actions.sections import note_typing
from portal.applications.models import Section
from portal.collab import actions as documents
from portal.collab import queries as texts
from portal.collab.models import DocVersion


def freeze_sections(sections: Iterable[Section], *, by: User) -> list[Section]:
    """Take no more edits in these sections, and keep each as it stands. Returns those that were open until now.

    One whose text cannot be read is left as it is: nobody can write in it, and nothing could be kept of it.
    """
    in_order = sorted(sections, key=lambda each: each.document_id)  # as the writers lock them
    standing = texts.standing([each.document_id for each in in_order])
    open_ones = [each for each in in_order if standing[each.document_id].state == "open"]
    frozen = [each for each in open_ones if documents.freeze(each.document_id, by=by) is not None]
    for section in frozen:
        note("frozen", section.application, by=by, section=section)
    return frozen


def unfreeze_sections(sections: Iterable[Section], *, reason: str, by: User) -> list[Section]:
    """Take edits again, for a reason that the team can read. Returns the sections that were frozen until now."""
    in_order = sorted(sections, key=lambda each: each.document_id)
    unfrozen = [each for each in in_order if documents.unfreeze(each.document_id, by=by)]
    for section in unfrozen:
        note("unfrozen", section.application, by=by, section=section, reason=reason)
    return unfrozen


def note_version(section: Section, version: DocVersion, *, by: User) -> None:
    """Somebody kept the section's text under a name."""
    note("version_named", section.application, by=by, section=section, name=version.name, version_id=version.id)


def note_restored(section: Section, version: DocVersion, *, by: User) -> None:
    """Another text took the place of the section's; what was ready is drafting again, as after typing."""
    note("restored", section.application, by=by, section=section, version_id=version.id)
    note_typing(section, by=by)
