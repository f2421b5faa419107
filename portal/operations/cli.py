"""`flask prepare` (what `bin/run` does before it serves), `doctor` (`bin/doctor`), `backup` and `restore`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from portal import sample
from portal.config import Settings
from portal.members import facts
from portal.migrating import upgrade
from portal.operations import backup, checks, restore
from portal.operations.archive import FILES, Manifest, OperationError
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


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Say what cannot be done and exit; SIGTERM too cleans up first, where it would else leave half a backup behind."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    except OperationError as error:
        sys.exit(str(error))
    finally:
        signal.signal(signal.SIGTERM, before)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--with-secret-key", is_flag=True, help="Keep the key that signs cookies too: a thief could sign in.")
@with_appcontext
def backup_command(file: Path, with_secret_key: bool) -> None:
    """Write database and files to FILE, while people go on writing."""
    with all_or_nothing():
        manifest = backup.make(file, with_secret_key=with_secret_key)
    step(f"Backed up to {file}: {said_of(manifest)}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_appcontext
def restore_command(file: Path) -> None:
    """Make the backup FILE this instance, which must be empty."""
    with all_or_nothing():
        manifest = restore.make(file)
    step(f"Restored from {file}: {said_of(manifest)}")
    step("bin/run (or `flask prepare`) brings it to this release's migration")


def said_of(manifest: Manifest) -> str:
    """ "a sqlite database at migration 0006 of 2026-11-24T07:30:00+00:00, and 12 files"."""
    files = sum(name.startswith(FILES) for name in manifest.members)
    return f"a {manifest.database} database at migration {manifest.migration} of {manifest.taken_at}, and {files} files"
