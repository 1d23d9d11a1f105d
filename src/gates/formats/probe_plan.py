"""The plan of a probe: who asks, which requests, what is expected, and what each role may.

A YAML file in the strict subset of gates.yaml; docs/http.md describes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from gates.formats import json_pointer
from gates.formats.probe_expect import TYPES
from gates.formats.probe_model import (
    ANONYMOUS,
    OK,
    Ask,
    Cell,
    Example,
    Expect,
    Identity,
    Kind,
    Match,
    ProbePlan,
    Statuses,
    Step,
)
from gates.formats.probe_spot import Spot, opened

REQUEST = re.compile(r"([A-Z]+) (/\S*)", re.ASCII)
_ASKED = re.compile(r"([A-Z]+) ((?:/|\{[a-z][a-z0-9_]*\})\S*)", re.ASCII)
_STATUS = re.compile(r"([1-5])xx|([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?", re.ASCII)
_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s)", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_IDENTITY = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_CELL = re.compile(r"(allowed|denied)((?:,? (?:[1-5]xx|[1-5][0-9]{2}))*)", re.ASCII)
_NEVER_ALLOWED = (401, 403, *range(500, 600))
_ASK_KEYS = ("request", "identity", "headers", "body", "json")
_STEP_KEYS = (*_ASK_KEYS, "name", "expect", "capture")
_EXPECT_KEYS = ("status", "headers", "body", "json", "time")


def read(data: bytes, *, name: str) -> ProbePlan:
    """Read a plan.

    Args:
        data: the whole file.
        name: the file's name, for places.

    Raises:
        OutputUnreadable: it is not as docs/http.md says; the place is `name:line:column`.
    """
    top = opened(data, name=name).keys("identities", "setup", "requests", "operations", "roles")
    identities = {}
    for each, spot in top["identities"].entries() if "identities" in top else ():
        identities[each] = _identity(each, spot)
    names = frozenset({ANONYMOUS, *identities})
    return ProbePlan(
        identities=identities,
        setup=_steps(top.get("setup"), names),
        requests=_steps(top.get("requests"), names),
        examples=dict(_examples(top.get("operations"), names)),
        roles=dict(_roles(top.get("roles"), names)),
        place=name,
    )


def _identity(name: str, spot: Spot) -> Identity:
    if name == ANONYMOUS:
        raise spot.refused(f"`{ANONYMOUS}` is who shows nothing", "choose another name", key=True)
    if _IDENTITY.fullmatch(name) is None:
        hint = "use small letters, digits and hyphens"
        raise spot.refused(f"`{name}` cannot name an identity", hint, key=True)
    keys = spot.keys("headers", "login", "token", "before", "may_everything")
    login = _ask(keys["login"], _ASK_KEYS, frozenset({ANONYMOUS})) if "login" in keys else None
    headers = _headers(keys.get("headers"))
    if login is None and not headers:
        hint = "add `login:`, or `headers:` with a value from the environment: `${NAME}`"
        raise spot.refused(f"`{name}` shows nothing of who it is", hint, key=True)
    if login is not None and "token" not in keys:
        hint = "add `token:`, the JSON pointer of the token in the answer"
        raise spot.refused(f"the login of `{name}` does not say where the token is", hint, key=True)
    if login is None and "token" in keys:
        raise keys["token"].refused("`token:` belongs to a `login:`", key=True)
    if login is not None and not headers:
        headers = (("Authorization", "Bearer {token}"),)
    return Identity(
        name=name,
        headers=headers,
        login=login,
        token=_pointer(keys["token"]) if "token" in keys else "",
        before=_steps(keys.get("before"), frozenset({ANONYMOUS})),
        is_unlimited=keys["may_everything"].flag() if "may_everything" in keys else False,
    )


def _steps(spot: Spot | None, identities: frozenset[str]) -> tuple[Step, ...]:
    return tuple(_step(each, identities) for each in spot.items()) if spot else ()


def _step(spot: Spot, identities: frozenset[str]) -> Step:
    if isinstance(spot.raw, str):
        return Step(ask=_ask(spot, _STEP_KEYS, identities), place=spot.place)
    keys = spot.keys(*_STEP_KEYS)
    return Step(
        ask=_ask(spot, _STEP_KEYS, identities),
        expect=_expect(keys["expect"]) if "expect" in keys else Expect(),
        capture=tuple(_captures(keys.get("capture"))),
        name=keys["name"].text() if "name" in keys else "",
        place=spot.place,
    )


def _ask(spot: Spot, known: tuple[str, ...], identities: frozenset[str]) -> Ask:
    if isinstance(spot.raw, str):
        found = spot.matching(_ASKED, "`GET /path`")
        return Ask(method=found[1], path=found[2])
    keys = spot.keys(*known)
    if "request" not in keys:
        raise spot.refused("a request is missing here", "add `request: GET /path`")
    found = keys["request"].matching(_ASKED, "`GET /path`")
    return _asked(found[1], found[2], keys, identities)


def _asked(method: str, path: str, keys: Mapping[str, Spot], identities: frozenset[str]) -> Ask:
    if "body" in keys and "json" in keys:
        raise keys["body"].refused("a request has `body:` or `json:`, not both", key=True)
    return Ask(
        method=method,
        path=path,
        identity=_named(keys["identity"], identities) if "identity" in keys else ANONYMOUS,
        headers=_headers(keys.get("headers")),
        body=keys["body"].text() if "body" in keys else None,
        json=keys["json"].raw if "json" in keys else None,
        has_json="json" in keys,
    )


def _named(spot: Spot, identities: frozenset[str]) -> str:
    name = spot.text()
    if name not in identities:
        known = ", ".join(sorted(identities))
        raise spot.refused(f"there is no identity `{name}` here", f"known are {known}")
    return name


def _headers(spot: Spot | None) -> tuple[tuple[str, str], ...]:
    if spot is None:
        return ()
    return tuple((_header(name, each), each.word()) for name, each in spot.entries())


def _header(name: str, spot: Spot) -> str:
    if _HEADER.fullmatch(name) is None:
        raise spot.refused(f"`{name}` cannot name a header", key=True)
    return name


def _captures(spot: Spot | None) -> Iterator[tuple[str, str]]:
    for name, each in spot.entries() if spot else ():
        if _NAME.fullmatch(name) is None or name in {"run", "token"}:
            hint = "use small letters, digits and `_`; `run` and `token` are taken"
            raise each.refused(f"`{name}` cannot name a value", hint, key=True)
        source = each.text()
        yield name, _pointer(each) if source.startswith("/") else _header(source, each)


def _pointer(spot: Spot) -> str:
    pointer = spot.text()
    json_pointer.split(pointer, what=spot.place)
    return pointer


def _expect(spot: Spot) -> Expect:
    keys = spot.keys(*_EXPECT_KEYS)
    if not keys:
        raise spot.refused("nothing is expected here", f"known are {', '.join(_EXPECT_KEYS)}")
    headers = keys["headers"].entries() if "headers" in keys else ()
    pointers = keys["json"].entries() if "json" in keys else ()
    return Expect(
        statuses=_statuses(keys["status"]) if "status" in keys else OK,
        headers=tuple((_header(name, each), _match(each)) for name, each in headers),
        body=tuple(_body(keys["body"])) if "body" in keys else (),
        json=tuple((_checked_pointer(name, each), _match(each)) for name, each in pointers),
        below_s=_seconds(keys["time"]) if "time" in keys else None,
    )


def _checked_pointer(name: str, spot: Spot) -> str:
    json_pointer.split(name, what=spot.place)
    return name


def _statuses(spot: Spot) -> Statuses:
    spots = tuple(spot.items()) if isinstance(spot.raw, list) else (spot,)
    if not spots:
        raise spot.refused("no status is expected here")
    return tuple(_range(each) for each in spots)


def _range(spot: Spot) -> tuple[int, int]:
    found = spot.matching(_STATUS, "`200`, `2xx` or `200-204`")
    return _ends(found)


def _ends(found: re.Match[str]) -> tuple[int, int]:
    if found[1]:
        return int(found[1]) * 100, int(found[1]) * 100 + 99
    return int(found[2]), int(found[3] or found[2])


def _match(spot: Spot) -> Match:
    if not isinstance(spot.raw, dict):
        return Match(kind=Kind.EQUALS, value=spot.raw)
    keys = spot.keys(*Kind)
    if len(keys) != 1:
        raise spot.refused("one expectation is expected here", f"one of {', '.join(Kind)}")
    name, value = next(iter(keys.items()))
    kind = Kind(name)
    if kind in {Kind.PRESENT, Kind.ABSENT}:
        if not value.flag():
            raise value.refused(f"write `{name}: true`, or the other word")
        return Match(kind=kind)
    if kind is Kind.MATCHES:
        _refuse_pattern(value)
    if kind is Kind.TYPE and value.text() not in TYPES:
        raise value.refused(f"`{value.raw}` is no type", f"known are {', '.join(TYPES)}")
    return Match(kind=kind, value=value.raw)


def _body(spot: Spot) -> Iterator[Match]:
    if not isinstance(spot.raw, dict):
        yield Match(kind=Kind.CONTAINS, value=spot.text())
        return
    yield _match(spot)


def _refuse_pattern(spot: Spot) -> None:
    try:
        re.compile(spot.text())
    except re.error as error:
        raise spot.refused(f"no regular expression: {error}") from None


def _seconds(spot: Spot) -> Decimal:
    found = spot.matching(_TIME, "`200ms`")
    return Decimal(found[1]) / (1000 if found[2] == "ms" else 1)


def _examples(spot: Spot | None, identities: frozenset[str]) -> Iterator[tuple[str, Example]]:
    for label, each in spot.entries() if spot else ():
        operation = REQUEST.fullmatch(label)
        if operation is None:
            raise each.refused(f"`{label}` is no operation", "write `GET /path`", key=True)
        keys = each.keys("path", "headers", "body", "json", "before")
        path = keys["path"].text() if "path" in keys else operation[2]
        ask = _asked(operation[1], path, keys, identities)
        yield label, Example(ask=ask, before=_steps(keys.get("before"), identities))


def _roles(
    spot: Spot | None, identities: frozenset[str]
) -> Iterator[tuple[str, Mapping[str, Cell]]]:
    for label, each in spot.entries() if spot else ():
        if REQUEST.fullmatch(label) is None:
            raise each.refused(f"`{label}` is no operation", "write `GET /path`", key=True)
        cells = {name: _cell(cell) for name, cell in each.keys(*sorted(identities)).items()}
        missing = identities - cells.keys()
        if missing:
            names = ", ".join(f"`{name}`" for name in sorted(missing))
            hint = "each identity has a cell in each row: `allowed` or `denied`"
            raise each.refused(f"nothing is said of {names}", hint, key=True)
        yield label, cells


def _cell(spot: Spot) -> Cell:
    found = spot.matching(_CELL, "`allowed`, `denied`, or with a status: `denied 404`")
    also = tuple(_ends(one) for one in _STATUS.finditer(found[2]))
    is_allowed = found[1] == "allowed"
    if is_allowed and any(low <= each <= high for low, high in also for each in _NEVER_ALLOWED):
        raise spot.refused(
            f"`{found[0]}` takes an answer for leave that shows none",
            "401 and 403 show a denial, and 5xx a failure: name the status of a request that"
            " was allowed",
        )
    return Cell(is_allowed=is_allowed, also=also)
