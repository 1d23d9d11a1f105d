"""The text of tsc, recorded with TypeScript 5.9.3 and 7.0.2."""

from __future__ import annotations

from dataclasses import replace

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.tsc_text import Message, messages, parse, roots_of

VERSIONS = ("5.9.3", "7.0.2")
SHORT = """\
Version 5.9.3
{
    "compilerOptions": {
        "strict": true
    },
    "files": [
        "./src/a.ts"
    ]
}
src/a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.
  It is written out.
/project/node_modules/typescript/lib/lib.d.ts
/project/src/a.ts
Files:             2
Lines:         44812
Memory used:  70396K
Total time:    1.48s
"""


def text(version: str, name: str) -> bytes:
    return recorded(f"tsc/{version}/{name}.txt")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_run_without_errors(version: str) -> None:
    (checked,) = parse(text(version, "clean"), what="tsc.txt")

    assert checked.version == version
    assert checked.messages == ()
    assert checked.files[-2:] == ("/project/src/b.ts", "/project/src/a.ts")
    assert checked.config.laxities() == ()
    assert list(roots_of(checked)) == ["/project"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_run_with_errors(version: str) -> None:
    (checked,) = parse(text(version, "faulty"), what="tsc.txt")

    assert checked.messages == (
        Message(
            path="src/a.ts",
            line=3,
            column=27,
            severity="error",
            code="TS7006",
            text="Parameter 'y' implicitly has an 'any' type.",
        ),
        Message(
            path="src/a.ts",
            line=4,
            column=55,
            severity="error",
            code="TS2322",
            text="Type 'number' is not assignable to type 'string'.",
        ),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_options_of_a_run(version: str) -> None:
    (checked,) = parse(text(version, "lax"), what="tsc.txt")

    assert checked.config.laxities() == ("`strict` is not on",)
    assert checked.config.flags["composite"]


def test_texts_of_several_projects_follow_each_other() -> None:
    checked = parse(text("7.0.2", "clean") + text("5.9.3", "faulty"), what="tsc.txt")

    assert [(each.version, len(each.messages)) for each in checked] == [("7.0.2", 0), ("5.9.3", 2)]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_cut_is_refused(version: str) -> None:
    refuses_every_cut(lambda data: parse(data, what="tsc.txt"), text(version, "faulty"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Version 5.9.3\n", "", "does not begin with"),
        ("Version 5.9.3\n", "hello\nVersion 5.9.3\n", "does not begin with"),
        ('    "files": [', '    "compilerOptions": {}, "files": [', "stands twice"),
        ('"strict": true', '"strict": NaN', "no number"),
        ('"strict": true', f'"strict": {"[" * 300}{"]" * 300}', "deep"),
        ('{\n    "compilerOptions"', 'error TS18003: No\n    "compilerOptions"', "showConfig"),
        ("}\nsrc", "\nsrc", "showConfig"),
        ("Files:             2", "Files:             3", "lists 2 files, and its table says 3"),
        ("Files:             2\n", "", "its table says nothing"),
        ("/project/src/a.ts\n", "", "lists 1 files"),
        ("/project/src/a.ts\n", "/project/src/a.ts\n/project/src/a.ts\n", "lists 3 files"),
        ("Total time:    1.48s\n", "", "has no end"),
        ("1.48s", "1.48", "has no end"),
        ("1.48s\n", "1.48s\nsrc/b.ts(1,1): error TS1: late\n", "goes on behind its table"),
        ("1.48s\n", "1.48s\nTotal time:    1.48s\n", "goes on behind its table"),
        ("  It is", "It is", "is no line of tsc"),
        ("src/a.ts(1,7): error TS2322: ", "  indented ", "is no line of tsc"),
        ("/project/src/a.ts\n", "/project/src/a.ts\n  why\n", "is no line of tsc"),
        ("/project/src/a.ts\n", "/project/src/a.ts\nerror TS1: late\n", "is no line of tsc"),
    ],
)
def test_what_lies_or_is_no_text_of_tsc_is_refused(old: str, new: str, says: str) -> None:
    changed = SHORT.replace(old, new)

    assert changed != SHORT
    with pytest.raises(OutputUnreadable, match=says):
        parse(changed.encode(), what="tsc.txt")


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\x00", b"<html></html>"])
def test_nothing_and_other_things_are_refused(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data, what="tsc.txt")


def test_line_ends_of_windows_and_what_looks_like_line_ends() -> None:
    odd = SHORT.replace("'string'", "'\u2028\x0cstring'").replace("\n", "\r\n")
    (checked,) = parse(odd.encode(), what="tsc.txt")

    assert len(checked.messages) == 1
    assert checked.files[-1] == "/project/src/a.ts"


def test_messages_alone() -> None:
    (found,) = messages(b"error TS5058: The specified path does not exist.\n", what="tsc")

    assert (found.path, found.code, found.line) == ("", "TS5058", 0)
    with pytest.raises(OutputUnreadable, match="is no message"):
        messages(b"/project/src/a.ts\n", what="tsc")


def test_where_the_run_was_is_not_guessed() -> None:
    (checked,) = parse(SHORT.encode(), what="tsc.txt")
    for roots in ((), ("../src/a.ts",), ("./src/b.ts",), ("./src/a.ts", "./src/b.ts")):
        elsewhere = replace(checked, config=replace(checked.config, roots=roots))
        assert list(roots_of(elsewhere)) == []
    besides = replace(checked.config, roots=("./src/a.ts", "../x.ts"))
    assert list(roots_of(replace(checked, config=besides))) == ["/project"]
