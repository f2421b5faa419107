"""`flask people erase` and `flask people replay-erasures`, for who is at the server."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from portal.accounts import actions, erasure_log, queries
from portal.transaction import commit

group = AppGroup("people", help="The people with an account.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(group)


@group.command("erase")
@click.argument("address")
@click.confirmation_option(prompt="Name and address go for good; what the person wrote stays. Erase?")
def erase(address: str) -> None:
    """Erase the account with this mail ADDRESS, also where the portal would ask the person to settle things first."""
    user = queries.person_with_address(address)
    if user is None:
        raise click.ClickException(f"Nobody has an account with the address {address}.")
    actions.erase(user, by=None)
    commit()
    click.echo("The account is erased.")


@group.command("replay-erasures")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def replay_erasures(file: Path) -> None:
    """Erase again, after a restore, whom FILE (the former instance's erasures.log) names."""
    try:
        entries = list(erasure_log.read(file))
    except erasure_log.ErasureLogError as error:
        raise click.ClickException(str(error)) from error
    again = [user for entry in entries if (user := queries.not_yet_erased(entry.user_id, entry.joined_at))]
    for user in again:
        actions.erase(user, by=None)
    commit()
    click.echo(f"{len(again)} of {len(entries)} erasures were done again; the others were in the backup already.")
