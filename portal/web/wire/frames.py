"""Bytes of the WebSocket protocol that the server writes, and which packets it takes."""

from __future__ import annotations

import base64
import binascii
import hashlib

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
TEXT, BINARY, CLOSE, PONG = 1, 2, 8, 10


def frame(payload: str | bytes, opcode: int | None = None) -> bytes:
    """One unmasked final frame (RFC 6455, section 5.2): text for str, binary for bytes."""
    data = payload.encode() if isinstance(payload, str) else bytes(payload)
    first = 0x80 | (opcode or (TEXT if isinstance(payload, str) else BINARY))
    length = len(data)
    if length < 126:
        return bytes((first, length)) + data
    if length < 65_536:
        return bytes((first, 126)) + length.to_bytes(2, "big") + data
    return bytes((first, 127)) + length.to_bytes(8, "big") + data


def is_packet(packet: str | bytes, limit: int, *, polling: bool = False) -> bool:
    """Whether Engine.IO can take this packet without failing: known type, Socket.IO inside, within `limit` bytes."""
    if isinstance(packet, bytes):
        return len(packet) <= limit
    kind, rest = packet[:1], packet[1:]
    if kind == "b":
        return polling and _is_base64(rest, limit)
    if kind == "4":
        return rest[:1] in tuple("0123456") and len(packet) <= limit and len(packet.encode()) <= limit
    return kind in tuple("12356") and rest in ("", "probe")


def _is_base64(text: str, limit: int) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) <= limit
    except (binascii.Error, ValueError):
        return False


def handshake(key: str) -> bytes:
    """The answer to an accepted upgrade: no extension, no subprotocol."""
    accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()  # noqa: S324  # RFC 6455 asks for it
    lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
    return "\r\n".join((*lines, f"Sec-WebSocket-Accept: {accept}", "", "")).encode()
