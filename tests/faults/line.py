"""The line between the tabs and Caddy, which can be cut, fall silent, or be slow."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable
from typing import Any

CHUNK = 65_536
TAB = re.compile(rb"[?&]tab=([\w-]+)")  # in the first line of every request of a tab (driver/wire.mjs)


class Line:
    """A TCP proxy in a thread of its own. What comes in on `port` goes to `upstream_port`, both on loopback."""

    def __init__(self, port: int, upstream_port: int) -> None:
        self.port, self.upstream_port = port, upstream_port
        self.lag = 0.0  # seconds, each way
        self.away: set[str] = set()  # tabs that reach nothing
        self._open: dict[asyncio.Task[None], str] = {}
        self._loop = asyncio.new_event_loop()
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._server = self._inside(asyncio.start_server, self._carry, "localhost", self.port)

    def stop(self) -> None:
        self._server.close()
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self, *tabs: str) -> None:
        """Break every open connection at once, or those of these tabs only."""
        self._inside(self._cut, tabs)

    def fall_silent(self) -> None:
        """Carry nothing from now on, and close nothing: neither side can tell."""
        self._loop.call_soon_threadsafe(self._speaks.clear)

    def speak(self) -> None:
        self._loop.call_soon_threadsafe(self._speaks.set)

    def _inside(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(function(*arguments), self._loop).result(10)

    async def _cut(self, tabs: tuple[str, ...]) -> None:
        tasks = [task for task, name in self._open.items() if not tabs or name in tabs]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open[task] = ""
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._join(task, reader, writer)
        del self._open[task]
        writer.transport.abort()

    async def _join(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.read(CHUNK)
        name = found[1].decode() if (found := TAB.search(head.partition(b"\r\n")[0])) else ""
        self._open[task] = name
        if not head or name in self.away:
            return
        await self._speaks.wait()
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        try:
            await self._both(
                asyncio.create_task(self._one_way(reader, server_writer, head)),
                asyncio.create_task(self._one_way(server_reader, writer)),
            )
        finally:
            server_writer.transport.abort()

    async def _both(self, *ways: asyncio.Task[None]) -> None:
        """Until one side has ended, and what it said last has arrived."""
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _one_way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes = b"") -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        deliver = asyncio.create_task(self._deliver(under_way, writer))
        try:
            chunk = head or await reader.read(CHUNK)
            while chunk:
                under_way.put_nowait((self._loop.time() + self.lag, chunk))
                chunk = await reader.read(CHUNK)
            under_way.put_nowait((self._loop.time() + self.lag, b""))
            await deliver
        finally:
            deliver.cancel()

    async def _deliver(self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            await self._speaks.wait()
            if not chunk:
                return
            writer.write(chunk)
            await writer.drain()
