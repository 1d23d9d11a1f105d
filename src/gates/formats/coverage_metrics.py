"""What every stage of coverage reports and asks by default, whatever format it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gates.domain.metric import Direction, MetricSpec, Unit
from gates.formats.counts import counted

MIN_CHANGED = 20
"""Changed lines from which on their ratio says something."""

CONDITIONS = ("line >= 90%", "changed_line >= 90%", "changed_uncovered <= 2")
"""The default conditions."""

ERRORED = (
    "there is no executable line",
    "a source of Python cannot be parsed",
    "a given report is cut, or its counts contradict its lines",
    "a given report knows none of the sources, or lines that they do not have",
    "a file of the report may be one of several sources",
    "the named base of the change is not there",
)
"""When none of them can measure."""

_PERCENT = re.compile(r"(?:100|[1-9]?[0-9])(?:\.[0-9]{1,4})?\s?%")


def _ratio(
    name: str, noun: str, *, tags: tuple[str, ...] = (), optional: bool = False
) -> MetricSpec:
    return MetricSpec(
        name=name,
        unit=Unit.RATIO,
        direction=Direction.HIGHER,
        title=noun,
        noun=noun,
        tags=tags,
        optional=optional,
    )


METRICS = (
    _ratio("line", "covered lines", tags=("path",)),
    _ratio("branch", "covered branches", optional=True),
    _ratio("changed_line", "covered changed lines", optional=True),
    _ratio("changed_branch", "covered changed branches", optional=True),
    counted(
        "changed_uncovered", "uncovered changed lines", "uncovered changed lines", optional=True
    ),
)
"""What they report."""


def floors(critical: Mapping[str, str]) -> tuple[str, ...]:
    """A condition for each critical path."""
    return tuple(f'line{{path="{path}"}} >= {floor}' for path, floor in critical.items())


def refuse_odd(critical: Mapping[str, str], min_changed: int) -> None:
    """Refuse critical paths and floors that no condition can name.

    Raises:
        ValueError: with one line that says why.
    """
    for path, floor in critical.items():
        if not path or '"' in path or "\\" in path:
            raise ValueError(f"`critical` cannot name the path `{path}`")
        if _PERCENT.fullmatch(floor) is None:
            raise ValueError(f"the floor of `{path}` is a percentage such as `80%`")
    if min_changed < 1:
        raise ValueError("`min_changed` is at least 1")
