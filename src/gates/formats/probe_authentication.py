"""The set `authentication`: whether anybody is let in who shows nothing, or something made up.

Only 401 and 403 show that somebody was kept out. A 404 or a 422 may come before anybody looked at
credentials, so it shows nothing, and is told as such.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from posixpath import commonpath
from typing import Final

from gates.domain.errors import StageError
from gates.formats.openapi_document import Document
from gates.formats.openapi_model import Operation
from gates.formats.probe_access import KEPT_OUT, refuse_unknown, request_of
from gates.formats.probe_model import NOWHERE, OK, Ask, Check, ProbePlan, within
from gates.formats.probe_session import Session

QUERY_NAMES: Final = ("token", "access_token", "api_key", "apikey", "key")
"""Parameters of a query in which careless services take a token."""

_NOT_SHOWN: Final = "http/authentication-not-shown"
_FAILURES: Final = ((500, 599),)
_PARAMETER = re.compile(r"\\\{[^{}]*\\\}")


def authentication(
    session: Session, document: Document, public: Sequence[str], plan: ProbePlan
) -> Iterator[Check]:
    """Ask every operation that is not public without credentials, and with made-up ones.

    Args:
        session: asks.
        document: what the service offers.
        public: labels (`GET /health`) of operations that need no credentials.
        plan: how operations are asked, where the document does not say, and who is let in.

    Raises:
        StageError: nothing is left to ask, a name is no operation, a limit refuses, or everything
            is refused, so that a refusal shows nothing.
    """
    kept = protected(document, public)
    refuse_closed(session, document, kept, plan)
    tokens = made_up(plan)
    heads = {each.path for each in document.operations if each.method == "HEAD"}
    for operation in kept:
        example = plan.examples.get(operation.label)
        for step in example.before if example else ():
            session.perform(step)
        ask = request_of(operation, document, plan.examples)
        front = [_kept_out(session, operation.label, ask, "without credentials")]
        for header in tokens:
            forged = replace(ask, headers=(*ask.headers, header))
            how = f"with a made-up `{header[0]}`"
            front.append(_kept_out(session, operation.label, forged, how))
        yield from front
        if all(check.rule == _NOT_SHOWN for check in front):  # else they would say it again
            has_head = ask.method != "GET" or operation.path in heads
            yield from _side_doors(session, operation.label, ask, tokens, has_head=has_head)


def protected(document: Document, public: Sequence[str]) -> list[Operation]:
    """The operations that are not public.

    Raises:
        StageError: there is none, or a name is no operation.
    """
    refuse_unknown(document, public, what="`public`")
    kept = [each for each in document.operations if each.label not in public]
    if not kept:
        raise StageError(
            "nothing-protected",
            "no operation of the document needs credentials",
            hint="leave in `public` only what anybody may ask",
            place=document.name,
        )
    return kept


def _side_doors(
    session: Session,
    label: str,
    ask: Ask,
    tokens: Sequence[tuple[str, str]],
    *,
    has_head: bool,
) -> Iterator[Check]:
    for how, forged in _forged(ask, tokens):
        yield _not_let_in(session, label, forged, "http/token-not-verified", how)
    if not has_head:
        head = replace(ask, method="HEAD")
        how = "to HEAD without credentials"
        yield _not_let_in(session, label, head, "http/authentication-missing", how)


def refuse_closed(
    session: Session, document: Document, kept: Sequence[Operation], plan: ProbePlan
) -> None:
    """Refuse a service that refuses everything, unless somebody is let in.

    A gateway that looks at credentials before it looks for the path is like that too, and it lets
    in who shows good ones.

    Raises:
        StageError: `refuses-all`.
    """
    nowhere = Ask(method="GET", path=beside(document, kept))
    status = session.answered(nowhere).status
    if not within(status, KEPT_OUT):
        return
    asks = [
        request_of(each, document, plan.examples)
        for each in kept
        if each.method == "GET"
        and not (each.label in plan.examples and plan.examples[each.label].before)
    ]
    for name in plan.identities:
        for ask in (nowhere, *asks):  # the first is harmless, and does for a gateway
            answer = session.answered(replace(ask, identity=name)).status
            if not within(answer, (*KEPT_OUT, *_FAILURES)):
                return
    raise StageError(
        "refuses-all",
        f"the service answers {status} to a path that is not there as well, and nobody is known"
        " to be let in, so that a refusal shows nothing",
        hint="name a `plan` with an identity that is let in, or the document of this service",
        place=document.name,
    )


def beside(document: Document, kept: Sequence[Operation]) -> str:
    """A path that is not there, next to those of the operations where none of them fits it."""
    folder = commonpath([each.path.rpartition("/")[0] or "/" for each in kept])
    path = document.base_path + folder.partition("{")[0].rstrip("/") + NOWHERE
    templates = (re.escape(document.base_path + each.path) for each in document.operations)
    fits = any(re.fullmatch(_PARAMETER.sub("[^/]+", each), path) for each in templates)
    return document.base_path + NOWHERE if fits else path


def made_up(plan: ProbePlan) -> tuple[tuple[str, str], ...]:
    """Headers that look like those of the plan's identities, and are nobody's."""
    import secrets

    names: dict[str, str] = {}
    for identity in plan.identities.values():
        for name, value in identity.headers:
            scheme = (
                value.split()[0] if " " in value.strip() and "{" not in value.split()[0] else ""
            )
            names.setdefault(name, scheme)
    if not names:
        names["Authorization"] = "Bearer"
    return tuple(
        (name, f"{scheme} {secrets.token_hex(20)}".strip()) for name, scheme in names.items()
    )


def unsigned() -> str:
    """A token (RFC 7519) that says itself that nobody signed it: `alg` is `none`."""
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": "1", "role": "admin", "exp": 4102444800})
    texts = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join((*texts, ""))


def _forged(ask: Ask, tokens: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Ask]]:
    """Further requests with made-up credentials; an honest service may call some of them wrong."""
    for name, value in tokens:
        scheme, blank, token = value.rpartition(" ")
        if scheme:
            other = scheme.lower() if scheme != scheme.lower() else scheme.upper()
            header = (name, f"{other} {token}")
            yield f"with `{name}: {other} ...`", replace(ask, headers=(*ask.headers, header))
        if scheme.lower() in {"", "bearer"}:
            header = (name, f"{scheme}{blank}{unsigned()}")
            how = f"with a token in `{name}` that nobody signed"
            yield how, replace(ask, headers=(*ask.headers, header))
    token = tokens[0][1].split()[-1]
    joint = "&" if "?" in ask.path else "?"
    query = "&".join(f"{name}={token}" for name in QUERY_NAMES)
    yield "with a made-up token in the query", replace(ask, path=f"{ask.path}{joint}{query}")


def _kept_out(session: Session, label: str, ask: Ask, how: str) -> Check:
    status = session.answered(ask).status
    rule = _NOT_SHOWN
    if within(status, OK):
        is_open = how == "without credentials"
        rule = "http/authentication-missing" if is_open else "http/token-not-verified"
    return Check(
        rule=rule,
        subject=label,
        expected=f"401 or 403 {how}",
        got=f"{status}",
        holds=within(status, KEPT_OUT),
        curl=session.curl(ask),
    )


def _not_let_in(session: Session, label: str, ask: Ask, rule: str, how: str) -> Check:
    status = session.answered(ask).status
    return Check(
        rule=rule,
        subject=label,
        expected=f"no answer of 2xx {how}",
        got=f"{status}",
        holds=not within(status, OK),
        curl=session.curl(ask),
    )
