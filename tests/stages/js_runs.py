"""Runs of Vitest and Jest that were recorded, played again for the stages that judge them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

from stages.fake_context import FakeContext, recorded

Change = Callable[[dict[str, object]], object]


def plays(
    ctx: FakeContext,
    program: str,
    name: str,
    *,
    exit_code: int = 0,
    report: Change | None = None,
    proof: Change | None = None,
) -> None:
    """Let the program write what a recorded run wrote, its nonce replaced by the one it is given.

    Args:
        ctx: where it runs.
        program: `vitest` or `jest`.
        name: the recording, below `tests/stages/data`.
        exit_code: how it ends.
        report: a change to its own JSON.
        proof: a change to what our reporter writes.
    """

    def write(argv: tuple[str, ...]) -> None:
        values = [word.partition("=")[2] for word in argv]
        reporter = next(value for value in values if "-reporter." in value)
        head = Path(reporter).read_text(encoding="utf-8").partition(";\n")[0]
        settings = json.loads(head.removeprefix("const SETTINGS = "))
        own = next(value for value in values if value.endswith("/report.json"))
        root = str(ctx.root)
        for suffix, path, change in (
            ("", own, report),
            ("-proof", settings["record"], proof),
        ):
            text = recorded(f"{name}{suffix}.json").decode().replace("/project/", f"{root}/")
            top = cast("dict[str, object]", json.loads(text))
            if suffix:
                top["nonce"] = settings["nonce"]
            if change is not None:
                change(top)
            Path(path).write_text(json.dumps(top), encoding="utf-8")

    ctx.answer(program, exit_code=exit_code, stdout="ran\n", does=write)
