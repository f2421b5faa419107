"""What watchers of an application see happen. Every fragment is drawn once for the whole team."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app

from portal import live
from portal.accounts.models import User
from portal.applications import queries, signals
from portal.applications.models import Application, Section
from portal.applications.policy import access_application
from portal.collab.signals import document_frozen, document_unfrozen, rescues_changed, version_read
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


@document_frozen.connect
@document_unfrozen.connect
@version_read.connect
def _show_standing(_sender: Any, *, document_id: int, kind: str = "frozen", **_more: Any) -> None:
    """A text is freezing, frozen (its version was read just now) or open again."""
    section = queries.section_of_document(document_id) if kind == "frozen" else None
    if section is not None:
        on_commit(publish_section, section.application_id, section.id, frozen=True)


@rescues_changed.connect
def _show_rescues(_sender: Any, *, document_id: int, **_more: Any) -> None:
    """Words that came too late wait above the text, or wait no longer: who may write asks for them anew."""
    section = queries.section_of_document(document_id)
    if section is not None:
        stream, template = f"application:{section.application_id}", "applications/sections/rescued.stream.html"
        on_commit(live.publish, stream, template, document_id=document_id)


def publish_section(application_id: int, section_id: int, *, moved: bool = False, frozen: bool = False) -> None:
    """The section's meter everywhere. After a move also its state, after a freeze whether it takes edits: what a
    person may do with them each browser asks for with its own rights.
    """
    with reading(_app()):  # closed before anything is sent: the sender must not hold a transaction
        work = queries.workspace_for_everybody(application_id)
        section = next(each for each in work.application.sections if each.id == section_id)
        line, edited_at = queries.last_line(section), queries.last_edit(section)
    template = "applications/sections/changed.stream.html"
    _publish(template, work, section=section, line=line, edited_at=edited_at, moved=moved, frozen=frozen)


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
