"""`flask facts load` and `flask officers invite`."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from portal.accounts import invitations
from portal.members import actions, facts
from portal.members.forms import address_of
from portal.transaction import commit
from portal.web.typed import one_line

facts_group = AppGroup("facts", help="The network's public facts.")
officers_group = AppGroup("officers", help="The network's officers.")


def init_app(app: Flask) -> None:
    app.cli.add_command(facts_group)
    app.cli.add_command(officers_group)


@facts_group.command("load")
def load() -> None:
    """Add the organisations and officers that are not there yet."""
    added = facts.load()
    commit()
    click.echo(f"The network's facts: {added} added." if added else "The network's facts are there.")


@officers_group.command("invite")
@click.argument("name")
@click.argument("mail")
def invite(name: str, mail: str) -> None:
    """Invite an officer and print the link, for the first one and for a portal whose mail does not work yet."""
    try:
        address = address_of(mail)
    except ValueError as error:
        raise click.ClickException(f"'{mail}' is not a mail address: {error}") from error
    invitation = actions.invite_officer(name=one_line(name), email=address, by=None)
    link = invitations.link(invitation)
    commit()
    click.echo(f"{name} becomes an officer by this link. It works once, for 14 days:\n{link}")
