from __future__ import annotations

import pytest
from advisories.samples import about, npm, record

from gates.advisories import osv
from gates.advisories.freshness import Dates

PYTHON = about("lib", versions=("1.0",))
NODE = npm("lib", versions=("1.0.0",))
GO = {"package": {"ecosystem": "Go", "name": "lib"}}


def days(*records: tuple[int, tuple[dict[str, object], ...]], gone: int = 0) -> dict[str, int]:
    """The day of each ecosystem, for records of a day in May with what they are about."""
    dates = Dates()
    for day, affected in records:
        further = {"withdrawn": "2026-01-01T00:00:00Z"} if day == gone else {}
        document = record(
            "A-1", modified=f"2026-05-{day:02}T00:00:00Z", affected=list(affected), **further
        )
        dates.note(osv.read(document, what="sample"))
    return {name: date.day for name, date in dates.by_ecosystem().items()}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), {}),
        (((1, ()),), {}),
        (((1, (GO,)),), {}),
        (((1, (PYTHON, NODE)),), {}),
        (((1, (PYTHON, GO)),), {}),
        (((2, (PYTHON,)), (1, (PYTHON,))), {"pypi": 2}),
        (((2, (NODE,)), (1, (NODE,))), {"npm": 2}),
        # Where there is one ecosystem alone, all is from its export.
        (((1, (PYTHON,)), (2, (PYTHON, NODE))), {"pypi": 2}),
        (((1, (NODE,)), (3, (NODE, GO)), (4, (GO,))), {"npm": 3}),
        (((1, (NODE,)), (2, ())), {"npm": 2}),
        # Where there are two, what is about both may be from either.
        (
            ((1, (PYTHON,)), (2, (NODE,)), (3, (PYTHON, NODE)), (4, ()), (5, (GO,))),
            {"pypi": 1, "npm": 2},
        ),
    ],
)
def test_each_ecosystem_is_dated_by_its_own_export(
    records: tuple[tuple[int, tuple[dict[str, object], ...]], ...], expected: dict[str, int]
) -> None:
    assert days(*records) == expected


def test_a_withdrawn_record_makes_no_export_but_tells_that_it_is_young() -> None:
    assert days((1, (PYTHON,)), gone=1) == {}
    assert days((1, (PYTHON,)), (2, (PYTHON,)), gone=2) == {"pypi": 2}
