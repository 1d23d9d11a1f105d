from __future__ import annotations

import json

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.pytest_proof import CaseCounts, CaseProblem, CollectError, Measured, read

COUNTS = dict.fromkeys(
    (
        *("passed", "failed", "errors", "skipped", "xfailed", "xpassed", "unknown"),
        *("not_run", "subtests_skipped", "subtests_xfailed"),
    ),
    0,
)


def record(**changes: object) -> dict[str, object]:
    return {
        "format": 1,
        "nonce": "n",
        "pytest": {"version": "9.2.0", "file": "/env/pytest/__init__.py"},
        "rootdir": "/project",
        "partial": [],
        "worker": "",
        "loop_ended": True,
        "stopped": "",
        "exit_first": 0,
        "exit_last": 0,
        "collected": 2,
        "never_ran": 0,
        "unfinished": [],
        "deselected": 1,
        "dropped": ["b.py::t"],
        "skipped_modules": 0,
        "collect_errors": [{"nodeid": "a.py", "line": 1, "message": "no"}],
        "tests": {**COUNTS, "passed": 2},
        "flaky": ["a.py::t"],
        "words": [],
        "problems": [
            {
                "nodeid": "a.py::t",
                "outcome": "failed",
                "phase": "call",
                "path": "/project/a.py",
                "line": 3,
                "message": "boom",
            }
        ],
        "warnings": 4,
        "workers": {"gw0": "ended"},
        "coverage": {
            "problem": "",
            "file": "/env/coverage/__init__.py",
            "config": "",
            "data": "lines.1",
            "measured": 5,
        },
        "end": True,
        **changes,
    }


def data(**changes: object) -> bytes:
    return json.dumps(record(**changes)).encode()


def test_a_whole_record_is_read() -> None:
    proof = read(data(), what="main.json", nonce="n")
    assert proof.tests == CaseCounts(
        passed=2, failed=0, errors=0, skipped=0, xfailed=0, xpassed=0, unknown=0
    )
    assert proof.tests.executed == 2
    assert proof.dropped == ("b.py::t",)
    assert proof.collect_errors == (CollectError(nodeid="a.py", line=1, message="no"),)
    assert proof.problems == (
        CaseProblem(
            nodeid="a.py::t",
            outcome="failed",
            phase="call",
            path="/project/a.py",
            line=3,
            message="boom",
        ),
    )
    assert proof.measured == Measured(
        problem="", file="/env/coverage/__init__.py", config="", data="lines.1", files=5
    )
    assert (proof.workers, proof.warnings, proof.deselected) == ({"gw0": "ended"}, 4, 1)


def test_a_run_without_session_and_measurement_has_less_to_tell() -> None:
    short = record(exit_first=None, exit_last=None, coverage=None)
    del short["rootdir"], short["partial"]
    proof = read(json.dumps(short).encode(), what="main.json", nonce=None)
    assert (proof.exit_first, proof.exit_last, proof.measured) == (None, None, None)
    assert (proof.rootdir, proof.partial) == ("", ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (data(nonce="other"), "another run"),
        (data(end=False), "did not end"),
        (data(format=2), "not a known format"),
        (data(collected=-1), "a count"),
        (data(tests={}), "passed"),
        (data(workers={"gw0": 1}), "a string"),
        (data()[:-20], "JSON"),
        (b"", "empty"),
        (b"[]", "an object"),
    ],
)
def test_anything_else_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        read(text, what="main.json", nonce="n")
