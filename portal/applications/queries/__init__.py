"""Reads with a name: my applications, one workspace, what changed, what is still to do, who could be asked."""

from portal.applications.queries.asking import colleagues_to_add, leaders_of, open_invitations, organisations_to_invite
from portal.applications.queries.changes import Changes, changes_since_visit
from portal.applications.queries.following import (
    all_places_of,
    places_of,
    section_of_document,
    successor_of,
    typed_since_last_move,
)
from portal.applications.queries.listing import Listed, my_applications
from portal.applications.queries.waiting import (
    invitations_to_answer,
    people_to_confirm,
    rescues_to_read,
    waiting_to_be_let_in,
)
from portal.applications.queries.workspace import (
    ToDo,
    Workspace,
    activities,
    last_edit,
    last_line,
    people_of,
    workspace,
    workspace_for_everybody,
)

__all__ = [
    "Changes",
    "Listed",
    "ToDo",
    "Workspace",
    "activities",
    "all_places_of",
    "changes_since_visit",
    "colleagues_to_add",
    "invitations_to_answer",
    "last_edit",
    "last_line",
    "leaders_of",
    "my_applications",
    "open_invitations",
    "organisations_to_invite",
    "people_of",
    "people_to_confirm",
    "places_of",
    "rescues_to_read",
    "section_of_document",
    "successor_of",
    "typed_since_last_move",
    "waiting_to_be_let_in",
    "workspace",
    "workspace_for_everybody",
]
