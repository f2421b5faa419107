"""A job is a row: it survives a rollback of nothing, runs once, and is tried again when it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from portal import jobs
from portal.clock import utcnow
from portal.extensions import db
from portal.jobs import queue
from portal.transaction import commit, rollback


@pytest.fixture
def ran() -> Iterator[list[dict[str, Any]]]:
    """What the test's own kind of job was given."""
    payloads: list[dict[str, Any]] = []
    jobs.handler("test")(payloads.append)
    yield payloads
    del queue.handlers["test"]


def enqueue(key: str, **payload: Any) -> None:
    jobs.enqueue("test", key, payload)
    commit()


def test_a_job_runs_once_whatever_rings(app: Flask, ran: list[dict[str, Any]]) -> None:
    with app.app_context():
        enqueue("one", person=1)
        assert jobs.run_due_jobs() == 1
        assert jobs.run_due_jobs() == 0
    assert ran == [{"person": 1}]


def test_a_key_is_one_job_for_ever(app: Flask, ran: list[dict[str, Any]]) -> None:
    with app.app_context():
        enqueue("digest:7", first=True)
        enqueue("digest:7", first=False)
        jobs.run_due_jobs()
        enqueue("digest:7", first=False)
        jobs.run_due_jobs()
    assert ran == [{"first": True}]


def test_a_rollback_takes_the_job_along(app: Flask, ran: list[dict[str, Any]]) -> None:
    with app.app_context():
        jobs.enqueue("test", "never", {})
        rollback()
        assert jobs.run_due_jobs() == 0
    assert ran == []


def test_a_job_of_the_future_waits(app: Flask, ran: list[dict[str, Any]]) -> None:
    with app.app_context():
        jobs.enqueue("test", "later", {"at": "noon"}, run_at=utcnow() + timedelta(hours=1))
        commit()
        assert jobs.run_due_jobs() == 0
        with time_machine.travel(utcnow() + timedelta(hours=1, seconds=1)):
            assert jobs.run_due_jobs() == 1
    assert ran == [{"at": "noon"}]


def test_a_failing_job_is_tried_five_times_with_growing_pauses(app: Flask) -> None:
    tries = []

    def fail(payload: dict[str, Any]) -> None:
        tries.append(utcnow())
        raise OSError("no mail server")

    jobs.handler("failing")(fail)
    with app.app_context(), time_machine.travel(utcnow(), tick=False) as clock:
        jobs.enqueue("failing", "f", {})
        commit()
        for _ in range(10):
            jobs.run_due_jobs()
            clock.shift(timedelta(hours=2))
        job = db.session.scalars(sa.select(jobs.Job)).one()
        assert (job.tries, job.error) == (5, "OSError: no mail server")
        assert job.failed_at is not None
        assert job.done_at is None
    assert len(tries) == 5
    del queue.handlers["failing"]


def test_a_claim_that_ran_out_is_taken_by_another(app: Flask, ran: list[dict[str, Any]]) -> None:
    with app.app_context():
        enqueue("orphan")
        assert queue._claim() is not None
        assert jobs.run_due_jobs() == 0
        with time_machine.travel(utcnow() + queue.CLAIM + timedelta(seconds=1)):
            assert jobs.run_due_jobs() == 1
    assert ran == [{}]


def test_two_workers_never_run_the_same_job(app: Flask, ran: list[dict[str, Any]]) -> None:
    with app.app_context():
        for number in range(20):
            jobs.enqueue("test", f"many:{number}", {"number": number})
        commit()

    def work() -> None:
        with app.app_context():
            jobs.run_due_jobs()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(payload["number"] for payload in ran) == list(range(20))
