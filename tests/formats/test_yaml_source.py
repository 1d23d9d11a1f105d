from __future__ import annotations

import pytest

from gates.formats.yaml_nodes import Mark
from gates.formats.yaml_source import TextSource, control, decoded, printable


def test_sound_text() -> None:
    source, problems = decoded("\ufeffa: ü\r\nb: 😀\n".encode(), "g.yaml")
    assert source.lines == ("a: ü", "b: 😀", "")
    assert problems == ()
    assert printable(source) == "a: ü\nb: 😀\n"


@pytest.mark.parametrize(
    ("data", "slug", "place"),
    [
        (b"a:\n\t- b\n", "yaml-tab", "g.yaml:2:1"),
        (b"a: b\tc", "yaml-tab", "g.yaml:1:5"),
        (b"a: \x00", "yaml-character", "g.yaml:1:4"),
        (b"a: \x1b[1m", "yaml-character", "g.yaml:1:4"),
        (b"a: \x7f", "yaml-character", "g.yaml:1:4"),
        (b"a: b\rc: d", "yaml-character", "g.yaml:1:5"),
        ("a: \u0085".encode(), "yaml-character", "g.yaml:1:4"),
        ("a: \u2028".encode(), "yaml-character", "g.yaml:1:4"),
        ("a: \u202e".encode(), "yaml-character", "g.yaml:1:4"),
        ("a: \u2066".encode(), "yaml-character", "g.yaml:1:4"),
        ("a: \ufeff".encode(), "yaml-character", "g.yaml:1:4"),
        ("a: \uffff".encode(), "yaml-character", "g.yaml:1:4"),
        (b"a: \xff", "yaml-encoding", "g.yaml:1:4"),
        ("a: 1\nb: ü".encode("latin-1"), "yaml-encoding", "g.yaml:2:4"),
        ("a: 1".encode("utf-16"), "yaml-encoding", "g.yaml:1:1"),
        (b"a: \xed\xa0\x80", "yaml-encoding", "g.yaml:1:4"),
    ],
)
def test_refused_characters(data: bytes, slug: str, place: str) -> None:
    source, problems = decoded(data, "g.yaml")
    assert [(problem.slug, problem.place) for _, problem in problems] == [(slug, place)]
    assert problems[0][1].hint
    assert all(line.isprintable() for line in printable(source).split("\n"))


def test_one_problem_a_line() -> None:
    assert len(decoded(b"\ta\tb\n\tc\n", "g.yaml")[1]) == 2


def test_excerpts() -> None:
    source = TextSource("g.yaml", ("a: b", "", "x" * 300, "t\t\x1b!"))
    assert source.excerpt(Mark(1, 4)) == "a: b\n   ^"
    assert source.excerpt(Mark(2, 1)) == ""
    assert source.excerpt(Mark(9, 1)) == ""
    line, caret = source.excerpt(Mark(3, 200)).split("\n")
    assert (len(line), len(caret)) == (100, 50)
    assert source.excerpt(Mark(4, 4)) == "t ?!\n   ^"


def test_the_first_control_character_of_a_value() -> None:
    assert control("plain \t text\n \N{SNOWMAN}") == ""
    assert control("a\x07b\x1b") == "\x07"
    assert control("\ud800") == "\ud800"
