"""A trial of migrations: our program's private copy, its settings, and where it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.toolkit.files import write_atomic

MODULES = (
    "alembic_calls.py",
    "alembic_database.py",
    "alembic_drift.py",
    "alembic_program.py",
    "schema_postgres.py",
    "schema_structure.py",
)
"""What runs in the project's interpreter, which cannot import `gates`."""

_START = """\
import sys

try:
    from {package}.alembic_program import main
except ModuleNotFoundError as error:
    if error.name not in ("alembic", "sqlalchemy"):
        raise
    sys.exit({absent})

sys.exit(main(sys.argv[1:]))
"""

ABSENT = 3
"""The exit code where the interpreter has no Alembic."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What one run of the program needs.

    Attributes:
        start: the program.
        settings: its one argument.
        record: where it writes.
    """

    start: Path
    settings: Path
    record: Path


def prepare(out: Path, mode: str, settings: Mapping[str, object]) -> Launch:
    """Copy the program as a package that nobody else has, with its settings beside it.

    Args:
        out: a private folder.
        mode: `walk` or `filled`; new in that folder.
        settings: of the program, but for its mode and its record.
    """
    import json
    import secrets

    home = out / mode
    package = f"gates_alembic_{secrets.token_hex(8)}"
    (home / package).mkdir(mode=0o700, parents=True)
    write_atomic(home / package / "__init__.py", b"")
    for name in MODULES:
        write_atomic(home / package / name, Path(__file__).with_name(name).read_bytes())
    launch = Launch(home / "start.py", home / "settings.json", home / "record.json")
    write_atomic(launch.start, _START.format(package=package, absent=ABSENT).encode())
    whole = {**settings, "mode": mode, "record": str(launch.record)}
    write_atomic(launch.settings, json.dumps(whole).encode())
    return launch
