"""Rules of dependency-cruiser that hold nothing, and imports that no rule can see.

A rule is kept also where its path fits no module, because a folder has got another name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.dependency_cruiser_json import Breach, Cruise, Rule
from gates.formats.tool_paths import some

_LITERAL = re.compile(r"\^((?:[A-Za-z0-9_/@-]|\\?\.(?![*+?{]))+)")
_INSTALLED = "node_modules"
_VIRTUAL = "virtual:"
_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


def holding_nothing(rules: Iterable[Rule], modules: Collection[str]) -> tuple[str, ...]:
    """The names of rules that are certain to be about none of the modules.

    Only the plain text at the start of a pattern is compared (`^src/core` of `^src/core/.+`): a
    foreign regular expression is not run here.
    """
    return tuple(
        rule.name
        for rule in rules
        if rule.paths and not any(_may_fit(pattern, modules) for pattern in rule.paths)
    )


def declared(package: bytes, *, what: str) -> frozenset[str]:
    """The names of the packages that a package.json asks for, those of their types included.

    Raises:
        OutputUnreadable: it is no strict JSON, or not of that form.
    """
    document = strict_json.read(package, what=what)
    tables = (document.find(name) for name in _TABLES)
    names = {name for table in tables if table is not None for name in table.mapping()}
    typed = {name.removeprefix("@types/") for name in names if name.startswith("@types/")}
    return frozenset(names | typed)


def unseen(cruise: Cruise, packages: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The unresolved imports that may lead to a module of the project.

    A package that package.json names is only not installed; an own path leads anywhere. What an
    installed package imports is not the project's, and a virtual module is no file.
    """
    return tuple(
        (source, name)
        for source, name in _own(cruise)
        if _package(name) not in packages and not name.startswith(_VIRTUAL)
    )


def foreign(cruise: Cruise, packages: Collection[str]) -> frozenset[str]:
    """The packages that package.json names, and that were not found."""
    names = (_package(name) for _, name in _own(cruise))
    return frozenset(name for name in names if name in packages)


def virtual(cruise: Cruise) -> frozenset[str]:
    """The virtual modules that sources import: what a bundler makes, and no file."""
    return frozenset(name for _, name in _own(cruise) if name.startswith(_VIRTUAL))


def lost(cruise: Cruise) -> frozenset[str]:
    """What installed packages import, and was not found."""
    return frozenset(name for source, name in cruise.unresolved if _is_installed(source))


def remarks(cruises: Collection[Cruise], packages: Collection[str]) -> tuple[str, ...]:
    """Say what the rules, though kept, do not prove; the rules are those of each cruise."""
    modules = {path for one in cruises for path in one.cruised}
    rules = {rule: None for one in cruises for rule in one.rules if rule.severity == "error"}
    idle = holding_nothing(rules, modules)
    absent = {name for one in cruises for name in foreign(one, packages)}
    made = {name for one in cruises for name in virtual(one)}
    inner = {name for one in cruises for name in lost(one)}
    notes = ["syntax is not proved here: of a source that cannot be parsed imports may go unseen"]
    if idle:
        notes.append(f"rules that hold nothing, as no module is at their path: {some(idle)}")
    if absent:
        notes.append(
            f"packages that are not installed, so that nothing sees into them: {some(absent)}"
        )
    if made:
        notes.append(f"virtual modules, which nothing sees into: {some(made)}")
    if inner:
        notes.append(
            f"installed packages import what was not found: {some(inner)};"
            ' `doNotFollow: {path: "node_modules"}` in `options` leaves their imports out'
        )
    if not all(one.sees_types for one in cruises):
        notes.append("imports of types alone are not seen: `tsPreCompilationDeps` is not set")
    return tuple(notes)


def read_packages(files: Iterable[tuple[str, bytes]]) -> frozenset[str]:
    """The packages that any of these files asks for; a file that cannot be read asks for none."""
    names: set[str] = set()
    for name, data in files:
        try:
            names |= declared(data, what=name)
        except OutputUnreadable:
            continue
    return frozenset(names)


def told(breach: Breach) -> str:
    """Say what a breach is, in one sentence."""
    steps = ", ".join(f"`{step}`" for step in breach.way[:-1])
    by = f" by way of {steps}" if steps else ""
    if breach.way and breach.way[-1] == breach.source:
        return f"`{breach.source}` imports itself{by}"
    if breach.way:
        return f"`{breach.source}` reaches `{breach.target}`{by}"
    if breach.target == breach.source:
        return f"`{breach.source}` does not keep the rule"
    return f"`{breach.source}` imports `{breach.target}`"


def _may_fit(pattern: str, modules: Collection[str]) -> bool:
    found = _LITERAL.match(pattern)
    if found is None or "|" in pattern:
        return True
    plain, rest = found[1].replace("\\", ""), pattern[found.end() :]
    if rest[:1] in {"*", "?", "{"}:
        plain = plain[:-1]
    return any(module.startswith(plain) for module in modules)


def _own(cruise: Cruise) -> Iterator[tuple[str, str]]:
    """What the project's own modules import, and was not found."""
    return (pair for pair in cruise.unresolved if not _is_installed(pair[0]))


def _is_installed(module: str) -> bool:
    return _INSTALLED in module.split("/")[:-1]


def _package(name: str) -> str:
    """The package that an import names: `@scope/name` of `@scope/name/part`."""
    parts = name.split("/")
    return "/".join(parts[:2] if name.startswith("@") else parts[:1])
