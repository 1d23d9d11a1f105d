"""gates.yaml read into one shape: what is sound in it goes on, what is not is told at its place.

Each gate is validated by itself, so that what is wrong with one hides nothing that is wrong with
another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from gates.config import wire, wire_file
from gates.config.problems import Problems
from gates.config.refusals import Validated, found_kind
from gates.config.validate import validated
from gates.domain.plan import LEVELS
from gates.domain.policy_change import GATE
from gates.formats.strict_yaml import Path

LEVEL_NAMES = {1: "Automated", 2: "Integration", 3: "Business"}
"""What a level is called where gates.yaml gives it no name."""

VERSION: Literal[1] = 1
"""The one version of the file's form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDraft:
    """A gate as written.

    Attributes:
        name: its name.
        level: 1, 2 or 3.
        uses: its stage's name, or empty where it names none that can be read.
        body: its other keys; what was refused is left out.
        given: all its keys as they were read.
        path: where it stands.
        damaged: the keys that were refused.
    """

    name: str
    level: int
    uses: str
    body: wire.Gate
    given: Mapping[str | int, object]
    path: Path
    damaged: frozenset[str] = frozenset()

    def texts(self, key: str) -> tuple[tuple[str, Path], ...]:
        """The texts under a key that holds one or a list of them, each with its place."""
        given = self.given.get(key)
        if isinstance(given, str):
            return ((given, (*self.path, key)),)
        items = enumerate(given if isinstance(given, list) else [])
        path = (*self.path, key)
        return tuple((text, (*path, at)) for at, text in items if isinstance(text, str))


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as written.

    Attributes:
        head: what it says beside its levels.
        damaged: the keys of the head that were refused.
        levels: numbers and names of its levels, ascending.
        gates: by level, then in the order of the file.
        unread: names of gates that cannot be read; whoever needs one is not told that it is absent.
        services: what stands under `services:`, as it was read.
        judging: what stands under `policy:`, as a gate of the stage that judges the policy.
    """

    head: wire.Head
    damaged: frozenset[str]
    levels: tuple[tuple[int, str], ...]
    gates: tuple[GateDraft, ...]
    unread: frozenset[str]
    services: object
    judging: GateDraft | None = None


class Drafting:
    """Reads one file."""

    def __init__(self, problems: Problems, is_stage: Callable[[str], bool]) -> None:
        self._problems = problems
        self._is_stage = is_stage
        self._unread: set[str] = set()
        self._name = TypeAdapter[str](wire.GateName)

    def draft(self, value: Mapping[str | int, object]) -> Draft | None:
        """Read the file; None where it is of another version, or not even its head can be read."""
        head, damaged = self._head(value)
        if head is None:
            return None
        levels: list[tuple[int, str]] = []
        gates: list[GateDraft] = []
        for number, given in self._levels(value):
            levels.append((number, self._level_name(number, given)))
            gates += self._gates(number, given)
        self._refuse_same_names(gates)
        unread = frozenset(self._unread)
        services = value.get("services", {})
        judging = _judging(value.get(GATE), is_damaged=GATE in damaged)
        return Draft(head, damaged, tuple(levels), tuple(gates), unread, services, judging)

    def _head(self, value: Mapping[str | int, object]) -> tuple[wire.Head | None, frozenset[str]]:
        if not self._is_version(value):
            return None, frozenset()
        given = {**value, "version": VERSION}
        given.pop("levels", None)
        given.pop("services", None)
        below = {
            "extends": wire.keys_of(wire.Pin),
            GATE: wire.keys_of(wire.PolicyGate),
            "sources": wire.keys_of(wire.Sources),
            "not_applicable": wire.keys_of(wire.Exemption),
        }
        seen = Validated((), given, wire.keys_of(wire_file.File), below)
        return validated(wire.Head, seen, self._problems)

    def _is_version(self, value: Mapping[str | int, object]) -> bool:
        """Whether the file may be read on: not where it says that it is of another version."""
        version = value.get("version")
        hint = f"write `version: {VERSION}`"
        if "version" not in value:
            hint = f"begin with `version: {VERSION}`"
            self._problems.add("missing-key", "the file has no `version`", (), hint=hint)
        elif not isinstance(version, int) or isinstance(version, bool):
            summary = f"`version` should be the number {VERSION}"
            self._problems.add("bad-value", summary, ("version",), hint=hint)
        elif version != VERSION:
            summary = f"this `gates` reads version {VERSION} of the file, not {version}"
            hint += ", or install a `gates` that reads it"
            self._problems.add("bad-version", summary, ("version",), hint=hint)
            return False
        return True

    def _levels(self, value: Mapping[str | int, object]) -> Iterator[tuple[int, object]]:
        """The levels that can be read, ascending."""
        levels = value.get("levels")
        if "levels" not in value and "projects" in value:
            return
        if not levels:
            summary = "there are no levels" if "levels" in value else "the file has no `levels`"
            hint = "write `levels: {1: [ruff, pytest]}`, with what applies"
            path: Path = ("levels",) if "levels" in value else ()
            self._problems.add("no-levels", summary, path, key=True, hint=hint)
            return
        if not isinstance(levels, dict):
            summary = f"`levels` should be a mapping, not {found_kind(levels)}"
            hint = "write the level's number: `levels: {1: [ruff, pytest]}`"
            self._problems.add("bad-value", summary, ("levels",), hint=hint)
            return
        for key in levels:
            if key not in LEVELS:
                is_quoted = str(key) in {str(number) for number in LEVELS}
                hint = "leave out the quotes" if is_quoted else "the levels are 1, 2 and 3"
                self._problems.add(
                    "unknown-level", f"unknown level `{key}`", ("levels", key), key=True, hint=hint
                )
        for number in LEVELS:
            if number in levels:
                yield number, levels[number]

    def _level_name(self, number: int, given: object) -> str:
        default = LEVEL_NAMES[number]
        if not isinstance(given, dict):
            return default
        rest = {key: value for key, value in given.items() if key != "gates"}
        path: Path = ("levels", number)
        strangers = [key for key in rest if str(key) not in wire.keys_of(wire.Level)]
        if strangers and "gates" not in given:
            hint = "put the gates of a level under `gates:`"
            for key in strangers:
                summary = f"unknown key `{key}`"
                self._problems.add("unknown-key", summary, (*path, key), key=True, hint=hint)
                self._unread.add(str(key))
                del rest[key]
        seen = Validated(path, rest, wire.keys_of(wire.Level), {})
        head, _ = validated(wire.LevelHead, seen, self._problems)
        return (head.name if head else "") or default

    def _gates(self, level: int, given: object) -> Iterator[GateDraft]:
        path: Path = ("levels", level)
        if isinstance(given, dict):
            if "gates" not in given:
                if set(given) - {"name"}:
                    return
                summary = f"Level {level} has no `gates`"
                hint = "list its stages, or leave the level out"
                self._problems.add("empty-level", summary, path, key=True, hint=hint)
                return
            path, given = (*path, "gates"), given["gates"]
        if given is None or given in ([], {}):
            hint = "list its stages, or leave the level out"
            summary = f"Level {level} holds no gate"
            self._problems.add("empty-level", summary, path, key=True, hint=hint)
        elif isinstance(given, list):
            for at, item in enumerate(given):
                yield from self._listed(level, item, (*path, at))
        elif isinstance(given, dict):
            for name, item in given.items():
                yield from self._named(level, name, item, (*path, name))
        else:
            what = "the gates of a level" if len(path) > 2 else "a level"  # noqa: PLR2004
            summary = f"{what} should be a list or a mapping, not {found_kind(given)}"
            hint = "write a list of stages: `[ruff, pytest]`"
            self._problems.add("bad-value", summary, path, hint=hint)

    def _listed(self, level: int, item: object, path: Path) -> Iterator[GateDraft]:
        """A gate in a list: a stage's name, or a mapping that says which stage it uses."""
        if isinstance(item, str):
            if self._is_name(item, path):
                yield _short(item, level, item, path)
            return
        hint = self._list_hint(item)
        body, damaged = (None, frozenset[str]()) if hint else self._body(item, path)
        if hint:
            self._problems.add("missing-key", "a gate has no `uses`", path, hint=hint)
        if body is None:
            self._unread.add("")
            return
        name = body.name or body.uses
        if not body.uses and "uses" not in damaged:
            hint = "write `uses:` with the stage's name"
            self._problems.add("missing-key", "a gate has no `uses`", path, hint=hint)
        if not name or "name" in damaged or not body.uses:
            self._unread.add(name)
            return
        if body.name or self._is_name(name, (*path, "uses")):
            yield GateDraft(
                name=name,
                level=level,
                uses=body.uses,
                body=body,
                given=_keys(item),
                path=path,
                damaged=damaged,
            )

    def _named(self, level: int, name: object, item: object, path: Path) -> Iterator[GateDraft]:
        """A gate with a name for its key; what it uses may be left out where that is a stage."""
        self._is_name(str(name), path, is_key=True)
        if isinstance(item, str):
            yield _short(str(name), level, item, path)
            return
        if isinstance(item, dict) and "name" in item:
            hint = "its name is the key that it stands under"
            self._problems.add(
                "unknown-key", "unknown key `name`", (*path, "name"), key=True, hint=hint
            )
            item = {key: value for key, value in item.items() if key != "name"}
        body, damaged = self._body(item, path)
        if body is None:
            self._unread.add(str(name))
            return
        uses = body.uses
        if not uses and "uses" not in damaged:
            uses = str(name) if self._is_stage(str(name)) else ""
            if not uses:
                summary = f"gate `{name}` does not say which stage it uses"
                hint = "write `uses:` with the stage's name"
                self._problems.add("missing-key", summary, path, key=True, hint=hint)
        yield GateDraft(
            name=str(name),
            level=level,
            uses=uses,
            body=body,
            given=_keys(item),
            path=path,
            damaged=damaged,
        )

    def _body(self, item: object, path: Path) -> tuple[wire.Gate | None, frozenset[str]]:
        if isinstance(item, dict):
            known = wire.keys_of(wire.Gate)
            return validated(wire.Gate, Validated(path, item, known, {}), self._problems)
        summary = f"a gate should be a stage's name or a mapping, not {found_kind(item)}"
        if item is None:
            summary = "this gate is empty"
        self._problems.add(
            "bad-value", summary, path, key=item is None, hint="write the name of a stage"
        )
        return None, frozenset()

    def _list_hint(self, item: object) -> str:
        """What to write in place of `- coverage: {…}`."""
        if not isinstance(item, dict) or len(item) != 1:
            return ""
        (key,) = item
        if key in wire.keys_of(wire.Gate) or not self._is_stage(str(key)):
            return ""
        return f"in a list write `{{uses: {key}, ...}}`, or name the gates under `gates:`"

    def _is_name(self, name: str, path: Path, *, is_key: bool = False) -> bool:
        try:
            self._name.validate_python(name)
        except ValidationError as error:
            context: Mapping[str, object] = error.errors()[0].get("ctx", {})
            summary, hint = str(context.get("summary")), str(context.get("hint"))
            self._problems.add("bad-gate-name", summary, path, key=is_key, hint=hint)
            return False
        return True

    def _refuse_same_names(self, gates: list[GateDraft]) -> None:
        first: dict[str, GateDraft] = {}
        for gate in gates:
            other = first.setdefault(gate.name, gate)
            if other is not gate:
                line = self._problems.line(other.path)
                self._problems.add(
                    "same-gate-name",
                    f"two gates are named `{gate.name}`, the other on line {line}",
                    gate.path,
                    key=True,
                    hint="give one of them a `name`, or another key",
                )


def _short(name: str, level: int, uses: str, path: Path) -> GateDraft:
    """A gate of which only the stage is written."""
    return GateDraft(name=name, level=level, uses=uses, body=wire.Gate(), given={}, path=path)


def _judging(given: object, *, is_damaged: bool) -> GateDraft | None:
    """What stands under `policy:`, which belongs to a gate that no level holds."""
    if not isinstance(given, dict):
        return None
    return GateDraft(
        name=GATE, level=1, uses=GATE, body=wire.Gate(), given=given, path=(GATE,),
        damaged=frozenset({GATE} if is_damaged else ()),
    )  # fmt: skip


def _keys(item: object) -> dict[str | int, object]:
    return item if isinstance(item, dict) else {}
