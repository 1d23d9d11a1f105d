"""Whether a run of SARIF checked what it should: appendix I of SARIF 2.1.0, read strictly.

A run that has no results is one that did not get so far; an empty list says that nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats.sarif_components import level_of, number_of, text_of
from gates.formats.strict_json import Value

LISTS = ("toolExecutionNotifications", "toolConfigurationNotifications")
"""What a run says of itself: of what went wrong while it ran, and in its configuration."""

LAST_EXIT = 125
"""Shells end with a higher code where a program was not started, or was ended by a signal."""

_HINT = "mend what the tool complains of, and write the report again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What is told of the end of a run.

    Attributes:
        is_told: an invocation says that it ended well.
        warnings: how often the tool warns of itself.
    """

    is_told: bool
    warnings: int


def refuse_unchecked(run: Value) -> Ended:
    """Refuse a run that did not end well, or whose results are not in it.

    Raises:
        StageError: `not-checked`.
        OutputUnreadable: it contradicts itself, or is no run of SARIF.
    """
    refuse_elsewhere(run, "externalPropertyFileReferences")
    results = run.find("results")
    if results is None:
        raise _unchecked(run, "has no list of results: the tool did not begin to look")
    conversion = run.find("conversion")
    converted = conversion.find("invocation") if conversion is not None else None
    if converted is not None:
        _one(converted, run)
    listed = run.find("invocations")
    invocations = tuple(listed.items()) if listed is not None else ()
    warnings = sum(_one(invocation, run) for invocation in invocations)
    for invocation in invocations:
        if _exit_code(invocation) and not results.array():
            problem = f"ended with exit code {_exit_code(invocation)} and found nothing"
            raise invocation.unreadable(problem, slug="contradiction")
    return Ended(is_told=bool(invocations), warnings=warnings)


def refuse_elsewhere(value: Value, key: str) -> None:
    """Refuse what leaves a part of itself to another place.

    Raises:
        StageError: `not-checked`.
    """
    found = value.find(key)
    if found is not None and found.raw not in ([], {}):
        raise StageError(
            "not-checked",
            f"`{found.pointer}` leaves a part of the report to other files, which are not read",
            hint="have the tool write all of it into one file",
            place=value.what,
        )


def _one(invocation: Value, run: Value) -> int:
    """Refuse an invocation that did not end well; else count the warnings that it tells."""
    if not invocation.member("executionSuccessful").flag():
        raise _unchecked(invocation, "says that the tool did not succeed")
    for key in ("exitSignalName", "exitSignalNumber", "processStartFailureMessage"):
        if invocation.find(key) is not None:
            problem = f"says that the tool succeeded, and has `{key}`"
            raise invocation.unreadable(problem, slug="contradiction")
    if not 0 <= _exit_code(invocation) <= LAST_EXIT:
        problem = f"says that the tool succeeded, with exit code {_exit_code(invocation)}"
        raise invocation.unreadable(problem, slug="contradiction")
    warnings = 0
    for key in LISTS:
        listed = invocation.find(key)
        for each in listed.items() if listed is not None else ():
            level = _level(each, run)
            if level == "error":
                raise _unchecked(each, f"is an error of the tool: {_told(each)}")
            warnings += level == "warning"
    return warnings


def _exit_code(invocation: Value) -> int:
    code = invocation.find("exitCode")
    return code.integer() if code is not None else 0


def _level(notification: Value, run: Value) -> str:
    """Its level, else that of its descriptor in the driver, else `warning` (section 3.58.6)."""
    return level_of(notification) or _default(notification, run) or "warning"


def _default(notification: Value, run: Value) -> str:
    descriptor = notification.find("descriptor")
    known = run.member("tool", "driver").find("notifications")
    if descriptor is None or known is None:
        return ""
    index, name = number_of(descriptor, "index"), text_of(descriptor, "id")
    for at, each in enumerate(known.items()):
        if at == index or (name and text_of(each, "id") == name):
            configuration = each.find("defaultConfiguration")
            return level_of(configuration) if configuration is not None else ""
    return ""


def _told(notification: Value) -> str:
    return text_of(notification.find("message"), "text") or "it does not say which"


def _unchecked(value: Value, problem: str) -> StageError:
    where = f"`{value.pointer}` {problem}"
    return StageError("not-checked", where, hint=_HINT, place=value.what)
