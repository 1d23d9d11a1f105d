"""dependency-cruiser's JSON (`--output-type json`, versions 16 and 17).

The summary repeats what stands at each module and dependency; both must tell the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.strict_json import Value

SEVERITIES = ("error", "warn", "info", "ignore")
"""Its words, worst first; the last is for breaches that a file of known ones lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        name: its name.
        severity: one of `SEVERITIES`.
        paths: regular expressions of the modules that it is about; none where it is about all.
        comment: why it is there, or empty.
    """

    name: str
    severity: str
    paths: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach of a rule.

    Attributes:
        rule: the rule's name.
        severity: one of `SEVERITIES`.
        source: the module, or the folder, that breaks it.
        target: what it must not lead to; the same where the module itself is wrong.
        way: the modules on the way, the last one included: of a cycle, or of what is reached.
    """

    rule: str
    severity: str
    source: str
    target: str
    way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cruise:
    """A whole report; its paths are relative to `folder`.

    Attributes:
        folder: where dependency-cruiser ran, absolute.
        cruised: the modules whose imports were read.
        unresolved: pairs of such a module and what it imports, where that was not found.
        imports: how many dependencies there are.
        rules: all rules.
        breaches: all breaches, also those that are ignored.
        systems: the kinds of modules whose imports were read.
        sees_types: imports of types alone are seen too.
        is_cached: it may come out of a cache.
        drops_dynamic: dynamic imports (`import()`) are left out; False: all others are; None:
            none are by this.
    """

    folder: str
    cruised: tuple[str, ...]
    unresolved: tuple[tuple[str, str], ...]
    imports: int
    rules: tuple[Rule, ...]
    breaches: tuple[Breach, ...]
    systems: tuple[str, ...]
    sees_types: bool
    is_cached: bool
    drops_dynamic: bool | None = None


def parse(data: bytes, *, what: str) -> Cruise:
    """Read a report.

    Raises:
        OutputUnreadable: not JSON, not of dependency-cruiser, or its summary is not what stands at
            the modules.
    """
    document = strict_json.read(data, what=what)
    modules = tuple(document.member("modules").items())
    summary = document.member("summary")
    cruised = tuple(one for one in modules if one.find("followable") is None)
    lines = [(one, edge) for one in modules for edge in one.member("dependencies").items()]
    _refuse_total(summary.member("totalCruised"), len(modules))
    total = summary.find("totalDependenciesCruised")
    if total is not None:
        _refuse_total(total, len(lines))
    breaches = tuple(_breach(one) for one in summary.member("violations").items())
    for severity in SEVERITIES:
        number = sum(one.severity == severity for one in breaches)
        header = summary.find(severity)
        if header is not None or severity != "ignore":
            _refuse_total(summary.member(severity), number)
    _refuse_unequal(breaches, _marked(document, lines), what=what)
    options = summary.member("optionsUsed")
    return Cruise(
        folder=_text(options, "baseDir"),
        cruised=tuple(one.member("source").text() for one in cruised),
        unresolved=tuple(
            (one.member("source").text(), edge.member("module").text())
            for one, edge in lines
            if edge.member("couldNotResolve").flag()
        ),
        imports=len(lines),
        rules=_rules(summary.find("ruleSetUsed")),
        breaches=breaches,
        systems=tuple(each.text() for each in options.member("moduleSystems").items()),
        sees_types=_is_set(options, "tsPreCompilationDeps"),
        is_cached=_is_set(options, "cache"),
        drops_dynamic=_dynamic(options.find("exclude")),
    )


def _marked(document: Value, lines: list[tuple[Value, Value]]) -> frozenset[Breach]:
    """What is said to be broken at each module and folder, and at each dependency."""
    marked: list[Breach] = []
    for one in document.member("modules").items():
        source = one.member("source").text()
        marked += _marks(one, source, source)
    for one, edge in lines:
        marked += _marks(edge, one.member("source").text(), edge.member("resolved").text())
    folders = document.find("folders")
    for one in folders.items() if folders is not None else ():
        name = one.member("name").text()
        marked += _marks(one, name, name)
        for edge in one.member("dependencies").items():
            marked += _marks(edge, name, edge.member("name").text())
    return frozenset(marked)


def _marks(place: Value, source: str, target: str) -> Iterator[Breach]:
    found, valid = place.find("rules"), place.find("valid")
    entries = tuple(found.items()) if found is not None else ()
    if (valid is None or valid.flag()) == bool(entries):
        raise place.unreadable("is valid and breaks rules, or neither", slug="contradiction")
    for each in entries:
        name, severity = each.member("name").text(), _severity(each.member("severity"))
        yield Breach(rule=name, severity=severity, source=source, target=target)


def _refuse_unequal(breaches: tuple[Breach, ...], marked: Collection[Breach], *, what: str) -> None:
    """Refuse a summary that leaves a breach out, or tells of one that stands nowhere.

    It tells of a cycle once, which stands at each module of it; so there, and where a way is
    told, only the rule is compared.
    """
    short = {one.rule for one in breaches if one.way}
    told = {_key(one, short) for one in breaches}
    there = {_key(one, short) for one in marked}
    odd = told ^ there
    if odd:
        rule, source, _ = min(odd)
        where = f" at `{source}`" if source else ""
        summary = f"the modules and the summary tell different things of rule `{rule}`{where}"
        raise OutputUnreadable("contradiction", summary, place=what)


def _key(one: Breach, short: set[str]) -> tuple[str, str, str]:
    return (one.rule, "" if one.rule in short else one.source, one.severity)


def _breach(entry: Value) -> Breach:
    ways = (entry.find("cycle"), entry.find("via"))
    way = tuple(step for each in ways if each is not None for step in each.items())
    return Breach(
        rule=entry.member("rule", "name").text(),
        severity=_severity(entry.member("rule", "severity")),
        source=entry.member("from").text(),
        target=entry.member("to").text(),
        way=tuple(_step(each) for each in way),
    )


def _step(entry: Value) -> str:
    """A module on a way: its name alone in older versions."""
    return entry.text() if isinstance(entry.raw, str) else entry.member("name").text()


def _rules(found: Value | None) -> tuple[Rule, ...]:
    if found is None:
        return ()
    rules: list[Rule] = []
    for kind, about in (("forbidden", "from"), ("required", "module")):
        entries = found.find(kind)
        rules += [_rule(entry, about) for entry in entries.items()] if entries is not None else []
    allowed = found.find("allowed")
    if allowed is not None and allowed.array():
        severity = _severity(found.member("allowedSeverity"))
        rules.append(Rule(name="not-in-allowed", severity=severity))
    return tuple(rules)


def _rule(entry: Value, about: str) -> Rule:
    place = entry.find(about)
    return Rule(
        name=entry.member("name").text(),
        severity=_severity(entry.member("severity")),
        paths=_paths(place.find("path")) if place is not None else (),
        comment=_text(entry, "comment"),
    )


def _paths(found: Value | None) -> tuple[str, ...]:
    if found is None:
        return ()
    if isinstance(found.raw, str):
        return (found.raw,)
    return tuple(each.text() for each in found.items())


def _severity(entry: Value) -> str:
    if entry.text() not in SEVERITIES:
        raise entry.unreadable(f"is `{entry.text()}`, which is no severity of dependency-cruiser")
    return entry.text()


def _refuse_total(header: Value, number: int) -> None:
    if header.count() != number:
        problem = f"is {header.count()}, and there are {number}"
        raise header.unreadable(problem, slug="contradiction")


def _text(entry: Value, key: str) -> str:
    found = entry.find(key)
    return found.text() if found is not None else ""


def _dynamic(exclude: Value | None) -> bool | None:
    found = exclude.find("dynamic") if exclude is not None else None
    return found.flag() if found is not None else None


def _is_set(options: Value, name: str) -> bool:
    found = options.find(name)
    return found is not None and found.raw is not False
