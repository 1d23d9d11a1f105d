from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator
from reports.runs import sample_run

from gates.domain.errors import OutputUnreadable, Problem
from gates.domain.run import Run, verdict_of_shard
from gates.domain.shards import CiRun, Merged, MergedShard, Parcel, Piece, ShardRun
from gates.domain.status import Verdict
from gates.reports import shards_record, stored
from gates.reports.record_v1 import record, render

SHARD = ShardRun(
    index=2,
    count=3,
    plan_sha256="d" * 64,
    ci=CiRun("77", "1"),
    pieces=(Piece("lint"), Piece("tests", 1, 2)),
    root="/project",
    parcels=(Parcel(gate="tests", path="proof/main.json", sha256="e" * 64, size=12),),
)

MERGED = Merged(
    plan_sha256="d" * 64,
    ci=CiRun("77", "1"),
    shards=(
        MergedShard(
            index=1,
            pieces=(Piece("lint"),),
            host="runner",
            started=datetime(2026, 1, 31, tzinfo=UTC),
            seconds=Decimal("3.5"),
            record_sha256="f" * 64,
        ),
        MergedShard(
            index=2,
            pieces=(Piece("tests"),),
            problem=Problem("shard-missing", "shard 2 is missing", hint="again", place="x"),
        ),
    ),
    at_merge=("coverage",),
    refused=(Problem("shard-foreign", "no shard"),),
)


def shard_run() -> Run:
    run = sample_run()
    verdict = verdict_of_shard(run.gates, SHARD)
    return replace(run, shard=SHARD, verdict=verdict, exit_code=verdict.exit_code)


def merged_run() -> Run:
    return replace(sample_run(), merged=MERGED)


def schema() -> Mapping[str, object]:
    text = files("gates.reports").joinpath("run_v1.schema.json").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(text)
    return found


@pytest.mark.parametrize("run", [shard_run(), merged_run(), sample_run()])
def test_what_is_told_of_shards_is_read_back_and_fits_the_schema(run: Run) -> None:
    text = render(run)
    back = stored.read(text.encode(), what="run.json")

    assert (back.shard, back.merged) == (run.shard, run.merged)
    assert render(replace(back, folder=run.folder)) == text
    Draft202012Validator(schema()).validate(json.loads(text))
    shards_record.refuse_unsealed(text.encode(), what="run.json")


@pytest.mark.parametrize("key", ["originator", "seconds", "id", "notes"])
def test_a_record_that_was_edited_has_lost_its_seal(key: str) -> None:
    plain = record(shard_run())
    plain[key] = {"seconds": 4, "notes": []}.get(key, "other")

    with pytest.raises(OutputUnreadable, match="was changed after it was written"):
        shards_record.refuse_unsealed(json.dumps(plain).encode(), what="run.json")


def test_only_the_record_of_a_shard_is_sealed() -> None:
    plain = record(sample_run())
    plain["originator"] = "other"

    shards_record.refuse_unsealed(json.dumps(plain).encode(), what="run.json")
    shards_record.refuse_unsealed(b"[]", what="run.json")


def test_how_it_is_laid_out_does_not_matter_to_the_seal() -> None:
    text = json.dumps(record(shard_run()), indent=7, sort_keys=True)

    shards_record.refuse_unsealed(text.encode(), what="run.json")


def test_a_shard_never_passes() -> None:
    text = render(replace(shard_run(), verdict=Verdict.PASSED, exit_code=0))

    with pytest.raises(OutputUnreadable, match="is `passed`"):
        stored.read(text.encode(), what="run.json")
