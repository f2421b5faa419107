"""Whichever application was made last in this process, a test's requests are counted where they are flushed."""

from __future__ import annotations

from dataclasses import replace

from portal import create_app
from tests.conftest import own_limits


def test_another_application_takes_no_counts_along(app, client):
    """As in the migrations' tests: the other one's Redis is nowhere."""
    elsewhere = replace(app.extensions["settings"], redis_url="unix:///nobody.sock", database_url="sqlite://")
    create_app(elsewhere)
    own_limits(app)

    statuses = [client.post("/sign-in/link", data={"email": ""}).status_code for _ in range(11)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
    app.extensions["redis"].flushall()
    assert client.post("/sign-in/link", data={"email": ""}).status_code == 422
