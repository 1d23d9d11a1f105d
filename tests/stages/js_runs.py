"""Runs of Vitest and Jest that were recorded, played again for the stages that judge them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from stages.fake_context import FakeContext, recorded

from gates.formats import js_canary

Change = Callable[[dict[str, object]], object]

FAILED: dict[str, object] = {
    "name": js_canary.NAME, "status": "failed", "fails": False, "flaky": False, "line": 3,
    "message": "AssertionError: expected 1 to be 2",
}  # fmt: skip
"""What our reporter writes of a planted test that failed."""


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
        settings = _settings(values)
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
    plants(ctx, program)


def plants(ctx: FakeContext, program: str, change: Change | None = None) -> None:
    """Let the program write what our reporter tells of the planted test that failed, changed."""

    def plant(argv: tuple[str, ...]) -> None:
        settings = _settings([word.partition("=")[2] for word in argv])
        assert Path(settings["canary"]).is_file()
        top: dict[str, object] = {
            "format": 1, "nonce": settings["nonce"], "version": "", "root": str(ctx.root),
            "partial": [], "hiding": [], "unplanted": [], "planned": 1, "ended": 1, "untold": 0,
            "whole": True, "problems": [], "end": True,
            "modules": [{"path": settings["canary"], "problems": [], "tests": [FAILED]}],
        }  # fmt: skip
        if change is not None:
            change(top)
        Path(settings["record"]).write_text(json.dumps(top), encoding="utf-8")

    ctx.answer(program, f"--outputFile={ctx.out}/canary/report.json", exit_code=1, does=plant)


def prints(ctx: FakeContext, stderr: str, *, is_reported: bool = True) -> None:
    """Let the run that was given first print this, and perhaps leave no JSON of its own."""
    first = ctx.answers[0]

    def write(argv: tuple[str, ...]) -> None:
        assert first.does is not None
        first.does(argv)
        if not is_reported:
            (ctx.out / "report.json").unlink()

    ctx.answers[0] = replace(first, stderr=stderr.encode(), does=write)


def _settings(values: list[str]) -> dict[str, str]:
    """What stands in front of our reporter."""
    reporter = next(value for value in values if "-reporter." in value)
    head = Path(reporter).read_text(encoding="utf-8").partition(";\n")[0]
    return cast("dict[str, str]", json.loads(head.removeprefix("const SETTINGS = ")))
