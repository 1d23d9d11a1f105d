"""`gates stamp`: tell from which files a report was made, in the step that made it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.toolkit.door import one_line


@click.command(name="stamp")
@click.argument("reports", metavar="REPORT...", nargs=-1, required=True)
def command(reports: tuple[str, ...]) -> None:
    """Stamp each REPORT (a path or a glob) with the files that lie here now.

    A stamp lies beside its report and travels with it. `gates check` then judges the report only
    where exactly those files lie, however old it looks.
    """
    for path, stamp in app.stamp(Path.cwd(), reports, os.environ):
        identity = stamp.tree.removeprefix("sha256:")[:12]
        sys.stdout.write(f"stamped {one_line(path)}: tree {identity}\n")
