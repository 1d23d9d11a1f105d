from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.domain.plan import Extended
from gates.domain.shards import CiRun, Piece, Shard, ShardPlan
from gates.formats import shard_plan

PLAN = shard_plan.sealed(
    ShardPlan(
        project="shop",
        level=2,
        commit="c" * 40,
        tree="t" * 40,
        policy="gates.yaml",
        policy_sha256="p" * 64,
        extends=(Extended("../shared.yaml", "e" * 64), Extended("x@1:y", "f" * 64, is_pinned=True)),
        gates_version="1.2.3",
        ci=CiRun("77", "2"),
        made=datetime(2026, 1, 31, 12, 0, 0, 250, tzinfo=UTC),
        shards=(
            Shard(
                index=1, pieces=(Piece("tests", 1, 2), Piece("lint")), expected_s=Decimal("3.25")
            ),
            Shard(index=2, pieces=(Piece("tests", 2, 2),), expected_s=Decimal("1.5")),
        ),
        at_merge=("coverage",),
    )
)


def read(text: str) -> ShardPlan:
    return shard_plan.read(text.encode(), what="plan.json")


@pytest.mark.parametrize("plan", [PLAN, shard_plan.sealed(replace(PLAN, commit=None, at_merge=()))])
def test_what_was_written_is_read_back(plan: ShardPlan) -> None:
    assert read(shard_plan.render(plan)) == plan


def test_two_plans_of_one_tree_differ() -> None:
    later = replace(PLAN, made=PLAN.made.replace(microsecond=251))

    assert shard_plan.digest(later) != PLAN.sha256


@pytest.mark.parametrize("key", ["level", "commit", "tree", "ci", "shards", "at_merge", "made"])
def test_an_edited_plan_is_no_plan(key: str) -> None:
    document = json.loads(shard_plan.render(PLAN))
    document[key] = {
        "level": 1,
        "commit": "d" * 40,
        "tree": "d" * 40,
        "ci": {"run": "78", "attempt": "2"},
        "shards": document["shards"][:1],
        "at_merge": [],
        "made": "2026-01-31T12:00:01.000000Z",
    }[key]

    with pytest.raises(OutputUnreadable, match="was changed after it was made"):
        read(json.dumps(document))


def with_shards(*shards: Shard) -> ShardPlan:
    return replace(PLAN, shards=shards)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (replace(PLAN, level=4), "is no level"),
        (with_shards(), "not between 1 and 256"),
        (with_shards(replace(PLAN.shards[0], index=2)), "not numbered from 1"),
        (with_shards(PLAN.shards[0], Shard(index=2, pieces=())), "an empty one"),
        (with_shards(PLAN.shards[0]), "each part of gate `tests` once"),
        (replace(PLAN, at_merge=("lint",)), "each part of gate `lint` once"),
        (replace(PLAN, at_merge=("x", "x")), "names a gate twice"),
        (
            with_shards(PLAN.shards[0], Shard(index=2, pieces=(Piece("lint"), Piece("a")))),
            "do not hold each part",
        ),
        (
            with_shards(Shard(index=1, pieces=(Piece("a", 1, 2), Piece("a", 2, 2)))),
            "a gate that stands twice",
        ),
        (
            with_shards(*(Shard(index=at, pieces=(Piece(f"g{at}"),)) for at in range(1, 258))),
            "not between 1 and 256",
        ),
    ],
)
def test_what_no_plan_can_say_is_refused(plan: ShardPlan, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        read(shard_plan.render(shard_plan.sealed(plan)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda plan: plan.update(schema="gates/run/v1"), "no plan of the schema"),
        (lambda plan: plan.update(made="yesterday"), "not a time"),
        (lambda plan: plan["shards"][0].update(expected_s="long"), "no number"),
        (lambda plan: plan.pop("tree"), "no member `tree`"),
    ],
)
def test_what_is_no_plan_is_refused(
    change: Callable[[dict[str, list[dict[str, object]]]], object], words: str
) -> None:
    document = json.loads(shard_plan.render(PLAN))
    change(document)

    with pytest.raises(OutputUnreadable, match=words):
        read(json.dumps(document))


def test_a_cut_plan_is_refused() -> None:
    with pytest.raises(OutputUnreadable):
        read(shard_plan.render(PLAN)[:-20])
