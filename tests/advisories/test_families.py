from __future__ import annotations

import pytest
from advisories.samples import record
from hypothesis import given
from hypothesis import strategies as st

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
    found = [[of.id for of in family.records] for family in families.of(records)]
    assert found == [["A"], ["B"]]


def test_the_name_that_stands_for_a_family() -> None:
    def names(*of: str) -> tuple[str, ...]:
        (family,) = families.of([osv.read(record(of[0], aliases=list(of[1:])), what="x")])
        return family.names

    assert names("PYSEC-1", "GHSA-1", "CVE-2", "CVE-1") == ("CVE-1", "CVE-2", "GHSA-1", "PYSEC-1")
    assert names("SNYK-1", "PYSEC-1", "GHSA-1")[0] == "GHSA-1"
    assert names("SNYK-1", "PYSEC-1")[0] == "PYSEC-1"
    assert names("MAL-1", "AAA-1")[0] == "AAA-1"


def test_names_in_order_are_each_there_once() -> None:
    names = ["GHSA-1", "CVE-2", "GHSA-1", "CVE-1"]
    assert families.ordered(iter(names)) == ("CVE-1", "CVE-2", "GHSA-1")


def parts(*members: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    return [(part.names, part.places) for part in families.parted(members)]


def test_what_one_record_joins_is_told_apart_by_cve() -> None:
    assert parts(("P-1", "CVE-1"), ("GHSA-1", "CVE-1", "CVE-2"), ("P-2", "CVE-2")) == [
        (("CVE-1", "GHSA-1", "P-1"), (0, 1)),
        (("CVE-2", "GHSA-1", "P-2"), (1, 2)),
    ]


def test_ids_that_always_stand_together_are_one() -> None:
    joined = ("P-1", "CVE-1", "CVE-2")
    assert parts(joined) == [(("CVE-1", "CVE-2", "P-1"), (0,))]
    assert parts(joined, ("P-2", "P-1")) == [(("CVE-1", "CVE-2", "P-1", "P-2"), (0, 1))]
    assert parts(joined, ("P-2", "CVE-2"))[0][0] == ("CVE-1", "P-1")


def test_a_record_without_a_cve_is_about_all_that_it_is_joined_with() -> None:
    both = ("X-3", "X-1", "X-2", "Y-1")
    assert parts(("X-1", "CVE-1"), ("X-2", "CVE-2"), both, ("X-4", "X-3")) == [
        (("CVE-1", "X-1", "X-3", "X-4"), (0, 2, 3)),
        (("CVE-2", "X-2", "X-3", "X-4"), (1, 2, 3)),
    ]


@pytest.mark.parametrize("said", [(), (("P-1", "CVE-1", "CVE-2", "P-2"),)])
def test_the_id_of_a_record_on_another_cve_is_no_name(said: tuple[tuple[str, ...], ...]) -> None:
    names = [name for name, _ in parts(*said, ("P-1", "CVE-1", "P-2"), ("P-2", "CVE-2"))]
    assert names == [("CVE-1", "P-1"), ("CVE-2", "P-2")]


@given(st.lists(st.lists(st.sampled_from(["CVE-1", "CVE-2", "CVE-3", "A", "B", "C"]), min_size=1)))
def test_nothing_joined_is_lost_and_no_cve_stands_twice(given_names: list[list[str]]) -> None:
    members = [tuple(names) for names in given_names]
    numbers = families.numbered(members)
    for number in set(numbers):
        group = [of for of, each in zip(members, numbers, strict=True) if each == number]
        made = families.parted(group)
        assert {place for part in made for place in part.places} == set(range(len(group)))
        cves = [name for part in made for name in part.names if name.startswith("CVE-")]
        assert sorted(cves) == sorted({n for of in group for n in of if n.startswith("CVE-")})


def test_what_nobody_rates_is_rated_as_what_it_is_joined_with() -> None:
    rating = {"severity": [{"type": "CVSS_V3", "score": "x"}]}
    records = [
        osv.read(of, what="x")
        for of in (
            record("P-1", aliases=["CVE-1", "GHSA-1"], **rating),
            record("P-2", aliases=["CVE-2", "GHSA-1"]),
        )
    ]
    one, other = families.of(records)
    assert ([of.id for of in one.raters], [of.id for of in one.records]) == (["P-1"], ["P-1"])
    assert [of.id for of in other.records] == ["P-2"]
    assert [of.id for of in other.raters] == ["P-1", "P-2"]
