"""Real updates, and what a hostile client makes of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

BLOCKS = 6
CLIENT = 1_234_567_890_123_456  # as long as a real one, and the same in every run, so that a seed says it all


class Writing:
    """A document that one person wrote: its whole `state`, and the `updates` that it came by, of every kind."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc(client_id=CLIENT)
        self.updates: list[bytes] = []
        self._watching = self.doc.observe(lambda event: self.updates.append(event.update))
        self.body = self.doc.get("body", type=XmlFragment)
        self._write()
        self.state = self.doc.get_update()

    def _write(self) -> None:
        for number in range(BLOCKS):
            with self.doc.transaction():
                block = self.body.children.append(XmlElement("block", {"kind": "p", "indent": number % 3}))
                block.children.append(XmlText(f"Zoë wrote line {number}"))
        for number in range(40):
            text = self._text(number)
            text.insert(len(str(text).encode()) if number % 2 else 0, f" word{number}")
        for number in range(12):
            mark = {"bold": True} if number % 2 else {"link": {"href": "https://example.org/"}}
            self._text(number).format(0, 5, mark)
        for number in range(12):
            del self._text(number)[1:4]
        self.body.children[2].attributes["kind"] = "h2"
        del self.body.children[3]

    def _text(self, number: int) -> XmlText:
        text = self.body.children[number % BLOCKS].children[0]
        assert isinstance(text, XmlText)
        return text


def mutants(updates: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """The same ones for the same seed, given the same updates."""
    dice = random.Random(seed)
    for _ in range(count):
        yield mutated(dice.choice(updates), dice.choice(updates), dice)


def mutated(update: bytes, other: bytes, dice: random.Random) -> bytes:
    """Up to four of: a byte or a bit changed, bytes left out, put in, cut off, the end of another update."""
    data = bytearray(update)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(data))
        match dice.randrange(7):
            case 0:
                data[place] = dice.randrange(256)
            case 1 | 2:
                data[place] ^= 1 << dice.randrange(8)
            case 3:
                del data[place : place + dice.randint(1, 4)]
            case 4:
                data[place:place] = dice.randbytes(dice.randint(1, 4))
            case 5:
                del data[place:]
            case _:
                data[place:] = other[dice.randrange(len(other)) :]
        data = data or bytearray(b"\x00")
    return bytes(data)


def varint(number: int) -> bytes:
    """An unsigned LEB128 number."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def crafted(
    content: bytes, *, clock: int = 0, before: bytes = b"\x01\x04body", info: int = 0, end: bytes = b"\0"
) -> bytes:
    """An update of one struct of client 5: `content` begins with its kind, `before` is its parent or neighbours."""
    return b"\x01\x01\x05" + varint(clock) + bytes([content[0] | info]) + before + content[1:] + end
