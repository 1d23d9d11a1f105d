from __future__ import annotations

import sysconfig
import textwrap
from pathlib import Path

import coverage
import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.executable_lines import executable_lines, statement_starts


def lines(text: str) -> list[int]:
    return list(executable_lines(textwrap.dedent(text).encode(), path="a.py").lines)


def test_statements_count_at_their_first_line_and_docstrings_do_not() -> None:
    text = '''\
    """Module."""
    x = [
        1,
        2,
    ]

    # a comment
    class A:
        """Class."""

        def f(
            self,
            y,
        ):
            """Function."""
            return (
                y
            )
    '''
    assert lines(text) == [2, 8, 11, 16]


def test_code_that_cannot_be_reached_does_not_count() -> None:
    assert lines("def f():\n    return 1\n    return 2\n") == [1, 2]


def test_an_excluded_line_takes_its_block_along() -> None:
    text = """\
    x = 1
    if x:  # pragma: no cover
        y = 1
        if y:
            z = 2
    else:
        y = 2
    @deco  # pragma: no cover
    def f():
        return 1
    @deco
    def g():  # PRAGMA: NO COVER
        return 1
    @deco
    def h(
        x,
    ) -> int: ...
    if TYPE_CHECKING:
        import a
    w = 1
    """
    found = executable_lines(textwrap.dedent(text).encode(), path="a.py")
    assert found.lines == (1, 7, 20)
    assert {2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19} <= set(found.excluded)


def test_branches_are_estimated() -> None:
    text = """\
    def f(x):
        while True:
            if x:
                break
        for y in x:
            while y:
                y -= 1
        match x:
            case 1:
                return 1
            case _:
                return 2
    async def g(x):
        async for y in x:
            pass
    """
    found = executable_lines(textwrap.dedent(text).encode(), path="a.py")
    assert found.branches == ((3, 2), (5, 2), (6, 2), (9, 2), (14, 2))


def test_nothing_is_nothing() -> None:
    assert lines("") == []
    assert lines("# only a comment\n") == []


@pytest.mark.parametrize(
    "source", [b"def\n", b"x = (\n", b"  x = 1\n y = 2\n", b"x = 1\0\n", b"# coding: nothing\n"]
)
def test_what_cannot_be_parsed_is_refused(source: bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`a\.py` cannot be parsed") as caught:
        executable_lines(source, path="a.py")
    assert caught.value.problem.place.startswith("a.py")


def test_other_encodings_are_read() -> None:
    source = "# coding: latin-1\nx = 'ä'  # pragma: no cover\ny = 1\n".encode("latin-1")
    assert executable_lines(source, path="a.py").lines == (3,)


def test_warnings_of_the_compiler_stay_silent() -> None:
    assert lines("x = '\\d'\n") == [1]


def test_lines_lead_to_the_first_of_their_statement() -> None:
    starts = statement_starts(b"x = [\n  1,\n]\n\ny = 2\n", path="a.py")
    assert starts == {1: 1, 2: 1, 3: 1, 5: 5}
    with pytest.raises(OutputUnreadable):
        statement_starts(b"x = (\n", path="a.py")


PACKAGES = ("_pytest", "packaging", "pluggy", "pytest_cov", "xdist")


def test_coverage_itself_counts_the_same_lines_in_real_packages() -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    judge = coverage.Coverage(config_file=False, data_file=None)
    files = [file for name in PACKAGES for file in sorted((site / name).rglob("*.py"))]
    different = 0
    for file in files:
        _, expected, _, _, _ = judge.analysis2(str(file))
        found = executable_lines(file.read_bytes(), path=file.name)
        different += list(found.lines) != expected
    assert len(files) > 100
    assert different <= len(files) // 100
