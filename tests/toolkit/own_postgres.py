"""A PostgreSQL of the tests' own, where one is installed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path

from gates.toolkit.ports import free_port
from gates.toolkit.postgres_launch import NotStartedError, found

READY = "database system is ready to accept connections"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, or None where there is none."""
    try:
        return found(environ)
    except NotStartedError:
        return None


@contextmanager
def served(database: str) -> Iterator[str]:
    """The address of an empty database, served until the end."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="gates-postgres-") as folder:
        # As root the server becomes another user, who must reach the folder.
        data = Path(folder) / "own"
        data.mkdir()
        Path(folder).chmod(0o755)
        argv = [
            sys.executable, "-P", "-m", "gates.toolkit.postgres_launch",
            "--dir", str(data), "--port", f"{port}", "--database", database,
        ]  # fmt: skip
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as server:
            try:
                assert server.stderr is not None
                told = next((line for line in server.stderr if READY in line), "")
                assert told, "PostgreSQL did not start"
                yield f"postgresql://postgres@127.0.0.1:{port}/{database}"
            finally:
                server.terminate()
