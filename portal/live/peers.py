"""Who is connected to this process: one `Peer` for each namespace of each browser tab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.live.identity import Principal
from portal.live.limits import Bucket


@dataclass(eq=False, slots=True)
class Peer:
    """The other end of one namespace of one socket.

    `principal` says who it was at connect; rights are read again at every ask (`namespaces.user_of`).
    `memory` is the namespace's own, for as long as the socket lives. `streams` are those it watches.
    """

    sid: str
    namespace: str
    engine_id: str
    principal: Principal
    bucket: Bucket | None
    streams: set[str] = field(default_factory=set)
    memory: dict[str, Any] = field(default_factory=dict)


class Peers:
    """The peers of this process."""

    def __init__(self) -> None:
        self._by_sid: dict[tuple[str, str], Peer] = {}

    def add(self, peer: Peer) -> None:
        self._by_sid[peer.namespace, peer.sid] = peer

    def remove(self, sid: str, namespace: str) -> Peer | None:
        return self._by_sid.pop((namespace, sid), None)

    def get(self, sid: str, namespace: str) -> Peer | None:
        return self._by_sid.get((namespace, sid))

    def clear(self) -> None:
        self._by_sid.clear()

    def __iter__(self) -> Iterator[Peer]:
        return iter(list(self._by_sid.values()))

    def of_session(self, session_id: int) -> list[Peer]:
        return [peer for peer in self if peer.principal.session_id == session_id]

    def of_user(self, user_id: int) -> list[Peer]:
        return [peer for peer in self if peer.principal.user_id == user_id]

    def session_ids(self) -> set[int]:
        return {peer.principal.session_id for peer in self}


peers = Peers()
