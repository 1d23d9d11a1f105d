from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from formats.load_records import lines_of, record, with_beats, written

from gates.domain.errors import StageError
from gates.formats.load_model import LoadRecord
from gates.formats.load_record import read
from gates.formats.load_soundness import generator_of, refuse_unasked, refuse_unsound


def slug(found: LoadRecord, *, workers: int | None = None, has_died: bool = False) -> str:
    try:
        refuse_unsound(found, workers=workers, has_died=has_died)
    except StageError as error:
        return error.problem.slug if error.problem.hint else "without a next step"
    return ""


def probe(late: int, count: int = 100, worst_us: int = 900) -> dict[str, object]:
    return {"probe": {"count": count, "late": late, "worst_us": worst_us}}


def test_a_generator_that_kept_up_is_sound() -> None:
    assert not slug(record())
    assert not slug(with_beats(probe(1)))
    assert not slug(with_beats({"cpu": 0.79}))


@pytest.mark.parametrize("change", [probe(2), {"cpu": 0.8}, {"cpu": 1}])
def test_a_generator_that_fell_behind_is_errored(change: dict[str, object]) -> None:
    assert slug(with_beats(change)) == "generator-saturated"
    assert slug(with_beats(change), has_died=True) == "generator-saturated"


def test_the_warm_up_may_be_bad() -> None:
    assert not slug(with_beats(probe(90), only=-1))
    assert not slug(with_beats({"workers": 0}, only=-1))


def test_a_standstill_counts_the_looks_that_it_swallowed() -> None:
    found = generator_of(with_beats(probe(1, count=41, worst_us=600_000), only=3))

    assert (found.late, found.probes) == (60, 11 * 100 + 41 + 59)
    assert slug(with_beats(probe(1, count=41, worst_us=600_000), only=3)) == "generator-saturated"
    assert generator_of(with_beats(probe(60, worst_us=600_000), only=3)).probes == 1200


def test_the_numbers_are_told() -> None:
    with pytest.raises(StageError, match=r"2\.0 % of 1,200 looks .* at most 1 % may"):
        refuse_unsound(with_beats(probe(2)), workers=None, has_died=False)
    with pytest.raises(StageError, match="took 95 % of a core, below 80 %"):
        refuse_unsound(with_beats({"cpu": 0.95}), workers=None, has_died=False)


def test_a_generator_that_did_not_look_proves_nothing() -> None:
    assert slug(with_beats(probe(0, count=0))) == "generator-unseen"


def test_a_lost_worker_is_errored() -> None:
    lost = with_beats({"workers": 0}, only=11)

    assert slug(lost) == "worker-lost"
    with pytest.raises(StageError, match="0 of 1 workers of the generator were there in second 11"):
        refuse_unsound(lost, workers=None, has_died=False)
    assert slug(record(), workers=2) == "worker-lost"
    assert not slug(with_beats({"workers": 2}), workers=2)


def test_a_run_that_ended_early_is_errored_but_where_the_service_died() -> None:
    early = replace(record(), seconds=Decimal("11.3"))

    assert slug(early) == "load-short"
    assert not slug(early, has_died=True)
    assert not slug(replace(record(), seconds=Decimal("11.4")))


def test_an_endpoint_that_was_asked_in_the_warm_up_alone_was_not_asked() -> None:
    lines = lines_of(2, endpoints=["GET /a", "GET /b"])
    lines[1]["endpoint"] = 1
    with pytest.raises(StageError, match=r"`GET /b` got no request in the measured phase$"):
        refuse_unasked(read(written(lines)))
    refuse_unasked(record(2))
