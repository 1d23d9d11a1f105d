from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Severity
from gates.formats.scanned import (
    Listed,
    Scan,
    Told,
    by_table,
    filled,
    items,
    joined,
    one_line,
    optional_text,
    texts,
    weaknesses,
)
from gates.formats.strict_json import Value

A = Listed("npm", "a", "1.0.0")
B = Listed("npm", "b", "1.0.0")


@pytest.mark.parametrize(
    ("kind", "name", "listed"),
    [
        ("PyPI", "Foo_Bar", Listed("pypi", "foo-bar", "1")),
        ("poetry", "foo", Listed("pypi", "foo", "1")),
        ("npm", "Foo_Bar", Listed("npm", "Foo_Bar", "1")),
        ("yarn", "a", Listed("npm", "a", "1")),
        ("Debian:12", "zlib", Listed("debian", "zlib", "1")),
    ],
)
def test_words_for_ecosystems(kind: str, name: str, listed: Listed) -> None:
    assert Listed.of(kind, name, "1") == listed


def test_a_package_is_named_with_its_version() -> None:
    assert str(A) == "a 1.0.0"


def scan(*packages: Listed, told: tuple[Told, ...] = (), version: str = "1") -> Scan:
    return Scan(packages=frozenset(packages), told=told, version=version, notes=("n",), count=1)


def test_parts_are_put_together() -> None:
    found = Told(package=B, id="X-1")
    whole = joined([("one", scan(A)), ("two", scan(B, told=(found,)))])
    assert whole.packages == frozenset({A, B})
    assert whole.told == (found,)
    assert (whole.notes, whole.count) == (("n",), 2)
    assert joined([("one", scan(A))]) == scan(A)


def test_where_one_part_lists_no_packages_the_whole_does_not() -> None:
    untold = Scan(packages=None, told=(), version="1")
    assert joined([("one", scan(A)), ("two", untold)]).packages is None


def test_parts_that_contradict_each_other_are_refused() -> None:
    found = Told(package=A, id="X-1")
    with pytest.raises(OutputUnreadable, match=r"different vulnerabilities of a 1\.0\.0"):
        joined([("one", scan(A, told=(found,))), ("two", scan(A))])
    with pytest.raises(OutputUnreadable, match="version `2` here, and `1`"):
        joined([("one", scan(A)), ("two", scan(B, version="2"))])


def test_a_project_that_two_parts_count_is_refused() -> None:
    parts = [Scan(packages=None, told=(), count=1, projects=(of,)) for of in ("x", "y", "x")]
    assert joined([("one", parts[0]), ("two", parts[1])]).projects == ("x", "y")
    with pytest.raises(OutputUnreadable, match="`one` and `one` both tell of the project x"):
        joined([("one", parts[0]), ("two", parts[1]), ("one", parts[2])])


def test_the_oldest_data_decides_and_an_undated_part_leaves_the_whole_undated() -> None:
    dated = [
        ("part", Scan(packages=None, told=(), data_date=of, places=frozenset({f"p{of}"})))
        for of in ("2026-05-02", "2026-05-01", "")
    ]
    assert joined(dated[:2]).data_date == "2026-05-01"
    assert joined(dated).data_date == ""
    assert joined(dated[:2]).places == {"p2026-05-02", "p2026-05-01"}


def test_weaknesses_are_numbers_each_once() -> None:
    assert weaknesses(["CWE-79", "cwe-20", "CWE-79", "CWE-x", "NVD-CWE-noinfo"]) == (79, 20)
    assert weaknesses(["CWE-9999999"]) == ()


def test_one_line_is_the_first_that_says_something() -> None:
    assert one_line("\n  \n first \n second") == "first"
    assert one_line("") == ""
    assert one_line("abcdef", limit=4) == "abc…"


def test_narrowing() -> None:
    value = Value({"a": "x", "empty": " ", "none": None, "list": ["p", "q"]}, "f")
    assert (filled(value, "a"), optional_text(value, "none")) == ("x", "")
    assert (texts(value, "list"), items(value, "none")) == (("p", "q"), ())
    with pytest.raises(OutputUnreadable, match="is empty"):
        filled(value, "empty")
    assert by_table(value.member("a"), {"x": Severity.HIGH}) is Severity.HIGH
    with pytest.raises(OutputUnreadable, match="severity `x`, which is not known"):
        by_table(value.member("a"), {})
