"""One WebSocket: written by whoever has something to say, read by the greenlet of its request."""

from __future__ import annotations

import contextlib
import os
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import ProtocolError

from portal.web.wire.frames import CLOSE, PONG, frame, handshake, is_packet

MAX_BEHIND = 1_000_000  # bytes that a reader may be behind the frame that is being sent
MAX_FRAMES = 500  # an event to a room is one, however many packets it has
CLOSE_SECONDS = 2.0  # for the other side to answer a close


class WS:
    """One WebSocket on gunicorn's gevent socket, in the shape that engineio expects of `_async["websocket"]`.

    `door.check_handshake` judged the request before; TLS ends at the proxy. `push` may be called from any
    greenlet and never waits: what the kernel does not take is sent by a greenlet that lives only as long as
    there is a rest. Somebody who is more than MAX_BEHIND bytes or MAX_FRAMES behind is disconnected, and catches up
    anew.
    """

    def __init__(self, handler: Callable[[WS], Any], server: Any, *, max_message: int) -> None:
        self.handler, self.max_message = handler, max_message
        self.engine = handler.__self__  # type: ignore[attr-defined]  # a bound method of engineio's Socket
        self.inbox: deque[str | bytes] = deque()
        self.parts: list[Any] = []
        self.size = 0
        self.out: deque[Any] = deque()
        self.behind = 0
        self.flusher: Any = None
        self.dead = self.finished = self.close_sent = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        sock = environ["gunicorn.socket"]
        if isinstance(sock, ssl.SSLSocket):
            raise TypeError("the proxy ends TLS: WebSockets are written to the bare socket")
        self.socket, self.fd = sock, sock.fileno()
        self.parser = Connection(ConnectionType.SERVER)
        self.push(handshake(environ["HTTP_SEC_WEBSOCKET_KEY"]))
        self.engine.queue.ws = self
        try:
            self.handler(self)
            self._linger()
        finally:
            # gunicorn closes the socket after this, and its number may be another's a moment later.
            self.kill()
        raise StopIteration  # tells gunicorn that the connection was taken over

    def push(self, data: Any) -> None:
        """Write now what the kernel takes and keep the rest; never waits, never raises."""
        if self.dead or self.close_sent:
            return
        if not self.out:
            try:
                sent = os.write(self.fd, data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return self.kill()
            if sent == len(data):
                return
            data = memoryview(data)[sent:]
        self.out.append(data)
        self.behind += len(data)
        if self.behind - len(self.out[0]) > MAX_BEHIND or len(self.out) > MAX_FRAMES:
            return self.kill()
        if self.flusher is None:
            self.flusher = gevent.spawn(self._flush)

    def _flush(self) -> None:
        try:
            while self.out and not self.dead:
                self.socket.sendall(self.out[0])
                self.behind -= len(self.out.popleft())
        except OSError:
            self.kill()
        finally:
            self.flusher = None

    def send(self, message: str | bytes) -> None:
        """engineio's writer: polling's leftovers, pings, the close. Raises OSError when the line is gone."""
        if self.dead:
            raise OSError("the connection has ended")
        self.push(frame(message))

    def wait(self) -> str | bytes | None:
        """The next message, or None at the end. A silent line ends after engineio's ping interval and timeout."""
        while not self.inbox:
            if self.dead or self.finished:
                return None
            try:
                data = self.socket.recv(65_536)
            except OSError:  # a timeout is one
                return None
            if not data:
                return None
            self._take(data)
        return self.inbox.popleft()

    def _take(self, data: bytes) -> None:
        try:
            self.parser.receive_data(data)
            for event in self.parser.events():
                self._handle(event)
                if self.finished:
                    return
        except ProtocolError:
            self.end(CloseReason.PROTOCOL_ERROR)

    def _handle(self, event: Any) -> None:
        if isinstance(event, (TextMessage, BytesMessage)):
            self._collect(event)
        elif isinstance(event, Ping):
            self.push(frame(bytes(event.payload), PONG))
        elif isinstance(event, CloseConnection):
            self.end(event.code)

    def _collect(self, event: TextMessage | BytesMessage) -> None:
        self.size += len(event.data)
        if self.size > self.max_message:
            return self.end(CloseReason.MESSAGE_TOO_BIG)
        if event.data:
            self.parts.append(event.data)
        if not event.message_finished:
            return
        text = isinstance(event, TextMessage)
        message: str | bytes = "".join(self.parts) if text else b"".join(self.parts)
        self.parts, self.size = [], 0
        if is_packet(message, self.max_message):
            self.inbox.append(message)
        else:
            self.end(CloseReason.PROTOCOL_ERROR)

    def end(self, code: int) -> None:
        """Answer a close, or close because of a broken rule; nothing that comes after is read."""
        self.finished = True
        self._say_close(code)

    def close(self) -> None:
        """engineio's goodbye: say so, and give the other side a moment to answer."""
        if not self.dead and not self.finished:
            self._say_close(CloseReason.NORMAL_CLOSURE)
            gevent.spawn_later(CLOSE_SECONDS, self.kill)

    def _say_close(self, code: int) -> None:
        # 1005 and 1006 say that no code came; they never go over the wire.
        silent = code in (CloseReason.NO_STATUS_RCVD, CloseReason.ABNORMAL_CLOSURE)
        self.push(frame(b"" if silent else int(code).to_bytes(2, "big"), CLOSE))
        self.close_sent = True

    def _linger(self) -> None:
        """Let the close arrive: closing with bytes unread resets the connection and throws it away."""
        if self.dead or not self.close_sent:
            return
        with gevent.Timeout(CLOSE_SECONDS, False), contextlib.suppress(OSError):
            if self.flusher is not None:
                self.flusher.join()
            self.socket.shutdown(1)
            while self.socket.recv(65_536):
                pass

    def kill(self) -> None:
        """End the line now; the reader wakes with an end of file."""
        if self.dead:
            return
        self.dead = True
        self.out.clear()
        with contextlib.suppress(OSError):
            self.socket.shutdown(2)
