"""The message `presence`: where a tab's caret stands, for the others in the room."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from portal.collab import presence
from portal.collab.protocol import NAMESPACE, MalformedError, whole_number
from portal.collab.rooms import Line
from portal.collab.sockets.engines import bound_engine
from portal.live import namespaces
from portal.live.namespaces import Refused
from portal.live.peers import Peer


@namespaces.on("presence", namespace=NAMESPACE, mode="bare")
def note_presence(peer: Peer, data: dict[str, Any]) -> None:
    """Where this tab's caret is. Too many are dropped without a word: the next one says it all."""
    if not peer.memory["moves"].take():
        return
    try:
        document_id = whole_number(data.get("d"), 1)
        anchor, head = presence.checked(data)
    except MalformedError:
        raise Refused("malformed", _("The portal could not read that message.")) from None
    line: Line | None = peer.memory["lines"].get(document_id)
    engine = bound_engine()
    room = engine.rooms.get(document_id)
    if line is None or room is None:
        raise Refused("gone", _("This text is not open in this tab."))
    engine.presence.note(room, line, anchor, head)
    if not engine.is_running:
        engine.presence.flush()
