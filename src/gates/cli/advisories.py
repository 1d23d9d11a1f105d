"""`gates advisories`: update the local vulnerability database, or show what it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gates.advisories import location, osv
from gates.advisories.store import Database
from gates.cli.terminal import wants_colour
from gates.reports.style import Line, line, padded, render
from gates.toolkit.clock import SystemClock
from gates.toolkit.door import one_line

DOWNLOAD_S = 600.0
DOWNLOAD_BYTES = 1 << 30
"""What fetching an export may cost: it has some tens of MB."""

_WIDTH = 12


@click.group(name="advisories")
def command() -> None:
    """Update the local vulnerability database, or show what it is."""


@command.command(name="update")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The database to make; default: the user's own, in the cache folder.",
)
def update(sources: tuple[str, ...], database: Path | None) -> None:
    """Make the database from SOURCE, an OSV export: a path (JSON, folder, zip) or an address.

    Python and npm packages have exports of their own: name both where both are in use.
    """
    from gates.advisories import building
    from gates.advisories.transport import Http, Limits

    target = database or location.default_database(os.environ)
    http = Http(Limits(seconds=DOWNLOAD_S, max_bytes=DOWNLOAD_BYTES))
    now = SystemClock().now_utc()
    building.update(sources[0], target, built=now, http=http, beside=sources[1:])
    with Database.open(target) as made:
        lines = list(_lines(made))
    named = os.environ.get(location.VARIABLE, "")
    if named and Path(named).absolute() != target.absolute():
        lines.append(
            line(("note", "warn"), f": ${location.VARIABLE} names {one_line(named)}, which is used")
        )
    _write(lines)


@command.command(name="status")
def status() -> None:
    """Show the database that is used here: its place, date, age and size."""
    now = SystemClock().now_utc()
    with location.open_configured(os.environ, base=Path.cwd(), now=now) as database:
        _write(_lines(database))


def _lines(database: Database) -> Iterator[Line]:
    facts = database.facts
    yield _line("database", str(database.path))
    yield _line("made of", facts.name)
    for ecosystem in database.ecosystems:
        of = database.about(ecosystem).facts
        if of.data_date is not None:
            days = (SystemClock().today() - of.data_date.date()).days
            name = osv.ECOSYSTEMS[ecosystem]
            yield _line("data of", f"{of.data_date.date()}, {days:,} days old, {name} packages")
    yield _line("records", f"{facts.records:,}" if facts.records is not None else "unknown")
    yield _line("sha256", facts.sha256)
    yield _line("built", database.meta.get("built", "unknown"))


def _line(name: str, text: str) -> Line:
    return line((padded(name, _WIDTH), "faint"), one_line(text))


def _write(lines: Iterator[Line] | list[Line]) -> None:
    sys.stdout.write(render(lines, colour=wants_colour(sys.stdout, os.environ)))
