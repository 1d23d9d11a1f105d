"""Judging a change only: which gates it touches."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from gates.domain.judge import Judged
from gates.domain.metric import Examined
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun
from gates.domain.status import Status
from gates.toolkit.changes import Change

DOCUMENTS = frozenset({".adoc", ".md", ".rst"})
"""Endings of files that are read by people alone, unless a gate names them among its inputs."""


ENVIRONMENT = (
    "*.lock",
    "Pipfile",
    "pylock*.toml",
    "pyproject.toml",
    "*requirements*.in",
    "*requirements*.txt",
    "setup.cfg",
    "setup.py",
    "tox.ini",
)
"""Names of files that say which versions of tools and packages are there."""


def touches(change: Change, inputs: Collection[str], always: Collection[str]) -> bool:
    """Tell whether a change touches any of a gate's inputs; in doubt it does.

    Doubtful are a deleted file, which is among no inputs any more; a renamed one, whose old name is
    not known here; a link, whose target decides; and files above or beside the folder of
    gates.yaml, which tools read as configuration or tests import; and what says which versions of
    tools are there. Documents are not doubtful, where the gate reads none.

    Args:
        change: what differs from the base.
        inputs: the files on which the gate's outcome depends.
        always: files that touch every gate: the policy, and what links lead to.
    """
    known = set(inputs)
    kinds = {PurePosixPath(path).suffix for path in inputs}
    silent = DOCUMENTS - kinds
    if any(PurePosixPath(path).suffix not in silent for path in change.outside):
        return True
    for path, file in change.files.items():
        if path in always or path in known or file.status == "R" or file.is_binary:
            return True
        if any(fnmatchcase(PurePosixPath(path).name, name) for name in ENVIRONMENT):
            return True
        if file.status == "D" and PurePosixPath(path).suffix not in silent:
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
