from __future__ import annotations

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.black_log import BlackLog, Failure, is_finished, parse, refuse_failures
from gates.formats.tool_paths import Tree

BOTH = ["26.10.1", "24.1.0"]
SUM = b"1 file would be reformatted, 1 file would be left unchanged.\n"


@pytest.mark.parametrize("version", BOTH)
def test_recorded_findings(version: str) -> None:
    log = parse(recorded(f"black/{version}/findings.log"))

    assert (log.unformatted, log.formatted) == (("src/a.py",), ("src/b.py",))
    assert (log.ignored, log.failures) == ((), ())


def test_recorded_exclusion() -> None:
    log = parse(recorded("black/26.10.1/clean.log"))

    assert (log.formatted, log.ignored) == (("src/a.py",), ("src/b.py",))


@pytest.mark.parametrize(
    ("version", "reason"),
    [("26.10.1", "it cannot be parsed"), ("24.1.0", "Cannot parse: 1:11: def broken(:")],
)
def test_recorded_syntax_error(version: str, reason: str) -> None:
    log = parse(recorded(f"black/{version}/syntax.log"))

    assert log.failures == (Failure(path="src/c.py", line=1, column=11, reason=reason),)


def test_a_failure_without_a_place() -> None:
    log = parse(b"error: cannot format a.py: no encoding\n\n1 file would fail to reformat.\n")

    assert log.failures == (Failure(path="a.py", line=0, column=0, reason="no encoding"),)


def test_no_file_at_all() -> None:
    data = b"No Python files are present to be formatted. Nothing to do\n"

    assert is_finished(data)
    assert parse(data).formatted == ()


@pytest.mark.parametrize("data", [b"", b"would reformat a.py\n", SUM + SUM])
def test_without_one_sum_nothing_is_proved(data: bytes) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(data)

    assert caught.value.problem.slug == "black-unproved"


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"would reformat a.py\n",
        b"would reformat a.py\nwould reformat b.py\nc.py already well formatted, good job.\n",
        b"would reformat a.py\nb.py already well formatted, good job.\nerror: cannot format c: d\n",
    ],
)
def test_sums_and_names_must_agree(lines: bytes) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(lines + SUM)

    assert caught.value.problem.slug == "contradiction"


def test_an_answer_of_the_cache_is_no_look() -> None:
    data = b"a.py wasn't modified on disk since last run.\n1 file would be left unchanged.\n"

    with pytest.raises(OutputUnreadable) as caught:
        parse(data)

    assert caught.value.problem.slug == "cache-answered"


def test_a_run_that_broke_off_is_not_finished() -> None:
    assert not is_finished(b"would reformat a.py\n")


@pytest.mark.parametrize(("line", "place"), [(3, "a.py:3:4"), (0, "a.py")])
def test_a_failure_is_refused_with_its_place(line: int, place: str) -> None:
    tree = Tree(roots=("/p",), files=frozenset(), sources=frozenset())
    failure = Failure(path="/p/a.py", line=line, column=4, reason="odd")
    refuse_failures(BlackLog(), tree)

    with pytest.raises(StageError, match=r"could not format `a\.py`: odd, and 1 more") as caught:
        refuse_failures(BlackLog(failures=(failure, failure)), tree)

    assert caught.value.problem.place == place
