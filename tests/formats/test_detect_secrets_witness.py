from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
    two = parse(b"read c\0unread d\0", what="x")

    assert merged([one, two]) == Witnessed(
        read=frozenset("ac"), undecoded=frozenset("b"), unread=frozenset("d")
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
    ],
)
def test_text_in_another_encoding_is_told_from_binary(data: bytes, *, text: bool) -> None:
    assert is_text(data) is text
