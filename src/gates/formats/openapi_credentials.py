"""The credentials that an operation of an OpenAPI document asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_document import Document, Operation
from gates.formats.openapi_references import located
from gates.formats.openapi_shape import canonical
from gates.formats.strict_json import Value

Demand = frozenset[tuple[str, str]]
"""Credentials that are asked for together, each with a right, or with none."""

_MAX_WAYS = 1000
_URLS = ("authorizationUrl", "tokenUrl", "deviceAuthorizationUrl")


def demands(document: Document, operation: Operation) -> tuple[Demand, ...]:
    """The ways to get in: each the credentials and the rights that it asks for.

    A scheme stands with what it is: one of the same name that works differently is another one, and
    each flow of OAuth 2 is a way of its own.

    Raises:
        OutputUnreadable: there are too many ways.
    """
    own = located(document.root, operation.pointer).find("security")
    holder = own or document.root.find("security")
    alternatives = tuple(holder.items()) if holder else ()
    if not alternatives:
        return (frozenset(),)
    return tuple(one for each in alternatives for one in _ways(document, each))


def _ways(document: Document, alternative: Value) -> Iterator[Demand]:
    asked: list[list[Demand]] = []
    ways = 1
    for name, scopes in alternative.entries():
        rights = [scope.text() for scope in scopes.items()]
        kinds = list(_kinds(document.security_schemes[name]))
        asked.append([frozenset((kind, right) for right in ("", *rights)) for kind in kinds])
        ways *= len(kinds)
    if ways > _MAX_WAYS:
        raise OutputUnreadable(
            "openapi-security",
            f"`{alternative.pointer}` allows more than {_MAX_WAYS} ways to get in",
            place=alternative.what,
        )
    return (frozenset().union(*chosen) for chosen in product(*asked))


def _kinds(scheme: Mapping[str, object]) -> Iterator[str]:
    """What a client must know of a scheme to send its credentials; each flow by itself."""
    told = {key: scheme.get(key) for key in ("type", "in", "name", "scheme", "openIdConnectUrl")}
    if told["in"] == "header":
        told["name"] = str(told["name"]).lower()
    if told["scheme"] is not None:
        told["scheme"] = str(told["scheme"]).lower()  # RFC 9110, section 11.1
    flows = scheme.get("flows") if told["type"] == "oauth2" else None
    ways = list(_flows(told, flows)) if isinstance(flows, dict) else []
    yield from ways or (canonical(told),)


def _flows(told: Mapping[str, object], flows: Mapping[str, object]) -> Iterator[str]:
    for name, flow in flows.items():
        if name.startswith("x-") or not isinstance(flow, dict):
            continue
        way = {**told, "flow": name} | {key: flow.get(key) for key in _URLS}
        yield canonical(way)
        if flow.get("refreshUrl") is not None:  # a way that a client without it does not need
            yield canonical(way | {"refreshUrl": flow["refreshUrl"]})
