"""What a new OpenAPI document takes from the clients of an old one.

Paths are the same where they differ only in the names of their parameters. What both sides allow is
compared by `openapi_compare`, what is sent by `openapi_payloads`; here stand the rules on
operations, servers, parameters and credentials.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from gates.formats.openapi_answers import plain
from gates.formats.openapi_change import Change, Place, Way, broken, compatible
from gates.formats.openapi_compare import Comparison, defaults
from gates.formats.openapi_credentials import demands
from gates.formats.openapi_document import Document, Operation, Parameter
from gates.formats.openapi_payloads import Payloads, schema_of, told_at
from gates.formats.openapi_references import located
from gates.formats.openapi_servers import split_address
from gates.formats.strict_json import Value

__all__ = ["HOST", "Change", "Way", "changes"]

_TEMPLATE = re.compile(r"\{([^{}/]*)\}")
_EASED = ("allowEmptyValue", "allowReserved")
HOST = "server-host"
"""The rule of a server on another host: it breaks nobody only where the old one still answers."""

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
        self.payloads = Payloads(old.root, new.root, self.comparison)

    def differ(self) -> Iterator[Change]:
        before = {_key(one): one for one in self.old.operations}
        after = {_key(one): one for one in self.new.operations}
        for key, one in before.items():
            if key not in after:
                text = "the operation is gone"
                yield broken("operation-removed", text, one.pointer, one.label, is_old=True)
            else:
                yield from self.operation((one, after[key]))
        for key, one in after.items():
            if key not in before:
                yield compatible("operation-added", "the operation is new", one.pointer, one.label)
        yield from self.payloads.webhooks()

    def operation(self, pair: _Pair) -> Iterator[Change]:
        old, new = pair
        yield from _moved(*pair)
        yield from self.parameters(pair)
        yield from self.payloads.body(*pair)
        yield from self.payloads.answers(*pair)
        yield from self.payloads.callbacks(*pair)
        yield from self.security(pair)
        if new.is_deprecated and not old.is_deprecated:
            text = "the operation is deprecated"
            yield compatible("deprecated", text, new.pointer, new.label)

    def parameters(self, pair: _Pair) -> Iterator[Change]:
        before, after = _parameters(pair[0]), _parameters(pair[1])
        label = pair[1].label
        for key, one in before.items():
            what = f"the {one.location} parameter `{one.name}`"
            if key not in after:
                yield broken(
                    "parameter-removed", f"{what} is gone", one.pointer, label, is_old=True
                )
                continue
            other = after[key]
            yield from self.parameter(one, other, label)
        for key, one in after.items():
            what = f"the {one.location} parameter `{one.name}`"
            if key not in before and one.required:
                text = f"{what} is new and required"
                yield broken("parameter-required", text, one.pointer, label)
            elif key not in before:
                yield compatible("parameter-added", f"{what} is new", one.pointer, label)

    def parameter(self, one: Parameter, other: Parameter, label: str) -> Iterator[Change]:
        what = f"the {one.location} parameter `{one.name}`"
        if other.required and not one.required:
            text = f"{what} is required now"
            yield broken("parameter-required", text, other.pointer, label)
        held = located(self.old.root, one.pointer), located(self.new.root, other.pointer)
        if _style(held[0], one) != _style(held[1], other):
            text = f"{what} is written in another style"
            yield broken("parameter-style", text, other.pointer, label)
        for word in _EASED:
            if held[0].mapping().get(word) is True and held[1].mapping().get(word) is not True:
                yield broken("parameter-style", f"{what} lost `{word}`", other.pointer, label)
        where = f"{label}, {other.location} parameter `{other.name}`"
        schemas = schema_of(held[0]), schema_of(held[1])
        yield from told_at(self.comparison.schemas(*schemas, Way.REQUEST), where)
        if not one.required and not other.required:
            changed = defaults(*schemas, Place(*schemas, Way.REQUEST))
            yield from told_at(tuple(changed), where)

    def security(self, pair: _Pair) -> Iterator[Change]:
        """Each way to get in must still be one: the same credentials, or fewer of them."""
        before = demands(self.old, pair[0])
        after = demands(self.new, pair[1])
        label, pointer = pair[1].label, pair[1].pointer
        if any(not any(other <= one for other in after) for one in before):
            text = "credentials that were enough are not enough now"
            yield broken("security", text, pointer, label)
        elif set(before) != set(after):
            text = "other credentials are enough now"
            yield compatible("security-added", text, pointer, label)


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
    contents = value.find("content")
    media_types = [plain(name) for name in contents.mapping()] if contents else []
    return raw.get("style", style), parameter.explode, media_types


def _moved(old: Operation, new: Operation) -> Iterator[Change]:
    """Whether each path of the old servers is still one; a host may differ from stage to stage."""
    before = [split_address(url) for url in old.servers]
    after = [split_address(url) for url in new.servers]
    is_shared = "/servers" == old.servers_pointer == new.servers_pointer
    where = "" if is_shared else new.label
    paths = [{path for _, path in each} for each in (before, after)]
    hosts = [{host for host, _ in each} for each in (before, after)]
    pointer = new.servers_pointer
    if paths[0] - paths[1]:
        text = f"the path of the server is {_listed(paths[1])}, was {_listed(paths[0])}"
        yield broken("base-path", text, pointer, where)
    elif gone := sorted(hosts[0] - hosts[1] - {""}):
        text = f"the server is on {_listed(hosts[1])}, was on {_listed(gone)}"
        yield compatible(HOST, text, pointer, where)


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name or '/'}`" for name in sorted(names))
