"""Components of a tool in SARIF, its driver and extensions, with the rules that they describe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from gates.formats.sarif_text import strings
from gates.formats.strict_json import Value

SECURITY = "security-severity"
"""The property that tells how bad a finding of a rule is, as a number from 0.0 to 10.0."""

LEVELS = ("error", "warning", "note", "none")
"""All levels, the worst first."""

_CWE = re.compile(r"\bcwe[-_ :]?0*([1-9]\d{0,5})\b", re.IGNORECASE)
_ID = re.compile(r"(?:cwe[-_ :]?)?0*([1-9]\d{0,5})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """What free properties tell.

    Attributes:
        security: `security-severity` as it is written; None where it is absent.
        cwe: numbers of the weaknesses that tags name.
    """

    security: str | None = None
    cwe: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule, as far as it matters here.

    Attributes:
        id: as the result names it.
        level: its default; empty where it has none.
        properties: its free properties.
        cwe: numbers of its weaknesses.
        messages: its strings by id.
    """

    id: str
    level: str = ""
    properties: Properties = field(default_factory=Properties)
    cwe: tuple[int, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)


class Component:
    """The driver or an extension.

    Attributes:
        name: its name.
        guid: its identity, or empty.
    """

    def __init__(self, value: Value, weakness: Callable[[Value], int]) -> None:
        """Read its rules.

        Args:
            value: the component.
            weakness: the number of the weakness that a reference into a taxonomy means, or 0.

        Raises:
            OutputUnreadable: a rule has no id, or a level that is none.
        """
        self.name, self.guid = text_of(value, "name"), text_of(value, "guid").lower()
        listed = value.find("rules")
        self._rules: list[Rule] = []
        self._by_id: dict[str, list[Rule]] = {}
        self._by_guid: dict[str, Rule] = {}
        for each in listed.items() if listed is not None else ():
            rule = _rule(each, weakness)
            self._rules.append(rule)
            self._by_id.setdefault(rule.id, []).append(rule)
            if guid := text_of(each, "guid").lower():
                self._by_guid[guid] = rule

    def at(self, index: int, name: str, result: Value) -> Rule:
        """The rule with this number, which must also have the id where one is told.

        Raises:
            OutputUnreadable: it has not, or there is no such rule.
        """
        if index >= len(self._rules):
            problem = f"names rule {index}, of {len(self._rules)}"
            raise result.unreadable(problem, slug="contradiction")
        rule = self._rules[index]
        if name and rule.id != name and not name.startswith(f"{rule.id}/"):
            problem = f"names rule {index}, which is `{rule.id}`, as `{name}`"
            raise result.unreadable(problem, slug="contradiction")
        return replace(rule, id=name) if name and name != rule.id else rule

    def named(self, name: str, guid: str, result: Value) -> Rule | None:
        """The rule with this identity or id; `a/b` is a case of the rule `a` (section 3.5.4).

        Raises:
            OutputUnreadable: several rules have this id, and they differ.
        """
        if guid and guid.lower() in self._by_guid:
            return replace(self._by_guid[guid.lower()], id=name or self._by_guid[guid.lower()].id)
        for id_ in _longer_first(name):
            found = self._by_id.get(id_, [])
            if any(other != found[0] for other in found[1:]):
                raise result.unreadable(f"names `{id_}`, and several rules that differ have it")
            if found:
                return replace(found[0], id=name) if name != id_ else found[0]
        return None


def properties_of(value: Value) -> Properties:
    """What the properties of a result or rule tell; what is of another kind tells nothing."""
    found = value.find("properties")
    if found is None:
        return Properties()
    bag = found.mapping()
    raw = bag.get(SECURITY)
    is_plain = isinstance(raw, str | int | Decimal) and not isinstance(raw, bool)
    security = f"{raw}".strip() if is_plain else "no number"
    texts = (text for key in ("tags", "cwe") for text in _texts(bag.get(key)))
    numbers = (int(number) for text in texts for number in _CWE.findall(text))
    return Properties(
        security=security if raw is not None else None, cwe=tuple(dict.fromkeys(numbers))
    )


def weaknesses(run: Value) -> Callable[[Value], int]:
    """Makes of a reference into a taxonomy of this run the number of a weakness, 0 for no CWE."""
    listed = run.find("taxonomies")
    names: dict[str, str] = {}
    for at, each in enumerate(listed.items() if listed is not None else ()):
        names[f"{at}"] = names[text_of(each, "guid").lower()] = text_of(each, "name")

    def weakness(reference: Value) -> int:
        component = reference.find("toolComponent")
        if component is None:
            return 0
        keys = (f"{number_of(component, 'index')}", text_of(component, "guid").lower())
        told = (text_of(component, "name"), *(names.get(key, "") for key in keys if key))
        found = _ID.fullmatch(text_of(reference, "id"))
        return int(found[1]) if found and "CWE" in {name.upper() for name in told} else 0

    return weakness


def level_of(value: Value) -> str:
    """Its level, or empty where it has none.

    Raises:
        OutputUnreadable: it is none of SARIF.
    """
    found = value.find("level")
    if found is None:
        return ""
    if found.text() not in LEVELS:
        raise found.unreadable(f"is `{found.text()}`, which is unknown", slug="sarif-word")
    return found.text()


def text_of(value: Value | None, key: str) -> str:
    """A text, or empty where it is absent."""
    found = value.find(key) if value is not None else None
    return found.text() if found is not None else ""


def number_of(value: Value | None, key: str) -> int:
    """A number in a list, from 0; -1 where it is absent, as in SARIF itself."""
    found = value.find(key) if value is not None else None
    if found is None:
        return -1
    if found.integer() < -1:
        raise found.unreadable("is below -1")
    return found.integer()


def _rule(value: Value, weakness: Callable[[Value], int]) -> Rule:
    configuration = value.find("defaultConfiguration")
    properties = properties_of(value)
    listed = value.find("relationships")
    related = (
        weakness(each.member("target")) for each in (listed.items() if listed is not None else ())
    )
    return Rule(
        id=value.member("id").text(),
        level=level_of(configuration) if configuration is not None else "",
        properties=properties,
        cwe=tuple(dict.fromkeys(number for number in (*properties.cwe, *related) if number)),
        messages=strings(value, "messageStrings"),
    )


def _longer_first(name: str) -> Iterator[str]:
    """`a/b/c`, `a/b`, `a`."""
    while name:
        yield name
        name = name.rpartition("/")[0]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, str))
