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
