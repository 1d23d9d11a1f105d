from __future__ import annotations

import pytest

from gates.advisories.earlier import subjects
from gates.domain.errors import OutputUnreadable

OLD = 'a==1.0 ; python_version < "3"\n'
NEW = 'a==1.0 ; python_version >= "3"\n'
POETRY = """
[[package]]
name = "a"
version = "1.0"
{}

[metadata]
lock-version = "2.1"
"""


def old(was: str, now: str, name: str = "a.txt") -> bool:
    """Whether `a 1.0` was there already."""
    before, after = {name: was.encode()}, {name: now.encode()}
    return "a 1.0" in subjects(before.get, after.get, (f"./{name}",))


@pytest.mark.parametrize(
    ("was", "now", "is_old"),
    [
        ("a==1.0\n", "a==1.0\n", True),
        ("a==1.0\n", OLD, True),
        (OLD, OLD, True),
        (OLD, "a==1.0\n", False),
        (OLD, NEW, False),
        (OLD, OLD + NEW, False),
        (OLD + NEW, NEW, True),
        (OLD + "a==1.0\n", NEW, True),
        # What does not stand there now is not known to be there alike.
        (OLD, "b==1.0\n", False),
        ("a==2.0\n", "a==1.0\n", False),
    ],
)
def test_a_marker_must_be_the_same(was: str, now: str, *, is_old: bool) -> None:
    assert old(was, now) is is_old


def test_a_marker_of_a_poetry_lock() -> None:
    marked = POETRY.format("markers = 'python_version < \"3\"'")
    assert old(marked, marked, "poetry.lock")
    assert not old(marked, POETRY.format(""), "poetry.lock")


def test_what_was_not_there_held_nothing() -> None:
    assert subjects(lambda _: None, None, ("a.txt",)) == frozenset()


def test_the_files_of_now_are_read_only_where_there_was_a_marker() -> None:
    def now(name: str) -> bytes:
        raise AssertionError(name)

    assert subjects({"a.txt": b"a==1.0\n"}.get, now, ("a.txt",)) == {"a 1.0"}


def test_included_files_are_read_at_their_time() -> None:
    was = {"sub/a.txt": b"-r ../b.txt\n", "b.txt": OLD.encode()}
    now = {"sub/a.txt": b"-r ../b.txt\n", "b.txt": b"a==1.0\n"}
    assert subjects(was.get, was.get, ("sub/a.txt",)) == {"a 1.0"}
    assert subjects(was.get, now.get, ("sub/a.txt",)) == frozenset()
    with pytest.raises(OutputUnreadable, match="from elsewhere"):
        subjects({"a.txt": b"-r https://files.example/b.txt\n"}.get, None, ("a.txt",))
