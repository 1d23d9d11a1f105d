from __future__ import annotations

import pytest

from gates.formats.lost_tests import TestFile, compare
from gates.formats.written_tests import read

ONE = "def test_one():\n    value = compute(1)\n    assert value == 1\n"
TWO = "def test_two():\n    other = frobnicate(9)\n    assert other is None\n"
SKIPPED = f"import pytest\n@pytest.mark.skip(reason='not here yet')\n{ONE}"


def changed(before: str, after: str, was: str = "test_a.py", now: str = "test_a.py") -> TestFile:
    return TestFile(
        before_path=was,
        path=now,
        before=read(before.encode(), was),
        after=read(after.encode(), now) if now else read(b"", was),
    )


def told(*files: TestFile) -> list[str]:
    return [f"{one.rule}:{one.path}:{one.line}" for one in compare(files)]


def test_a_test_that_stands_nowhere_is_deleted() -> None:
    assert told(changed(ONE + TWO, ONE)) == ["test-deleted:test_a.py:0"]
    assert told(changed(ONE, "", now="")) == ["test-deleted:test_a.py:0"]
    assert told(changed(ONE, ONE)) == []


def test_a_moved_or_renamed_test_is_not() -> None:
    gone = changed(ONE, "", now="")
    assert told(gone, changed(TWO, TWO + ONE, "test_b.py", "test_b.py")) == []
    edited = ONE.replace("compute(1)", "compute(2)")
    assert told(gone, changed(TWO, TWO + edited, "test_b.py", "test_b.py")) == []
    assert told(changed(ONE, ONE.replace("test_one", "test_uno"))) == []
    grouped = "class TestAll:\n    def test_one(self):\n        assert compute(1) == 1\n"
    assert told(changed(ONE, grouped)) == []


def test_another_body_under_the_name_elsewhere_is_another_test() -> None:
    gone = changed(ONE, "", now="")
    hollow = "def test_one():\n    pass\n"
    assert "test-deleted:test_a.py:0" in told(gone, changed("", hollow, "test_b.py", "test_b.py"))


def test_a_file_that_no_runner_collects_holds_no_tests() -> None:
    assert told(changed(ONE, ONE, now="helper.py")) == [
        "test-deleted:helper.py:0",
        "test-file-renamed:helper.py:0",
    ]
    assert told(changed(ONE, ONE, "tests/a.py", "tests/b.py")) == []


@pytest.mark.parametrize(
    "body",
    ["compute(1)", "assert True", "assert (compute(1), 'it is')", "return compute(1) == 1"],
)
def test_a_test_that_asserts_nothing_any_more_is_told(body: str) -> None:
    assert told(changed(ONE, f"def test_one():\n    {body}\n")) == [
        "assertions-removed:test_a.py:1"
    ]


def test_a_renamed_test_that_asserts_nothing_is_told() -> None:
    calls = "".join(f"    a_rather_long_call({n}, {n}, {n})\n" for n in range(9))
    long = ONE.replace("    assert", f"{calls}    assert")
    bare = long.replace("    assert value == 1\n", "").replace("test_one", "test_uno")
    assert told(changed(long, bare)) == ["assertions-removed:test_a.py:1"]


def test_a_test_that_a_later_one_hides_is_told() -> None:
    assert told(changed(ONE, ONE + ONE)) == ["test-hidden:test_a.py:0"]
    assert told(changed(ONE + ONE, ONE + ONE)) == []


def test_files_that_cannot_be_told_apart() -> None:
    assert told(changed(ONE, "def (:")) == ["tests-unreadable:test_a.py:0"]
    gone = TestFile(before_path="a_test.go", path="")
    assert told(gone) == ["test-file-deleted:a_test.go:0"]


def test_a_new_skip_is_told() -> None:
    assert told(changed(ONE, SKIPPED)) == ["skip:test_a.py:2"]
    assert next(iter(compare([changed(ONE, SKIPPED)]))).has_reason


def test_a_skip_that_was_there_is_not_new() -> None:
    assert told(changed(SKIPPED, f"\n\n{SKIPPED}")) == []
    reworded = SKIPPED.replace("not here yet", "still not here")
    assert told(changed(SKIPPED, reworded)) == []
    moved = changed("import pytest\n", SKIPPED, "test_b.py", "test_b.py")
    assert told(changed(SKIPPED, "import pytest\n"), moved) == []


def test_a_condition_that_is_worded_anew_is_new() -> None:
    before = SKIPPED.replace("skip(", "skipif(is_old, ")
    assert told(changed(before, before.replace("is_old", "True"))) == ["skipif:test_a.py:2"]


def test_javascripts_tests_are_compared_too() -> None:
    before = "it('adds', () => { expect(add(1)).toBe(2) })\nit('subs', () => { expect(1) })\n"
    after = "it('adds', () => { add(1) })\nit.only('more', () => { expect(5, six) })\n"
    assert sorted(told(changed(before, after, "a.test.ts", "a.test.ts"))) == [
        "assertions-removed:a.test.ts:1",
        "only:a.test.ts:2",
        "test-deleted:a.test.ts:0",
    ]
