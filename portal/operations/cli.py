"""`flask prepare` (what `bin/run` does before it serves) and `flask doctor` (`bin/doctor`)."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from portal import sample
from portal.config import Settings
from portal.members import facts
from portal.migrating import upgrade
from portal.operations import checks
from portal.transaction import commit, writing


@click.command("prepare")
@click.option("--sample", "with_sample", is_flag=True, help="Load the sample network too (development only).")
@with_appcontext
def prepare(with_sample: bool) -> None:
    """Migrate, load the network's facts and, where asked, the sample; doing it again changes nothing."""
    settings: Settings = current_app.extensions["settings"]
    writing()
    step("Migrating the database")
    upgrade()
    step("Loading the network's facts")
    facts.load()
    commit()
    if with_sample:
        step("Loading the sample network")
        sample.load(step)
    if settings.is_production and sample.has_sample():
        sys.exit("The sample's accounts are in this database. Remove them first: flask sample remove")


def step(text: str) -> None:
    """One line of progress, in the voice of `bin/run`."""
    click.echo(f"  {text}")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Look at everything the portal leans on; exit code 1 when something needs a person."""
    findings = checks.run()
    for finding in findings:
        click.echo(f"{'ok  ' if finding.is_well else 'LOOK'}  {finding.name}: {finding.text}")
    click.echo("\nSettings in force (secrets are not shown):")
    for name, value in checks.settings_in_force():
        click.echo(f"  {name:24} {value}")
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)
