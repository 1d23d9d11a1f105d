"""Judging a change only: which gates it touches."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from gates.domain.judge import Judged
from gates.domain.metric import Examined
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun
from gates.domain.status import Status
from gates.toolkit.changes import Change


def touches(change: Change, inputs: Collection[str], policy: str) -> bool:
    """Tell whether a change touches any of a gate's inputs.

    A file that is gone is no input any more; it counts where inputs of its kind remain, so that
    deleting a source is never "unaffected". What a renamed file was called is not known here, so
    it touches every gate; and so does a changed policy.
    """
    kinds = {PurePosixPath(path).suffix for path in inputs}
    names = {PurePosixPath(path).name for path in inputs}
    known = set(inputs)
    for path, file in change.files.items():
        if path == policy or path in known or file.status == "R":
            return True
        gone = PurePosixPath(path)
        if file.status == "D" and (gone.suffix in kinds or gone.name in names):
            return True
    return False


def unaffected(gate: GatePlan, inputs: Collection[str], base: str) -> GateRun:
    """The outcome of a gate that a change does not touch."""
    reason = f"the change since {base[:12]} touches none of its {len(inputs)} inputs"
    return GateRun(
        plan=gate,
        judged=Judged(status=Status.UNAFFECTED, reason=reason),
        examined=Examined(count=len(inputs), unit="inputs"),
    )
