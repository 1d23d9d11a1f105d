from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from advisories.samples import V3_HIGH, about, record

from gates.advisories import osv
from gates.advisories.packing import pack, unpack
from gates.advisories.versions import canonical
from gates.domain.errors import OutputUnreadable

WHOLE = record(
    "GHSA-1",
    schema_version="1.7.5",
    aliases=["CVE-1"],
    summary="",
    details="\n  First line.\nSecond line.",
    severity=[{"type": "CVSS_V3", "score": V3_HIGH}],
    database_specific={"severity": "HIGH"},
    affected=[
        about("Order_Lib", versions=("1.0", "v1.1.0"), events=(("introduced", "0"),)),
        {
            "package": {"ecosystem": "PyPI", "name": "second"},
            "ranges": [{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}],
        },
        {"package": {"ecosystem": "Debian:12", "name": "order_lib"}},
        {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]},
    ],
)


def test_a_whole_record_is_read() -> None:
    read = osv.read(WHOLE, what="x", spelled=canonical)
    assert read.names == ("GHSA-1", "CVE-1")
    assert read.modified == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert read.published == datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert not read.withdrawn
    assert read.summary == "First line."
    assert read.ratings == (osv.Rating("CVSS_V3", V3_HIGH), osv.Rating("label", "HIGH"))
    assert read.affected == (
        osv.Affected("pypi", "order-lib", ("1", "1.1"), ((osv.Bound("introduced", "0"),),)),
        osv.Affected("pypi", "second", (), ()),
        osv.Affected("debian", "order_lib", (), ()),
    )
    assert read.packages() == ("order-lib", "second")
    assert read.packages("debian") == ("order_lib",)


def test_null_stands_for_absent() -> None:
    read = osv.read(record("A-1", aliases=None, withdrawn=None, affected=None), what="x")
    assert (read.aliases, read.withdrawn, read.affected) == ((), False, ())


def test_a_long_summary_is_cut() -> None:
    summary = osv.read(record("A-1", summary="x" * 500), what="x").summary
    assert len(summary) == 200
    assert summary.endswith("…")


def test_the_zero_time_means_that_none_was_set() -> None:
    read = osv.read(
        record(
            "A-1",
            modified="1-01-01T00:00:00Z",
            published="0001-01-01T00:00:00Z",
            withdrawn="0001-01-01T00:00:00Z",
        ),
        what="x",
    )
    assert (read.modified.year, read.published, read.withdrawn) == (1, None, False)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": ""}, "/id"),
        ({"id": None}, "top level|/id"),
        ({"id": 7}, "/id"),
        ({"modified": None}, "/modified"),
        ({"modified": "yesterday"}, "/modified"),
        ({"modified": "2026-05-01T10:00:00"}, "/modified"),
        ({"modified": "2026-05-01T10:00:00+02:00"}, "/modified"),
        ({"published": 3}, "/published"),
        ({"withdrawn": False}, "/withdrawn"),
        ({"withdrawn": ""}, "/withdrawn"),
        ({"aliases": "CVE-1"}, "/aliases"),
        ({"aliases": [1]}, "/aliases/0"),
        ({"summary": 1}, "/summary"),
        ({"severity": {}}, "/severity"),
        ({"severity": ["HIGH"]}, "/severity/0"),
        ({"affected": {}}, "/affected"),
        ({"affected": [1]}, "/affected/0"),
        ({"affected": [{"package": {"name": "x"}}]}, "/affected/0/package"),
        ({"affected": [{"package": {"ecosystem": "PyPI", "name": ""}}]}, "package/name"),
        ({"affected": [about("x", versions=("1",), ranges=[{"type": "ECOSYSTEM"}])]}, "ranges/0"),
        (
            {"affected": [about("x", ranges=[{"type": "SEMVER", "events": [{"since": "1"}]}])]},
            "events/0",
        ),
        (
            {"affected": [about("x", ranges=[{"type": "SEMVER", "events": [{"fixed": 1}]}])]},
            "events/0/fixed",
        ),
        ({"affected": [about("x", ranges=[{"events": [{"fixed": "1"}]}])]}, "ranges/0"),
    ],
)
def test_a_record_that_is_not_in_its_form_is_an_error(change: dict[str, object], why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why) as caught:
        osv.read({**record("A-1"), **change}, what="A-1.json")
    assert caught.value.problem.place == "A-1.json"


@pytest.mark.parametrize("document", [[], None, "x", 1])
def test_what_is_no_object_is_no_record(document: object) -> None:
    with pytest.raises(OutputUnreadable):
        osv.read(document, what="x")


@pytest.mark.parametrize("version", ["2.0.0", "0.9", "x"])
def test_another_schema_is_an_error(version: str) -> None:
    with pytest.raises(OutputUnreadable, match="schema version"):
        osv.read(record("A-1", schema_version=version), what="x")


@pytest.mark.parametrize("document", [WHOLE, record("A-1", published=None)])
def test_a_packed_record_is_the_same_again(document: dict[str, object]) -> None:
    read = osv.read(document, what="x", spelled=canonical)
    assert unpack(pack(read)) == read


def test_times_are_written_as_they_are_read() -> None:
    assert osv.stamp(osv.moment("2026-05-01T10:00:00.25Z")) == "2026-05-01T10:00:00.250000Z"


def test_a_record_stands_until_the_day_of_its_withdrawal() -> None:
    gone = record("A-1", withdrawn="2026-05-02T10:00:00Z")
    assert osv.read(gone, what="x").withdrawn
    assert osv.read(gone, what="x", day=date(2026, 5, 2)).withdrawn
    assert not osv.read(gone, what="x", day=date(2026, 5, 1)).withdrawn
