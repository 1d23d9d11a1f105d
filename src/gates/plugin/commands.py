"""A command of the project's own, named in a stage's options and run beside a service."""

from __future__ import annotations

import os

from gates.domain.errors import ToolMissing
from gates.domain.stage_result import Tool
from gates.plugin.context import Completed, Context

Words = str | tuple[str, ...]
"""A command: a text, split as a shell splits words, or a list."""


def split(run: Words) -> tuple[str, ...]:
    """The words of a command.

    Raises:
        ValueError: there is none, or a quote is not closed.
    """
    import shlex

    words = tuple(shlex.split(run)) if isinstance(run, str) else run
    if not words or not words[0]:
        raise ValueError("`run` names no program")
    return words


def found(ctx: Context, program: str) -> Tool:
    """A program by name from the project's environment, or by path: the project's own.

    Raises:
        ToolMissing: it is not there.
    """
    if "/" not in program:
        return ctx.tool(program, ask=False)
    path = ctx.root / program
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise ToolMissing(
            "tool-missing",
            f"`{program}` is not a program",
            hint="a path is relative to the folder of gates.yaml, and must be executable",
            place=program,
        )
    return Tool(name=path.name, version="", path=str(path), how="named by its path")


def run_filled(ctx: Context, run: Words) -> Completed:
    """Run a command whose words may hold placeholders of the gate's service (`{url}`).

    Raises:
        StageError: a placeholder names nothing, or the command did not end with 0.
    """
    program, *arguments = (ctx.service.filled(word) for word in split(run))
    return ctx.run(found(ctx, program), *arguments)
