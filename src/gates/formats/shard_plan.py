"""The plan of shards as a file, `gates/shards/v1`: written here, and read strictly.

One machine writes it and others obey it, so nothing in it is taken on trust: its own digest, the
numbers of the shards, and that no gate stands twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from gates.domain.errors import OutputUnreadable
from gates.domain.plan import LEVELS, Extended
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json

if TYPE_CHECKING:
    # Each run's record needs `canonical`, and most runs nothing of shards.
    from gates.domain.shards import Shard, ShardPlan

SCHEMA = "gates/shards/v1"

MAX_BYTES = 16 << 20
"""How large a plan may be."""

SLUG = "shard-plan"

_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def sealed(plan: ShardPlan) -> ShardPlan:
    """The plan with its own digest."""
    return replace(plan, sha256=digest(plan))


def digest(plan: ShardPlan) -> str:
    """The digest of all that a plan says, but the digest itself."""
    plain = _document(plan)
    del plain["sha256"]
    return sha256(canonical(plain)).hexdigest()


def canonical(plain: Mapping[str, object]) -> bytes:
    """Plain values as the bytes that a digest is made of."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def render(plan: ShardPlan) -> str:
    """The plan as JSON text that ends with a line break."""
    return json.dumps(_document(plan), indent=1, allow_nan=False) + "\n"


def _document(plan: ShardPlan) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "project": plan.project,
        "level": plan.level,
        "commit": plan.commit,
        "tree": plan.tree,
        "policy": {
            "source": plan.policy,
            "sha256": plan.policy_sha256,
            "extends": [
                {"source": each.source, "sha256": each.sha256, "pinned": each.is_pinned}
                for each in plan.extends
            ],
        },
        "gates_version": plan.gates_version,
        "ci": {"run": plan.ci.run, "attempt": plan.ci.attempt},
        "made": plan.made.strftime(_TIME),
        "shards": [
            {
                "index": shard.index,
                "expected_s": str(shard.expected_s),
                "gates": [
                    {"name": piece.gate, "part": piece.part, "parts": piece.parts}
                    for piece in shard.pieces
                ],
            }
            for shard in plan.shards
        ],
        "at_merge": list(plan.at_merge),
        "sha256": plan.sha256,
    }


def read(data: bytes, *, what: str) -> ShardPlan:
    """Read a plan.

    Args:
        data: the whole file.
        what: its name, for messages.

    Raises:
        OutputUnreadable: it is no whole plan, contradicts itself, or was changed.
    """
    top = read_json(data, what=what, max_bytes=MAX_BYTES)
    found = top.find("schema")
    if found is None or found.text() != SCHEMA:
        raise top.unreadable(f"is no plan of the schema `{SCHEMA}`", slug=SLUG)
    from gates.domain.shards import CiRun, ShardPlan

    plan = ShardPlan(
        project=top.member("project").text(),
        level=top.member("level").count(),
        commit=None if top.member("commit").raw is None else top.member("commit").text(),
        tree=top.member("tree").text(),
        policy=top.member("policy", "source").text(),
        policy_sha256=top.member("policy", "sha256").text(),
        extends=tuple(map(_extended, top.member("policy", "extends").items())),
        gates_version=top.member("gates_version").text(),
        ci=CiRun(top.member("ci", "run").text(), top.member("ci", "attempt").text()),
        made=_moment(top.member("made")),
        shards=tuple(_shard(entry) for entry in top.member("shards").items()),
        at_merge=tuple(entry.text() for entry in top.member("at_merge").items()),
        sha256=top.member("sha256").text(),
    )
    if digest(plan) != plan.sha256:
        raise OutputUnreadable(
            "shard-plan-changed",
            "the plan of the shards was changed after it was made: its digest is another",
            place=what,
            hint="make it again with `gates plan`, and hand it on as it is",
        )
    _check(plan, top)
    return plan


def _shard(entry: Value) -> Shard:
    seconds = entry.member("expected_s")
    try:
        from decimal import Decimal

        expected = Decimal(seconds.text())
    except ArithmeticError:
        raise seconds.unreadable("is no number") from None
    from gates.domain.shards import Piece, Shard

    return Shard(
        index=entry.member("index").count(),
        pieces=tuple(
            Piece(
                each.member("name").text(),
                each.member("part").count(),
                each.member("parts").count(),
            )
            for each in entry.member("gates").items()
        ),
        expected_s=expected,
    )


def _extended(entry: Value) -> Extended:
    source, sha256 = entry.member("source").text(), entry.member("sha256").text()
    return Extended(source, sha256, is_pinned=entry.member("pinned").flag())


def _moment(entry: Value) -> datetime:
    try:
        return datetime.strptime(entry.text(), _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise entry.unreadable("is not a time in UTC") from None


def _check(plan: ShardPlan, top: Value) -> None:
    """Refuse what no plan can say, whoever made it."""
    if plan.level not in LEVELS:
        raise top.member("level").unreadable("is no level", slug=SLUG)
    shards = top.member("shards")
    if [shard.index for shard in plan.shards] != list(range(1, len(plan.shards) + 1)):
        raise shards.unreadable("are not numbered from 1", slug=SLUG)
    from gates.domain.shards import MOST

    if not 1 <= len(plan.shards) <= MOST:
        raise shards.unreadable(f"are not between 1 and {MOST}", slug=SLUG)
    if not all(shard.pieces for shard in plan.shards):
        raise shards.unreadable("hold an empty one", slug=SLUG)
    _check_pieces(plan, shards)
    if len(set(plan.at_merge)) != len(plan.at_merge):
        raise top.member("at_merge").unreadable("names a gate twice", slug=SLUG)


def _check_pieces(plan: ShardPlan, shards: Value) -> None:
    names = Counter(piece.gate for shard in plan.shards for piece in set(shard.pieces))
    parts: dict[str, set[tuple[int, int]]] = {}
    for piece in plan.pieces():
        parts.setdefault(piece.gate, set()).add((piece.part, piece.parts))
    for name, found in parts.items():
        count = names[name]
        if found != {(part, count) for part in range(1, count + 1)} or name in plan.at_merge:
            problem = f"do not hold each part of gate `{name}` once"
            raise shards.unreadable(problem, slug=SLUG)
    for shard in plan.shards:
        if len({piece.gate for piece in shard.pieces}) != len(shard.pieces):
            raise shards.unreadable("hold one with a gate that stands twice", slug=SLUG)
