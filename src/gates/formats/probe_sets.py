"""The sets by name: which of them fit a service, and what each of them checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gates.domain.errors import StageError
from gates.formats import (
    openapi_document,
    probe_access,
    probe_authentication,
    probe_cors,
    probe_expect,
    probe_headers,
    probe_health,
    probe_limits,
    probe_login,
)
from gates.formats.openapi_document import Document
from gates.formats.probe_headers import Pages
from gates.formats.probe_limits import Limit
from gates.formats.probe_login import Login
from gates.formats.probe_model import Ask, Check, ProbePlan, Step, shown
from gates.formats.probe_session import NO_VALUE, Session
from gates.toolkit import tls_offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What gates.yaml says of the sets, checked.

    Attributes:
        pages: answers whose headers are looked at.
        hsts: the transport must be pinned also where the address is http.
        origins: origins that must be allowed.
        any_origin: any origin may read answers, without credentials.
        openapi: path on the service, or file of the project; empty where none is named.
        public: labels of operations that need no credentials.
        limits: documented limits by caller.
        tolerance: how many requests more or fewer a limit may let through.
        login: what is tried at a login, or None.
        health: paths with what they say.
        metrics_page: path of the page for Prometheus.
    """

    pages: Pages
    hsts: bool = False
    origins: tuple[str, ...] = ()
    any_origin: bool = False
    openapi: str = ""
    public: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    tolerance: int = 0
    login: Login | None = None
    health: Mapping[str, str] = field(default_factory=dict)
    metrics_page: str = "/metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """What all sets of one run share.

    Attributes:
        session: asks.
        plan: who asks what.
        wanted: what gates.yaml says.
        address: host and port of the service.
        file: reads a file of the project.
        now: tells the time.
    """

    session: Session
    plan: ProbePlan
    wanted: Wanted
    address: tuple[str, int]
    file: Callable[[str], bytes]
    now: Callable[[], datetime]

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS ends at the service."""
        return self.session.url.startswith("https://")


def fitting(sets: Sequence[str], of: Probing) -> Iterator[str]:
    """The sets that apply to the service; `notes` tells of any other."""
    for name in sets:
        if name != "tls" or of.is_encrypted:
            yield name


def checks(name: str, of: Probing) -> Iterator[Check]:
    """Ask what belongs to a set, and check the answers.

    Args:
        name: of the set.
        of: what all share.

    Raises:
        StageError: what is to be looked at is not there.
    """
    return _SETS[name](of)


def notes(sets: Sequence[str], of: Probing) -> Iterator[str]:
    """What was not looked at, though a reader might think so."""
    if "tls" in sets and not of.is_encrypted:
        yield "set `tls` does not apply: the address of the service is http"
    if "headers" in sets and not of.wanted.hsts and not of.is_encrypted:
        yield "Strict-Transport-Security was not looked at: the address of the service is http"
    if "headers" in sets and not of.wanted.pages.private:
        yield "Cache-Control was not looked at: `private:` names no answer for one caller"
    if "roles" in sets and not of.wanted.openapi:
        yield "the matrix of roles was not compared with an OpenAPI document (`openapi:`)"
    if of.plan.requests and "requests" not in sets:
        yield f"the {len(of.plan.requests)} requests of the plan were not asked here"
    yield from of.session.notes


def _requests(of: Probing) -> Iterator[Check]:
    has_failed = False
    for step in of.plan.requests:
        try:
            reply = of.session.ask(step.ask)
        except StageError as error:
            if not has_failed or error.problem.slug != NO_VALUE:
                raise
            # What it stands on did not come, and that is told already: this one is not met either.
            yield _not_asked(step, error.problem.summary)
            continue
        found = tuple(probe_expect.checks(step, reply, of.session))
        yield from found
        if found[0].holds:  # its status: an answer of another kind holds nothing to keep
            of.session.capture(step, reply)
        has_failed = has_failed or not found[0].holds


def _not_asked(step: Step, why: str) -> Check:
    return Check(
        rule="http/status",
        subject=f"{step.name} ({step.ask.label})" if step.name else step.ask.label,
        expected=f"status {shown(step.expect.statuses)}",
        got=f"no request: {why}",
        holds=False,
    )


def _headers(of: Probing) -> Iterator[Check]:
    wants = of.wanted.hsts or of.is_encrypted
    return probe_headers.headers(of.session, of.wanted.pages, wants_hsts=wants)


def _cors(of: Probing) -> Iterator[Check]:
    wanted = of.wanted
    return probe_cors.cors(
        of.session, wanted.pages, origins=wanted.origins, any_origin=wanted.any_origin
    )


def _authentication(of: Probing) -> Iterator[Check]:
    document = _document(of, of.wanted.openapi or "/openapi.json")
    return probe_authentication.authentication(of.session, document, of.wanted.public, of.plan)


def _roles(of: Probing) -> Iterator[Check]:
    named = of.wanted.openapi
    document = _document(of, named) if named else None
    return probe_access.roles(of.session, of.plan, document, of.wanted.public)


def _health(of: Probing) -> Iterator[Check]:
    return probe_health.health(of.session, of.wanted.health)


def _metrics(of: Probing) -> Iterator[Check]:
    return probe_health.metrics(of.session, of.wanted.metrics_page)


def _tls(of: Probing) -> Iterator[Check]:
    host, port = of.address
    return probe_health.tls(
        of.session.url,
        tls_offers.OLD,
        lambda version: tls_offers.takes(host, port, version),
        takes_13=tls_offers.takes_tls13(host, port),
    )


def _login(of: Probing) -> Iterator[Check]:
    wanted = of.wanted
    if wanted.login is not None:
        yield from probe_login.login(
            of.session, wanted.login, tolerance=wanted.tolerance, now=of.now
        )


def _rate_limit(of: Probing) -> Iterator[Check]:
    wanted = of.wanted
    return probe_limits.rate_limit(
        of.session, wanted.limits, tolerance=wanted.tolerance, now=of.now
    )


def _document(of: Probing, where: str) -> Document:
    if not where.startswith("/"):
        return openapi_document.read(of.file(where), where)
    reply = of.session.answered(Ask(method="GET", path=where))
    if reply.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise StageError(
            "no-document",
            f"the OpenAPI document at `{where}` is answered by {reply.status}",
            hint="name its path on the service, or a file of the project, by `openapi:`",
        )
    return openapi_document.read(reply.body, where)


_SETS: Mapping[str, Callable[[Probing], Iterator[Check]]] = {
    "requests": _requests,
    "headers": _headers,
    "cors": _cors,
    "authentication": _authentication,
    "roles": _roles,
    "health": _health,
    "metrics": _metrics,
    "tls": _tls,
    "login": _login,
    "rate-limit": _rate_limit,
}
