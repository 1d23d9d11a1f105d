from __future__ import annotations

import json
from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats import js_proof
from gates.formats.js_tests import counts_of

DATA = Path(__file__).parents[1] / "stages" / "data"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}-proof.json").read_bytes()


def read(data: bytes) -> js_proof.JsProof:
    return js_proof.read(data, what="proof", nonce="nonce")


def test_vitest() -> None:
    proof = read(recorded("vitest/4.1.11/mixed"))
    assert (proof.version, proof.root) == ("4.1.11", "/project")
    assert (proof.partial, proof.hiding, proof.unplanted) == ((), (), ())
    assert (proof.planned, proof.ended, proof.untold, proof.is_whole) == (4, 4, 0, True)
    counts = counts_of(proof.report)
    assert (counts.passed, counts.failed, counts.errors, counts.flaky) == (7, 1, 3, 1)
    assert (counts.skipped, counts.todo, counts.xfailed) == (3, 1, 1)
    assert proof.report.problems == ("Error: uncaught",)
    lines = {test.name: test.line for module in proof.report.modules for test in module.tests}
    assert (lines["group > passes"], lines["group > fails"]) == (3, 4)


def test_jest() -> None:
    proof = read(recorded("jest/30.5.2/mixed"))
    assert (proof.planned, proof.ended, proof.untold, proof.is_whole) == (5, 5, 0, True)
    counts = counts_of(proof.report)
    assert (counts.passed, counts.failed, counts.errors, counts.flaky) == (7, 1, 2, 1)
    assert (counts.skipped, counts.todo, counts.xfailed) == (3, 1, 1)
    snapshot = read(recorded("jest/30.5.2/obsolete-snapshot")).report
    assert snapshot.problems == ("1 snapshots are obsolete: no test asked for them",)


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"nonce": "other"}, "proof-foreign"),
        ({"format": 2}, "json-content"),
        ({"end": False}, "json-content"),
        ({"planned": -1}, "json-type"),
        ({"partial": "x"}, "json-type"),
        (
            {"modules": [{"path": "a", "problems": [], "tests": [{"status": "odd"}]}]},
            "json-content",
        ),
    ],
)
def test_another_record_is_refused(change: dict[str, object], slug: str) -> None:
    top = {**json.loads(recorded("jest/30.5.2/green")), **change}
    with pytest.raises(OutputUnreadable) as caught:
        read(json.dumps(top).encode())
    assert caught.value.problem.slug == slug


def test_every_truncation_is_refused() -> None:
    refuses_every_cut(read, recorded("vitest/4.1.11/mixed"))
