"""What watchers of an application see happen. Every fragment is drawn once for the whole team."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app

from portal import live
from portal.accounts.models import User
from portal.applications import queries, signals
from portal.applications.models import Application, Section
from portal.applications.policy import access_application
from portal.transaction import on_commit, reading


@live.stream("application")
def application_stream(user: User, application_id: int) -> None:
    """Whoever is on the team may watch. Raises NotFound for everybody else."""
    access_application(user, application_id)


@signals.section_moved.connect
def _show_section(section: Section, **_more: Any) -> None:
    on_commit(publish_section, section.application_id, section.id, moved=True)


@signals.partners_changed.connect
@signals.team_changed.connect
def _show_team(application: Application, **_more: Any) -> None:
    on_commit(publish_application, application.id, "applications/partners/changed.stream.html")


@signals.application_edited.connect
def _show_head(application: Application, **_more: Any) -> None:
    on_commit(publish_application, application.id, "applications/edited.stream.html")


def publish_section(application_id: int, section_id: int, *, moved: bool) -> None:
    """The section's meter everywhere; after a move also its state, which each browser asks for with its own rights."""
    with reading(_app()):  # closed before anything is sent: the sender must not hold a transaction
        work = queries.workspace_for_everybody(application_id)
        section = next(each for each in work.application.sections if each.id == section_id)
        line, edited_at = queries.last_line(section), queries.last_edit(section)
    template = "applications/sections/changed.stream.html"
    _publish(template, work, section=section, line=line, edited_at=edited_at, moved=moved)


def publish_application(application_id: int, template: str) -> None:
    """Show a fragment of the whole application as it is now."""
    with reading(_app()):
        work = queries.workspace_for_everybody(application_id)
    _publish(template, work)


def _publish(template: str, work: queries.Workspace, **context: Any) -> None:
    application = work.application
    live.publish(f"application:{application.id}", template, work=work, application=application, **context)


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the application, not its proxy
    return app
