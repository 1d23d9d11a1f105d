from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import fake_context

from gates.plugin import Examined, Needed, Report, ServiceTrace, StageError, StageResult, Tool
from gates.plugin.traces import sides, trace_of

RESULT = StageResult(
    metrics=(), examined=Examined(count=1, unit="x"), tool=Tool(name="t", version="")
)


def need(result: StageResult | None, trace: ServiceTrace | None) -> dict[str, Needed]:
    return {"load": Needed(name="load", result=result, out=Path(), started_ns=0, service=trace)}


def test_the_trace_of_a_gate(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.needed = need(RESULT, ServiceTrace(name="api"))

    assert trace_of(ctx, "load").name == "api"


@pytest.mark.parametrize(
    ("needed", "slug"),
    [
        ({}, "no-such-need"),
        (need(None, ServiceTrace(name="api")), "needed-not-measured"),
        (need(RESULT, None), "no-service"),
    ],
)
def test_without_a_measurement_or_a_service_there_is_none(
    needed: dict[str, Needed], slug: str, tmp_path: Path
) -> None:
    ctx = fake_context(tmp_path)
    ctx.needed = needed

    with pytest.raises(StageError) as caught:
        trace_of(ctx, "load")
    assert caught.value.problem.slug == slug


def test_sides_are_told_by_their_order_in_the_options() -> None:
    reports = [Report(Path(name), name.encode(), "", 1, named=name) for name in ("a", "b")]

    assert sides(reports, ("b", "./a")) == (b"b", b"a")
