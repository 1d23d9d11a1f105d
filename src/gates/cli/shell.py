"""The shell that started us: where it stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click


def of_shell(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with a PWD that is true: the folder in which the shell stands.

    `-C DIR` leaves the shell where it is. A PWD that does not lead here belongs to another program,
    which started us without changing it, and is left out.
    """
    context = click.get_current_context(silent=True)
    folder = context.find_root().params.get("folder") if context is not None else None
    named = environ.get("PWD", "")
    kept = {name: text for name, text in environ.items() if name != "PWD"}
    if named.startswith("/"):
        reached = Path(named, folder or ".")
        if reached.exists() and reached.samefile(Path.cwd()):
            kept["PWD"] = os.path.realpath(named)
    return kept
