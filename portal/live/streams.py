"""The gate of every stream, and what is sent to those who passed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, g, has_request_context, render_template

from portal.extensions import db
from portal.live import control, history, rooms
from portal.web.incoming import MAX_ID

Gate = Callable[[Any, int], None]
gates: dict[str, Gate] = {}

REFRESH = '<turbo-stream action="refresh" method="morph"></turbo-stream>'


def stream(kind: str) -> Callable[[Gate], Gate]:
    """Register the gate of streams "kind:id": a function of (user, id) that raises NotFound or Forbidden."""

    def register(gate: Gate) -> Gate:
        gates[kind] = gate
        return gate

    return register


def parse(name: object) -> tuple[Gate, int]:
    """The gate and the id of "thread:12". Raises ValueError for anything else."""
    if not isinstance(name, str) or len(name) > 64:
        raise ValueError("a stream is named by a kind and a number")
    kind, _, number = name.partition(":")
    if kind not in gates or not number.isascii() or not number.isdecimal() or number != str(int(number)):
        raise ValueError(f"no stream is named {name!r}")
    if int(number) > MAX_ID:
        raise ValueError("no row has such a number")
    return gates[kind], int(number)


def publish(name: str, template: str, **context: Any) -> None:
    """Render a fragment once for everybody and send it to the stream's watchers. Call through `on_commit`.

    `current_user` is None in it, and what differs by reader is marked in the browser. Raises ValueError for a
    stream that nobody registered.
    """
    parse(name)
    send(name, render(template, context))


def refresh(name: str) -> None:
    """Let every watcher read the page again, with their own rights. Call through `on_commit`."""
    parse(name)
    send(name, REFRESH)


def recheck(name: str) -> None:
    """Put every watcher of the stream out and let them ask again. Call through `on_commit`."""
    parse(name)
    control.everywhere("recheck", stream=name)


def send(name: str, html: str) -> None:
    """Number the fragment and send it: here at once, elsewhere through Redis."""
    place = history.number(name, html, channel=control.CHANNEL, sender=control.process())
    deliver(name, place, html)
    if place is not None:  # Redis answers: what a worker or the reader sent while it was away is unknown elsewhere
        for lost in history.forget_unnumbered():
            control.everywhere("resync", stream=lost)


def deliver(name: str, place: history.Place | None, html: str) -> None:
    """Send a fragment to the watchers in this process."""
    generation, seq = (place.generation, place.seq) if place else (None, None)
    message = {"stream": name, "generation": generation, "seq": seq, "html": html}
    rooms.emit_room(name, "stream", message, namespace="/")


def render(template: str, context: dict[str, Any]) -> str:
    """The fragment, in a request that is nobody's, so that it cannot depend on who caused it.

    A form in it has no CSRF token: the page that receives it sends its own in a header.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the application, not its proxy
    inside_request, session = has_request_context(), db.session()
    was_idle = not session.in_transaction()
    origin = app.extensions["settings"].origin
    reading_before, g.is_reading = g.get("is_reading", False), True
    try:
        with app.app_context(), app.test_request_context("/", base_url=origin):
            g.is_reading = True
            html = render_template(template, **context, current_user=None, csrf_token=lambda: "")
    finally:
        if was_idle and not inside_request:
            session.rollback()  # what rendering read would stay open in a job that is about to write
        g.is_reading = reading_before
    return html
