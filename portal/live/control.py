"""Orders to every server process: this stream is judged anew, this session ended. One channel, JSON.

An order is carried out here at once and elsewhere within a moment; a sweep every five seconds looks at the
database, so that it also happens when Redis is away.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from typing import Any

from portal.live.relay import relay

CHANNEL = "live:control"
_token = secrets.token_hex(6)

Order = Callable[[dict[str, Any]], None]
_orders: dict[str, Order] = {}


def process() -> str:
    """This process's name; the number makes forks of one parent differ."""
    return f"{_token}-{os.getpid()}"


def order(act: str) -> Callable[[Order], Order]:
    """Register what a process does on the order `act`."""

    def register(function: Order) -> Order:
        _orders[act] = function
        return function

    return register


def everywhere(act: str, **message: Any) -> None:
    """Carry out the order in this process, then in all others."""
    _orders[act](message)
    elsewhere(act, **message)


def elsewhere(act: str, **message: Any) -> None:
    """Send the order to the other processes only."""
    relay.publish(CHANNEL, json.dumps({"from": process(), "act": act, **message}).encode())


def receive(data: bytes) -> None:
    """Carry out what another process ordered."""
    message = json.loads(data)
    if message["from"] != process() and message["act"] in _orders:
        _orders[message["act"]](message)
