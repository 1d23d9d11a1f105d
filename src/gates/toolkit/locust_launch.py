"""A run of Locust with our add-on: its private copy, its settings, and where it writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gates.toolkit.files import write_atomic


@dataclass(frozen=True, slots=True)
class Launch:
    """What a run with the add-on needs.

    Attributes:
        files: what stands before the users' own locust files in `-f`.
        record: where the record will be.
        about: where the rest will be told.
    """

    files: tuple[Path, ...]
    record: Path
    about: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of one run of Locust.

    Attributes:
        warmup: seconds of the warm-up.
        duration: seconds of the measured phase.
        patience: seconds in which requests may end after it.
        workers: processes that must take part; 0 for one without workers.
        ramp: users and seconds, step by step; none where Locust itself starts all users.
        hosts: where requests may go.
        shaped: whether the locust file's own shape tells the users.
    """

    warmup: int
    duration: int
    patience: int
    workers: int = 0
    ramp: tuple[tuple[int, int], ...] = ()
    hosts: tuple[str, ...] = ()
    shaped: bool = False


def prepare(out: Path, name: str, asked: Asked) -> Launch:
    """Copy the add-on under a name that no locust file has, with its settings beside it.

    Args:
        out: a private folder.
        name: of the run, new in that folder.
        asked: of the run.
    """
    import json
    import secrets
    from dataclasses import asdict

    home = out / name
    home.mkdir(mode=0o700)
    module = f"gates_load_{secrets.token_hex(8)}"
    copies = {
        f"locust_addon{part}.py": home / f"{module}{part}.py"
        for part in ("_tally", "_whole", "_calls", "_users", "")
    }
    for source, copy in copies.items():
        write_atomic(copy, Path(__file__).with_name(source).read_bytes())
    record = home / "load.jsonl"
    settings = {"record": str(record), **asdict(asked)}
    write_atomic(home / f"{module}.json", json.dumps(settings).encode())
    return Launch(tuple(copies.values()), record, record.with_name(f"{record.name}.about.json"))


def free_port() -> int:
    """A port of this machine that nobody listens on at this moment."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
