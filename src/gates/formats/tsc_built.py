"""Types that tsc takes from build output: nothing proves that it was made from these sources.

With `references` tsc reads the declarations that an earlier `tsc --build` wrote, and not the
sources behind them: https://www.typescriptlang.org/docs/handbook/project-references.html
"""

from __future__ import annotations

from collections.abc import Collection

from gates.domain.errors import StageError
from gates.formats.tool_paths import some
from gates.formats.tsc_text import Message

UNBUILT = ("TS6305", "TS6310")
"""Messages about a referenced project: its output is not there, or it may have none."""

HINT = (
    "give the gate a `project` of its own, without `references` and `composite`, whose `paths` lead"
    " to the sources; or have an earlier step make these files anew each time, and name them:"
    " `with: {generated: [PATH]}`"
)


def refuse_unbuilt(messages: Collection[Message]) -> None:
    """Refuse messages that a referenced project was not built: its types are not known then.

    Raises:
        StageError: with the first.
    """
    one = next((each for each in messages if each.code in UNBUILT), None)
    if one is not None:
        raise StageError(
            "not-built",
            f"tsc could not check by the output of a referenced project: {one.code}: {one.text}",
            hint=HINT,
            place=f"{one.path}:{one.line}:{one.column}" if one.path else "tsc",
        )


def refuse_built(paths: Collection[str]) -> None:
    """Refuse files that tsc read, and that are none of git's.

    Raises:
        StageError: there are such.
    """
    if paths:
        raise StageError(
            "built-files",
            f"types were taken from what git ignores, so that it may be stale: {some(paths)}",
            hint=HINT,
            place=min(paths),
        )
