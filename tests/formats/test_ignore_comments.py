from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import fake_context

from gates.domain.metric import Examined
from gates.domain.stage_result import StageResult, Tool
from gates.formats.ignore_comments import count, told

RESULT = StageResult(
    metrics=(),
    examined=Examined(count=1, unit="lines", details=(("changed lines", 1),)),
    tool=Tool(name="lcov", version=""),
    notes=("before",),
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"/* istanbul ignore next */", 1),
        (b"/*istanbul ignore file*/", 1),
        (b"// istanbul ignore else", 1),
        (b"/* v8 ignore next 3 -- @preserve */ /* c8 ignore if */", 2),
        (b"/* v8 ignore start */\na\n/* v8 ignore stop */", 1),
        (b"/* node:coverage disable */\na\n/* node:coverage enable */", 1),
        (b"/**\n * istanbul ignore next\n */", 1),
        (b"const istanbul = 'ignore next'; // of istanbul, ignore next", 0),
        (b"/* istanbul ignored */ /* v8 ignore */", 0),
        (b"", 0),
    ],
)
def test_comments_that_take_lines_out(text: bytes, number: int) -> None:
    assert count(text) == number


def test_their_number_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.ts": "/* c8 ignore file */\n", "src/b.py": "a = 1\n"})
    ctx.source_folders = ("src",)

    result = told(ctx, RESULT)

    assert result.notes == ("before", "a comment takes lines out of coverage, in `src/a.ts`")
    assert result.examined.details == (("changed lines", 1), ("ignore comments", 1))


def test_sources_without_them_and_of_other_languages_change_nothing(tmp_path: Path) -> None:
    ctx = fake_context(
        tmp_path, {"src/a.ts": "a;\n", "src/b.py": "x = '/* istanbul ignore next */'\n"}
    )
    ctx.source_folders = ("src",)

    assert told(ctx, RESULT) is RESULT
