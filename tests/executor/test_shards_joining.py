"""Whose division a plan may be; how gates are divided is tested in `test_shards.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from executor.conftest import scripted
from executor.test_shards import cover, divided, load, suite

from gates.domain.plan import GatePlan
from gates.domain.shards import Piece, Shard, ShardPlan
from gates.executor.shards_joining import Joining

GATES = (
    suite("unit", 2),
    suite("api"),
    cover("unit", "api"),
    scripted("a"),
    scripted("b", needs=("a",)),
)


def torn(plan: ShardPlan, *gates: GatePlan) -> str:
    return Joining(gates or GATES, (), load).torn(plan)


def of(*machines: tuple[Piece, ...], at_merge: tuple[str, ...] = ("cover",)) -> ShardPlan:
    shards = tuple(Shard(index=at, pieces=each) for at, each in enumerate(machines, 1))
    return replace(divided(*GATES), shards=shards, at_merge=at_merge)


UNIT = (Piece("unit", 1, 2), Piece("unit", 2, 2))
API, A, B = Piece("api"), Piece("a"), Piece("b")


@pytest.mark.parametrize("count", [1, 2, 3, 9, None])
def test_what_was_divided_here_is_whole(count: int | None) -> None:
    assert torn(divided(*GATES, count=count)) == ""


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (of((UNIT[0], A), (UNIT[1], API, B)), "gates apart that must be measured together: `a`"),
        (of((UNIT[0], API, A, B, Piece("cover")), (UNIT[1],), at_merge=()), "whether `cover`"),
        (of((API, A, B), at_merge=("unit", "cover")), "whether `unit` waits for the merge"),
        (
            of((*UNIT[:1], Piece("api", 1, 2), A, B), (UNIT[1], Piece("api", 2, 2))),
            "2 parts of `api`, which it must not be split into",
        ),
        (
            of((Piece("unit", 1, 3), API), (Piece("unit", 2, 3), A, B), (Piece("unit", 3, 3),)),
            "3 parts of `unit`",
        ),
    ],
)
def test_a_division_that_proves_nothing_is_told(plan: ShardPlan, words: str) -> None:
    assert words in torn(plan)
