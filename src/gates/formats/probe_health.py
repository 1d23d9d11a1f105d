"""The sets `health`, `metrics` and `tls`: what those who run the service rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import prometheus_text
from gates.formats.probe_model import NOWHERE, Ask, Check
from gates.formats.probe_session import Session, holds
from gates.toolkit.http_calls import Reply

_GOOD = 200


def health(session: Session, pages: Mapping[str, str]) -> Iterator[Check]:
    """Check that each page answers 200 with what is declared of it.

    Args:
        session: asks.
        pages: paths with what their bodies say: `/status = ok`, a text that is in it, or nothing
            for any body.

    Raises:
        StageError: `answers-all`: a page that is not there answers 200 as well.
    """
    refuse_answers_all(session)
    for path, declared in pages.items():
        ask = Ask(method="GET", path=path)
        reply = session.ask(ask)
        yield _check(
            session,
            ask,
            "http/health-failing",
            "200",
            f"{reply.status}",
            holds=reply.status == _GOOD,
        )
        expected = f"a body with `{declared}`" if declared else "a body"
        found = says(reply, declared)
        got = "it" if found else f"{len(reply.body)} bytes without it"
        yield _check(session, ask, "http/health-failing", expected, got, holds=found)


def says(reply: Reply, declared: str) -> bool:
    """Whether a body says what is declared of it."""
    pointer, equals, value = declared.partition(" = ")
    if equals and pointer.startswith("/"):
        return holds(reply, pointer, value)
    return bool(reply.body) and declared.encode() in reply.body


def metrics(session: Session, path: str) -> Iterator[Check]:
    """Check that a page is text of Prometheus that holds series.

    Raises:
        StageError: `answers-all`: a page that is not there answers 200 as well.
    """
    refuse_answers_all(session)
    ask = Ask(method="GET", path=path)
    reply = session.ask(ask)
    rule = "http/metrics-unreadable"
    yield _check(session, ask, rule, "200", f"{reply.status}", holds=reply.status == _GOOD)
    kind = (reply.header("Content-Type") or "none").split(";")[0].strip().lower()
    is_text = kind in {"text/plain", "application/openmetrics-text"}
    expected = "the type `text/plain` or `application/openmetrics-text`"
    yield _check(session, ask, rule, expected, f"`{kind}`", holds=is_text)
    why = ""
    try:
        prometheus_text.read(reply.body, what=path)
    except OutputUnreadable as error:
        why = f"{error.problem.summary} ({error.problem.place})"
    yield _check(session, ask, rule, "valid text of Prometheus", why or "it", holds=not why)


def refuse_answers_all(session: Session) -> None:
    """Refuse a service whose good answers show nothing, since everything gets one.

    Raises:
        StageError: `answers-all`.
    """
    if session.answered(Ask(method="GET", path=NOWHERE)).status == _GOOD:
        raise StageError(
            "answers-all",
            "the service answers 200 to a path that is not there, so that a 200 shows nothing",
            hint="have it answer 404 where there is nothing",
        )


def tls(
    address: str, old: Mapping[str, int], takes: Callable[[int], bool], *, takes_13: bool
) -> Iterator[Check]:
    """Check that TLS 1.3 is offered and nothing before TLS 1.2.

    Args:
        address: of the service, to be told.
        old: versions that must be refused, with their number in a hello.
        takes: whether the service takes a version.
        takes_13: whether it takes TLS 1.3.
    """
    yield Check(
        rule="http/tls13-missing",
        subject=address,
        expected="TLS 1.3 to be offered",
        got="it" if takes_13 else "no handshake in it",
        holds=takes_13,
    )
    for name, number in old.items():
        is_taken = takes(number)
        yield Check(
            rule="http/tls-outdated",
            subject=address,
            expected=f"{name} to be refused",
            got="a handshake in it" if is_taken else "a refusal",
            holds=not is_taken,
        )


def _check(
    session: Session,
    ask: Ask,
    rule: str,
    expected: str,
    got: str,
    *,
    holds: bool,
) -> Check:
    return Check(
        rule=rule,
        subject=ask.label,
        expected=expected,
        got=session.hidden(got),
        holds=holds,
        curl=session.curl(ask),
    )
