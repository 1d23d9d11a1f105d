"""Rules of SARIF: which one a result means, and how bad that is.

Severity: `security-severity`, a number from 0.0 to 10.0 that the result or else its rule has, where
there is one: 9.0 and more is critical, 7.0 high, 4.0 medium, anything above 0 low, 0 is info; what
is no such number is of unknown severity. Without it the level decides: `error` is high, `warning`
medium, `note` low, `none` info. Tools write 0, or a word, also where they know no number: then the
worse of number and level counts. The level is the result's, else the one that the configuration of
its invocation sets for the rule, else the rule's default, else `warning` (section 3.27.10). Where
a result does not say to which invocation it belongs, the worst of those that may apply is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from gates.domain.finding import Severity
from gates.formats.sarif_components import (
    LEVELS,
    Component,
    Rule,
    level_of,
    number_of,
    properties_of,
    text_of,
    weaknesses,
)
from gates.formats.sarif_text import strings
from gates.formats.strict_json import Value

BY_LEVEL: dict[str, Severity] = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFO,
}
"""The severity by level, where no number tells it."""

BANDS: tuple[tuple[Decimal, Severity], ...] = (
    (Decimal("9.0"), Severity.CRITICAL),
    (Decimal("7.0"), Severity.HIGH),
    (Decimal("4.0"), Severity.MEDIUM),
    (Decimal("0.0"), Severity.LOW),
)
"""From which `security-severity` on a severity stands; 0 itself is info."""

HIGHEST = Decimal("10.0")

DEFAULT_LEVEL = "warning"

NO_RULE = "no-rule"
"""Stands for the id of a rule where the tool names none."""

_NUMBER = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,9})?")


def severity_of(level: str, security: str | None) -> Severity:
    """How bad a result is; see above."""
    if security is None:
        return BY_LEVEL[level]
    is_known = _NUMBER.fullmatch(security) and Decimal(security) <= HIGHEST
    number = Decimal(security) if is_known else Decimal(0)
    if number:
        return next(severity for least, severity in BANDS if number >= least)
    told = Severity.INFO if is_known else Severity.UNKNOWN
    return min(told, BY_LEVEL[level], key=lambda severity: severity.rank)


class Rules:
    """The rules of one run.

    Attributes:
        messages: strings of the tool that any rule may use, by id.
    """

    def __init__(self, run: Value) -> None:
        """Read the rules of the driver and of its extensions.

        Raises:
            OutputUnreadable: a rule has no id, or another level than those of SARIF.
        """
        tool = run.member("tool")
        extensions = tool.find("extensions")
        others = tuple(extensions.items()) if extensions is not None else ()
        self._weakness = weaknesses(run)
        self._components = tuple(
            Component(each, self._weakness) for each in (tool.member("driver"), *others)
        )
        self.messages = strings(tool.member("driver"), "globalMessageStrings")
        self._overrides = tuple(self._overridden(run))

    def of(self, result: Value) -> Rule:
        """The rule that a result means; a bare one where the tool does not describe it.

        Raises:
            OutputUnreadable: it means a rule that is not there, or two.
        """
        return self._meant(
            result, result.find("rule"), number_of(result, "ruleIndex"), text_of(result, "ruleId")
        )

    def severity(self, result: Value, rule: Rule) -> Severity:
        """How bad a result is.

        Raises:
            OutputUnreadable: its level is none of SARIF.
        """
        own = properties_of(result).security
        security = own if own is not None else rule.properties.security
        return severity_of(self._level(result, rule), security)

    def cwe(self, result: Value, rule: Rule) -> tuple[int, ...]:
        """Numbers of the weaknesses that a result and its rule name, the result's first."""
        listed = result.find("taxa")
        taxa = (self._weakness(each) for each in (listed.items() if listed is not None else ()))
        found = (*properties_of(result).cwe, *taxa, *rule.cwe)
        return tuple(dict.fromkeys(number for number in found if number))

    def _level(self, result: Value, rule: Rule) -> str:
        if own := level_of(result):
            return own
        at = number_of(result.find("provenance"), "invocationIndex")
        default = rule.level or DEFAULT_LEVEL
        if at >= 0:
            known = self._overrides[at] if at < len(self._overrides) else {}
            return known.get(rule.id, default)
        set_so = (known[rule.id] for known in self._overrides if rule.id in known)
        return min((default, *set_so), key=LEVELS.index)

    def _meant(self, result: Value, reference: Value | None, index: int, name: str) -> Rule:
        other, inner = number_of(reference, "index"), text_of(reference, "id")
        if (min(index, other) >= 0 and index != other) or (name and inner and name != inner):
            problem = "names one rule by `ruleId` or `ruleIndex`, and another by `rule`"
            raise result.unreadable(problem, slug="contradiction")
        index, name, guid = max(index, other), name or inner, text_of(reference, "guid")
        component = reference.find("toolComponent") if reference is not None else None
        among = self._components if component is None else (self._component(component),)
        if index >= 0:
            return among[0].at(index, name, result)
        found = (each.named(name, guid, result) for each in among)
        rule = next((each for each in found if each is not None), None)
        if rule is None and guid and not name:
            raise result.unreadable(f"names the rule {guid}, which is not there")
        return rule or Rule(id=name or NO_RULE)

    def _component(self, reference: Value) -> Component:
        """The component that a reference means: by number, identity or name (section 3.54)."""
        index, guid = number_of(reference, "index"), text_of(reference, "guid").lower()
        name, extensions = text_of(reference, "name"), self._components[1:]
        if index >= len(extensions):
            problem = f"names extension {index}, of {len(extensions)}"
            raise reference.unreadable(problem, slug="contradiction")
        if index >= 0:
            return extensions[index]
        if not guid and not name:
            return self._components[0]
        for each in self._components:
            if each.guid == guid if guid else each.name == name:
                return each
        raise reference.unreadable(f"names the component `{guid or name}`, which is not there")

    def _overridden(self, run: Value) -> Iterator[dict[str, str]]:
        """By invocation: the levels that its configuration sets, by id of the rule."""
        listed = run.find("invocations")
        for invocation in listed.items() if listed is not None else ():
            levels: dict[str, str] = {}
            found = invocation.find("ruleConfigurationOverrides")
            for each in found.items() if found is not None else ():
                if level := level_of(each.member("configuration")):
                    descriptor = each.member("descriptor")
                    levels[self._meant(descriptor, descriptor, -1, "").id] = level
            yield levels
