from __future__ import annotations

import pytest

from gates.domain.errors import StageError
from gates.formats.tsc_built import HINT, UNBUILT, refuse_built, refuse_unbuilt
from gates.formats.tsc_text import Message


def message(code: str, path: str = "src/b.ts") -> Message:
    return Message(path=path, line=1, column=19, severity="error", code=code, text="not built")


@pytest.mark.parametrize("code", UNBUILT)
@pytest.mark.parametrize(("path", "place"), [("src/b.ts", "src/b.ts:1:19"), ("", "tsc")])
def test_a_referenced_project_that_was_not_built(code: str, path: str, place: str) -> None:
    with pytest.raises(StageError, match=f"{code}: not built") as caught:
        refuse_unbuilt([message("TS2322"), message(code, path)])

    problem = caught.value.problem
    assert (problem.slug, problem.place, problem.hint) == ("not-built", place, HINT)


def test_other_messages_are_findings() -> None:
    refuse_unbuilt([message("TS2322")])


def test_files_that_were_built() -> None:
    refuse_built(())

    with pytest.raises(StageError, match=r"may be stale: `a/dist/a\.d\.ts`, `b\.d\.ts`") as caught:
        refuse_built({"b.d.ts", "a/dist/a.d.ts"})
    problem = caught.value.problem
    assert (problem.slug, problem.place) == ("built-files", "a/dist/a.d.ts")
