"""What Schemathesis 4 writes with `--report json`: its own account of a run, the second witness."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.schemathesis_events import Events
from gates.formats.strict_json import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The account that Schemathesis gives.

    Attributes:
        version: of Schemathesis.
        complete: whether it says that it came to its end.
        stop_reason: `completed` where it came to its end.
        exit_code: what it was about to end with.
        total: operations that it found in the document.
        selected: those that its filters left.
        tested: those that it sent a request to.
        errored: operations and requests that it could not test.
        cases: requests that it made.
        unchecked: requests whose answers were not checked.
        failures: code and operation of whatever did not hold.
        hidden: failures that a baseline hid.
        errors: what it could not do, in its words.
    """

    version: str
    complete: bool
    stop_reason: str
    exit_code: int
    total: int
    selected: int
    tested: int
    errored: int
    cases: int
    unchecked: int
    failures: frozenset[tuple[str, str]]
    hidden: int
    errors: tuple[str, ...]


def read(data: bytes, *, what: str) -> Summary:
    """Read the account.

    Raises:
        OutputUnreadable: it is no such account.
    """
    root = strict_json.read(data, what=what)
    operations = root.member("operations")
    cases = root.member("test_cases")
    return Summary(
        version=root.member("schemathesis_version").text(),
        complete=root.member("complete").flag(),
        stop_reason=root.member("stop_reason").text(),
        exit_code=root.member("exit_code").integer(),
        total=operations.member("total").count(),
        selected=operations.member("selected").count(),
        tested=operations.member("tested").count(),
        errored=operations.member("errored").count() + cases.member("errored").count(),
        cases=cases.member("generated").count(),
        unchecked=cases.member("without_checks").count(),
        failures=frozenset(_failures(root.member("failures"))),
        hidden=root.member("filtered").count(),
        errors=tuple(each.member("title").text() for each in root.member("errors").items()),
    )


def _failures(failures: Value) -> list[tuple[str, str]]:
    return [
        (each.member("code").text(), operation.text())
        for each in failures.items()
        for operation in each.member("operations").items()
    ]


def refuse_partial(summary: Summary, events: Events, exit_code: int, *, operations: int) -> None:
    """Refuse a run that did not come to its end, or whose accounts differ.

    Args:
        summary: the account.
        events: the record of each request.
        exit_code: what the program ended with.
        operations: how many we count in the document ourselves.

    Raises:
        StageError: something could not be tested, or no request was made.
        OutputUnreadable: the accounts do not tell one story.
    """
    _refuse_errors(summary, events)
    if not summary.complete or summary.stop_reason != "completed":
        raise StageError(
            "stopped-early",
            f"schemathesis stopped before its end: {summary.stop_reason}",
            hint="see its output, and whether schemathesis.toml sets `max-time` or `max-failures`",
            place="schemathesis",
        )
    if summary.tested != summary.selected:
        raise StageError(
            "operations-not-tested",
            f"schemathesis tested {summary.tested} of {summary.selected} operations",
            hint="see the filters of schemathesis.toml; name what is left out in `exclude`",
            place="schemathesis",
        )
    if summary.hidden:
        raise StageError(
            "failures-hidden",
            f"a baseline hid {summary.hidden} failures",
            hint="waive them instead, with reason, owner and end",
            place="schemathesis",
        )
    if not events.cases:
        raise StageError("no-requests", "schemathesis made no request", place="schemathesis")
    if events.lost:
        raise StageError(
            "answers-not-checked",
            f"{events.lost} answers were not checked",
            hint="see the checks that schemathesis.toml switches off",
            place="schemathesis",
        )
    found = bool(events.failures)
    told = (
        (summary.total == operations, f"{summary.total} operations, and we count {operations}"),
        (summary.cases == events.cases, f"{summary.cases} and {events.cases} requests"),
        (summary.unchecked == events.unchecked, "answers that were not checked"),
        (summary.version == events.version, "two versions"),
        (summary.stop_reason == events.stop_reason, "two ends"),
        (bool(summary.failures) == found, "failures in one of them alone"),
        ((exit_code == 1) == found, f"exit code {exit_code} and {len(events.failures)} failures"),
        (summary.exit_code == exit_code, f"exit codes {summary.exit_code} and {exit_code}"),
    )
    for agrees, difference in told:
        if not agrees:
            raise OutputUnreadable(
                "contradiction",
                f"the accounts of schemathesis differ: {difference}",
                hint="without a baseline and with its reports untouched they agree",
                place="schemathesis",
            )


def _refuse_errors(summary: Summary, events: Events) -> None:
    errors = (*events.errors, *summary.errors)
    unanswered = sum(seen.all[0] for seen in events.seen.values())
    if not (errors or summary.errored or unanswered):
        return
    first = errors[0] if errors else f"{unanswered or summary.errored} requests without an answer"
    raise StageError(
        "not-tested",
        f"schemathesis could not test everything: {first}",
        hint="see its output, and the log of the service: it must answer each request",
        place="schemathesis",
    )
