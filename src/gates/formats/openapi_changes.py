"""What a new OpenAPI document takes from the clients of an old one.

Paths are the same where they differ only in the names of their parameters. What both sides allow is
compared by `openapi_compare`; here stand the rules on operations, parameters, bodies, answers and
credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from gates.formats.openapi_change import Change, Way
from gates.formats.openapi_compare import Comparison
from gates.formats.openapi_document import Document, Operation, Parameter, Response
from gates.formats.openapi_references import follow, target
from gates.formats.openapi_shape import Schema, canonical
from gates.formats.strict_json import Value

__all__ = ["Change", "Way", "changes"]

_TEMPLATE = re.compile(r"\{([^{}/]*)\}")
_SUCCESS = ("2", "3")
_Pair = tuple[Operation, Operation]


def changes(old: Document, new: Document) -> tuple[Change, ...]:
    """All that differs, both what breaks clients of `old` and what does not; each place once.

    Raises:
        OutputUnreadable: a schema cannot be read, or a reference in it not followed.
    """
    first: dict[tuple[str, str, bool, str], Change] = {}
    places: dict[tuple[str, str, bool, str], set[str]] = {}
    for each in _Documents(old, new).differ():
        key = (each.rule, each.pointer, each.is_old, each.text)
        first.setdefault(key, each)
        places.setdefault(key, set()).add(each.where)
    return tuple(_told(each, len(places[key]) - 1) for key, each in first.items())


def _told(change: Change, more: int) -> Change:
    """The change with the number of further places that it shows at."""
    if not more:
        return change
    return replace(change, where=f"{change.where}, and {more} more")


class _Documents:
    """Compares two documents."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self.comparison = Comparison()

    def differ(self) -> Iterator[Change]:
        if self.old.base_path != self.new.base_path:
            text = f"the path of the server is `{self.new.base_path}`, was `{self.old.base_path}`"
            yield Change(rule="base-path", is_breaking=True, text=text, pointer="/servers")
        before = {_key(one): one for one in self.old.operations}
        after = {_key(one): one for one in self.new.operations}
        for key, one in before.items():
            if key not in after:
                yield Change(
                    rule="operation-removed",
                    is_breaking=True,
                    text="the operation is gone",
                    pointer=one.pointer,
                    is_old=True,
                    where=one.label,
                )
            else:
                yield from self.operation((one, after[key]))
        for key, one in after.items():
            if key not in before:
                yield _compatible("operation-added", "the operation is new", one.pointer, one.label)

    def operation(self, pair: _Pair) -> Iterator[Change]:
        old, new = pair
        yield from self.parameters(pair)
        yield from self.body(pair)
        yield from self.answers(pair)
        yield from self.security(pair)
        if new.is_deprecated and not old.is_deprecated:
            text = "the operation is deprecated"
            yield _compatible("deprecated", text, new.pointer, new.label)

    def parameters(self, pair: _Pair) -> Iterator[Change]:
        before, after = _parameters(pair[0]), _parameters(pair[1])
        label = pair[1].label
        for key, one in before.items():
            what = f"the {one.location} parameter `{one.name}`"
            if key not in after:
                yield _broken("parameter-removed", f"{what} is gone", one.pointer, label, True)
                continue
            other = after[key]
            if other.required and not one.required:
                text = f"{what} is required now"
                yield _broken("parameter-required", text, other.pointer, label)
            held = _value(self.old, one.pointer), _value(self.new, other.pointer)
            if _style(held[0], one) != _style(held[1], other):
                text = f"{what} is written in another style"
                yield _broken("parameter-style", text, other.pointer, label)
            found = self.comparison.schemas(_schema(held[0]), _schema(held[1]), Way.REQUEST)
            yield from _located(found, f"{label}, {other.location} parameter `{other.name}`")
        for key, one in after.items():
            what = f"the {one.location} parameter `{one.name}`"
            if key not in before and one.required:
                text = f"{what} is new and required"
                yield _broken("parameter-required", text, one.pointer, label)
            elif key not in before:
                yield _compatible("parameter-added", f"{what} is new", one.pointer, label)

    def body(self, pair: _Pair) -> Iterator[Change]:
        old, new = pair
        if old.has_body and not new.has_body:
            yield _broken("body-removed", "no body is taken now", new.pointer, new.label)
            return
        if new.body_required and not old.body_required:
            yield _broken("body-required", "a body is required now", new.pointer, new.label)
        elif new.has_body and not old.has_body:
            yield _compatible("body-added", "a body may be sent now", new.pointer, new.label)
        if old.has_body:
            before = {one.media_type: one.pointer for one in old.body}
            after = {one.media_type: one.pointer for one in new.body}
            where = f"{new.label}, body"
            yield from self.contents(before, after, where, Way.REQUEST)

    def contents(
        self, before: Mapping[str, str], after: Mapping[str, str], where: str, way: Way
    ) -> Iterator[Change]:
        """Compare media types, given as pointers; `*/*` takes in all others."""
        for media_type, pointer in before.items():
            other = after.get(media_type) or _covering(media_type, after)
            if other is None:
                text = f"`{media_type}` is gone"
                yield _broken("media-type-removed", text, pointer, where, True)
                continue
            held = _value(self.old, pointer), _value(self.new, other)
            found = self.comparison.schemas(_schema(held[0]), _schema(held[1]), way)
            yield from _located(found, f"{where} {media_type}")
        for media_type in after.keys() - before.keys():
            text = f"`{media_type}` is new"
            yield _compatible("media-type-added", text, after[media_type], where)

    def answers(self, pair: _Pair) -> Iterator[Change]:
        before = {one.status: one for one in pair[0].responses}
        after = {one.status: one for one in pair[1].responses}
        label = pair[1].label
        for status, one in before.items():
            other = after.get(status) or _covering_status(status, after)
            where = f"{label}, answer {status}"
            if other is None:
                rule = "success-removed" if status.startswith(_SUCCESS) else "answer-removed"
                yield _broken(rule, f"the answer {status} is gone", one.pointer, label, True)
                continue
            held = {each.media_type: each.pointer for each in one.content}
            offered = {each.media_type: each.pointer for each in other.content}
            yield from self.contents(held, offered, where, Way.RESPONSE)
            yield from self.headers((one, other), where)
        for status in after.keys() - before.keys():
            text = f"the answer {status} is new"
            yield _compatible("answer-added", text, after[status].pointer, label)

    def headers(self, pair: tuple[Response, Response], where: str) -> Iterator[Change]:
        before = _headers(_value(self.old, pair[0].pointer))
        after = _headers(_value(self.new, pair[1].pointer))
        for name, value in before.items():
            if name not in after:
                text = f"the header `{name}` is no longer sent"
                yield _broken("header-removed", text, value.pointer, where, True)
                continue
            if _is_required(value) and not _is_required(after[name]):
                text = f"the header `{name}` may be left out now"
                yield _broken("header-optional", text, after[name].pointer, where)
            schemas = _schema(value), _schema(after[name])
            found = self.comparison.schemas(*schemas, Way.RESPONSE)
            yield from _located(found, f"{where}, header `{name}`")
        for name in after.keys() - before.keys():
            text = f"the header `{name}` is new"
            yield _compatible("header-added", text, after[name].pointer, where)

    def security(self, pair: _Pair) -> Iterator[Change]:
        """Each way to get in must still be one: the same credentials, or fewer of them."""
        before = _demands(self.old, pair[0])
        after = _demands(self.new, pair[1])
        label, pointer = pair[1].label, pair[1].pointer
        if any(not any(other <= one for other in after) for one in before):
            text = "credentials that were enough are not enough now"
            yield _broken("security", text, pointer, label)
        elif set(before) != set(after):
            text = "other credentials are enough now"
            yield _compatible("security-added", text, pointer, label)


def _value(document: Document, pointer: str) -> Value:
    from urllib.parse import quote

    return target(document.root, f"#{quote(pointer, safe='/~')}")


def _key(operation: Operation) -> tuple[str, str]:
    return operation.method, _TEMPLATE.sub("{}", operation.path)


def _parameters(operation: Operation) -> dict[tuple[str, str], Parameter]:
    """Parameters by what tells them apart: path parameters by their place, headers in any case."""
    places = _TEMPLATE.findall(operation.path)
    found = {}
    for one in operation.parameters:
        name = one.name
        if one.location == "path":
            name = str(places.index(name))
        elif one.location == "header":
            name = name.lower()
        found[one.location, name] = one
    return found


def _style(value: Value, parameter: Parameter) -> tuple[object, ...]:
    """How a parameter is written into a request."""
    style = {"query": "form", "cookie": "form"}.get(parameter.location, "simple")
    raw = value.mapping()
    return raw.get("style", style), parameter.explode, "content" in raw


def _schema(holder: Value) -> Schema:
    """The schema of a parameter, a header or a media type; none allows everything."""
    found = holder.find("schema")
    if found is not None:
        return (found,)
    contents = holder.find("content") if "schema" not in holder.mapping() else None
    first = next(contents.entries(), None) if contents else None
    return _schema(first[1]) if first else ()


def _headers(response: Value) -> dict[str, Value]:
    headers = response.find("headers")
    return {name.lower(): follow(each) for name, each in headers.entries()} if headers else {}


def _is_required(header: Value) -> bool:
    return header.mapping().get("required") is True


def _covering(media_type: str, after: Mapping[str, str]) -> str | None:
    family = media_type.partition("/")[0]
    return after.get(f"{family}/*") or after.get("*/*")


def _covering_status(status: str, after: Mapping[str, Response]) -> Response | None:
    return after.get(f"{status[0]}XX") or after.get("default")


def _demands(document: Document, operation: Operation) -> tuple[frozenset[tuple[str, str]], ...]:
    """The alternatives of an operation: each the credentials and the rights that it asks for.

    A scheme stands with what it is: one of the same name that works differently is another one.
    """
    own = _value(document, operation.pointer).find("security")
    holder = own or document.root.find("security")
    alternatives = tuple(holder.items()) if holder else ()
    if not alternatives:
        return (frozenset(),)
    return tuple(frozenset(_demand(document, each)) for each in alternatives)


def _demand(document: Document, alternative: Value) -> Iterator[tuple[str, str]]:
    for name, scopes in alternative.entries():
        scheme = document.security_schemes[name]
        yield _kind(scheme), ""
        yield from ((_kind(scheme), scope.text()) for scope in scopes.items())


def _kind(scheme: Mapping[str, object]) -> str:
    """What a client must know of a scheme to send its credentials."""
    return canonical({key: scheme.get(key) for key in ("type", "in", "name", "scheme")})


def _located(found: tuple[Change, ...], where: str) -> Iterator[Change]:
    return (replace(each, where=where) for each in found)


def _broken(rule: str, text: str, pointer: str, where: str, is_old: bool = False) -> Change:  # noqa: FBT001, FBT002
    return Change(
        rule=rule, is_breaking=True, text=text, pointer=pointer, is_old=is_old, where=where
    )


def _compatible(rule: str, text: str, pointer: str, where: str) -> Change:
    return Change(rule=rule, is_breaking=False, text=text, pointer=pointer, where=where)
