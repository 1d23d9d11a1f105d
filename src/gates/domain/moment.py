"""When a gate is due: at each commit, at each push, or in CI."""

from __future__ import annotations

from enum import StrEnum


class Moment(StrEnum):
    """What a run is made for; a gate says at which of them it is due."""

    COMMIT = "commit"
    PUSH = "push"
    CI = "ci"


EVERYWHERE = (Moment.COMMIT, Moment.PUSH, Moment.CI)
"""Due always: what takes a moment and needs no environment, such as format, lint and secrets."""

FROM_PUSH = (Moment.PUSH, Moment.CI)
"""Due from a push on: what runs the project or reads all of it, such as types, SAST and tests."""

IN_CI = (Moment.CI,)
"""Due in CI alone: what measures a service, asks the network, or reads what a step wrote."""


def not_due(moment: Moment, when: tuple[Moment, ...]) -> str:
    """Why a gate is skipped at a moment, in the words of gates.yaml."""
    return f"not due at {moment.value} (`when: [{', '.join(when)}]`)"
