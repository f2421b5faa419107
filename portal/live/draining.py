"""SIGTERM: the tabs of a server that ends go on in another one, long before gunicorn cuts them off.

gunicorn alone closes its listener and lets WebSockets be until its patience ends; meanwhile connections that the proxy
keeps open would go on bringing new ones here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from portal.extensions import socketio
from portal.live import door

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Then the proxy has noticed: it asks for /healthz every second and waits one for the answer (deploy/Caddyfile). A tab
# that is sent away sooner is led back here.
NOTICED_SECONDS = 2.0


class Draining:
    """In front of the application: from `begin` on the proxy is told to look elsewhere, and new tabs are not let in."""

    def __init__(self, wsgi: WSGIApplication) -> None:
        self.wsgi = wsgi
        self.is_ending = False

    def begin(self) -> None:
        """Let what is under way end, then close every tab's connection: the tab makes another by itself."""
        self.is_ending = True
        socketio.start_background_task(self._send_away)

    def _send_away(self) -> None:
        socketio.sleep(NOTICED_SECONDS)
        for engine_id in list(socketio.server.eio.sockets):
            door.close_engine(engine_id)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.is_ending and is_for_another(environ):
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return []
        return self.wsgi(environ, start_response)


def is_for_another(environ: WSGIEnvironment) -> bool:
    """The proxy's question, and the first request of a tab: it has no `sid` yet."""
    path = environ["PATH_INFO"]
    return path == "/healthz" or (path.startswith(door.PATH) and "sid=" not in environ.get("QUERY_STRING", ""))
