"""A tab's lines: what a connection begins with, and leaving one document or all."""

from __future__ import annotations

from typing import Any

from portal.collab.protocol import (
    EDIT_BYTES_A_SECOND,
    EDIT_BYTES_BURST,
    EDITS_A_SECOND,
    EDITS_BURST,
    NAMESPACE,
    OPENS_A_SECOND,
    OPENS_BURST,
    PRESENCE_A_SECOND,
    PRESENCE_BURST,
)
from portal.collab.rooms import Line
from portal.collab.sockets.engines import bound_engine
from portal.live import namespaces
from portal.live.limits import Bucket
from portal.live.peers import Peer


@namespaces.connected(NAMESPACE)
def _welcome(peer: Peer) -> None:
    peer.memory.update(
        lines={},
        edits=Bucket(EDITS_A_SECOND, EDITS_BURST),
        bytes=Bucket(EDIT_BYTES_A_SECOND, EDIT_BYTES_BURST),
        opens=Bucket(OPENS_A_SECOND, OPENS_BURST),
        moves=Bucket(PRESENCE_A_SECOND, PRESENCE_BURST),
    )


@namespaces.disconnected(NAMESPACE)
def _leave_all(peer: Peer) -> None:
    for line in peer.memory.pop("lines", {}).values():
        bound_engine().leave(line)


@namespaces.on("close", namespace=NAMESPACE, mode="bare")
def close(peer: Peer, data: dict[str, Any]) -> None:
    """Out of the document's room."""
    document_id = data.get("d")
    line: Line | None = peer.memory["lines"].pop(document_id, None) if isinstance(document_id, int) else None
    if line is not None:
        bound_engine().leave(line)
