"""What a load sends, as gates.yaml or a file beside it says: `GET /orders`, or a list with checks.

requests:
  - path: /orders?page={random}
    weight: 3
  - name: place an order
    method: POST
    path: /orders
    headers: {X-Client: load}
    body: {customer: 7, note: "order {n}"}
    status: 201
    min_bytes: 20
    json: {/state: open}
    present: [/id]
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json, strict_yaml
from gates.formats.json_pointer import split
from gates.formats.load_plan import Login, Request
from gates.formats.nearest import nearest
from gates.formats.strict_json import Value

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MAX_REQUESTS = 1000
MAX_WEIGHT = 1000

_KEYS = (
    "name",
    "method",
    "path",
    "weight",
    "headers",
    "body",
    "status",
    "min_bytes",
    "max_bytes",
    "json",
    "present",
)
_LOGIN_KEYS = ("path", "method", "body", "content_type", "take", "header")
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e]*")
_TARGET = re.compile(r"/[\x21-\x7e]*")
_STATUSES = range(200, 600)
_SLUG = "load-requests"
_HINT = "the documentation of stage `load` shows a whole file"


def of_line(text: str) -> Request:
    """Read the short form, `GET /orders`, or a path alone.

    Raises:
        ValueError: it is none.
    """
    method, _, path = text.rpartition(" ")
    method = method or "GET"
    if method not in METHODS or not _TARGET.fullmatch(path):
        raise ValueError(
            f"`paths` holds `{text}`: write a method and a path, as in `GET /orders`;"
            " other than plain characters are written as `%20`"
        )
    return Request(name=f"{method} {path.partition('?')[0]}", method=method, path=path)


def login(given: Mapping[str, str]) -> Login:
    """Read the option `login`.

    Raises:
        ValueError: something is missing, unknown or no field of a header.
    """
    unknown = next((key for key in given if key not in _LOGIN_KEYS), None)
    if unknown is not None:
        raise ValueError(f"`login` has the unknown key `{unknown}`; {_nearest(unknown)}")
    missing = next((key for key in ("path", "take") if key not in given), None)
    if missing is not None:
        raise ValueError(f"`login` needs `{missing}`")
    header = given.get("header", "Authorization: Bearer {token}")
    name, colon, value = header.partition(":")
    if not colon or not _is_field(name, value) or "{token}" not in value:
        raise ValueError(f"`login` has the header `{header}`: write `NAME: {{token}}`")
    try:
        split(given["take"], what="login")
    except OutputUnreadable as error:
        raise ValueError(f"`login`: {error.problem.summary}") from None
    method = given.get("method", "POST")
    if method not in METHODS or not _TARGET.fullmatch(given["path"]):
        raise ValueError(f"`login` asks `{method} {given['path']}`, which is no request")
    kind = given.get("content_type", "application/json")
    if not _FIELD_VALUE.fullmatch(kind):
        raise ValueError(f"`login` has the content type `{kind}`, which is none")
    return Login(
        request=Request(
            name=f"{method} {given['path']}",
            method=method,
            path=given["path"],
            headers=(("Content-Type", kind),),
            body=given.get("body", ""),
        ),
        take=given["take"],
        header=header,
    )


def of_file(data: bytes, *, what: str) -> tuple[Request, ...]:
    """Read the long form: JSON where it begins with a brace, else YAML.

    Raises:
        OutputUnreadable: it is neither, or a request in it is none.
    """
    top = _parsed(data, what)
    _refuse_unknown(top, ("requests",))
    found = tuple(_request(each) for each in top.member("requests").items())
    if not 0 < len(found) <= MAX_REQUESTS:
        problem = f"holds {len(found)} requests, not 1 to {MAX_REQUESTS}"
        raise OutputUnreadable(_SLUG, f"`/requests` {problem}", hint=_HINT, place=what)
    return found


def _parsed(data: bytes, what: str) -> Value:
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return strict_json.read(data, what=what)
    document = strict_yaml.read(data, name=what)
    if document.problems:
        first = document.problems[0]
        raise OutputUnreadable(first.slug, first.summary, hint=first.hint, place=first.place)
    return Value(document.value, what)


def _request(value: Value) -> Request:
    _refuse_unknown(value, _KEYS)
    method = _text(value, "method", "GET")
    path = value.member("path").text()
    if method not in METHODS:
        raise _wrong(value.member("method"), f"is none of {', '.join(METHODS)}")
    if not _TARGET.fullmatch(path):
        raise _wrong(value.member("path"), "is no path: begin with `/`, write a blank as `%20`")
    headers = _headers(value)
    body, kind = _body(value)
    if kind and all(name.lower() != "content-type" for name, _ in headers):
        headers = (("Content-Type", kind), *headers)
    most = value.find("max_bytes")
    return Request(
        name=_text(value, "name", f"{method} {path.partition('?')[0]}"),
        method=method,
        path=path,
        weight=_weight(value),
        headers=headers,
        body=body,
        statuses=_statuses(value),
        min_bytes=_number(value, "min_bytes", 0),
        max_bytes=None if most is None else most.count(),
        equals=_equals(value),
        present=_present(value),
    )


def _headers(value: Value) -> tuple[tuple[str, str], ...]:
    headers = value.find("headers")
    found = []
    for name, each in headers.entries() if headers else ():
        text = each.text()
        if not _is_field(name, text):
            raise _wrong(each, "is no field of a header")
        if name.lower() in {"content-length", "transfer-encoding", "connection"}:
            raise _wrong(each, "is written by the generator")
        found.append((name, text))
    return tuple(found)


def _body(value: Value) -> tuple[str, str]:
    """The body and its media type: a text as it is, anything else as JSON."""
    raw = value.mapping().get("body")
    if raw is None:
        return "", ""
    if isinstance(raw, str):
        return raw, ""
    return _json(raw), "application/json"


def _statuses(value: Value) -> tuple[int, ...]:
    status = value.find("status")
    if status is None:
        return ()
    each = tuple(status.items()) if isinstance(status.raw, list) else (status,)
    for one in each:
        if one.integer() not in _STATUSES:
            raise _wrong(one, "is no status of an answer")
    if not each:
        raise _wrong(status, "names none")
    return tuple(one.integer() for one in each)


def _equals(value: Value) -> tuple[tuple[str, str], ...]:
    wanted = value.find("json")
    if wanted is None:
        return ()
    return tuple((_pointer(wanted, key), _json(raw)) for key, raw in wanted.mapping().items())


def _present(value: Value) -> tuple[str, ...]:
    present = value.find("present")
    return tuple(_pointer(each, each.text()) for each in present.items()) if present else ()


def _pointer(value: Value, text: str) -> str:
    split(text, what=value.what)
    return text


def _weight(value: Value) -> int:
    weight = _number(value, "weight", 1)
    if not 0 < weight <= MAX_WEIGHT:
        raise _wrong(value.member("weight"), f"is {weight}, not 1 to {MAX_WEIGHT}")
    return weight


def _number(value: Value, key: str, default: int) -> int:
    found = value.find(key)
    return default if found is None else found.count()


def _text(value: Value, key: str, default: str) -> str:
    found = value.find(key)
    return default if found is None else found.text()


def _refuse_unknown(value: Value, known: tuple[str, ...]) -> None:
    for key in value.mapping():
        if key not in known:
            meant = nearest(str(key), known)
            raise value.unreadable(
                f"has the unknown key `{key}`" + (f"; was `{meant}` meant?" if meant else ""),
                slug=_SLUG,
            )


def _wrong(value: Value, problem: str) -> OutputUnreadable:
    return value.unreadable(problem, slug=_SLUG)


def _is_field(name: str, value: str) -> bool:
    return bool(_FIELD_NAME.fullmatch(name) and _FIELD_VALUE.fullmatch(value))


def _nearest(key: str) -> str:
    meant = nearest(key, _LOGIN_KEYS)
    return f"was `{meant}` meant?" if meant else f"known are {', '.join(_LOGIN_KEYS)}"


def _json(value: object) -> str:
    return json.dumps(value, default=_decimal, ensure_ascii=False)


def _decimal(value: object) -> object:
    """A number that the strict readers gave, as JSON writes it."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is no value of JSON")
    return int(value) if value == value.to_integral_value() else float(value)
