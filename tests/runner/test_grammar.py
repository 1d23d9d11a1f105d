"""The port of the runner's grammar obeys what the runner obeys, and nothing else."""

from __future__ import annotations

import pytest
from runner import grammar
from runner.grammar import BadFileError, Listener, commands, pairs

TOKEN = "5f6c3b0f8e7d4a21"  # pragma: allowlist secret


@pytest.mark.parametrize(
    ("text", "name", "properties", "data"),
    [
        ("::error::broken", "error", {}, "broken"),
        ("  \t::ERROR file=a.py,line=3::it", "error", {"file": "a.py", "line": "3"}, "it"),
        ("\u00a0::notice::seen", "notice", {}, "seen"),
        ("::error title=a%3Ab%2Cc%25::x%0Ay%25", "error", {"title": "a:b,c%"}, "x\ny%"),
        ("E assert ##[set-output name=verdict]passed", "set-output", {"name": "verdict"}, "passed"),
        ("\x1b[31m##[error]red", "error", {}, "red"),
        ("##[warning file=a%3Bb;line=2]x%5D%3B", "warning", {"file": "a;b", "line": "2"}, "x];"),
        ("fine\r::warning::after a carriage return", "warning", {}, "after a carriage return"),
        ("::debug::::nested::", "debug", {}, "::nested::"),
        ("::error file==x,line::y", "error", {"file": "=x"}, "y"),
    ],
)
def test_a_command(text: str, name: str, properties: dict[str, str], data: str) -> None:
    (found,) = commands(text)

    assert (found.name, dict(found.properties), found.data) == (name, properties, data)


@pytest.mark.parametrize(
    "text",
    [
        "error: ::error::no",
        "\x1b[31m::error::no",
        "::error no end",
        "::unknown::no",
        "##[unknown]no",
        "##[error no end",
        "# #[error]no",
        ": :error::no",
        "",
    ],
)
def test_no_command(text: str) -> None:
    assert commands(text) == ()


def test_nothing_is_obeyed_while_commands_are_stopped() -> None:
    told = Listener()
    told.feed(f"::stop-commands::{TOKEN}\n::error::a\n##[add-mask]0\n::endgroup::\n")
    assert not told.is_listening()
    assert (told.annotations, told.masks) == ([], [TOKEN])
    told.feed(f"::{TOKEN.upper()}::\n::error::b")
    assert told.is_listening()
    assert [each.message for each in told.annotations] == ["b"]


@pytest.mark.parametrize("token", ["", "pause-logging", "Error"])
def test_a_token_that_stops_nothing(token: str) -> None:
    told = Listener()
    told.feed(f"::stop-commands::{token}\n::notice::seen")
    assert len(told.refused) == 1
    assert [each.message for each in told.annotations] == ["seen"]


def test_a_stop_ends_with_its_step() -> None:
    told = Listener()
    told.feed(f"::stop-commands::{TOKEN}")
    told.resume()
    told.feed("::error::next step")
    assert len(told.annotations) == 1


def test_ten_annotations_of_each_kind_are_kept() -> None:
    told = Listener()
    told.feed("\n".join(f"::{kind}::{n}" for kind in grammar.KINDS for n in range(12)))
    assert len(told.annotations) == 30
    assert told.dropped == {"error": 2, "warning": 2, "notice": 2}


def test_a_long_message_is_cut() -> None:
    told = Listener()
    told.feed("::error::" + "x" * 5000)
    assert len(told.annotations[0].message) == 4096


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("line=3,endLine=3,col=1,endColumn=4", (3, 3, 1, 4)),
        ("line=3,endLine=5,col=1,endColumn=4", (3, 5, None, None)),
        ("col=1,endColumn=4", (None, None, None, None)),
        ("endLine=4", (4, None, None, None)),
        ("line=5,endLine=3", (None, None, None, None)),
        ("line=3,col=4,endColumn=1", (3, None, None, None)),
        ("line=three", (None, None, None, None)),
    ],
)
def test_the_place_of_an_annotation(given: str, kept: tuple[int | None, ...]) -> None:
    (found,) = commands(f"::error {given}::x")
    made = grammar.annotation(found)
    assert (made.line, made.end_line, made.column, made.end_column) == kept


def test_commands_of_old_change_the_environment_only_where_it_is_allowed() -> None:
    text = "::set-env name=A::1\n::add-path::/b"
    closed, open_ = Listener(), Listener(allow_unsecure=True)
    closed.feed(text)
    open_.feed(text)
    assert (len(closed.refused), closed.environ, closed.paths) == (2, {}, [])
    assert (open_.environ, open_.paths) == ({"A": "1"}, ["/b"])


def test_what_else_is_kept() -> None:
    told = Listener()
    told.feed("::set-output name=a::1\n::add-matcher::m.json\n::add-mask::x%0Ay\n::group::g")
    assert (told.outputs, told.matchers) == ({"a": "1"}, ["m.json"])
    assert (told.masks, told.groups) == (["x", "y"], 1)
    told.feed("::endgroup::\n::set-output::nameless")
    assert (told.groups, told.outputs) == (0, {"a": "1"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a=1\n\nb=x=y<<z\n", {"a": "1", "b": "x=y<<z"}),
        ("a<<EOF\none\ntwo\nEOF\nb=2", {"a": "one\ntwo", "b": "2"}),
        ("a<<E=F\n\nE=F\n", {"a": ""}),
        ("a<<EOF\nx\nEOF\nverdict=passed\n", {"a": "x", "verdict": "passed"}),
        ("a=1\na=2", {"a": "2"}),
        ("a=1\r\n", {"a": "1\r"}),
        ("", {}),
    ],
)
def test_a_file_of_outputs(text: str, said: dict[str, str]) -> None:
    assert pairs(text) == said


@pytest.mark.parametrize("text", ["neither", "=1", "a<<", "<<EOF\nx\nEOF", "a<<EOF\nx\nEOF "])
def test_a_file_that_fails_the_step(text: str) -> None:
    with pytest.raises(BadFileError):
        pairs(text)


def test_a_summary_is_shown_whole_or_not_at_all() -> None:
    assert grammar.summary(b"x" * 1048576) == b"x" * 1048576
    assert grammar.summary(b"x" * 1048577) == b""


def test_an_output_that_holds_a_hidden_text_is_not_handed_on() -> None:
    assert grammar.handed_on({"code": "10", "verdict": "passed"}, ["0", ""]) == {
        "verdict": "passed"
    }
