"""The tests that a change loses, hollows out or skips.

A test that is moved or renamed is not lost: the same name stands elsewhere over a similar body, or
the same body under another name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gates.domain.weakening import WeakeningItem, WeakeningKind
from gates.formats.written_tests import (
    Skip,
    WrittenTest,
    WrittenTests,
    is_collected,
    may_hold_tests,
)

_LIKE = 0.5
_SAME = 0.85
_TELLING = 12  # signs of a body by which it is known again
_LONG = 60  # signs of one that is known again by its likeness
_LONGEST = 2000
_MOST_COMPARED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFile:
    """A changed file, before and after.

    Attributes:
        before_path: its name at the base; empty where it was not there.
        path: its present name; empty where it is gone.
        before: its tests at the base.
        after: its tests as they are.
    """

    __test__ = False  # it is none itself

    before_path: str
    path: str
    before: WrittenTests = field(default_factory=WrittenTests)
    after: WrittenTests = field(default_factory=WrittenTests)


def compare(files: Sequence[TestFile]) -> Iterator[WeakeningItem]:
    """What the changed files lose of their tests, and what they skip anew."""
    kept, waiting = _in_place(files)
    for before, after in kept:
        if before.text != after.text and before.asserts and not after.asserts:
            text = f"`{after.name}` asserts nothing any more"
            yield _lost("assertions-removed", after.path, after.line, text)
    yield from _deleted(files, kept, waiting)
    for file in files:
        yield from _of_file(file)
    yield from _skips(files)


def _in_place(
    files: Sequence[TestFile],
) -> tuple[list[tuple[WrittenTest, WrittenTest]], list[tuple[TestFile, WrittenTest]]]:
    """Tests that stand where they stood, in pairs, and those that do not."""
    kept: list[tuple[WrittenTest, WrittenTest]] = []
    waiting: list[tuple[TestFile, WrittenTest]] = []
    for file in files:
        there: dict[str, list[WrittenTest]] = {}
        for test in file.after.tests if _is_still_collected(file) else ():
            there.setdefault(test.name, []).append(test)
        for test in file.before.tests:
            if there.get(test.name):
                kept.append((test, there[test.name].pop(0)))
            else:
                waiting.append((file, test))
    return kept, waiting


def _is_still_collected(file: TestFile) -> bool:
    if is_collected(file.before_path):
        return is_collected(file.path)
    return may_hold_tests(file.path)


def _deleted(
    files: Sequence[TestFile],
    kept: list[tuple[WrittenTest, WrittenTest]],
    waiting: list[tuple[TestFile, WrittenTest]],
) -> Iterator[WeakeningItem]:
    taken = {id(after) for _, after in kept}
    fresh = [
        test
        for file in files
        if _is_still_collected(file)
        for test in file.after.tests
        if id(test) not in taken
    ]
    for is_it in (_is_moved, _has_the_body, _is_renamed):
        left: list[tuple[TestFile, WrittenTest]] = []
        for file, test in waiting:
            found = _first(fresh, test, is_it)
            if found is None:
                left.append((file, test))
                continue
            fresh.remove(found)
            if test.asserts and not found.asserts:
                text = f"`{found.name}` asserts nothing any more"
                yield _lost("assertions-removed", found.path, found.line, text)
        waiting = left
    for file, test in waiting:
        if file.after.is_read or not file.path:
            text = f"`{test.name}` is deleted"
            yield _lost("test-deleted", file.path or file.before_path, 0, text)


def _first(
    fresh: list[WrittenTest],
    test: WrittenTest,
    is_it: Callable[[WrittenTest, WrittenTest], bool],
) -> WrittenTest | None:
    own = _own(test)
    likely = sorted(fresh, key=lambda one: _own(one) != own)
    # To compare a body is slow, so it is done for the likeliest; the others count as none.
    compared = likely if is_it is _has_the_body else likely[:_MOST_COMPARED]
    return next((one for one in compared if is_it(test, one)), None)


def _own(test: WrittenTest) -> str:
    return test.name.rpartition(" > ")[2]


def _is_moved(before: WrittenTest, after: WrittenTest) -> bool:
    return _own(before) == _own(after) and _is_like(before, after, _LIKE)


def _has_the_body(before: WrittenTest, after: WrittenTest) -> bool:
    return before.body == after.body and len(before.body) >= _TELLING


def _is_renamed(before: WrittenTest, after: WrittenTest) -> bool:
    return len(before.body) >= _LONG and _is_like(before, after, _SAME)


def _is_like(before: WrittenTest, after: WrittenTest, least: float) -> bool:
    import difflib

    one, other = before.body[:_LONGEST], after.body[:_LONGEST]
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return before.body == after.body or (
        matcher.real_quick_ratio() >= least
        and matcher.quick_ratio() >= least
        and matcher.ratio() >= least
    )


def _of_file(file: TestFile) -> Iterator[WeakeningItem]:
    """What became of a file as a whole."""
    place = file.path or file.before_path
    had, has = Counter(file.before.hidden), Counter(file.after.hidden)
    for name in has - had:
        text = f"`{name}` is defined twice: the first of the two never runs"
        yield _lost("test-hidden", place, 0, text)
    if file.before_path and not file.path:
        if is_collected(file.before_path) and not file.before.tests:
            yield _lost("test-file-deleted", place, 0, "a file of tests is deleted")
    elif file.before.tests and not _is_still_collected(file):
        text = f"`{file.before_path}` has a name now that no runner takes for tests"
        yield _lost("test-file-renamed", place, 0, text)
    elif file.before.tests and not file.after.is_read and file.before.is_read:
        yield _lost("tests-unreadable", place, 0, "its tests can no longer be told apart")


def _skips(files: Sequence[TestFile]) -> Iterator[WeakeningItem]:
    old = [(file.path or file.before_path, skip) for file in files for skip in file.before.skips]
    new = [(file.path, skip) for file in files for skip in file.after.skips]
    for key in (_as_it_was, _elsewhere):
        known = Counter(name for path, skip in old if (name := key(path, skip)) is not None)
        left: list[tuple[str, Skip]] = []
        matched: Counter[object] = Counter()
        for path, skip in new:
            name = key(path, skip)
            if name is not None and matched[name] < known[name]:
                matched[name] += 1
            else:
                left.append((path, skip))
        old = _without(old, matched, key)
        new = left
    for path, skip in new:
        yield WeakeningItem(
            kind=WeakeningKind.SKIP,
            rule=skip.rule,
            path=path,
            line=skip.line,
            text=skip.text,
            has_reason=skip.has_reason,
        )


def _without(
    old: list[tuple[str, Skip]],
    matched: Counter[object],
    key: Callable[[str, Skip], object],
) -> list[tuple[str, Skip]]:
    left: list[tuple[str, Skip]] = []
    for path, skip in old:
        name = key(path, skip)
        if matched[name] > 0:
            matched[name] -= 1
        else:
            left.append((path, skip))
    return left


def _as_it_was(path: str, skip: Skip) -> object:
    return (path, skip.rule, skip.about, skip.what)


def _elsewhere(path: str, skip: Skip) -> object:
    """A skip that moved with its test to another file."""
    del path
    return (skip.rule, skip.about, skip.what) if skip.about else None


def _lost(rule: str, path: str, line: int, text: str) -> WeakeningItem:
    return WeakeningItem(kind=WeakeningKind.DELETION, rule=rule, path=path, line=line, text=text)
