from __future__ import annotations

from advisories.samples import record

from gates.advisories import families, osv


def test_names_join_transitively() -> None:
    records = [("A", "1"), ("B", "2"), ("C", "3"), ("D", "2", "1"), ("E",)]
    assert families.numbered(records) == (0, 0, 2, 0, 4)


def test_a_later_record_joins_earlier_families() -> None:
    assert families.numbered([("A",), ("B",), ("C",), ("X", "C", "B")]) == (0, 1, 1, 1)


def test_withdrawn_records_join_nothing() -> None:
    records = [
        osv.read(of, what="x")
        for of in (
            record("B"),
            record("A"),
            record("X", aliases=["A", "B"], withdrawn="2026-01-01T00:00:00Z"),
        )
    ]
    assert [[of.id for of in family] for family in families.of(records)] == [["A"], ["B"]]


def test_the_name_that_stands_for_a_family() -> None:
    def names(*of: str) -> tuple[str, ...]:
        return families.names_of([osv.read(record(of[0], aliases=list(of[1:])), what="x")])

    assert names("PYSEC-1", "GHSA-1", "CVE-2", "CVE-1") == ("CVE-1", "CVE-2", "GHSA-1", "PYSEC-1")
    assert names("SNYK-1", "PYSEC-1", "GHSA-1")[0] == "GHSA-1"
    assert names("SNYK-1", "PYSEC-1")[0] == "PYSEC-1"
    assert names("MAL-1", "AAA-1")[0] == "AAA-1"


def test_names_in_order_are_each_there_once() -> None:
    names = ["GHSA-1", "CVE-2", "GHSA-1", "CVE-1"]
    assert families.ordered(iter(names)) == ("CVE-1", "CVE-2", "GHSA-1")
