from __future__ import annotations

import pytest
from formats.sarif_samples import located, one, read

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Span

BASES: dict[str, object] = {
    "ROOT": {"uri": "file:///project/"},
    "SRC": {"uri": "src", "uriBaseId": "ROOT"},
    "UNTOLD": {"description": {"text": "the checkout"}},
    "WEB": {"uri": "https://registry.example/x/"},
    "A": {"uri": "a/", "uriBaseId": "B"},
    "B": {"uri": "b/", "uriBaseId": "A"},
}


@pytest.mark.parametrize(
    ("uri", "base", "path"),
    [
        ("src/a.py", None, "src/a.py"),
        ("./src/../src/a.py", None, "src/a.py"),
        ("src/a%20b%C3%A4.py", None, "src/a bä.py"),
        ("100%.py", None, "100%.py"),
        ("file:///project/src/a.py", None, "src/a.py"),
        ("FILE:///project/src/a.py", None, "src/a.py"),
        ("file:/project/src/a.py", None, "src/a.py"),
        ("file://localhost/project/src/a.py", None, "src/a.py"),
        ("file:///elsewhere/a.py", None, "/elsewhere/a.py"),
        ("file:///C:/work/a.py", None, "C:/work/a.py"),
        ("/project/src/a.py", None, "src/a.py"),
        ("../a.py", None, "../a.py"),
        ("a.py", "SRC", "src/a.py"),
        ("src/a.py", "ROOT", "src/a.py"),
        ("src/a.py", "UNTOLD", "src/a.py"),
        ("src/a.py", "%SRCROOT%", "src/a.py"),
        ("file:///project/b.py", "SRC", "b.py"),
        ("/project/b.py", "SRC", "b.py"),
    ],
)
def test_an_address_becomes_a_path_of_the_project(uri: str, base: str | None, path: str) -> None:
    found = one({"locations": located(uri, base=base or "")}, originalUriBaseIds=BASES)

    assert (found.path, found.line, found.subject) == (path, 3, "")


@pytest.mark.parametrize(
    ("uri", "base", "subject"),
    [
        ("https://shop.example/a%20b?x=1", None, "https://shop.example/a%20b?x=1"),
        ("y", "WEB", "https://registry.example/x/y"),
    ],
)
def test_an_address_in_the_web_is_no_file(uri: str, base: str | None, subject: str) -> None:
    found = one({"locations": located(uri, base=base or "")}, originalUriBaseIds=BASES)

    assert (found.path, found.line, found.subject) == ("", 0, subject)


def test_bases_that_lead_in_a_circle_are_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="in a circle"):
        one({"locations": located("x", base="A")}, originalUriBaseIds=BASES)


def test_a_file_may_be_named_by_its_number() -> None:
    files = [{"location": {"uri": "src/b.py"}}, {"location": {"index": 1}}, {}]
    place = {"physicalLocation": {"artifactLocation": {"index": 0}, "region": {}}}

    found = one({"locations": [place]}, artifacts=files)

    assert (found.path, found.line, found.column) == ("src/b.py", 0, 0)


@pytest.mark.parametrize("index", [1, 2, -1])
def test_a_number_may_name_a_file_without_a_place(index: int) -> None:
    files = [{"location": {"uri": "src/b.py"}}, {"location": {"index": 1}}, {}]
    place = {"physicalLocation": {"artifactLocation": {"index": index}}}

    assert not one({"locations": [place]}, artifacts=files).path


@pytest.mark.parametrize("address", [{"index": 5}, {"uri": "src/a.py", "index": 5}])
def test_a_file_that_is_not_listed_is_a_contradiction(address: dict[str, object]) -> None:
    place = {"physicalLocation": {"artifactLocation": address}}

    with pytest.raises(OutputUnreadable, match="is 5, of 0 files"):
        one({"locations": [place]})


@pytest.mark.parametrize(
    ("locations", "expected"),
    [
        (None, ("", "")),
        ([], ("", "")),
        ([{}], ("", "")),
        ([{"logicalLocations": [{}, {"name": "f"}]}], ("", "f")),
        ([{"logicalLocations": [{"name": "f", "fullyQualifiedName": "m.f"}]}], ("", "m.f")),
        ([{"physicalLocation": {}}], ("", "")),
    ],
)
def test_a_result_may_have_no_file(
    locations: list[object] | None, expected: tuple[str, str]
) -> None:
    found = one({"locations": locations})

    assert (found.path, found.subject) == expected


def test_a_column_needs_a_line() -> None:
    place = {"artifactLocation": {"uri": "a.py"}, "region": {"charOffset": 3, "startColumn": 9}}

    found = one({"locations": [{"physicalLocation": place}]})

    assert (found.line, found.column) == (0, 0)


@pytest.mark.parametrize(
    ("region", "lines"),
    [
        ({"startLine": 1, "endLine": 3}, (1, 3)),
        ({"startLine": 2, "endLine": 2}, (2, 0)),
        ({"startLine": 2}, (2, 0)),
        ({"endLine": 3}, (0, 0)),
    ],
)
def test_a_region_may_span_lines(region: dict[str, object], lines: tuple[int, int]) -> None:
    place = {"artifactLocation": {"uri": "a.py"}, "region": region}

    found = one({"locations": [{"physicalLocation": place}]})

    assert (found.line, found.end_line) == lines


def test_a_result_may_stand_in_several_places() -> None:
    spanning = {"artifactLocation": {"uri": "c.py"}, "region": {"startLine": 1, "endLine": 2}}
    more = [*located("b.py", 7), {"physicalLocation": spanning}, *located("https://shop.example/")]

    found = one({"locations": [*located("a.py"), *more]})

    assert (found.path, found.line) == ("a.py", 3)
    assert found.also == (Span(path="b.py", line=7), Span(path="c.py", line=1, end_line=2))


def test_each_place_is_read() -> None:
    unlisted = {"physicalLocation": {"artifactLocation": {"index": 5}}}

    with pytest.raises(OutputUnreadable, match="is 5, of 0 files"):
        one({"locations": [*located("a.py"), unlisted]})


def test_a_place_without_a_region_has_no_line() -> None:
    found = one({"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}}}]})

    assert (found.path, found.line) == ("a.py", 0)


@pytest.mark.parametrize("line", [-1, True, "3", 1.5])
def test_a_line_is_a_count(line: object) -> None:
    place = {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": line}}

    with pytest.raises(OutputUnreadable):
        one({"locations": [{"physicalLocation": place}]})


def test_an_analysed_file_has_a_place() -> None:
    with pytest.raises(OutputUnreadable, match="has no place"):
        read(artifacts=[{"roles": ["analysisTarget"]}])
