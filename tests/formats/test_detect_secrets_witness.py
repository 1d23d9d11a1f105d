from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Protocol, TextIO

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.detect_secrets_witness import (
    FUNCTION,
    SOURCE,
    VARIABLE,
    Witnessed,
    is_nameable,
    is_text,
    merged,
    parse,
)


def test_recorded_words_are_read() -> None:
    seen = parse(recorded("detect-secrets/1.5.0/bare.seen"), what="x")

    assert seen.read == {"src/a.py", "src/b.py", "src/c.py"}
    assert seen.undecoded == {"logo.dat"}
    assert seen.unread == frozenset()
    assert seen.periods == {"src/a.py": 2, "src/b.py": 4, "src/c.py": 1}


def test_no_word_is_no_file() -> None:
    assert parse(b"", what="x") == Witnessed(
        read=frozenset(), undecoded=frozenset(), unread=frozenset()
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"read a.py", "cut off"),
        (b"read a.py\0rea", "cut off"),
        (b"saw a.py\0", "no filter wrote"),
        (b"read\0", "no filter wrote"),
        (b"\0", "no filter wrote"),
        (b"forms a.py\0", "no filter wrote"),
        (b"forms 0 a.py\0", "no filter wrote"),
        (b"forms 2\0", "no filter wrote"),
    ],
)
def test_broken_words_are_unreadable(data: bytes, problem: str) -> None:
    with pytest.raises(OutputUnreadable, match=problem):
        parse(data, what="x")


def test_the_filter_hides_nothing_and_writes_down_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "odd\n name.py"
    odd.write_text("x\n", encoding="utf-8")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\0\xff")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "seen"))
    planted: dict[str, Callable[[str], bool]] = {}
    exec(compile(SOURCE, "gates_witness.py", "exec"), planted)  # noqa: S102 - it is our own
    see = planted[FUNCTION]

    assert not any([see(str(odd)), see(str(binary)), see(str(tmp_path / "gone"))])
    assert parse((tmp_path / "seen").read_bytes(), what="x") == Witnessed(
        read=frozenset({str(odd)}),
        undecoded=frozenset({str(binary)}),
        unread=frozenset({str(tmp_path / "gone")}),
    )


def test_without_a_place_to_write_the_filter_only_lets_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    planted: dict[str, Callable[[str], bool]] = {}
    exec(compile(SOURCE, "gates_witness.py", "exec"), planted)  # noqa: S102 - it is our own

    assert not planted[FUNCTION](str(tmp_path / "a.py"))
    assert not list(tmp_path.iterdir())


def test_a_nul_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = tmp_path / "wide"
    wide.write_bytes("key = 1\n".encode("utf-16-le"))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "seen"))
    names = executed()

    names["see"](str(wide))

    assert parse((tmp_path / "seen").read_bytes(), what="x").nul == {str(wide)}


def executed() -> dict[str, Callable[[str], bool]]:
    names: dict[str, Callable[[str], bool]] = {}
    exec(compile(SOURCE, "gates_witness.py", "exec"), names)  # noqa: S102 - it is our own
    return names


class Reader(Protocol):
    """What the tool makes of a file."""

    def __call__(
        self, file: TextIO, *, use_eager_transformers: bool = False
    ) -> list[str] | None: ...


class Scan(ModuleType):
    """Stands for the tool's module that asks for a file's lines."""

    get_transformed_file: Reader


def lines_of(
    path: Path, monkeypatch: pytest.MonkeyPatch, made: list[str] | None, eager: list[str] | None
) -> list[str]:
    """What the tool scans of a file, given what its readers make of it."""

    def reader(file: TextIO, *, use_eager_transformers: bool = False) -> list[str] | None:
        del file
        return eager if use_eager_transformers else made

    scan = Scan("scan")
    scan.get_transformed_file = reader
    monkeypatch.setitem(sys.modules, "detect_secrets.core.scan", scan)
    monkeypatch.setenv(VARIABLE, str(path.with_name("seen")))
    names = executed()
    for _ in range(2):
        names["see"](str(path))
    with path.open(encoding="utf-8") as file:
        found = scan.get_transformed_file(file)
        assert scan.get_transformed_file(file, use_eager_transformers=True) is None
    assert found is not None
    return [line.rstrip() for line in found]


def test_a_file_that_no_reader_takes_is_scanned_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = 1\nb = c\n", encoding="utf-8")

    assert lines_of(path, monkeypatch, None, None) == ["a = 1", "b = c", ""]
    assert parse((tmp_path / "seen").read_bytes(), what="x").periods == {str(path): 3}


def test_what_only_an_eager_reader_takes_is_scanned_in_both_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".env"
    path.write_text("# a key\nb=c\n", encoding="utf-8")

    lines = lines_of(path, monkeypatch, None, ["", 'b = "c"'])
    assert lines == ["# a key", "b=c", "", "", 'b = "c"', ""]


def test_what_a_reader_loses_is_scanned_too_and_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ini"
    text = ("[DEFAULT]", "a = b", "# lost", "hide = true", "lost = it  ; why", "q = 'r'", "l = a b")
    path.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")

    lines = lines_of(path, monkeypatch, ["", 'a = "b"'], None)

    assert lines[:8] == ["", 'a = "b"', *[""] * 6]
    assert lines[8:16] == [
        "[DEFAULT]",
        "",
        "# lost",
        "",
        "lost = it  ; why",
        "q = 'r'",
        "l = a b",
        "",
    ]
    assert lines[16:] == ["", "", "", "", 'lost = "it"  ; why', "", "", ""]
    assert parse((tmp_path / "seen").read_bytes(), what="x").periods == {str(path): 8}


def test_a_line_that_may_silence_another_is_never_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: b # pragma: allowlist secret\n", encoding="utf-8")

    made = 'a: "b" # pragma: allowlist secret'
    lines = lines_of(path, monkeypatch, [made], None)
    assert lines[2] == "a: b # pragma: allowlist secret"


def test_an_empty_file_is_proved_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "empty"
    path.touch()

    assert lines_of(path, monkeypatch, None, None) == []
    assert parse((tmp_path / "seen").read_bytes(), what="x").periods == {str(path): 1}


@pytest.mark.parametrize("path", ["/a b/w.py", "/é/w.py"])
def test_most_paths_can_be_named(path: str) -> None:
    assert is_nameable(path)


@pytest.mark.parametrize("path", ["/c#/w.py", "/what?/w.py", "/a::b/w.py", "/a\n/w.py"])
def test_a_path_that_a_url_would_break_cannot(path: str) -> None:
    assert not is_nameable(path)


def test_the_filter_asks_for_nothing_but_the_file_name() -> None:
    # The tool reads a filter's wishes from its parameters; a second one would call it never.
    assert f"def {FUNCTION}(filename):".encode() in SOURCE


def test_parts_are_joined() -> None:
    one = parse(b"read a\0undecoded b\0", what="x")
    two = parse(b"read c\0nul c\0forms 12 c\0unread d\0", what="x")

    assert merged([one, two]) == Witnessed(
        read=frozenset("ac"),
        undecoded=frozenset("b"),
        unread=frozenset("d"),
        nul=frozenset("c"),
        periods={"c": 12},
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('name = "café"\n'.encode("latin-1"), True),
        ("x\n".encode("utf-16"), True),
        (b"\xfe\xff\0x", True),
        (b"\0\xff", False),
        (b"\x89PNG\r\n\x1a\n", False),
        (b"caf\xe9\x01", False),
        ("key = 1\n".encode("utf-16-le"), True),
        ("key = é\n".encode("utf-16-be"), True),
        ("key = 1\n".encode("utf-32-le"), True),
        ("key = 1\n".encode("utf-16-le") + b"\0", False),
        ("key = \x01\n".encode("utf-16-le"), False),
        (bytes([1, 0, 2, 0, 200, 0]), False),
        (b"\0some text with few of them\n", False),
    ],
)
def test_text_in_another_encoding_is_told_from_binary(data: bytes, *, text: bool) -> None:
    assert is_text(data) is text
