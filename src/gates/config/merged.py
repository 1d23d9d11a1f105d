"""A gates.yaml laid over the one that it extends: one document whose values know their files.

What the later file says of a gate is added to what the earlier one says: options and environment
key by key, conditions on the same metric in place of the earlier ones. What that loosens is refused
afterwards, by comparing both plans; here nothing is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gates.domain.condition import ConditionError, parse, subject
from gates.domain.errors import Problem
from gates.domain.policy_change import GATE
from gates.formats.strict_yaml import Mark, Path

Keyed = dict[str | int, object]

EXTENDS = "extends"
"""The key that names what a file extends."""

_OWN = frozenset({"version", "project", "projects", EXTENDS})
"""Keys of which the earlier file's value does not count."""

_BY_KEY = frozenset({"targets", "not_applicable", "services", "with", "env"})
_LISTS = frozenset({"drop", "needs", "criteria"})
_CONDITIONS = ("require", "warn")


class Document(Protocol):
    """A file that was read; also several that make one."""

    @property
    def value(self) -> Keyed:
        """What it says."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with it as YAML."""

    @property
    def refused(self) -> frozenset[Path]:
        """Paths of the values that have a problem already."""

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """The place of the value at `path`, or of its key."""

    def problem(
        self, slug: str, summary: str, path: Path, *, key: bool = False, hint: str = ""
    ) -> Problem:
        """A problem at the place of `path`."""


Origin = tuple[Document, Path]


@dataclass(frozen=True, slots=True)
class Merged:
    """Two files as one document.

    Attributes:
        value: what both say.
        problems: all that is wrong with the later one as YAML.
        refused: paths of its values that have a problem already.
    """

    value: Keyed
    problems: tuple[Problem, ...]
    refused: frozenset[Path]
    _origins: Mapping[Path, Origin]

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """The place of the value at `path`, or of its key, in its own file."""
        document, there = self._origin(path)
        return document.mark(there, key=key)

    def problem(
        self, slug: str, summary: str, path: Path, *, key: bool = False, hint: str = ""
    ) -> Problem:
        """A problem at the place of `path`, with an excerpt of its file."""
        document, there = self._origin(path)
        return document.problem(slug, summary, there, key=key, hint=hint)

    def _origin(self, path: Path) -> Origin:
        for length in range(len(path), -1, -1):
            found = self._origins.get(path[:length])
            if found is not None:
                return found[0], (*found[1], *path[length:])
        raise KeyError(path)


@dataclass(frozen=True, slots=True)
class _Gate:
    """A gate as a file says it, its body in the long form."""

    name: str
    body: Keyed
    origin: Origin
    is_short: bool = False


@dataclass(slots=True)
class _Laying:
    """Lays one file over another."""

    shared: Document
    own: Document
    origins: dict[Path, Origin] = field(default_factory=dict)

    def merged(self) -> Merged:
        self.origins[()] = (self.own, ())
        value: Keyed = {}
        below = {key: each for key, each in self.shared.value.items() if key not in _OWN}
        above = {key: each for key, each in self.own.value.items() if key != EXTENDS}
        self._lay(value, (), below, above, ((self.shared, ()), (self.own, ())))
        levels = self._levels()
        if levels is not None:
            value["levels"] = levels
        both = [each.value.get(GATE) for each in (self.shared, self.own)]
        if all(isinstance(each, dict) for each in both):
            shared, own = (
                _Gate(GATE, _mapping(each.value[GATE]), (each, (GATE,)))
                for each in (self.shared, self.own)
            )
            value[GATE] = self._gate((GATE,), shared, own)
        return Merged(value, self.own.problems, self.own.refused, self.origins)

    def _lay(
        self,
        value: Keyed,
        path: Path,
        below: Mapping[str | int, object],
        above: Mapping[str | int, object],
        origins: tuple[Origin, Origin],
    ) -> None:
        """Put the keys of both into a value; where both have one, that of the later file."""
        for keys, (document, there) in zip((below, above), origins, strict=True):
            for key, each in keys.items():
                at, old = (*path, key), value.get(key)
                if key in _BY_KEY and isinstance(old, dict) and isinstance(each, dict):
                    inner: Keyed = {}
                    pair = (self.origins[at], (document, (*there, key)))
                    self._lay(inner, at, old, each, pair)
                    value[key] = inner
                else:
                    value[key] = each
                    self._forget(at)
                self.origins[at] = (document, (*there, key))

    def _forget(self, path: Path) -> None:
        for each in [each for each in self.origins if each[: len(path)] == path and each != path]:
            del self.origins[each]

    def _levels(self) -> Keyed | None:
        """The levels of both; None where one cannot be read, which is told later."""
        if "levels" not in self.own.value:
            return None
        shared, own = (_gates_by_level(each) for each in (self.shared, self.own))
        if shared is None or own is None:
            return None
        moved = {gate.name for gates in own.values() for gate in gates}
        known = {gate.name: gate for gates in shared.values() for gate in gates}
        levels: Keyed = {}
        for number in sorted({*shared, *own}):
            named = {gate.name: gate for gate in own.get(number, ())}
            kept = {
                gate.name: gate
                for gate in shared.get(number, ())
                if gate.name in named or gate.name not in moved
            }
            level = self._level(number, {**kept, **named}.values(), known, named)
            if level is not None:
                levels[number] = level
        return levels

    def _level(
        self,
        number: int,
        gates: Iterable[_Gate],
        known: Mapping[str, _Gate],
        named: Mapping[str, _Gate],
    ) -> Keyed | None:
        path: Path = ("levels", number)
        bodies: Keyed = {}
        own = number in _mapping(self.own.value.get("levels"))
        self.origins[path] = (self.own if own else self.shared, path)
        for gate in gates:
            at = (*path, "gates", gate.name)
            self.origins[at] = gate.origin
            shared = known.get(gate.name)
            if gate.name in named and shared is not None:
                bodies[gate.name] = self._gate(at, shared, gate)
            else:
                bodies[gate.name] = gate.body
            short = gate if gate.is_short else shared
            if short is not None and short.is_short and "uses" not in _long(gate):
                self.origins[*at, "uses"] = short.origin
        if not bodies:
            return None
        level: Keyed = {"gates": bodies}
        for document in (self.own, self.shared):
            given = _mapping(_mapping(document.value.get("levels")).get(number))
            if "name" in given and "name" not in level:
                level["name"] = given["name"]
                self.origins[*path, "name"] = (document, (*path, "name"))
        return level

    def _gate(self, path: Path, shared: _Gate, own: _Gate) -> Keyed:
        """A gate that both files speak of."""
        special = {*_LISTS, *_CONDITIONS}
        body: Keyed = {}
        below, above = (
            {key: each for key, each in gate.body.items() if key not in special}
            for gate in (shared, own)
        )
        self._lay(body, path, below, above, (shared.origin, own.origin))
        taken = {_subject(text) for key in _CONDITIONS for text in _texts(own.body.get(key))}
        for key in (*_LISTS, *_CONDITIONS):
            if key not in shared.body and key not in own.body:
                continue
            kept = set() if key in _LISTS else taken
            texts = list(self._listed(path, key, (shared, own), kept))
            body[key] = texts
        return body

    def _listed(
        self, path: Path, key: str, gates: tuple[_Gate, _Gate], taken: set[str]
    ) -> Iterator[object]:
        """The texts of both under a key, each with its place."""
        seen: list[object] = []
        for gate, skipped in zip(gates, (taken, set[str]()), strict=True):
            document, there = gate.origin
            given = gate.body.get(key, [])
            items = given if isinstance(given, list) else [given]
            for at, item in enumerate(items):
                if _subject(item) in skipped or (key in _LISTS and item in seen):
                    continue
                end: Path = (key, at) if isinstance(given, list) else (key,)
                self.origins[*path, key, len(seen)] = (document, (*there, *end))
                seen.append(item)
                yield item
        self.origins[*path, key] = gates[1].origin


def merged(shared: Document, own: Document) -> Merged:
    """Lay a file over the one that it extends.

    Args:
        shared: the file that is extended, which was read and is sound.
        own: the file that extends it.
    """
    return _Laying(shared, own).merged()


def _gates_by_level(document: Document) -> dict[int, list[_Gate]] | None:
    """The gates of a file in the long form; None where they are not written as they should be."""
    levels = document.value.get("levels", {})
    if not isinstance(levels, dict):
        return None
    found: dict[int, list[_Gate]] = {}
    for number, given in levels.items():
        path: Path = ("levels", number)
        below = given
        if isinstance(given, dict):
            path, below = (*path, "gates"), given.get("gates")
        gates = _gates(document, path, below)
        if not isinstance(number, int) or gates is None:
            return None
        found[number] = gates
    return found


def _gates(document: Document, path: Path, given: object) -> list[_Gate] | None:
    if isinstance(given, list):
        listed = [
            _Gate(
                _name(item),
                _body(item, uses=True),
                (document, (*path, at)),
                is_short=isinstance(item, str),
            )
            for at, item in enumerate(given)
        ]
        return listed if all(gate.name for gate in listed) else None
    if isinstance(given, dict) and all(isinstance(each, (str, dict)) for each in given.values()):
        return [
            _Gate(str(name), _body(item), (document, (*path, name)), is_short=isinstance(item, str))
            for name, item in given.items()
        ]
    return None


def _long(gate: _Gate) -> Keyed:
    """The keys of a gate that is written in the long form."""
    return {} if gate.is_short else gate.body


def _name(item: object) -> str:
    if isinstance(item, dict):
        item = item.get("name") or item.get("uses")
    return item if isinstance(item, str) else ""


def _body(item: object, *, uses: bool = False) -> Keyed:
    if isinstance(item, dict):
        return {key: each for key, each in item.items() if not (uses and key == "name")}
    return {"uses": item}


def _mapping(value: object) -> Keyed:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _subject(text: object) -> str:
    """The metric and tags of a condition; what cannot be read stands for nothing else."""
    try:
        written = parse(str(text))
    except ConditionError:
        return f"= {text}"
    return subject(written.metric, written.tags)
