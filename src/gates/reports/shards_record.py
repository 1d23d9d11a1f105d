"""What a run record says of shards: its own place among others, or those that it was merged of.

The record of a shard carries a seal, a digest of all the rest of it: a record that was cut or
edited on its way to the merge is no record. It is no signature, and keeps out no forger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from gates.domain.errors import OutputUnreadable, Problem
from gates.domain.run import Run
from gates.formats.shard_plan import canonical
from gates.formats.strict_json import Value
from gates.reports.stored_values import later, maybe, moment, seconds, text, texts

if TYPE_CHECKING:
    from gates.domain.shards import Merged, MergedShard, Piece, ShardRun

SEAL = "seal"

Json = Mapping[str, object]


def shard(run: Run) -> dict[str, object] | None:
    """The place of a shard among the others, without its seal; None where the run is none."""
    told = run.shard
    if told is None:
        return None
    return {
        "index": told.index,
        "count": told.count,
        "plan_sha256": told.plan_sha256,
        "run": told.ci.run,
        "attempt": told.ci.attempt,
        "gates": _pieces(told.pieces),
        "root": told.root,
        "files": [
            {"gate": each.gate, "path": each.path, "sha256": each.sha256, "size": each.size}
            for each in told.parcels
        ],
        SEAL: "",
    }


def sealed(record: dict[str, object]) -> dict[str, object]:
    """A record with its seal, where it is that of a shard."""
    told = record["shard"]
    if isinstance(told, dict):
        told[SEAL] = ""
        told[SEAL] = sha256(canonical(record)).hexdigest()
    return record


def refuse_unsealed(data: bytes, *, what: str) -> None:
    """Refuse the record of a shard that is not as it was written; others carry no seal.

    Args:
        data: the record, which the strict reader has read before.
        what: its name, for messages.

    Raises:
        OutputUnreadable: its seal is of something else.
    """
    record: object = json.loads(data)
    told = record.get("shard") if isinstance(record, dict) else None
    if not isinstance(record, dict) or not isinstance(told, dict):
        return
    found: object = told.get(SEAL)
    sealed(record)
    if told[SEAL] != found:
        raise OutputUnreadable(
            "record-changed",
            "the record was changed after it was written: its seal is of something else",
            place=what,
            hint="hand in the record as the shard wrote it",
        )


def merged(run: Run) -> Json | None:
    """The shards that a run was merged of, or None."""
    told = run.merged
    if told is None:
        return None
    return {
        "plan_sha256": told.plan_sha256,
        "run": told.ci.run,
        "attempt": told.ci.attempt,
        "at_merge": list(told.at_merge),
        "shards": [_merged_shard(each) for each in told.shards],
        "refused": [_problem(each) for each in told.refused],
    }


def _merged_shard(told: MergedShard) -> Json:
    return {
        "index": told.index,
        "gates": _pieces(told.pieces),
        "host": told.host or None,
        "started": told.started.strftime("%Y-%m-%dT%H:%M:%SZ") if told.started else None,
        "seconds": float(told.seconds),
        "record_sha256": told.record_sha256 or None,
        "problem": _problem(told.problem) if told.problem else None,
    }


def _pieces(pieces: Sequence[Piece]) -> list[Json]:
    return [{"name": each.gate, "part": each.part, "parts": each.parts} for each in pieces]


def _problem(told: Problem) -> Json:
    return {
        "error": told.slug,
        "reason": told.summary,
        "hint": told.hint,
        "error_place": told.place,
    }


def read_shard(top: Value) -> ShardRun | None:
    """The place of a shard among the others, read back from a record."""
    return later(top, "shard", _read_shard)


def _read_shard(entry: Value) -> ShardRun:
    from gates.domain.shards import CiRun, Parcel, ShardRun

    return ShardRun(
        index=entry.member("index").count(),
        count=entry.member("count").count(),
        plan_sha256=entry.member("plan_sha256").text(),
        ci=CiRun(entry.member("run").text(), entry.member("attempt").text()),
        pieces=_read_pieces(entry),
        root=entry.member("root").text(),
        parcels=tuple(
            Parcel(
                gate=each.member("gate").text(),
                path=each.member("path").text(),
                sha256=each.member("sha256").text(),
                size=each.member("size").count(),
            )
            for each in entry.member("files").items()
        ),
    )


def read_merged(top: Value) -> Merged | None:
    """The shards that a run was merged of, read back from a record."""
    return later(top, "shards", _read_merged)


def _read_merged(entry: Value) -> Merged:
    from gates.domain.shards import CiRun, Merged

    return Merged(
        plan_sha256=entry.member("plan_sha256").text(),
        ci=CiRun(entry.member("run").text(), entry.member("attempt").text()),
        shards=tuple(_read_merged_shard(each) for each in entry.member("shards").items()),
        at_merge=texts(entry.member("at_merge")),
        refused=tuple(_read_problem(each) for each in entry.member("refused").items()),
    )


def _read_merged_shard(entry: Value) -> MergedShard:
    from gates.domain.shards import MergedShard

    return MergedShard(
        index=entry.member("index").count(),
        pieces=_read_pieces(entry),
        host=text(entry, "host") or "",
        started=maybe(entry, "started", moment),
        seconds=seconds(entry.member("seconds")),
        record_sha256=text(entry, "record_sha256") or "",
        problem=maybe(entry, "problem", _read_problem),
    )


def _read_pieces(entry: Value) -> tuple[Piece, ...]:
    from gates.domain.shards import Piece

    return tuple(
        Piece(each.member("name").text(), each.member("part").count(), each.member("parts").count())
        for each in entry.member("gates").items()
    )


def _read_problem(entry: Value) -> Problem:
    return Problem(
        entry.member("error").text(),
        entry.member("reason").text(),
        place=entry.member("error_place").text(),
        hint=entry.member("hint").text(),
    )
