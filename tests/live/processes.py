"""Real server processes on loopback, and clients of three kinds: HTTP, Socket.IO, and bare bytes."""

from __future__ import annotations

import base64
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import socketio

from launcher.environment import ROOT
from tests.stack import free_port
from tests.waiting import PATIENCE_SECONDS, eventually

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Server:
    """One gunicorn process of `tests.live.serving` on a database and a Valkey that others may share."""

    def __init__(self, folder: Path, redis_url: str, *, name: str = "server", ping: int = 5) -> None:
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.host}"
        self.log_path = folder / f"{name}.log"
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")},
            "PORTAL_INSTANCE": str(folder),
            "PORTAL_PORT": str(self.port),
            "REDIS_URL": redis_url,
            "TEST_PING": str(ping),
        }
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "--bind", self.host]
        with self.log_path.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "tests.live.serving:app"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def wait(self) -> None:
        eventually(self.answers, f"a server on {self.host}: {self.log()}")

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log()
        try:
            return requests.get(f"{self.origin}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def wire(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.post(f"{self.origin}/wire", timeout=5).json()
        return answer


@contextmanager
def serving(*servers: Server) -> Iterator[None]:
    """The servers answer inside; they are stopped after, and none of them may have failed."""
    try:
        for server in servers:
            server.wait()
        yield
    finally:
        for server in servers:
            server.stop()
    for server in servers:
        assert "Traceback" not in server.log(), server.log()


class Tab:
    """A signed-in browser tab: cookies by HTTP, and Socket.IO on the transports that its network lets through."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.http = requests.Session()
        self.http.headers["Origin"] = server.origin
        self.me = self.http.post(f"{server.origin}/enter", data={"name": name}, timeout=5).json()
        self.heard: list[tuple[str, Any]] = []
        self.client: Any = None

    def post(self, path: str, **form: Any) -> None:
        self.http.post(self.server.origin + path, data=form, timeout=30).raise_for_status()

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def connect(self, *transports: str, namespaces: tuple[str, ...] = ("/",)) -> Tab:
        self.client = socketio.Client(reconnection=False, handle_sigint=False, http_session=self.http)
        for namespace in namespaces:
            for event in ("stream", "recheck", "readers", "writing", "echoed"):
                self.client.on(event, self._ear(event), namespace=namespace)
        # Cookies and Origin come from the session; for the WebSocket the client makes the Origin by itself.
        self.client.connect(
            self.server.origin, transports=list(transports) or None, namespaces=list(namespaces), wait_timeout=10
        )
        return self

    def _ear(self, event: str) -> Callable[[Any], None]:
        return lambda data: self.heard.append((event, data))

    def ask(self, name: str = "lounge:1", **more: Any) -> Any:
        return self.client.call("subscribe", {"stream": name, **more}, timeout=10)

    def texts(self) -> list[str]:
        """What was said, in the order in which it came."""
        return [data["html"].split(">")[3].removesuffix("</p") for event, data in self.heard if event == "stream"]

    def leave(self) -> None:
        if self.client is not None and self.client.connected:
            self.client.disconnect()


class Bare:
    """A WebSocket client that sends any bytes it likes."""

    def __init__(
        self, server: Server, tab: Tab | None = None, *, path: str = "", window: int = 0, **headers: str | None
    ) -> None:
        self.server = server
        self.socket = socket.socket()
        if window:  # bytes that the kernel takes in while we do not read; before the connection, or it is too late
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        # What a test waits for comes in milliseconds, unless the machine has other work.
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect(("127.0.0.1", server.port))
        self.buffer = b""
        lines = {
            "Host": server.host,
            "Origin": server.origin,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Cookie": tab.cookies if tab else None,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        path = path or "/socket.io/?EIO=4&transport=websocket"
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        self.head = self._read_head()
        self.status = int(self.head.split()[1])

    def _read_head(self) -> str:
        while b"\r\n\r\n" not in self.buffer:
            data = self.socket.recv(4096)
            if not data:
                break
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head.decode()

    def send(self, payload: bytes | str, opcode: int | None = None, *, final: bool = True, **flags: Any) -> None:
        """One frame; `mask=False` and `reserved=0x40` break the rules, `length` lies about the size."""
        self.socket.sendall(self.framed(payload, opcode, final=final, **flags))

    def framed(self, payload: bytes | str, opcode: int | None = None, *, final: bool = True, **flags: Any) -> bytes:
        """The bytes of such a frame."""
        data = payload.encode() if isinstance(payload, str) else payload
        first = (0x80 if final else 0) | flags.get("reserved", 0)
        first |= opcode if opcode is not None else TEXT if isinstance(payload, str) else BINARY
        return bytes([first]) + self._rest(data, flags.get("mask", True), flags.get("length"))

    def _rest(self, data: bytes, mask: bool, length: int | None) -> bytes:
        size = len(data) if length is None else length
        bit = 0x80 if mask else 0
        if size < 126:
            head = bytes([bit | size])
        elif size < 65_536:
            head = bytes([bit | 126]) + struct.pack(">H", size)
        else:
            head = bytes([bit | 127]) + struct.pack(">Q", size)
        if not mask:
            return head + data
        key = b"\x01\x02\x03\x04"
        pattern = (key * (len(data) // 4 + 1))[: len(data)]
        masked = (int.from_bytes(data, "big") ^ int.from_bytes(pattern, "big")).to_bytes(len(data), "big")
        return head + key + masked

    def receive(self) -> tuple[int, bytes] | None:
        """The next frame as (opcode, payload), or None when the line has ended."""
        head = self._exactly(2)
        if head is None:
            return None
        assert not head[1] & 0x80, "a server masks nothing"
        assert not head[0] & 0x70, "no extension was agreed on"
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack(">H", self._exactly(2) or b"")[0]
        elif size == 127:
            size = struct.unpack(">Q", self._exactly(8) or b"")[0]
        payload = self._exactly(size)
        return None if payload is None else (head[0] & 0x0F, payload)

    def _exactly(self, count: int) -> bytes | None:
        while len(self.buffer) < count:
            try:
                data = self.socket.recv(65_536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.buffer += data
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def expect(self, start: bytes) -> bytes:
        """The next text frame, which must begin so; Engine.IO's pings are passed over."""
        while True:
            frame = self.receive()
            assert frame is not None, f"the line ended before {start!r}"
            if frame == (TEXT, b"2"):
                continue
            assert frame[0] == TEXT, frame
            assert frame[1].startswith(start), frame
            return frame[1]

    def close_code(self) -> int | None:
        """The code with which the server closes, whatever it says before; None when it just hangs up."""
        while True:
            frame = self.receive()
            if frame is None:
                return None
            if frame[0] == CLOSE:
                return struct.unpack(">H", frame[1][:2])[0] if frame[1] else 1005

    def open(self, namespace: str = "/") -> Bare:
        """Through Engine.IO's greeting into a namespace."""
        self.expect(b"0{")
        self.send("40" + (f"{namespace}," if namespace != "/" else ""))
        self.expect(b"40")
        return self

    def end(self) -> None:
        self.socket.close()


def soon(ask: Callable[[], Any], what: str) -> Any:
    return eventually(ask, what, 15)


def quiet_for(seconds: float) -> None:
    """Let time pass in which nothing must happen."""
    threading.Event().wait(seconds)
