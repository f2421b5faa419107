"""Bytes between the server processes, over Redis pub/sub. Late or lost when Redis is away; nothing matters only here.

A process that serves sockets listens (from its first connection on) and sends from a greenlet of its own,
because redis-py waits for the answer to every PUBLISH. Tests run one process: nothing is sent there.
"""

from __future__ import annotations

import functools
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
import structlog
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.config import Settings
from portal.extensions import socketio

log = structlog.get_logger(__name__)

RETRY_SECONDS = 0.5
PING_SECONDS, SILENT_SECONDS = 3.0, 8.0  # a Redis that hangs looks like a quiet one until it misses a ping
MAX_BATCH = 256
MAX_WAITING = 10_000
READY_SECONDS = 1.0

Receive = Callable[[bytes], None]


class Relay:
    """Unbound until `bind`. `is_up`: whether what others publish arrives here now."""

    def __init__(self) -> None:
        self.client: Any = None
        self.is_alone = True
        self.is_up = False
        self._started = False
        self._receivers: dict[str, Receive] = {}
        self._returned: list[Callable[[], None]] = []
        self._away_until = 0.0
        self._said_away = False

    def bind(self, app: Flask, settings: Settings) -> None:
        """Take the application's Redis; connects to nothing yet. Under test the process is alone."""
        self.client = redis.Redis.from_url(
            settings.redis_url,
            socket_timeout=2,
            socket_connect_timeout=1,
            protocol=3,
            retry=Retry(NoBackoff(), 1),  # the default sleeps for seconds before it says that nobody answers
            max_connections=100,
        )
        self.is_alone = settings.environment == "testing"
        self.is_up = self._started = False
        self._receivers.clear()
        self._returned.clear()
        self._away_until, self._said_away = 0.0, False

    def start(self) -> None:
        """Listen and send from now on; returns when subscribed, or after a second without Redis."""
        if self._started or self.is_alone:
            return
        self._started = True
        self._waiting: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._ready = threading.Event()
        socketio.server.start_background_task(self._listen)
        socketio.server.start_background_task(self._send)
        self._ready.wait(READY_SECONDS)

    def publish(self, channel: str, data: bytes) -> None:
        """Send to the other processes that listen on the channel; never raises, does not wait in a server."""
        if self.is_alone:
            return
        if not self._started:
            self.attempt(lambda client: client.publish(channel, data))
        elif self._waiting.qsize() < MAX_WAITING:
            self._waiting.put((channel, data))

    def listen(self, channel: str, receive: Receive) -> None:
        """Hand what other processes publish on the channel to `receive`, in the listening greenlet; say so before
        `start`."""
        self._receivers[channel] = receive

    def on_return(self, function: Callable[[], None]) -> None:
        """Call the function each time the line to Redis stands again: what was published meanwhile is lost."""
        self._returned.append(function)

    def attempt(self, call: Callable[[Any], Any]) -> Any | None:
        """What `call(client)` answers, or None while Redis is away; said in the log once an outage."""
        if time.monotonic() < self._away_until:
            return None
        try:
            answer = call(self.client)
        except (redis.RedisError, OSError) as error:
            self._lost(error)
            return None
        self._said_away = False
        return answer

    def _lost(self, error: Exception) -> None:
        self._away_until = time.monotonic() + RETRY_SECONDS
        if not self._said_away:
            self._said_away = True
            log.warning("redis_away", error=type(error).__name__)

    def _send(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < MAX_BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            self.attempt(functools.partial(_publish_all, batch))

    def _listen(self) -> None:
        while True:
            try:
                self._follow()
            except (redis.RedisError, OSError) as error:
                self._lost(error)
            except Exception:
                log.exception("relay_failed")
            self.is_up = False
            self._ready.set()
            socketio.sleep(RETRY_SECONDS)

    def _follow(self) -> None:
        pubsub = self.client.pubsub()
        try:
            pubsub.subscribe(*self._receivers)
            heard = pinged = time.monotonic()
            while True:
                message = pubsub.get_message(timeout=1.0)
                now = time.monotonic()
                if message is not None:
                    heard = now
                    self._take(message)
                elif now - heard > SILENT_SECONDS:
                    raise redis.TimeoutError("no answer to a ping")
                elif now - max(heard, pinged) > PING_SECONDS:
                    pinged = now
                    pubsub.ping()
        finally:
            pubsub.close()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe" and not self.is_up:
            self.is_up, self._said_away, self._away_until = True, False, 0.0
            self._ready.set()
            for function in self._returned:
                self._call(function)
        elif message["type"] == "message":
            receive = self._receivers.get(message["channel"].decode())
            if receive is not None:
                self._call(lambda: receive(message["data"]))

    def _call(self, function: Callable[[], None]) -> None:
        try:
            function()
        except Exception:
            log.exception("relay_receiver_failed")


def _publish_all(batch: list[tuple[str, bytes]], client: Any) -> None:
    pipe = client.pipeline(transaction=False)
    for channel, data in batch:
        pipe.publish(channel, data)
    pipe.execute()


relay = Relay()
