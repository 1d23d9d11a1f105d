"""What Schemathesis 4 writes with `--report ndjson`: requests, answers, and the checks on them.

Its own summary counts an operation as tested once a request was sent, whatever came back. Here each
answer is counted, so that it shows whether an operation ever did what it is there for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.strict_json import Value

STATUSES = frozenset({"success", "failure", "skip", "error"})
"""What a check may end with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it was sent.

    Attributes:
        method: `POST`.
        url: the whole address.
        headers: names with their values; Schemathesis masks credentials.
        body: what was sent, or None for no body.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A check that did not hold on one answer.

    Attributes:
        code: Schemathesis' own code, `ST108`.
        check: name of the check.
        operation: `POST /orders`.
        title: what it is, in a few words.
        message: the details, several lines.
        severity: `critical`, `high`, `medium` or `low`.
        status: of the answer; 0 where none came.
        request: what was asked.
    """

    code: str
    check: str
    operation: str
    title: str
    message: str
    severity: str
    status: int
    request: Request


@dataclass(slots=True)
class Seen:
    """What was seen of one operation; grows while the file is read.

    Attributes:
        valid: statuses of the answers to requests that fit the document.
        invalid: statuses of the answers to requests that do not.
        checks: names of the checks that were made on its answers.
    """

    valid: Counter[int] = field(default_factory=Counter)
    invalid: Counter[int] = field(default_factory=Counter)
    checks: set[str] = field(default_factory=set)

    @property
    def all(self) -> Counter[int]:
        """Statuses of all answers; 0 stands for none."""
        return self.valid + self.invalid


@dataclass(slots=True)
class Events:
    """All that happened in a run.

    Attributes:
        version: of Schemathesis.
        stop_reason: `completed` where it came to its end.
        cases: how many requests were made.
        unchecked: how many of the answers were not checked.
        lost: how many of those nothing explains: no second look at what an earlier one answered.
        seen: what was seen of each operation, by its label, `POST /orders`.
        failures: checks that did not hold, one for each time.
        errors: what Schemathesis itself could not do.
    """

    version: str = ""
    stop_reason: str = ""
    cases: int = 0
    unchecked: int = 0
    lost: int = 0
    seen: dict[str, Seen] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def read(data: bytes, *, what: str) -> Events:
    """Read a whole record of events.

    Args:
        data: the file.
        what: its name, for messages.

    Raises:
        OutputUnreadable: it is no such record, or does not reach the end of the run.
    """
    events = Events()
    started = finished = 0
    for number, line in enumerate(data.splitlines(), start=1):
        kind, payload = _event(line, f"{what}:{number}")
        if (kind == "Initialize") != (number == 1):
            raise OutputUnreadable("no-start", "it does not begin with the run's start", place=what)
        if events.stop_reason:
            raise OutputUnreadable("after-the-end", "it goes on after the run's end", place=what)
        started += kind == "ScenarioStarted"
        finished += kind == "ScenarioFinished"
        _take(events, kind, payload)
    if not events.stop_reason:
        raise OutputUnreadable(
            "no-end",
            "it breaks off before the end of the run",
            hint="see why schemathesis ended early; give the gate more time with `timeout:`",
            place=what,
        )
    if started != finished:
        summary = f"{started} scenarios began and {finished} ended"
        raise OutputUnreadable("contradiction", summary, place=what)
    return events


def _event(line: bytes, what: str) -> tuple[str, Value]:
    value = strict_json.read(line, what=what)
    kinds = list(value.mapping())
    if len(kinds) != 1:
        raise value.unreadable("is no event: an object with one member is")
    return kinds[0], value.member(kinds[0])


def _take(events: Events, kind: str, payload: Value) -> None:
    match kind:
        case "Initialize":
            events.version = payload.member("schemathesis_version").text()
        case "ScenarioFinished":
            recorder = payload.find("recorder")
            if recorder is not None:
                _take_scenario(events, recorder)
        case "NonFatalError" | "FatalError" | "Interrupted":
            events.errors.append(_told(kind, payload))
        case "EngineFinished":
            events.stop_reason = payload.member("stop_reason").text()
        case _:
            pass  # what is begun, loaded or left out changes no count


def _take_scenario(events: Events, recorder: Value) -> None:
    cases = recorder.find("cases")
    if cases is None:
        return
    interactions = recorder.find("interactions")
    checks = recorder.find("checks")
    for key, case in cases.entries():
        value = case.member("value")
        label = f"{value.member('method').text()} {value.member('path').text()}"
        interaction = interactions.find(key) if interactions else None
        status = _status(interaction)
        seen = events.seen.setdefault(label, Seen())
        (seen.valid if _is_valid(value) else seen.invalid)[status] += 1
        events.cases += 1
        found = checks.find(key) if checks else None
        made = tuple(found.items()) if found else ()
        if not made:
            events.unchecked += 1
            events.lost += not _is_second_look(case)
        for check in made:
            seen.checks.add(check.member("name").text())
            events.failures += _failures(check, label, status, interaction)


def _status(interaction: Value | None) -> int:
    response = interaction.find("response") if interaction else None
    return response.member("status_code").count() if response else 0


def _is_second_look(case: Value) -> bool:
    """Whether it repeats an earlier request with one thing mended, only to compare the two."""
    return case.find("parent_id") is not None and not case.member("is_transition_applied").flag()


def _is_valid(case: Value) -> bool:
    """Whether a request fits the document; one that nothing is told of does not count as that."""
    meta = case.find("meta")
    return meta is not None and meta.member("generation", "mode").text() == "positive"


def _failures(
    check: Value, label: str, status: int, interaction: Value | None
) -> Iterator[Failure]:
    result = check.member("status").text()
    if result not in STATUSES:
        raise check.member("status").unreadable(f"is `{result}`, which is not known")
    if result in {"success", "skip"}:
        return
    failure = check.member("failure_info", "failure")
    operation = failure.find("operation")
    yield Failure(
        code=failure.member("code").text(),
        check=check.member("name").text(),
        operation=operation.text() if operation else label,
        title=failure.member("title").text(),
        message=failure.member("message").text(),
        severity=failure.member("severity").text(),
        status=status,
        request=_request(interaction, label),
    )


def _request(interaction: Value | None, label: str) -> Request:
    if interaction is None:
        method, _, path = label.partition(" ")
        return Request(method=method, url=path, headers=(), body=None)
    request = interaction.member("request")
    headers = tuple(
        (name, each.text()) for name, values in _headers(request) for each in values.items()
    )
    return Request(
        method=request.member("method").text(),
        url=request.member("uri").text(),
        headers=headers,
        body=_body(request),
    )


def _headers(request: Value) -> Iterator[tuple[str, Value]]:
    headers = request.find("headers")
    return headers.entries() if headers else iter(())


def _body(request: Value) -> bytes | None:
    from base64 import b64decode

    body = request.find("body")
    if body is None:
        return None
    encoded = body.member("$base64")
    try:
        return b64decode(encoded.text(), validate=True)
    except ValueError:
        raise encoded.unreadable("is no base64") from None


def _told(kind: str, payload: Value) -> str:
    """An error of Schemathesis in one line."""
    label = payload.find("label")
    error = payload.find("value") or payload.find("exception")
    message = error.find("message") if error and isinstance(error.raw, dict) else None
    first = message.text().strip().partition("\n")[0] if message else ""
    where = f" at {label.text()}" if label else ""
    return f"{kind}{where}: {first}" if first else f"{kind}{where}"
