"""The events of the namespace `/`: subscribe, unsubscribe, writing."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from portal.live import history, presence, streams, watching
from portal.live.namespaces import Refused, disconnected, on
from portal.live.peers import Peer


@on("subscribe")
def subscribe(peer: Peer, data: dict[str, Any]) -> dict[str, Any]:
    """Watch a stream: `{stream, generation?, since?, at?, presence?}`.

    `generation` and `since` are the place of the last fragment that the page has, `at` the Unix milliseconds
    at which a page without one was made. The answer has the present place and what was missed, or
    `refresh: true`: read the page anew.
    """
    name = stream_name(data)
    since, page_at = place_in(data), number_in(data, "at")
    try:
        watching.watch(peer, name)
    except Exception:
        presence.leave(peer, name)
        raise
    if data.get("presence") is True:
        presence.arrive(peer, name)
    caught = history.catch_up(name, since, page_at)
    if caught is None:  # no Redis: who was away reads the page anew, who just came has it
        return {"generation": None, "seq": None, "missed": [], **({"refresh": True} if since else {})}
    place = {"generation": caught.place.generation, "seq": caught.place.seq}
    return place | ({"refresh": True} if caught.missed is None else {"missed": caught.missed})


@on("unsubscribe", mode="bare")
def unsubscribe(peer: Peer, data: dict[str, Any]) -> None:
    """Watch no longer: `{stream}`."""
    name = stream_name(data)
    watching.unwatch(peer, name)
    presence.leave(peer, name)


@on("writing", mode="bare")
def writing(peer: Peer, data: dict[str, Any]) -> None:
    """Somebody writes beside a stream that they watch: `{stream, active?}`; the others get their name."""
    name = stream_name(data)
    if name not in peer.streams:
        raise Refused("not_watching", _("Ask for the stream first."))
    presence.write(peer, name, is_active=data.get("active") is not False)


@disconnected("/")
def _leave(peer: Peer) -> None:
    for name in list(peer.memory.get("read", ())):
        presence.leave(peer, name)


def stream_name(data: dict[str, Any]) -> str:
    name = data.get("stream")
    try:
        streams.parse(name)
    except ValueError:
        raise Refused("unknown_stream", _("There is no such stream.")) from None
    return str(name)


def place_in(data: dict[str, Any]) -> history.Place | None:
    generation, since = data.get("generation"), number_in(data, "since")
    if generation is None or since is None:
        return None
    if not isinstance(generation, str) or not generation.isalnum() or len(generation) > 32:
        raise Refused("malformed", _("The portal could not read that message."))
    return history.Place(generation, since)


def number_in(data: dict[str, Any], key: str) -> int | None:
    number = data.get(key)
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**53:
        raise Refused("malformed", _("The portal could not read that message."))
    return number
