from __future__ import annotations

import importlib.util

import pytest

from gates.domain.errors import StageError
from gates.formats.detect_secrets_names import (
    LOCK,
    LOCKS,
    NO_TEXT,
    PATTERN,
    SWAGGER,
    refuse_unexplained,
    refuse_unread,
)
from gates.formats.detect_secrets_witness import Witnessed

ALL = (LOCK, SWAGGER)


def seen(*read: str) -> Witnessed:
    return Witnessed(read=frozenset(read), undecoded=frozenset("b"), unread=frozenset("c"))


def test_what_was_seen_needs_no_reason() -> None:
    refuse_unexplained(["a", "b", "c"], seen("a"), ())


@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("docs/logo.png", ()),
        ("uv.lock", ()),
        ("web/package-lock.json", (LOCK,)),
        ("my-swagger/a.py", (SWAGGER,)),
        ("src/a.py", (PATTERN,)),
    ],
)
def test_a_name_that_a_filter_takes_is_explained(path: str, filters: tuple[str, ...]) -> None:
    refuse_unexplained([path], seen(), filters)


@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("src/a.py", ALL),
        ("logo.PNG", ALL),
        ("png", ALL),
        ("web/package-lock.json", (SWAGGER,)),
        ("my-swagger/a.py", (LOCK,)),
        ("package-lock.json/a.py", ALL),
    ],
)
def test_any_other_file_is_an_error(path: str, filters: tuple[str, ...]) -> None:
    with pytest.raises(StageError, match="no filter of its own tells why") as caught:
        refuse_unexplained([path, "z.png"], seen(), filters)

    assert caught.value.problem.place == path


@pytest.mark.live
@pytest.mark.skipif(
    importlib.util.find_spec("detect_secrets") is None, reason="detect-secrets is not installed"
)
def test_live_the_installed_version_takes_no_other_names() -> None:
    from detect_secrets.filters import heuristic

    assert NO_TEXT == heuristic.IGNORED_FILE_EXTENSIONS
    assert all(heuristic.is_lock_file(name) for name in LOCKS)


@pytest.mark.parametrize("holds_nul", [False, True])
def test_text_that_the_tool_cannot_understand_is_an_error(*, holds_nul: bool) -> None:
    none, it = frozenset[str](), frozenset({"a"})
    found = Witnessed(read=none, undecoded=it, unread=none)
    if holds_nul:
        found = Witnessed(read=it, undecoded=none, unread=none, nul=it)

    with pytest.raises(StageError, match="`a` is text but no UTF-8") as caught:
        refuse_unread(found, lambda _: "key = 1\n".encode("utf-16-le"))
    assert "UTF-8" in caught.value.problem.hint
    refuse_unread(found, lambda _: b"\0\xff binary \x01")


def test_a_file_that_could_not_be_opened_is_an_error() -> None:
    with pytest.raises(StageError, match="`c` could not be opened"):
        refuse_unread(seen("a"), lambda _: b"")
