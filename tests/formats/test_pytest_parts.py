from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.pytest_parts import Part, relocated, whole
from gates.formats.pytest_proof import CaseCounts, CaseProblem, Portion, PytestProof

ALL = ("tests/test_a.py::one", "tests/test_a.py::two", "tests/test_b.py::three")

NONE = CaseCounts(passed=0, failed=0, errors=0, skipped=0, xfailed=0, xpassed=0, unknown=0)


def proof(index: int, ran: Sequence[str], *, listed: Sequence[str] = ALL) -> PytestProof:
    return PytestProof(
        worker="",
        version="9.2.0",
        file="",
        rootdir="/there/project",
        partial=(),
        loop_ended=True,
        stopped="",
        exit_first=0,
        exit_last=0,
        collected=len(ran),
        never_ran=0,
        unfinished=(),
        deselected=1,
        dropped=(),
        skipped_modules=1,
        collect_errors=(),
        tests=replace(NONE, passed=len(ran)),
        flaky=tuple(ran[:1]),
        words=(),
        problems=(),
        warnings=2,
        workers={},
        measured=None,
        portion=Portion(index=index, count=2, listed=tuple(listed), ran=tuple(ran)),
    )


def part(index: int, ran: Sequence[str], *, listed: Sequence[str] = ALL) -> Part:
    return Part(proof(index, ran, listed=listed), {})


FIRST, SECOND = part(1, ALL[:2]), part(2, ALL[2:])


def test_the_parts_of_one_whole_are_added_up() -> None:
    main = whole((FIRST, SECOND)).main

    assert main.tests.passed == main.collected == 3
    assert (main.deselected, main.skipped_modules, main.warnings) == (1, 1, 4)
    assert main.flaky == (ALL[0], ALL[2])
    assert main.portion is None


def test_a_part_without_tests_is_one() -> None:
    assert whole((part(1, ALL), part(2, ()))).main.tests.passed == 3


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((SECOND, FIRST), "part 2 of 2 stands in for part 1"),
        ((FIRST, part(2, ALL[1:])), "ran in part 1 and in part 2"),
        ((FIRST, part(2, ())), "1 of 3 collected tests ran in no part, such as"),
        ((FIRST, part(2, ALL[2:], listed=ALL[:2])), "did not collect the same tests: only part 1"),
        (
            (FIRST, part(2, (), listed=(*ALL, "tests/test_c.py::x"))),
            "only part 2 has `tests/test_c.py::x`",
        ),
        ((FIRST, part(2, (ALL[2], "tests/x.py::y"))), "`tests/x.py::y` ran, and was never"),
        ((FIRST, Part(replace(SECOND.main, portion=None), {})), "stands in for a part"),
        ((FIRST, Part(replace(SECOND.main, deselected=7), {})), "different numbers of tests"),
        ((FIRST,), "part 1 of 2 stands in for part 1 of 1"),
    ],
)
def test_what_is_no_whole_is_refused(parts: tuple[Part, ...], words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        whole(parts)


def test_a_part_that_stopped_at_a_failure_is_told_as_one_run_of_all_would_be() -> None:
    stopped = Part(
        replace(
            SECOND.main,
            tests=replace(NONE, failed=1),
            never_ran=1,
            loop_ended=False,
            stopped="Failed: stopping after 1 failures",
            portion=Portion(index=2, count=2, listed=ALL, ran=()),
        ),
        {},
    )

    main = whole((FIRST, stopped)).main

    assert (main.tests.failed, main.never_ran, main.loop_ended) == (1, 1, False)
    assert main.stopped


def test_under_xdist_the_workers_tell_what_was_collected() -> None:
    empty = Portion(index=2, count=2, listed=(), ran=ALL[2:])
    controller = replace(SECOND.main, portion=empty, workers={"gw0": "ended"})
    worker = replace(SECOND.main, worker="gw0")
    other = replace(worker, worker="gw1", portion=replace(empty, listed=ALL[:1]))

    joined = whole((FIRST, Part(controller, {"gw0": worker})))

    assert joined.main.workers == {"2/gw0": "ended"}
    assert set(joined.workers) == {"2/gw0"}
    with pytest.raises(OutputUnreadable, match="its workers collected different tests"):
        whole((FIRST, Part(controller, {"gw0": worker, "gw1": other})))


def test_paths_of_another_checkout_become_ours() -> None:
    problem = CaseProblem(
        nodeid=ALL[0],
        outcome="failed",
        phase="call",
        path="/there/project/tests/test_a.py",
        line=1,
        message="",
    )
    foreign = replace(problem, path="/there/projects/x.py")
    there = Part(replace(FIRST.main, problems=(problem, foreign)), {"gw0": FIRST.main})

    here = relocated(there, "/there/project", "/here")

    assert [each.path for each in here.main.problems] == [
        "/here/tests/test_a.py",
        "/there/projects/x.py",
    ]
    assert here.main.rootdir == here.workers["gw0"].rootdir == "/here"
