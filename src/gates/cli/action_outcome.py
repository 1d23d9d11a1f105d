"""What a run record says to the workflow: outputs, and whether the step fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gates import __version__
from gates.domain.status import Verdict

ERRORED = 3
LONGEST = 100_000
"""Characters of an output; what is longer is left out, since a whole job has a megabyte."""

_PROTECTED = {"partial": ERRORED, "pending": 4}
"""The exit code of verdicts that are no pass, whatever the process ended with."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended.

    Attributes:
        verdict: of the record; `errored` where there is none.
        exit_code: of the step.
        problem: why the step fails where the record alone does not say it, or empty.
        notice: what must be told although the step passes, or empty.
        failed: names of the gates that failed or are errored.
        numbers: what was measured, by gate and metric, where a condition looked at it.
    """

    verdict: str
    exit_code: int
    problem: str = ""
    notice: str = ""
    failed: tuple[str, ...] = ()
    numbers: Mapping[str, float] | None = None


def of_record(data: bytes | None, ended: int, accept: tuple[str, ...]) -> Outcome:
    """Judge a step by the record that `gates check` wrote and by its exit code.

    Args:
        data: the record, None where there is none.
        ended: the exit code of `gates check`; below 0, the signal that ended it.
        accept: verdicts that are no pass and yet do not fail the step.
    """
    code = 128 - ended if ended < 0 else ended
    record = _read(data)
    if record is None:
        said = f"`gates check` ended with exit code {code} and left no record: see the log above"
        return Outcome("errored", code or ERRORED, said)
    verdict = record.get("verdict")
    is_pass = code == 0 and verdict not in {Verdict.PASSED, Verdict.PARTIAL}
    if record.get("exit_code") != code or not isinstance(verdict, str) or is_pass:
        said = f"the record and the exit code {code} of `gates check` contradict each other"
        return Outcome("errored", code or ERRORED, said)
    gates = _gates(record)
    failed = tuple(
        str(gate.get("name")) for gate in gates if gate.get("status") in {"failed", "errored"}
    )
    numbers = _numbers(gates)
    if verdict in accept:
        return Outcome(
            verdict,
            0,
            notice=f"the verdict is `{verdict}`, which is no pass, and is accepted here",
            failed=failed,
            numbers=numbers,
        )
    problem = ""
    if verdict == "partial":
        problem = "the verdict is `partial`: gates were left out, so nothing is shown by the rest"
    code = _PROTECTED.get(verdict, code)
    return Outcome(verdict, code, problem, failed=failed, numbers=numbers)


def outputs(outcome: Outcome, paths: Mapping[str, str]) -> str:
    """The text for the file of outputs: one line each, with nothing in it that could end one.

    Args:
        outcome: how the check ended.
        paths: further outputs by name.
    """
    said = {
        "verdict": outcome.verdict,
        "exit-code": str(outcome.exit_code),
        "failed-gates": json.dumps(outcome.failed),
        "gates-version": __version__,
        "numbers": json.dumps(outcome.numbers or {}, sort_keys=True),
        **paths,
    }
    return "".join(
        f"{name}={_line(text) if len(text) <= LONGEST else ''}\n" for name, text in said.items()
    )


def read_record(path: Path) -> bytes | None:
    """A record's bytes, or None."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _line(text: str) -> str:
    return " ".join(text.splitlines())


def _read(data: bytes | None) -> dict[str, object] | None:
    try:
        found: object = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _gates(record: Mapping[str, object]) -> list[dict[str, object]]:
    """The gates of a record; those of a roll-up's projects stand under their projects."""
    found = record.get("gates")
    gates = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    projects = record.get("projects")
    for project in projects if isinstance(projects, list) else []:
        if isinstance(project, dict):
            gates += [
                {**gate, "name": f"{project.get('path')}:{gate.get('name')}"}
                for gate in _gates(project)
            ]
    return gates


def _numbers(gates: list[dict[str, object]]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for gate in gates:
        found = gate.get("conditions")
        for each in found if isinstance(found, list) else []:
            value = each.get("value") if isinstance(each, dict) else None
            if isinstance(value, int | float) and not each.get("tags"):
                numbers[f"{gate.get('name')}.{each.get('metric')}"] = value
    return numbers
