"""What is sent between a service and its clients, compared for two OpenAPI documents.

Bodies and answers of operations, and what the service sends on its own: callbacks and webhooks. The
latter go the other way: their bodies are read by clients, as answers are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gates.formats import openapi_answers
from gates.formats.openapi_change import Change, Way, broken, compatible
from gates.formats.openapi_compare import Comparison
from gates.formats.openapi_model import METHODS, Operation, Response
from gates.formats.openapi_parts import Schema
from gates.formats.openapi_references import follow, located
from gates.formats.openapi_sameness import is_same
from gates.formats.strict_json import Value

_Calls = dict[tuple[str, ...], tuple[Value, Value]]
_CALL_PARTS = ("parameters", "responses", "security")


@dataclass(frozen=True, slots=True)
class Payloads:
    """Compares what is sent.

    Attributes:
        old: the whole old document.
        new: the whole new one.
        comparison: of their schemas.
    """

    old: Value
    new: Value
    comparison: Comparison

    def body(self, old: Operation, new: Operation) -> Iterator[Change]:
        """What an operation takes."""
        if old.has_body and not new.has_body:
            yield broken("body-removed", "no body is taken now", new.pointer, new.label)
            return
        if new.body_required and not old.body_required:
            yield broken("body-required", "a body is required now", new.pointer, new.label)
        elif new.has_body and not old.has_body:
            yield compatible("body-added", "a body may be sent now", new.pointer, new.label)
        if old.has_body:
            before = {one.media_type: one.pointer for one in old.body}
            after = {one.media_type: one.pointer for one in new.body}
            yield from self.contents(before, after, f"{new.label}, body", Way.REQUEST)

    def contents(
        self, before: Mapping[str, str], after: Mapping[str, str], where: str, way: Way
    ) -> Iterator[Change]:
        """Compare media types, given as pointers."""
        taken: set[str] = set()
        for media_type, pointer in before.items():
            others = openapi_answers.media_types(media_type, before, after, way)
            taken.update(others)
            if not others:
                text = f"`{media_type}` is gone"
                yield broken("media-type-removed", text, pointer, where, is_old=True)
            for other in others:
                held = located(self.old, pointer), located(self.new, after[other])
                found = self.comparison.schemas(schema_of(held[0]), schema_of(held[1]), way)
                told = f"{where} {media_type}"
                yield from told_at(found, told)
                yield from _not_comparable(held, ("encoding",), told)
        for media_type in after:
            if media_type not in before and media_type not in taken:
                text = f"`{media_type}` is new"
                yield compatible("media-type-added", text, after[media_type], where)

    def answers(self, old: Operation, new: Operation) -> Iterator[Change]:
        """What an operation answers; an error that is no longer answered breaks nobody."""
        before = {one.status: one for one in old.responses}
        after = {one.status: one for one in new.responses}
        for status, one in before.items():
            others = openapi_answers.statuses(status, before, after)
            if not others:
                yield _gone(one, before, after, new.label)
            for other in others:
                yield from self.answer(one, after[other], f"{new.label}, answer {status}")
        for status, one in after.items():
            if status not in before:
                text = f"the answer {status} is new"
                yield compatible("answer-added", text, one.pointer, new.label)

    def answer(self, old: Response, new: Response, where: str) -> Iterator[Change]:
        """One answer: its content and its headers."""
        held = {each.media_type: each.pointer for each in old.content}
        offered = {each.media_type: each.pointer for each in new.content}
        yield from self.contents(held, offered, where, Way.RESPONSE)
        yield from self._headers(old, new, where)

    def _headers(self, old: Response, new: Response, where: str) -> Iterator[Change]:
        before = _headers(located(self.old, old.pointer))
        after = _headers(located(self.new, new.pointer))
        for name, value in before.items():
            if name not in after:
                text = f"the header `{name}` is no longer sent"
                yield broken("header-removed", text, value.pointer, where, is_old=True)
                continue
            if _is_required(value) and not _is_required(after[name]):
                text = f"the header `{name}` may be left out now"
                yield broken("header-optional", text, after[name].pointer, where)
            schemas = schema_of(value), schema_of(after[name])
            found = self.comparison.schemas(*schemas, Way.RESPONSE)
            yield from told_at(found, f"{where}, header `{name}`")
        for name in after.keys() - before.keys():
            text = f"the header `{name}` is new"
            yield compatible("header-added", text, after[name].pointer, where)

    def callbacks(self, old: Operation, new: Operation) -> Iterator[Change]:
        """What the service sends to an address that a client of the operation gave."""
        before = _callbacks(located(self.old, old.pointer))
        after = _callbacks(located(self.new, new.pointer))
        yield from self._calls(before, after, f"{new.label}, callback")

    def webhooks(self) -> Iterator[Change]:
        """What the service sends to clients that asked for it by other means."""
        yield from self._calls(_webhooks(self.old), _webhooks(self.new), "webhook")

    def _calls(self, before: _Calls, after: _Calls, where: str) -> Iterator[Change]:
        for key, held in before.items():
            told = f"{where} `{key[0]}`"
            if key not in after:
                text = "the service no longer sends it"
                yield broken("call-removed", text, held[1].pointer, told, is_old=True)
                continue
            yield from self._sent((held[1], after[key][1]), told)
            yield from _not_comparable((held[1], after[key][1]), _CALL_PARTS, told)
            yield from _not_comparable((held[0], after[key][0]), ("parameters",), told)
        for key, held in after.items():
            if key not in before:
                text = "the service sends it now"
                yield compatible("call-added", text, held[1].pointer, f"{where} `{key[0]}`")

    def _sent(self, pair: tuple[Value, Value], where: str) -> Iterator[Change]:
        bodies = [each.find("requestBody") for each in pair]
        wholes = [follow(each) if each else None for each in bodies]
        before, after = (_media(each) for each in wholes)
        yield from self.contents(before, after, where, Way.RESPONSE)
        if wholes[0] and _is_required(wholes[0]) and not (wholes[1] and _is_required(wholes[1])):
            yield broken("field-optional", "the body may be left out now", pair[1].pointer, where)


def schema_of(holder: Value) -> Schema:
    """The schema of a parameter, a header or a media type; none allows everything."""
    found = holder.find("schema")
    if found is not None:
        return (found,)
    contents = holder.find("content") if "schema" not in holder.mapping() else None
    first = next(contents.entries(), None) if contents else None
    return schema_of(first[1]) if first else ()


def told_at(found: tuple[Change, ...], where: str) -> Iterator[Change]:
    """Changes of a schema, with the place that they show at."""
    return (replace(each, where=where) for each in found)


def _gone(
    one: Response, before: Mapping[str, Response], after: Mapping[str, Response], label: str
) -> Change:
    """An answer that nothing stands for; another of its kind instead is what a client misses."""
    text = f"the answer {one.status} is gone"
    if openapi_answers.is_success(one.status):
        return broken("success-removed", text, one.pointer, label, is_old=True)
    kind = one.status[0]
    if any(status[0] == kind and status not in before for status in after):
        return broken("answer-removed", text, one.pointer, label, is_old=True)
    return compatible("answer-removed", text, one.pointer, label, is_old=True)


def _not_comparable(
    pair: tuple[Value, Value], keys: tuple[str, ...], where: str
) -> Iterator[Change]:
    """Members that must be the same, since nothing here tells what a change of them breaks."""
    for key in keys:
        old, new = (each.find(key) for each in pair)
        if old is new or (old is not None and new is not None and is_same(old, new)):
            continue
        text = f"`{key}` changed, and cannot be compared"
        yield broken("not-comparable", text, (new or pair[1]).pointer, where)


def _headers(response: Value) -> dict[str, Value]:
    headers = response.find("headers")
    return {name.lower(): follow(each) for name, each in headers.entries()} if headers else {}


def _is_required(holder: Value) -> bool:
    return holder.mapping().get("required") is True


def _media(body: Value | None) -> dict[str, str]:
    contents = body.find("content") if body else None
    return {name: each.pointer for name, each in contents.entries()} if contents else {}


def _callbacks(operation: Value) -> _Calls:
    named = operation.find("callbacks")
    found: _Calls = {}
    for name, callback in named.entries() if named else ():
        for address, item in follow(callback).entries():
            if not address.startswith("x-"):
                found |= _calls_of((name, address), follow(item))
    return found


def _webhooks(root: Value) -> _Calls:
    named = root.find("webhooks")
    found: _Calls = {}
    for name, item in named.entries() if named else ():
        if not name.startswith("x-"):
            found |= _calls_of((name,), follow(item))
    return found


def _calls_of(names: tuple[str, ...], item: Value) -> _Calls:
    return {(*names, key): (item, each) for key, each in item.entries() if key in METHODS}
