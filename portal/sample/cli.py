"""`flask sample load`, `remove` and `sign-ins`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from portal.sample import actions, loading, queries, sign_ins
from portal.transaction import commit, writing

group = AppGroup("sample", help="An invented network to look at, in development.")


def init_app(app: Flask) -> None:
    app.cli.add_command(group)


@group.command("load")
def load() -> None:
    """Load the sample; doing it again changes nothing."""
    try:
        loading.load(click.echo)
    except loading.SampleRefusedError as error:
        raise click.ClickException(str(error)) from error
    show_sign_ins()


@group.command("remove")
def remove() -> None:
    """Remove everything that belongs to the sample, in one transaction."""
    writing()
    count = actions.remove()
    commit()
    sign_ins.forget(Path(current_app.instance_path))
    click.echo(f"The sample is gone: {count} rows." if count else "There is no sample here.")


@group.command("sign-ins")
def print_sign_ins() -> None:
    """Print the mail addresses and passwords of the sample's people."""
    if not queries.has_sample():
        raise click.ClickException("There is no sample here. Load it first: flask sample load")
    show_sign_ins()


def show_sign_ins() -> None:
    path = sign_ins.path(current_app.instance_path)
    if not path.exists():
        raise click.ClickException("The file of passwords is gone. Make new ones: flask sample load")
    click.echo(path.read_text(encoding="utf-8"), nl=False)
