from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.stage_result import StageResult, Tool
from gates.executor import placing
from gates.executor.placing import placed
from gates.formats.line_hash import line_hashes
from gates.testing import FakeContext, fake_context
from gates.toolkit.changes import Base, Change, ChangedFile


def finding(path: str = "", line: int = 0, counts: tuple[str, ...] = ()) -> Finding:
    return Finding(
        rule="R", severity=Severity.LOW, message="m", path=path, line=line, counts=counts
    )


def result(*findings: Finding) -> StageResult:
    return StageResult(
        metrics=(count("errors", 0),),
        examined=Examined(count=1, unit="files"),
        tool=Tool(name="lint", version="1"),
        findings=findings,
    )


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    made = fake_context(tmp_path, {"a.py": "x\ny\n", "b.py": "z\n"})
    files = {"a.py": ChangedFile("a.py", "M", ((2, 2),))}
    made.difference = Change(Base("0123456789abcdef", "named: main"), files)
    return made


def hashes(ctx: FakeContext, *findings: Finding) -> list[str]:
    return [each.line_hash for each in placed(result(*findings), ctx, has_change=False).findings]


def new(ctx: FakeContext, *findings: Finding, has_change: bool = True) -> list[bool]:
    return [each.is_new for each in placed(result(*findings), ctx, has_change=has_change).findings]


def test_each_finding_has_the_hash_of_its_line(ctx: FakeContext) -> None:
    due = line_hashes(b"x\ny\n", [1, 2])
    found = hashes(ctx, finding("a.py", 2), finding("a.py", 1), finding("a.py"))
    assert found == [due[2], due[1], due[1]]


@pytest.mark.parametrize(
    "path", ["", "none.py", "../outside.py", "/etc/hostname", "a\0b", "pipe", ".", "a.py/b"]
)
def test_what_is_no_file_of_the_project_has_none(ctx: FakeContext, path: str) -> None:
    os.mkfifo(ctx.root / "pipe")
    (ctx.root.parent / "outside.py").write_text("x\n")
    assert hashes(ctx, finding(path, 1)) == [""]


def test_a_link_that_leads_out_has_none(ctx: FakeContext) -> None:
    (ctx.root.parent / "outside.py").write_text("x\n")
    (ctx.root / "link.py").symlink_to(ctx.root.parent / "outside.py")
    assert hashes(ctx, finding("link.py", 1)) == [""]


def test_a_line_that_is_not_there_has_none(ctx: FakeContext) -> None:
    assert hashes(ctx, finding("a.py", 900)) == [""]


def test_no_more_is_read_than_makes_sense(
    ctx: FakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "LARGEST_BYTES", 3)
    assert [bool(each) for each in hashes(ctx, finding("a.py", 1), finding("b.py", 1))] == [
        False,
        True,
    ]
    monkeypatch.setattr(placing, "LARGEST_BYTES", 9)
    monkeypatch.setattr(placing, "MOST_BYTES", 4)
    assert [bool(each) for each in hashes(ctx, finding("a.py", 1), finding("b.py", 1))] == [
        True,
        False,
    ]


def test_a_finding_is_new_where_the_change_is(ctx: FakeContext) -> None:
    found = new(ctx, finding("a.py", 2), finding("a.py", 1), finding("b.py", 1), finding())
    assert found == [True, False, False, False]


def test_without_a_change_nothing_is_known_to_be_new(ctx: FakeContext) -> None:
    assert new(ctx, finding("a.py", 2), has_change=False) == [False]


def test_without_a_base_nothing_is_known_to_be_new(tmp_path: Path) -> None:
    bare = fake_context(tmp_path, {"a.py": "x\n"})
    with pytest.raises(StageError):
        bare.change()
    assert new(bare, finding("a.py", 1)) == [False]


def test_what_the_stage_counts_as_new_is_new(ctx: FakeContext) -> None:
    counted = replace(
        result(finding("a.py", 2), finding("b.py", 1, counts=("new_findings",))),
        metrics=(count("new_findings", 1),),
    )
    found = placed(counted, ctx, has_change=True).findings
    assert [each.is_new for each in found] == [False, True]


def test_a_result_without_findings_stays_as_it_is(ctx: FakeContext) -> None:
    bare = result()
    assert placed(bare, ctx, has_change=True) is bare
