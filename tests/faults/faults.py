"""What may break while people write. Each does its harm and says from when on typing must be acknowledged again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis

from tests.faults.scene import Scene, pause
from tests.waiting import eventually

EXIT_SECONDS = 10.0
MOVED_SECONDS = 6.0  # the proxy notices, the tabs are sent away and come back
STOPPED_SECONDS = 20.0
AWAY_SECONDS = 60.0
OFFLINE_SECONDS = 30.0
SILENT_SECONDS = 15.0
LAG_SECONDS = 0.3
SAYS_OFFLINE_SECONDS = 10.0
AT_ONCE_SECONDS = 1.0
CATCH_UP_SECONDS = 5.0
STARTED_AGAIN_AFTER = 2.0  # as a supervisor would


@dataclass(frozen=True, slots=True)
class Fault:
    """`within` seconds typing is acknowledged again. `logs_errors`: the portal may write tracebacks (no database)."""

    name: str
    act: Callable[[Scene], None]
    within: float = 10.0
    on_sqlite: bool = False
    lasts_a_minute: bool = False
    logs_errors: bool = False


def kill_worker(scene: Scene) -> None:
    os.kill(scene.stack.serving(scene.number % 2), signal.SIGKILL)
    scene.now()


def sigterm(scene: Scene) -> None:
    """A deploy: the process ends in time, the other takes over, and it is started anew."""
    name = scene.stack.servers[scene.number % 2]
    process = scene.stack.processes[name]
    asked = time.monotonic()
    process.terminate()
    scene.now()
    scene.wait(lambda tabs: len({tab["server"] for tab in tabs}) == 1, "every tab to be on the other server")
    moved = time.monotonic() - asked
    process.wait(timeout=3 * EXIT_SECONDS)
    took = time.monotonic() - asked
    assert took <= EXIT_SECONDS, f"{name} ended {took:.1f} s after SIGTERM"
    assert process.returncode == 0, f"{name} ended with {process.returncode}"
    assert moved <= MOVED_SECONDS, f"{name} kept its tabs for {moved:.1f} s after SIGTERM"
    scene.resumed()
    scene.stack.start_server(scene.number % 2)
    eventually(scene.stack.is_ready, f"{name} anew")


def sigstop(scene: Scene) -> None:
    """Stopped in the middle of a transaction, where it holds what the other process needs."""
    pid = scene.stack.serving(scene.number % 2)
    try:
        stop_in_transaction(scene, pid)
        began = scene.now()
        scene.resumed()
        pause(began + STOPPED_SECONDS - time.time())
    finally:
        os.kill(pid, signal.SIGCONT)


def stop_in_transaction(scene: Scene, pid: int) -> None:
    """Stop the process again and again until a transaction is left open on the document's head."""
    for _ in range(400):
        os.kill(pid, signal.SIGSTOP)
        if scene.stack.is_held(scene.document_id):
            return
        os.kill(pid, signal.SIGCONT)
        pause(random.uniform(0.005, 0.05))
    raise AssertionError("the process was never stopped in a transaction")


def redis_kill(scene: Scene) -> None:
    scene.stack.kill("valkey")
    scene.now()
    pause(STARTED_AGAIN_AFTER)
    scene.stack.start_valkey()


def redis_gone(scene: Scene) -> None:
    """Both processes go on alone, and catch up when it is back."""
    scene.stack.kill("valkey")
    began = scene.now()
    scene.resumed()
    pause(began + AWAY_SECONDS - time.time())
    scene.driver.ask("hush")
    scene.stack.start_valkey()
    scene.agree(CATCH_UP_SECONDS)
    scene.driver.ask("type")


def flushall(scene: Scene) -> None:
    client = redis.Redis.from_url(scene.stack.environment["REDIS_URL"])
    client.flushall()
    scene.now()
    scene.more()
    client.flushall()
    client.close()


def cut(scene: Scene) -> None:
    """Every connection breaks, then Caddy itself is gone for a while."""
    held = {tab["name"] for tab in scene.status() if tab["transport"] == "websocket"}  # polls may be between two
    began = time.time()
    scene.stack.line.cut()
    scene.wait(lambda tabs: held <= {tab["name"] for tab in tabs if scene.said_offline(tab, began) < 60}, "Offline")
    late = {tab["name"]: scene.said_offline(tab, began) for tab in scene.status() if tab["name"] in held}
    assert max(late.values()) <= AT_ONCE_SECONDS, f"a closed line is not said at once: {late}"
    scene.more()
    scene.stack.kill("caddy")
    pause(STARTED_AGAIN_AFTER)
    scene.stack.start_caddy()
    eventually(scene.stack.answers, "Caddy")
    scene.now()


def silent(scene: Scene) -> None:
    """Nothing is carried and nothing closed."""
    scene.stack.line.fall_silent()
    began = time.time()
    try:
        pause(SILENT_SECONDS)
    finally:
        scene.stack.line.speak()
    scene.now()
    late = {tab["name"]: scene.said_offline(tab, began) for tab in scene.status()}
    assert max(late.values()) <= SAYS_OFFLINE_SECONDS, f"a silent line is not said in time: {late}"


def lag(scene: Scene) -> None:
    """300 ms each way, for opening and for writing."""
    scene.stack.line.lag = LAG_SECONDS
    try:
        scene.stack.line.cut()
        began = scene.now()
        scene.resumed()
        settled = time.time()
        pause(began + SILENT_SECONDS - time.time())
        scene.more()
        offline = [tab["name"] for tab in scene.status() if scene.said_offline(tab, settled) < 60]
        assert not offline, f"{offline} said Offline on a slow line"
    finally:
        scene.stack.line.lag = 0.0


def kill_everything(scene: Scene) -> None:
    scene.stack.kill_everything()
    pause(STARTED_AGAIN_AFTER)
    scene.stack.start_everything()
    scene.now()


def reader_kill(scene: Scene) -> None:
    scene.stack.kill("reader")
    scene.now()
    pause(STARTED_AGAIN_AFTER)
    scene.stack.start_reader()


def disk_full(scene: Scene) -> None:
    """Refused and not acknowledged while it is full."""
    scene.stack.fill_disk()
    began = time.time() * 1000
    try:
        scene.wait(
            lambda tabs: any(refusal["at"] > began for tab in tabs for refusal in tab["refusals"]),
            "an edit to be refused",
        )
    finally:
        scene.stack.empty_disk()
    scene.now()


def offline(scene: Scene) -> None:
    """Two tabs without a line for half a minute, one of them closed and opened again; the others write on."""
    away = ("tab1", "tab2")
    scene.stack.line.away.update(away)
    scene.stack.line.cut(*away)
    began = time.time()
    pause(OFFLINE_SECONDS / 2)
    scene.more(of=lambda name: name not in away)
    pause(began + OFFLINE_SECONDS - time.time())
    scene.driver.ask("close", name="tab2")
    scene.stack.line.away.clear()
    scene.now()
    scene.driver.ask("reopen", name="tab2")


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("kill-worker", kill_worker, within=5.0),
        Fault("sigterm", sigterm),
        Fault("redis-kill", redis_kill),
        Fault("flushall", flushall),
        Fault("cut", cut),
        Fault("silent", silent),
        Fault("lag", lag),
        Fault("reader-kill", reader_kill),
        Fault("sigstop", sigstop, lasts_a_minute=True),
        Fault("offline-30", offline, lasts_a_minute=True),
        Fault("redis-gone-60", redis_gone, lasts_a_minute=True),
        Fault("kill-everything-postgres", kill_everything, logs_errors=True),
        Fault("kill-everything-sqlite", kill_everything, on_sqlite=True),
        Fault("disk-full", disk_full, on_sqlite=True, logs_errors=True),
    )
}
