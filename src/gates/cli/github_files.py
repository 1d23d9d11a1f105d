"""The files that a step of GitHub Actions is handed: its summary and its outputs.

They are appended to where the annotations go to the step's output. Where one cannot be written,
standard error tells so, and the verdict stays what it is.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from gates.domain.rollup import RollUp
from gates.domain.run import GateRun, Run
from gates.domain.status import Verdict, verdict_of_gate
from gates.toolkit.door import one_line, unbroken

SUMMARY, OUTPUTS = "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"

SUMMARY_BYTES = 1_000_000
"""Bytes of a step's summary; with one byte above 1 MiB the runner drops all of it."""

_LEAST_BYTES = 4_000
_OPEN = {Verdict.FAILED, Verdict.ERRORED, Verdict.PENDING}


def write(run: Run | RollUp, environ: Mapping[str, str], *, record: str = "") -> None:
    """Append the summary and the outputs, where a step of GitHub Actions runs us.

    Args:
        run: what they tell of.
        environ: names the files.
        record: the file behind the run, if not the one in its folder.
    """
    if environ.get("GITHUB_ACTIONS", "").casefold() != "true":
        return
    _append(environ, SUMMARY, lambda size: _summary(run, record, size))
    _append(environ, OUTPUTS, lambda _: _lines(_outputs(run, record)))


def _summary(run: Run | RollUp, record: str, size: int) -> str:
    """The summary in what is left of a step's share.

    Raises:
        OSError: where too little is left.
    """
    left = SUMMARY_BYTES - size
    if left < _LEAST_BYTES:
        raise OSError(0, "it is full already")
    if isinstance(run, Run):
        from gates.reports import markdown

        return markdown.report(run, record=record, limit=left)
    from gates.reports import rollup_markdown

    return rollup_markdown.report(run, record=record, limit=left)


def _outputs(run: Run | RollUp, record: str) -> list[tuple[str, str]]:
    """Names and values, each on one line: what stands behind the first `=` is the value."""
    name = "run.json" if isinstance(run, Run) else "rollup.json"
    stored = record or (os.path.join(run.folder, name) if run.folder else "")  # noqa: PTH118 - text
    found = [
        ("verdict", run.verdict.value),
        ("exit-code", str(run.exit_code)),
        ("failed-gates", json.dumps(_failed(run), ensure_ascii=True)),
        ("gates-version", run.gates_version),
    ]
    if stored.isprintable():
        found.append(("record", stored))
    else:
        _tell("the output `record` is left out: its path holds a line break or a control character")
    return found


def _lines(outputs: list[tuple[str, str]]) -> str:
    return "".join(f"{name}={unbroken(value)}\n" for name, value in outputs)


def _failed(run: Run | RollUp) -> list[str]:
    """The gates that keep the run from passing; in a roll-up behind their project's path."""
    if isinstance(run, Run):
        return [gate.name for gate in run.gates if _is_open(gate)]
    found = []
    for project in run.projects:
        if project.run is None and project.verdict in _OPEN:
            found.append(project.path)
        gates = project.run.gates if project.run is not None else ()
        found += [f"{project.path}:{gate.name}" for gate in gates if _is_open(gate)]
    return found


def _is_open(gate: GateRun) -> bool:
    return verdict_of_gate(gate.status, gate.plan.level) in _OPEN


def _append(environ: Mapping[str, str], variable: str, text: Callable[[int], str]) -> None:
    """Append to the file that a variable names, or tell why not."""
    name = environ.get(variable, "")
    if not name:
        _tell(f"nothing was written to ${variable}: it is not set")
        return
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(Path(name), flags, 0o644), "ab") as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise OSError(0, "it is no file")  # noqa: TRY301 - one place tells of all
            stream.write(text(found.st_size).encode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        _tell(f"nothing was written to ${variable}: {reason}")


def _tell(text: str) -> None:
    sys.stderr.write(f"gates: {one_line(text)}\n")
