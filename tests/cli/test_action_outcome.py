"""A step passes only by a record that says so, and by an exit code that says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runner.grammar import pairs

from gates import __version__
from gates.cli.action_outcome import Outcome, of_record, outputs, read_record

GATES = [
    {
        "name": "coverage",
        "status": "failed",
        "conditions": [
            {"metric": "line", "tags": {}, "value": 0.895},
            {"metric": "p95", "tags": {"endpoint": "/"}, "value": 3},
            {"metric": "branch", "tags": {}, "value": None},
        ],
    },
    {"name": "lint", "status": "passed", "conditions": None},
    {"name": "audit", "status": "errored", "conditions": []},
]


def record(verdict: str, code: int, **more: object) -> bytes:
    return json.dumps({"verdict": verdict, "exit_code": code, "gates": GATES, **more}).encode()


def test_a_record_that_failed() -> None:
    found = of_record(record("failed", 1), 1, ())
    assert (found.verdict, found.exit_code, found.problem) == ("failed", 1, "")
    assert found.failed == ("coverage", "audit")
    assert found.numbers == {"coverage.line": 0.895}


def test_a_record_that_passed() -> None:
    assert of_record(record("passed", 0), 0, ()).exit_code == 0


def test_the_gates_of_projects_are_named_with_them() -> None:
    rolled = {"verdict": "failed", "exit_code": 1, "projects": [{"path": "a", "gates": GATES}, 3]}
    found = of_record(json.dumps(rolled).encode(), 1, ())
    assert found.failed == ("a:coverage", "a:audit")


@pytest.mark.parametrize(
    ("data", "ended", "code"),
    [
        (None, 2, 2),
        (None, 0, 3),
        (b"{", 0, 3),
        (b"[]", 1, 1),
        (record("passed", 0), -9, 137),
        (record("failed", 1), 0, 3),
        (record("passed", 0), 1, 1),
        (record("errored", 0), 0, 3),
        (record("pending", 0), 0, 3),
        (record("waived", 0), 0, 3),
        (json.dumps({"exit_code": 0}).encode(), 0, 3),
    ],
)
def test_without_a_record_that_agrees_nothing_passes(
    data: bytes | None, ended: int, code: int
) -> None:
    found = of_record(data, ended, ("pending", "partial"))
    assert (found.verdict, found.exit_code) == ("errored", code)
    assert found.problem


def test_a_part_is_refused_unless_it_is_accepted() -> None:
    refused = of_record(record("partial", 0), 0, ("pending",))
    assert (refused.exit_code, "partial" in refused.problem) == (3, True)
    accepted = of_record(record("partial", 0), 0, ("partial",))
    assert (accepted.exit_code, accepted.problem) == (0, "")
    assert "no pass" in accepted.notice


def test_what_is_awaited_is_no_pass_unless_it_is_accepted() -> None:
    assert of_record(record("pending", 4), 4, ()).exit_code == 4
    assert of_record(record("pending", 4), 4, ("pending",)).exit_code == 0


def test_outputs_are_lines_that_nothing_breaks() -> None:
    found = Outcome("failed", 1, failed=("a\nverdict=passed", "b<<EOF"), numbers={"x.y": 1.5})
    said = pairs(outputs(found, {"page": "/a\rb\nverdict=passed", "long": "x" * 100_001}))
    assert said == {
        "verdict": "failed",
        "exit-code": "1",
        "failed-gates": json.dumps(["a\nverdict=passed", "b<<EOF"]),
        "gates-version": __version__,
        "numbers": '{"x.y": 1.5}',
        "page": "/a b verdict=passed",
        "long": "",
    }


def test_a_record_that_is_not_there(tmp_path: Path) -> None:
    assert read_record(tmp_path / "none") is None
    (tmp_path / "one").write_bytes(b"{}")
    assert read_record(tmp_path / "one") == b"{}"
