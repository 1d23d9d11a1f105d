from __future__ import annotations

import pytest

from gates.formats.written_python import read

TEST = "def test_it():\n    assert it() == 1\n"


def names(text: str) -> list[str]:
    return [test.name for test in read(text.encode(), "tests/test_a.py").tests]


def rules(text: str) -> list[tuple[str, int]]:
    return [(skip.rule, skip.line) for skip in read(text.encode(), "tests/test_a.py").skips]


def asserts(body: str) -> int:
    (test,) = read(f"def test_it():\n{body}\n".encode(), "tests/test_a.py").tests
    return test.asserts


def within(head: str) -> str:
    return head + TEST.replace("def", "    def").replace("    assert", "        assert")


@pytest.mark.parametrize(
    "text",
    [
        f"{TEST}test_it = None\n",
        f"{TEST}test_it: object = None\n",
        f"{TEST}del test_it\n",
        f"@pytest.fixture\n{TEST}",
        f"@fixture(scope='module')\n{TEST}",
        within("class TestA:\n    def __init__(self): ...\n"),
        within("class TestA:\n    def __new__(cls): ...\n"),
        within("if False:\n"),
        within("if TYPE_CHECKING:\n"),
        within("if typing.TYPE_CHECKING:\n"),
    ],
)
def test_what_no_runner_collects_is_no_test(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    "text",
    [
        TEST,
        f"test_it = None\n{TEST}",
        f"{TEST}test_it: object\n",
        f"{TEST}test_it.slow = True\n",
        within("if False: pass\nelse:\n"),
        within("if sys.platform == 'linux':\n"),
        within("with here:\n"),
    ],
)
def test_what_runners_collect_is_one(text: str) -> None:
    assert names(text) == ["test_it"]


def test_a_class_with_a_base_may_make_itself() -> None:
    text = within("class A(Base):\n    def __init__(self): ...\n")
    assert names(text) == ["A > test_it"]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("    assert a == 1", 1),
        ("    assert a == 1 or True", 0),
        ("    assert a or b", 1),
        ("    assert a and True", 1),
        ("    return\n    assert a", 0),
        ("    if True:\n        return\n    assert a", 0),
        ("    if a:\n        return\n    assert a", 1),
        ("    if 1:\n        pass\n    assert a", 1),
        ("    text = '''\nb\n'''\n    assert a", 1),
        ("    with raises(E):\n        a()", 1),
    ],
)
def test_what_can_fail_a_test_is_counted(body: str, count: int) -> None:
    assert asserts(body) == count


def test_a_method_is_read_by_its_text() -> None:
    text = (
        "class TestA:\n    @mark\n    def test_it(self):\n        x = '''\nb'''\n        assert x\n"
    )
    (test,) = read(text.encode(), "test_a.py").tests
    assert (test.line, test.asserts, test.body) == (3, 1, "x = '\\nb'\nassert x")
    assert test.text.startswith("    @mark\n    def test_it")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"@pytest.mark.parametrize('x', [])\n{TEST}", [("parametrize-empty", 1)]),
        (f"@pytest.mark.parametrize('x', argvalues=())\n{TEST}", [("parametrize-empty", 1)]),
        (f"@pytest.mark.parametrize('x', [1])\n{TEST}", []),
        (f"@pytest.mark.parametrize('x', CASES)\n{TEST}", []),
        ("class TestA:\n    __test__: bool = False\n", [("not-a-test", 2)]),
        ("collect_ignore: list[str] = ['a.py']\n", [("collect-ignore", 1)]),
        ("from pytest import exit as leave\nleave('', 0)\n", [("exit", 2)]),
        ("import pytest\ndef test_a():\n    pytest.\uff53kip('x')\n", [("skip", 3)]),
        ("def test_a():\n    import pytest as p\n    p.skip()\n", [("skip", 3)]),
        ("import sys\nsys.exit(1)\n", []),
    ],
)
def test_what_keeps_tests_from_running_is_told(text: str, found: list[tuple[str, int]]) -> None:
    assert rules(text) == found


def test_what_cannot_be_parsed_is_searched() -> None:
    found = read(b"def f(:\n@pytest.mark.skip\n", "test_a.py")
    assert (found.is_read, [skip.rule for skip in found.skips]) == (False, ["skip"])
