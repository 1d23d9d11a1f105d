"""What runs of tests left of their measurement: data files of coverage.py beside their records.

A gate's tests may have run on this machine, or in parts on several; each place left one folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.formats import pytest_proof
from gates.toolkit.files import open_report, read_report

MAX_DATA_BYTES = 4 * 1024**3
"""How large a data file may be; it is not read here."""

_PATTERN_SIGNS = "*?[]{}\\"


@dataclass(frozen=True, slots=True)
class Left:
    """What one run of tests left.

    Attributes:
        gate: the gate whose tests ran.
        proof: the folder of the records, and in `data` of what was measured.
        root: the folder of gates.yaml where they ran, real path.
        started_ns: the files are not older, in nanoseconds since the epoch.
        is_part: others ran other tests of the same gate, so that these may have measured nothing.
    """

    gate: str
    proof: Path
    root: Path
    started_ns: int
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """The data files of one run.

    Attributes:
        files: each whole, ours, and made by that run.
        config: a configuration that its command line named, absolute there; or empty.
    """

    files: tuple[Path, ...]
    config: str


def measured(left: Left) -> Measured:
    """All data files that a run left.

    Raises:
        StageError: it did not measure, or a process of it lost its data.
    """
    config, expected = _told(left)
    who = f"gate `{left.gate}`"
    data = left.proof / "data"
    found = sorted(path for path in data.glob("lines*") if not path.name.endswith("-journal"))
    if not expected and not found and not left.is_part:
        summary = f"the tests of {who} executed no line that coverage was told to measure"
        raise StageError("nothing-measured", summary)
    lost = expected.difference(path.name for path in found)
    if lost:
        raise StageError("data-lost", f"{len(lost)} data files of {who} are missing")
    for path in found:
        with open_report(path, since_ns=left.started_ns, max_bytes=MAX_DATA_BYTES):
            pass  # whole, ours, and made by this run
    return Measured(tuple(found), config)


def _told(left: Left) -> tuple[str, set[str]]:
    """The configuration that was named, and the data files that the processes tell of."""
    config = ""
    expected: set[str] = set()
    who = f"gate `{left.gate}`"
    for path in (left.proof / "main.json", *sorted(left.proof.glob("worker-*.json"))):
        record = read_report(path, since_ns=left.started_ns, max_bytes=pytest_proof.MAX_BYTES)
        told = pytest_proof.read(record.data, what=path.name, nonce=None).measured
        if told is None:
            raise StageError("no-coverage-data", f"{who} was not asked to measure coverage")
        if told.problem:
            raise StageError(
                "coverage-broken",
                f"{who} could not measure coverage: {told.problem}",
                hint="install `coverage` in the environment of the tests, or mend its settings",
            )
        if told.files and not told.data:
            raise StageError("data-lost", f"a process of {who} measured and left no data")
        config = config or told.config
        expected.update({told.data} - {""})
    return config, expected


def moved(path: str, origin: Path, here: Path) -> str:
    """An absolute path of another checkout as it is in this one, where it lies in the project."""
    prefix = f"{origin}/"
    return f"{here}/{path[len(prefix) :]}" if path.startswith(prefix) else path


def one_config(configs: set[str]) -> str:
    """The one configuration that all runs named, or empty.

    Raises:
        StageError: they named several, so no one report can be made of their data.
    """
    named = sorted(configs - {""})
    if len(named) > 1:
        raise StageError(
            "config-differs",
            f"the tests measured with {len(named)} configurations of coverage: {', '.join(named)}",
            hint="let all test gates name the same `--cov-config`",
        )
    return named[0] if named else ""


def aliases(origin: Path, here: Path) -> str:
    """A configuration that makes `coverage combine` see another checkout's files as ours.

    Raises:
        StageError: a path holds what coverage.py would read as a pattern.
    """
    for path in (str(origin), str(here)):
        if any(sign in path for sign in _PATTERN_SIGNS) or not path.isprintable():
            raise StageError(
                "odd-path",
                f"coverage.py takes `{path!a}` for a pattern, so its data cannot be moved",
                hint="run the shards and the merge in folders without such signs",
            )
    return f"[paths]\nproject =\n    {here}\n    {origin}\n"
