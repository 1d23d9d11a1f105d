from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from samples import ERRORS

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, Metric, count
from gates.domain.stage_result import StageResult, Tool
from gates.executor.newness import counted
from gates.plugin import Context, Default, Options, Stage
from gates.testing import FakeContext, fake_context, metrics_of
from gates.toolkit.changes import Base, Change, ChangedFile


class Lint(Stage[Options]):
    uses = "lint"
    title = "lint"
    metrics = (ERRORS,)
    defaults = (Default(text="errors == 0"),)
    examines = "files"

    def run(self, ctx: Context) -> StageResult:
        raise AssertionError(ctx)


class Audit(Lint):
    uses = "audit"

    def subjects_before(self, ctx: Context) -> frozenset[str] | None:
        text = ctx.before("lock.txt")
        return frozenset((text or b"").decode().splitlines())


def finding(path: str = "", line: int = 0, *, subject: str = "") -> Finding:
    return Finding(
        rule="R",
        severity=Severity.HIGH,
        message="m",
        path=path,
        line=line,
        subject=subject,
        counts=("errors",),
    )


def result(*findings: Finding, errors: int | None = None) -> StageResult:
    number = len(findings) if errors is None else errors
    return StageResult(
        metrics=(count("errors", number),),
        examined=Examined(count=1, unit="files"),
        tool=Tool(name="lint", version="1"),
        findings=findings,
    )


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    made = fake_context(tmp_path, {"old.py": "a", "edited.py": "a\nb\nc", "new.py": "a"})
    made.difference = Change(
        Base("0123456789abcdef", "named: main"),
        {
            "edited.py": ChangedFile("edited.py", "M", ((2, 3),)),
            "link": ChangedFile("link", "A", is_binary=True),
            "moved.py": ChangedFile("moved.py", "R"),
            "new.py": ChangedFile("new.py", "A", ((1, 1),)),
        },
    )
    return made


@pytest.mark.parametrize(
    ("place", "is_new"),
    [
        (finding("edited.py", 2), True),
        (finding("edited.py", 3), True),
        (finding("edited.py", 1), False),
        (finding("edited.py"), True),
        (finding("new.py", 1), True),
        (finding("moved.py", 7), False),
        (finding("moved.py"), True),
        (finding("link", 1), True),
        (finding("old.py", 1), False),
        (finding("old.py"), False),
        (finding(), True),
        (finding(subject="GET /orders"), True),
        (finding("ignored.py", 1), True),
        (finding("../beside.py", 1), True),
        (finding("/elsewhere.py", 1), True),
    ],
)
def test_a_finding_is_new_where_its_line_or_file_is(
    ctx: FakeContext, place: Finding, *, is_new: bool
) -> None:
    told = counted(result(place), Lint(Options()), ctx)
    assert metrics_of(told) == {"errors": 1, "new_findings": int(is_new)}
    assert told.findings[0].counts == (("errors", "new_findings") if is_new else ("errors",))


def test_a_package_is_new_where_the_base_had_no_such_version(ctx: FakeContext) -> None:
    ctx.earlier["lock.txt"] = b"left 1.0\nright 1.0"
    found = (finding("lock.txt", subject="left 1.0"), finding("lock.txt", subject="left 2.0"))
    told = counted(result(*found), Audit(Options()), ctx)
    assert metrics_of(told)["new_findings"] == 1
    assert [len(each.counts) for each in told.findings] == [1, 2]


def test_without_a_lock_at_the_base_every_package_is_new(ctx: FakeContext) -> None:
    told = counted(result(finding(subject="left 1.0")), Audit(Options()), ctx)
    assert metrics_of(told)["new_findings"] == 1


def test_the_base_is_told_once(ctx: FakeContext) -> None:
    told = counted(result(), Lint(Options()), ctx)
    assert metrics_of(told)["new_findings"] == 0
    assert told.notes == ("new findings since 0123456789ab (named: main)",)
    assert ctx.difference is not None
    shallow = replace(ctx.difference.base, shallow_note="the clone is shallow")
    ctx.difference = replace(ctx.difference, base=shallow)
    again = counted(replace(result(), notes=("the clone is shallow",)), Lint(Options()), ctx)
    assert again.notes == ("the clone is shallow", told.notes[0])


def test_a_result_that_lists_only_a_part_cannot_tell(ctx: FakeContext) -> None:
    with pytest.raises(StageError, match="2 of the findings in `errors` are not listed"):
        counted(result(finding("old.py", 1), errors=3), Lint(Options()), ctx)


def test_numbers_that_no_finding_counts_in_are_no_part(ctx: FakeContext) -> None:
    measured = replace(
        result(finding("old.py", 1)),
        metrics=(
            count("errors", 1),
            count("hidden", 5),
            Metric(name="x", numerator=1, denominator=2),
        ),
    )
    assert metrics_of(counted(measured, Lint(Options()), ctx))["new_findings"] == 0


def test_without_a_base_it_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="not in git"):
        counted(result(), Lint(Options()), fake_context(tmp_path))
