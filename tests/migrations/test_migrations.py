"""Every migration goes up and down on both databases, and the models ask for nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from portal import create_app, migrating
from portal.config import Settings
from portal.extensions import db
from portal.web.health import migration_head
from tests import services

pytestmark = pytest.mark.any_database


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without tables."""
    if request.param == "sqlite":
        yield from application(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path)
        return
    with services.postgres() as server:
        yield from application(services.fresh_database(server, "migrations"), tmp_path)


def application(url: str, instance: Path) -> Iterator[Flask]:
    settings = Settings(
        environment="testing",
        instance=instance,
        origin="http://localhost:8450",
        secret_key="0" * 32,
        database_url=url,
        redis_url=f"unix://{instance / 'nobody.sock'}",
        mail_url="memory:",
    )
    app = create_app(settings)
    migrating.bind(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_the_way_up_ends_where_the_models_are_and_the_way_down_leaves_nothing(empty: Flask) -> None:
    upgrade()
    check()
    assert db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == migration_head()
    db.session.rollback()

    downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}

    upgrade()
    check()
