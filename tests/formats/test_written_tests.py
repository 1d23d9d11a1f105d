from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.written_tests import is_collected, may_hold_tests, read

PYTHON = """\
import pytest as pt
from unittest import skip as leave
pytestmark = pt.mark.slow
__test__ = False
collect_ignore = ["a.py"]

def test_one():
    assert one() == 1

def test_one():
    assert (one(), "text")

class TestTwo:
    @pt.mark.skipif(is_old, reason="too old here")
    def test_three(self):
        helper.assert_same(1, 2)

class Plain:
    def test_four(self): ...

class Cases(Base):
    @leave("some words")
    def test_five(self):
        self.skipTest("no")

if True:
    async def test_six():
        pt.skip("x")
"""

JAVASCRIPT = """\
// it('is a comment', () => {})
describe('group', () => {
  it('adds', async () => { expect(add(1)).toBe(2) })
  test.each([1, 2])("is (odd)", (n) => { check(n) })
  it.skip('waits', () => {})
  xit(`later ${x}`, () => {})
})
node('named', { skip: true })
ctx.skip()
"""


def test_pythons_tests_are_those_that_a_runner_collects() -> None:
    found = read(PYTHON.encode(), "tests/test_a.py")
    assert {test.name: test.asserts for test in found.tests} == {
        "test_one": 0,
        "TestTwo > test_three": 1,
        "Cases > test_five": 0,
        "test_six": 0,
    }
    assert found.hidden == ("test_one",)
    assert found.is_read


def test_pythons_skips_are_told_with_their_owner() -> None:
    found = read(PYTHON.encode(), "tests/test_a.py").skips
    assert sorted((one.rule, one.about, one.has_reason) for one in found) == [
        ("collect-ignore", "", False),
        ("not-a-test", "", False),
        ("skip", "", False),
        ("skip", "Cases", True),
        ("skipTest", "Cases", False),
        ("skipif", "TestTwo", True),
    ]
    assert [one.what for one in found if one.rule == "skipif"] == ["pt.mark.skipif(is_old)"]


def test_a_call_of_that_name_on_something_else_skips_nothing() -> None:
    found = read(b"import sys\ndef test_a():\n    cursor.skip(5)\n    sys.exit(1)\n", "test_a.py")
    assert found.skips == ()


@pytest.mark.parametrize(
    "line",
    [
        "pytestmark = pytest.mark.skip",
        "@pytest.mark.xfail\ndef test_a(): ...",
        "pytest.importorskip('x')",
        "@unittest.skipUnless(x, 'y')\nclass TestA: ...",
        "pytest.exit('done')",
        "from pytest import importorskip as i\ni('x')",
        "def test_a():\n    raise unittest.SkipTest",
        "x = pytest.param(1, marks=pytest.mark.skip)",
        "@unittest.expectedFailure\ndef test_a(): ...",
    ],
)
def test_each_form_of_a_skip_is_found(line: str) -> None:
    text = f"import pytest, unittest\n{line}\n"
    assert len(read(text.encode(), "test_a.py").skips) >= 1


def test_what_is_no_python_is_searched_for_its_marks() -> None:
    found = read(b"def (:\n@pytest.mark.skip\n@skipif\n", "test_a.py")
    assert [(one.rule, one.line) for one in found.skips] == [("skip", 2), ("skipif", 3)]
    assert not found.is_read


def test_javascripts_tests_and_skips() -> None:
    found = read(JAVASCRIPT.encode(), "a.test.ts")
    assert [(test.name, test.line, test.asserts) for test in found.tests] == [
        ("adds", 3, 1),
        ("is (odd)", 4, 0),
        ("waits", 5, 0),
        ("later ${x}", 6, 0),
    ]
    assert [(one.rule, one.line) for one in found.skips] == [
        ("skip", 5),
        ("xit", 6),
        ("skip", 8),
        ("skip", 9),
    ]
    assert read(JAVASCRIPT.encode(), "src/a.ts").tests == ()


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("a_test.go", 't.Skip("no")', "Skip"),
        ("ATest.java", "@Disabled void a() {}", "Disabled"),
        ("tests/a.rs", "#[ignore]", "ignore"),
        ("tests/A.cs", '[Fact(Skip = "no")]', "Skip"),
    ],
)
def test_skips_of_other_languages(path: str, text: str, rule: str) -> None:
    assert [one.rule for one in read(text.encode(), path).skips] == [rule]


def test_files_of_tests_are_known_by_name_or_folder() -> None:
    assert is_collected("a/test_b.py")
    assert is_collected("b_test.py")
    assert is_collected("web/a.spec.tsx")
    assert is_collected("src/__tests__/a.js")
    assert not is_collected("src/lost_tests.py")
    assert not is_collected("tests/helper.py")
    assert may_hold_tests("tests/deep/helper.py")
    assert not may_hold_tests("src/app.py")
    assert read(b"@Ignore", "src/app.java").skips == ()


@given(st.binary(max_size=60))
def test_whatever_a_file_holds_is_read(data: bytes) -> None:
    for path in ("test_a.py", "a.test.ts", "a_test.go"):
        read(data, path)
