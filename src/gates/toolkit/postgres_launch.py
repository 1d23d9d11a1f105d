"""Runs a PostgreSQL of its own: a program, started with `-m`, that makes a database and serves it.

It is looked for on PATH, in the places of Debian's packages, and in the `pgserver` package. The
folder is made with `initdb`, the database in single-user mode, and then this process becomes the
server. PostgreSQL refuses to run as root, so root becomes the user `postgres`, else `nobody`.

The server listens on 127.0.0.1 alone and trusts whoever asks from there. Only `fsync` is off: what
was committed survives the end of the server at any moment, not that of the machine.
"""

from __future__ import annotations

import os
import subprocess  # nosec B404 - whoever supervises this program ends its children too
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

SUPERUSER = "postgres"
"""The user of the database that owns everything."""

USERS = ("postgres", "nobody")
"""Whom root becomes: the first that the machine has."""

DEBIAN = "/usr/lib/postgresql"
PACKAGED = "lib/python*/site-packages/pgserver/pginstall/bin"

PROGRAMS = ("initdb", "postgres")

USAGE = 2
"""Exit code where it cannot be started as it was asked."""


class NotStartedError(Exception):
    """Why there is no server, with the next step."""


def main(arguments: Sequence[str]) -> int:
    """Make a database and become its server; answers an exit code only where that fails."""
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="postgres_launch", description="serve a new PostgreSQL database")
    parser.add_argument("--dir", required=True, type=Path, help="an empty folder for its files")
    parser.add_argument("--port", required=True, type=int, help="where it listens")
    parser.add_argument("--database", default="postgres", help="the database that is made")
    parser.add_argument("--bin", type=Path, help="the folder of `initdb` and `postgres`")
    asked = parser.parse_args(arguments)
    try:
        programs = found(os.environ, own=asked.bin)
        become_unprivileged(asked.dir)
        data = asked.dir / "data"
        make(programs, data, asked.database)
    except NotStartedError as error:
        sys.stderr.write(f"postgres_launch: {error}\n")
        return USAGE
    serve(programs, data, asked.port)
    return USAGE


def found(environ: Mapping[str, str], *, own: Path | None = None, debian: str = DEBIAN) -> Path:
    """The folder of PostgreSQL's programs.

    Args:
        environ: the environment, for PATH and VIRTUAL_ENV.
        own: the folder that was named.
        debian: where Debian's packages lie, one folder a version.

    Raises:
        NotStartedError: there is none.
    """
    for folder in (own,) if own is not None else _places(environ, debian):
        if all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
            return folder
    where = f"in `{own}`" if own is not None else "on PATH, in /usr/lib/postgresql, in `pgserver`"
    raise NotStartedError(
        f"no `initdb` and `postgres` {where}; install PostgreSQL, or `pip install pgserver`"
    )


def _places(environ: Mapping[str, str], debian: str) -> Iterator[Path]:
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder.startswith("/"):
            # A wrapper of Debian stands there for some of its programs, never for these.
            yield Path(folder)
    versions = sorted(Path(debian).glob("*/bin"), key=_version, reverse=True)
    yield from versions
    for prefix in (environ.get("VIRTUAL_ENV", ""), sys.prefix):
        if prefix.startswith("/"):
            yield from sorted(Path(prefix).glob(PACKAGED))


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def become_unprivileged(folder: Path) -> None:
    """As root, hand the folder to another user and become that one.

    Nothing is imported from here on: that user may not be able to read where Python lies.

    Raises:
        NotStartedError: the machine has none, or it cannot reach the folder.
    """
    if os.getuid() != 0:
        return
    import pwd

    known = {each.pw_name: each for each in pwd.getpwall()}
    user = next((known[name] for name in USERS if name in known), None)
    if user is None:
        raise NotStartedError(
            f"PostgreSQL does not run as root, and there is no user {' or '.join(USERS)}"
        )
    os.chown(folder, user.pw_uid, user.pw_gid)
    os.setgroups(())
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = str(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotStartedError(
            f"user `{user.pw_name}` cannot reach `{folder}`; let TMPDIR name a folder that all can"
        )


def make(programs: Path, data: Path, database: str) -> None:
    """Make the files of a server, and a database in them.

    Raises:
        NotStartedError: PostgreSQL could not, or no database can be named so.
    """
    if not database.isidentifier() or not database.isascii():
        raise NotStartedError(f"`{database}` is no name of a database")
    _run(
        [
            str(programs / "initdb"), "--pgdata", str(data), "--username", SUPERUSER,
            "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync",
        ],
        "",
    )  # fmt: skip
    if database != SUPERUSER:
        single = [str(programs / "postgres"), "--single", "-F", "-D", str(data), SUPERUSER]
        _run(single, f'CREATE DATABASE "{database}"\n')


def _run(command: Sequence[str], text: str) -> None:
    name = Path(command[0]).name
    try:
        done = subprocess.run(  # nosec B603
            command,
            input=text,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        why = f"`{command[0]}` cannot be run by this user: {error.strerror}"
        raise NotStartedError(why) from error
    # In single-user mode an error of SQL does not change the exit code.
    if done.returncode or " ERROR: " in done.stdout:
        raise NotStartedError(f"`{name}` ended with {done.returncode}: {done.stdout.strip()}")


def serve(programs: Path, data: Path, port: int) -> None:
    """Become the server."""
    command = [
        str(programs / "postgres"), "-D", str(data), "-p", f"{port}", "-h", "127.0.0.1",
        "-c", "unix_socket_directories=", "-c", "fsync=off",
    ]  # fmt: skip
    os.chdir(data)
    os.execv(command[0], command)  # noqa: S606 # nosec B606


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
