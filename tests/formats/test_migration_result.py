from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from stages.fake_context import metrics_of

from gates.domain.errors import StageError
from gates.domain.stage_result import StageResult, Tool
from gates.formats.migration_result import MAX_TAGGED, Asked, File, line_of, measured
from gates.formats.migration_trial import Fault, Filled, Step, Walk
from gates.toolkit.door import one_line

A, B = Step("a", Decimal(1), (), ()), Step("b", Decimal(3), (), ())
WALK = Walk(
    alembic="1.20.1",
    dialect="sqlite",
    heads=("b",),
    revisions=(("a", "/project/a.py"), ("b", "/elsewhere/b.py")),
    trip=(),
    tables=1,
    steps=(A, B),
    drift=(),
    canary=4,
    rows=1,
    is_at_head=True,
)
FILES = {"a": File("a.py", "def upgrade():\n  pass\ndef downgrade():\n  pass\n"), "b": File("", "")}
TOOL = Tool(name="alembic", version="1.20.1")
FAILS, DIFFERS = Fault("down-fails", ("x",)), Fault("down-differs", ("y",))


def result(
    seen: Walk = WALK, rows: Filled | None = None, *, models: bool = True, fill: bool = False
) -> StageResult:
    asked = Asked(models=models, fill=fill or rows is not None, files=FILES)
    return measured(seen, rows, asked, TOOL, clean=one_line)


def test_sound_migrations() -> None:
    found = result()
    assert [(metric.name, dict(metric.tags), metric.value) for metric in found.metrics] == [
        ("broken", {}, 0),
        ("heads", {}, 1),
        ("drift", {}, 0),
        ("revisions", {}, 2),
        ("slowest", {}, 3),
        ("slowest", {"revision": "b"}, 3),
        ("slowest", {"revision": "a"}, 1),
    ]
    assert (found.examined.count, found.examined.unit) == (2, "revisions")
    assert found.findings == ()
    assert [each.metric for each in found.not_applicable] == ["rows"]
    assert found.notes == ("tried on empty tables only: `fill` names nothing that puts rows in",)
    assert found.canary == "planted a database without tables: 4 differences from the models seen"


def test_a_broken_revision_is_told_once_at_its_downgrade() -> None:
    steps = (replace(A, faults=(DIFFERS, FAILS)), B)
    rows = Filled((("orders", 5),), (B, replace(A, faults=(FAILS, Fault("loses-rows", ("z",))))))
    found = result(replace(WALK, steps=steps, trip=(FAILS,)), rows)
    (finding,) = found.findings
    assert finding.message == (
        "revision `a`: its downgrade does not undo its upgrade: y. its downgrade fails: x."
        " it loses data that it leaves in place: z"
    )
    assert (finding.rule, finding.path, finding.line) == ("down-differs", "a.py", 3)
    assert (finding.subject, finding.counts) == ("a", ("broken",))
    assert metrics_of(found)["broken"] == 1


def test_what_fails_only_with_rows() -> None:
    rows = Filled((("orders", 5),), (replace(B, faults=(FAILS,), seconds=Decimal(9)),))
    found = result(rows=rows)
    (finding,) = found.findings
    assert finding.message == "revision `b`: its downgrade fails with rows in the tables: x"
    assert (finding.path, finding.line) == ("", 0)
    assert metrics_of(found)["rows"] == 5
    assert next(each for each in found.metrics if each.name == "slowest").value == 9
    assert found.notes == ("not reached with rows: a",)


def test_the_whole_way_is_told_only_where_no_revision_explains_it() -> None:
    found = result(replace(WALK, trip=(DIFFERS, FAILS)))
    (finding,) = found.findings
    assert finding.message == ("head, base, head: its downgrade does not undo its upgrade: y")
    assert metrics_of(found)["broken"] == 1


def test_an_upgrade_that_fails() -> None:
    fault = Fault("up-fails", ("x",))
    steps = (replace(A, faults=(fault,)),)
    seen = replace(WALK, steps=steps, trip=(fault,), drift=None, canary=0, is_at_head=False)
    found = result(seen, fill=True)
    assert found.findings[0].line == 1
    assert [(each.metric, each.reason) for each in found.not_applicable] == [
        ("drift", "head was not reached"),
        ("rows", "head was not reached"),
    ]
    assert found.notes == ("not reached: b",)
    assert not found.canary


def test_two_heads_and_models_that_differ() -> None:
    found = result(replace(WALK, heads=("b", "c"), drift=("one", "two")))
    assert [(each.rule, each.message, each.counts) for each in found.findings] == [
        ("drift", "one", ("drift",)),
        ("drift", "two", ("drift",)),
        ("several-heads", "2 revisions have no follower: b, c", ()),
    ]
    assert metrics_of(found)["heads"] == 2
    assert metrics_of(found)["drift"] == 2


def test_what_goes_and_what_is_bare_is_told() -> None:
    rows = Filled(
        (("orders", 5), ("users", 0)), (replace(B, dropped=("5 values of `orders.note`",)), A)
    )
    assert result(rows=rows).notes == (
        "tables without a row: users",
        "the downgrade of `b` drops 5 values of `orders.note`",
    )


@pytest.mark.parametrize(
    "seen",
    [replace(WALK, canary=0), replace(WALK, drift=None), replace(WALK, drift=("x",), canary=0)],
)
def test_a_comparison_that_sees_nothing_is_errored(seen: Walk) -> None:
    with pytest.raises(StageError, match="with all tables gone"):
        result(seen)
    assert "drift" not in metrics_of(result(seen, models=False))


def test_rows_that_the_migrations_put_in_are_no_fill() -> None:
    with pytest.raises(StageError, match="put no row"):
        result(rows=Filled((("orders", 1),), (B, A)))


def test_only_the_slowest_are_told_one_by_one() -> None:
    steps = tuple(Step(f"r{at}", Decimal(at), (), ()) for at in range(MAX_TAGGED + 9))
    seen = replace(WALK, steps=steps, revisions=tuple((step.revision, "") for step in steps))
    times = [each for each in result(seen).metrics if each.name == "slowest"]
    assert len(times) == MAX_TAGGED + 1
    assert times[-1].value == 9


@pytest.mark.parametrize("text", ["upgrade = 1", "def upgrade(:", "\0"])
def test_a_function_that_cannot_be_found_has_no_line(text: str) -> None:
    assert line_of(text, "upgrade") == 0
