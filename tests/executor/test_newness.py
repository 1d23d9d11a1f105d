from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from samples import ERRORS

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity, Span
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
    files = {"old.py": "a\n", "edited.py": "a\nb\nc\n", "new.py": "a", "moved.py": "a\n" * 9}
    made = fake_context(tmp_path, {**files, "tail.py": "a\nb\n", "empty.py": "", "cr.py": "a\rb\r"})
    made.difference = Change(
        Base("0123456789abcdef", "named: main"),
        {
            "cr.py": ChangedFile("cr.py", "M", ((2, 2),)),
            "edited.py": ChangedFile("edited.py", "M", ((2, 3),)),
            "empty.py": ChangedFile("empty.py", "M"),
            "gone.py": ChangedFile("gone.py", "D"),
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


@pytest.mark.parametrize(
    ("line", "end_line", "is_new"),
    [(1, 2, True), (1, 9, True), (1, 1, False), (1, 0, False), (3, 1, True), (2, 4, True)],
)
def test_a_finding_is_new_where_any_of_its_lines_is(
    ctx: FakeContext, line: int, end_line: int, *, is_new: bool
) -> None:
    found = replace(finding("edited.py", line), end_line=end_line)

    assert metrics_of(counted(result(found), Lint(Options()), ctx))["new_findings"] == int(is_new)


@pytest.mark.parametrize(
    ("place", "is_new"),
    [
        (Span(path="edited.py", line=2), True),
        (Span(path="edited.py", line=1, end_line=2), True),
        (Span(path="edited.py", line=1), False),
        (Span(path="edited.py"), True),
        (Span(path="../beside.py", line=1), True),
        (Span(path="old.py"), False),
    ],
)
def test_a_finding_is_new_where_any_of_its_places_is(
    ctx: FakeContext, place: Span, *, is_new: bool
) -> None:
    found = replace(finding("old.py", 1), also=(Span(path="moved.py", line=1), place))

    assert metrics_of(counted(result(found), Lint(Options()), ctx))["new_findings"] == int(is_new)


@pytest.mark.parametrize(
    ("path", "line", "is_new"),
    [
        ("old.py", 500, True),
        ("old.py", 3, True),
        ("old.py", 2, False),
        ("edited.py", 500, True),
        ("edited.py", 4, True),
        ("tail.py", 3, False),
        ("moved.py", 10, False),
        ("moved.py", 11, True),
        ("empty.py", 1, True),
        ("gone.py", 1, True),
        ("cr.py", 2, True),
        ("cr.py", 1, False),
    ],
)
def test_a_line_that_the_file_does_not_have_is_new(
    ctx: FakeContext, path: str, line: int, *, is_new: bool
) -> None:
    """But what stands one line behind the last one is about the file's end."""
    told = counted(result(finding(path, line)), Lint(Options()), ctx)

    assert metrics_of(told)["new_findings"] == int(is_new)


def test_findings_of_one_file_are_told_apart(ctx: FakeContext) -> None:
    found = (finding("edited.py", 1), finding("edited.py", 2), finding("edited.py", 500))

    told = counted(result(*found), Lint(Options()), ctx)

    assert [len(each.counts) for each in told.findings] == [1, 2, 2]


def test_a_file_that_cannot_be_read_tells_nothing(
    ctx: FakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    told = counted(result(finding("old.py", 1)), Lint(Options()), ctx)

    assert metrics_of(told)["new_findings"] == 1


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
