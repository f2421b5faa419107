"""The message `edit`: limits first, then shape; the rights are the writer's to judge."""

from __future__ import annotations

from typing import Any

from portal.collab.engine import Engine
from portal.collab.protocol import MAX_UPDATE, NAMESPACE, MalformedError, whole_number
from portal.collab.rooms import Edit, Line
from portal.collab.sockets.engines import bound_engine
from portal.collab.updates import check_update
from portal.live import namespaces
from portal.live.peers import Peer


@namespaces.on("edit", namespace=NAMESPACE, mode="bare")
def edit(peer: Peer, data: dict[str, Any]) -> None:
    """Limits, shape, header, decoding; then the writer judges the rights and answers `saved` or `refused`."""
    engine = bound_engine()
    try:
        document_id, n = whole_number(data.get("d"), 1), whole_number(data.get("n"), 1)
    except MalformedError:
        engine.tell_refused(peer, None, None, "malformed")
        return
    line: Line | None = peer.memory["lines"].get(document_id)
    if line is None:
        engine.tell_refused(peer, document_id, n, "gone")
        return
    code = line.refused or _objection(peer, line, n, data.get("update"))
    if code:
        engine.refuse(line, n, code)
        return
    _submit(engine, line, n, data["update"])


def _objection(peer: Peer, line: Line, n: int, update: object) -> str:
    if not peer.memory["edits"].take():
        return "rate"
    if not isinstance(update, bytes):
        return "malformed"
    if len(update) > MAX_UPDATE:
        return "too_large"
    if not peer.memory["bytes"].take(len(update)):
        return "rate"
    if n > line.last_n + 1:
        # Within a line the numbers between were dropped on the way, by a limit in front of us: sending again helps.
        # After `open` a tab begins with the oldest that it has: those before are lost, and this one has no ground.
        return "rate" if line.has_begun else "malformed"
    return ""


def _submit(engine: Engine, line: Line, n: int, update: bytes) -> None:
    try:
        header = check_update(update)
    except MalformedError:
        engine.refuse(line, n, "malformed")
        return
    line.last_n, line.has_begun = max(n, line.last_n), True
    if not engine.submit(Edit(line, n, update, header.client)):
        engine.refuse(line, n, "rate")
