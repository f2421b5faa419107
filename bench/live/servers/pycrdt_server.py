"""pycrdt-websocket under uvicorn, each room kept in its SQLite store. PORT and STORE; or STORE, LONG and names to fill.

Runs in an environment of its own, which has nothing of the portal.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import sys
from collections import defaultdict
from pathlib import Path

import anyio
import uvicorn
from pycrdt.store import SQLiteYStore, YDocNotFound
from pycrdt.websocket import ASGIServer, WebsocketServer, YRoom

STORE = os.environ["STORE"]


class Store(SQLiteYStore):
    """All documents in one file."""

    db_path = STORE


class Rooms(WebsocketServer):
    """Rooms that read their store before anybody is let in."""

    def __init__(self) -> None:
        super().__init__(auto_clean_rooms=True)
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get_room(self, name: str) -> YRoom:
        """The room of this document, loaded."""
        async with self.locks[name]:
            if name not in self.rooms:
                store = Store(name)
                self.rooms[name] = room = YRoom(ready=False, ystore=store)
                await self.start_room(room)
                await store.started.wait()
                with contextlib.suppress(YDocNotFound):
                    await store.apply_updates(room.ydoc)
                room.ready = True
                await room.ydoc_observed.wait()
        return self.rooms[name]


async def serve() -> None:
    """Until it is told to stop."""
    async with Rooms() as rooms:
        config = uvicorn.Config(ASGIServer(rooms), port=int(os.environ["PORT"]), log_level="error", lifespan="off")
        await uvicorn.Server(config).serve()


async def fill(long: str, names: list[str]) -> None:
    """Store the long document under these names, as its rooms would have."""
    body = Path(long).read_bytes()
    for name in names:
        async with Store(name) as store:
            position = 0
            while position < len(body):
                (length,) = struct.unpack_from("<I", body, position)
                await store.write(body[position + 4 : position + 4 + length])
                position += 4 + length


if __name__ == "__main__":
    anyio.run(fill, sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else anyio.run(serve)
