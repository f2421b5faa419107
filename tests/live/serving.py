"""The portal as gunicorn serves it, with a stream and a room of the tests' own and a door to come in by name.

TEST_PING lowers the ping interval (seconds).
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, current_app, render_template_string, request
from werkzeug.exceptions import NotFound

from portal import create_app, live
from portal.accounts.actions import start_session
from portal.accounts.identity import remember
from portal.accounts.models import AuthSession, User
from portal.clock import utcnow
from portal.extensions import csrf, db, socketio
from portal.live import server
from portal.transaction import commit, on_commit
from portal.web.public import public
from portal.web.wire import Outbox

SAID: list[str] = []

FRAGMENT = """<turbo-stream action="append" target="said"><template>\
<p id="said-{{ said }}">{{ text }}</p></template></turbo-stream>"""

PAGE = """{% extends "layout.html" %}{% block title %}Lounge{% endblock %}{% block main %}
<portal-stream name="lounge:1" presence></portal-stream>
<h1>Lounge</h1>
<div id="said">{% for number, text in said %}<p id="said-{{ number }}">{{ text }}</p>{% endfor %}</div>
<div data-controller="presence" data-presence-stream-value="lounge:1" data-presence-alone-value="You alone"
 data-presence-readers-value="{count} read this" data-presence-writes-value="{names} writes"
 data-presence-write-value="{names} write">
<p id="readers" data-presence-target="readers"></p><p id="writers" data-presence-target="writers"></p>
<label>Words <input name="words" data-action="input->presence#write"></label></div>
<a href="/about">Elsewhere</a>{% endblock %}"""

server.PING_SECONDS = int(os.environ.get("TEST_PING", "5"))


def serve() -> Flask:
    made = create_app()
    live.stream("lounge")(gate)
    for rule, view in (("/enter", enter), ("/say", say), ("/end", end), ("/ban", ban), ("/wire", wire)):
        made.add_url_rule(rule, view_func=csrf.exempt(public(view)), methods=["POST"])
    made.add_url_rule("/lounge", view_func=lounge)
    return made


def gate(user: Any, _number: int) -> None:
    """Whoever is not called Eve."""
    if user.name.startswith("Eve"):
        raise NotFound


def enter() -> dict[str, int]:
    """Sign in as somebody of this name, who is made when there is nobody."""
    name = request.form["name"]
    email = f"{name.lower()}@example.org"
    user = db.session.scalar(db.select(User).where(User.email_key == email))
    if user is None:
        user = User(name=name, email=email, email_key=email, memberships=[], officer_terms=[])
        db.session.add(user)
        db.session.flush()
    user.name = name  # an earlier test may have called them Eve
    session, secret = start_session(user, own_device=False, agent="test")
    remember(session, secret)
    commit()
    return {"user_id": user.id, "session_id": session.id}


def say() -> str:
    """Publish `text`, said over `repeat` times, to lounge:1 after a commit; `times` times."""
    times = request.form.get("times", 1, type=int)
    text = request.form["text"] * request.form.get("repeat", 1, type=int)
    for _ in range(times):
        on_commit(live.publish, "lounge:1", current_app.jinja_env.from_string(FRAGMENT), text=text, said=len(SAID))
        SAID.append(text)
    if request.form.get("refresh"):
        on_commit(live.refresh, "lounge:1")
    commit()
    return "said"


def lounge() -> str:
    """A page that follows lounge:1; `?empty=1` was made before anything was said."""
    said = [] if request.args.get("empty") else SAID
    return render_template_string(PAGE, said=list(enumerate(said)))


def end() -> str:
    """Revoke a session, or all of `name`; the sockets are told when `tell` is set."""
    if name := request.form.get("name"):
        user = db.session.scalars(db.select(User).where(User.name == name)).one()
        where, tell = AuthSession.user_id == user.id, (live.disconnect_user, user.id)
    else:
        session_id = int(request.form["session_id"])
        where, tell = AuthSession.id == session_id, (live.disconnect_session, session_id)
    db.session.execute(db.update(AuthSession).where(where).values(revoked_at=utcnow()))
    if request.form.get("tell"):
        on_commit(*tell)
    commit()
    return "ended"


def ban() -> str:
    """Rename somebody to Eve, so that the gate keeps them out, and let everybody ask again when `tell` is set."""
    user = db.session.get_one(User, request.form["user_id"])
    user.name = "Eve"
    if request.form.get("tell"):
        on_commit(live.recheck, "lounge:1")
    commit()
    return "banned"


def wire() -> dict[str, Any]:
    """What the upstream internals that the wire leans on look like in this process."""
    sockets = [one for one in socketio.server.eio.sockets.values() if not one.closed]
    return {
        "queues": [isinstance(one.queue, Outbox) for one in sockets],
        "websockets": [one.queue.ws is not None for one in sockets],
        "upgraded": [one.upgraded for one in sockets],
        "direct": [one.queue.direct() is not None for one in sockets],
        "peers": len(list(live.peers)),
        "relay": live.relay.is_up,
    }


@live.on("echo", namespace="/doc", mode="bare", takes=(dict,))
def echo(peer: live.Peer, data: dict[str, Any]) -> dict[str, Any]:
    """Give back what came, and tell the room."""
    live.join(peer, "hall")
    live.emit_room("hall", "echoed", data["body"], namespace="/doc", skip=[peer.sid])
    return {"body": data["body"], "polling": live.is_polling(peer)}


app = serve()
