from __future__ import annotations

import json
from pathlib import Path

import pytest
from gates_todo.stage import WORD, Todo, TodoOptions

from gates.plugin import OutputUnreadable, StageError
from gates.testing import FakeContext, check, fake_context, metrics_of

FILES = {"a.py": "", "b.py": f"# {WORD}: this\n"}


def stage(**options: object) -> Todo:
    return Todo(TodoOptions.from_plain(options))


def answer(ctx: FakeContext, report: object, exit_code: int) -> None:
    def write(argv: tuple[str, ...]) -> None:
        Path(argv[1]).write_text(json.dumps(report))

    ctx.answer("count-todos", does=write, exit_code=exit_code)


def test_each_comment_is_a_finding(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, FILES)
    found = [{"path": "./b.py", "line": 1, "text": "this"}]
    answer(ctx, {"files": ["./a.py", "./b.py"], "todos": found}, 1)
    result = stage().run(ctx)
    assert metrics_of(result) == {"todos": 1}
    assert (result.findings[0].place, result.findings[0].message) == ("b.py:1", "this")
    assert result.examined.count == 2


@pytest.mark.parametrize(
    ("report", "exit_code"),
    [({"files": ["./a.py"], "todos": []}, 0), ({"files": ["./a.py", "./b.py"], "todos": []}, 1)],
)
def test_a_report_that_contradicts_the_rest_is_refused(
    tmp_path: Path, report: object, exit_code: int
) -> None:
    ctx = fake_context(tmp_path, FILES)
    answer(ctx, report, exit_code)
    with pytest.raises(OutputUnreadable):
        stage().run(ctx)


def test_where_all_is_excluded_nothing_is_examined(tmp_path: Path) -> None:
    with pytest.raises(StageError):
        stage(exclude=["a.py", "b.py"]).run(fake_context(tmp_path, FILES))


def test_it_never_passes_without_proof() -> None:
    found = check(Todo)
    assert (found.broken, found.gaps) == ((), ())
