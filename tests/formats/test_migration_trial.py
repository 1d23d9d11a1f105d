from __future__ import annotations

import json
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.migration_trial import WORDS, Fault, Step, filled, walk

RECORD: dict[str, object] = {
    "alembic": "1.20.1",
    "sqlalchemy": "2.1.9",
    "dialect": "sqlite",
    "heads": ["b"],
    "revisions": [["a", "/project/a.py"], ["b", "/project/b.py"]],
    "trip": [],
    "tables": 5,
    "drift": [],
    "canary": 10,
    "rows": 2,
    "steps": [
        {"revision": "a", "seconds": 0.04, "faults": [], "dropped": []},
        {"revision": "b", "seconds": 1, "faults": [["down-fails", ["x"]]], "dropped": []},
    ],
}


def step(revision: str, *kinds: str) -> dict[str, object]:
    faults = [[kind, ["why"]] for kind in kinds]
    return {"revision": revision, "seconds": 1, "faults": faults, "dropped": ["3 rows of `x`"]}


def data(**changed: object) -> bytes:
    return json.dumps({**RECORD, **changed}).encode()


def test_a_walk() -> None:
    seen = walk(data(), what="walk")
    assert (seen.alembic, seen.dialect, seen.heads) == ("1.20.1", "sqlite", ("b",))
    assert (seen.tables, seen.drift, seen.canary, seen.rows) == (5, (), 10, 2)
    assert seen.revisions == (("a", "/project/a.py"), ("b", "/project/b.py"))
    assert seen.is_at_head
    assert seen.steps == (
        Step("a", Decimal("0.04"), (), ()),
        Step("b", Decimal(1), (Fault("down-fails", ("x",)),), ()),
    )


def test_a_walk_that_did_not_reach_head() -> None:
    told = {**RECORD, "trip": [["up-fails", ["x"]]], "steps": [step("a", "up-fails")]}
    del told["rows"], told["drift"]
    seen = walk(json.dumps(told).encode(), what="walk")
    assert (seen.is_at_head, seen.rows, seen.drift, seen.canary) == (False, 0, None, 0)
    assert len(seen.steps) == 1


def test_a_walk_with_rows() -> None:
    told = {"filled": [["orders", 3]], "steps": [step("b"), step("a")]}
    seen = filled(json.dumps(told).encode(), ("a", "b"), what="filled")
    assert seen.rows == (("orders", 3),)
    assert [each.revision for each in seen.steps] == ["b", "a"]
    assert seen.steps[0].dropped == ("3 rows of `x`",)


@pytest.mark.parametrize("kind", ["down-fails", "again-fails"])
def test_a_walk_with_rows_may_end_where_none_can_go_on(kind: str) -> None:
    told = {"filled": [["orders", 3]], "steps": [step("b", kind)]}
    assert len(filled(json.dumps(told).encode(), ("a", "b"), what="filled").steps) == 1


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [step("a")],
        [step("a", "down-fails")],
        [step("b"), step("a")],
        [step("a"), step("b"), step("b")],
        [step("a", "unheard-of"), step("b")],
        [{**step("a"), "faults": [["up-fails", []]]}],
        [{**step("a"), "faults": [["up-fails"]]}],
    ],
)
def test_steps_that_do_not_fit_are_refused(steps: list[object]) -> None:
    with pytest.raises(OutputUnreadable):
        walk(data(steps=steps), what="walk")


def test_a_walk_with_rows_that_ends_early_is_refused() -> None:
    told = {"filled": [["orders", 3]], "steps": [step("b", "loses-rows")]}
    with pytest.raises(OutputUnreadable, match="all revisions"):
        filled(json.dumps(told).encode(), ("a", "b"), what="filled")


def test_why_nothing_was_tried() -> None:
    refused = {"refused": {"slug": "no-migrations", "why": "none", "hint": "look"}}
    for read in (
        lambda: walk(data(**refused), what=""),
        lambda: filled(data(**refused), (), what=""),
    ):
        with pytest.raises(StageError) as caught:
            read()
        problem = caught.value.problem
        assert (problem.slug, problem.summary, problem.hint) == ("no-migrations", "none", "look")


@pytest.mark.parametrize("name", sorted(RECORD.keys() - {"sqlalchemy", "drift"}))
def test_a_part_that_is_missing_is_refused(name: str) -> None:
    told = {key: value for key, value in RECORD.items() if key != name}
    with pytest.raises(OutputUnreadable):
        walk(json.dumps(told).encode(), what="walk")


def test_a_fault_in_words() -> None:
    assert Fault("down-fails", ("x",)).said() == "its downgrade fails: x"
    assert Fault("down-fails", ("x",)).said(with_rows=True) == (
        "its downgrade fails with rows in the tables: x"
    )
    assert Fault("loses-rows", ("x",)).said(with_rows=True) == f"{WORDS['loses-rows']}: x"
    assert Fault("down-differs", tuple("abcde")).said().endswith(": a; b; c; and 2 more")
