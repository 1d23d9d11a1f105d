"""Rules of dependency-cruiser that hold nothing, and imports that no rule can see.

A rule is kept also where its path fits no module, because a folder has got another name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.dependency_cruiser_json import Breach, Cruise, Rule

_LITERAL = re.compile(r"\^((?:[A-Za-z0-9_/@-]|\\?\.(?![*+?{]))+)")
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

    A package that package.json names is only not installed; an own path leads anywhere.
    """
    return tuple(
        (source, name) for source, name in cruise.unresolved if _package(name) not in packages
    )


def foreign(cruise: Cruise, packages: Collection[str]) -> frozenset[str]:
    """The packages that package.json names, and that were not found."""
    names = (_package(name) for _, name in cruise.unresolved)
    return frozenset(name for name in names if name in packages)


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


def _package(name: str) -> str:
    """The package that an import names: `@scope/name` of `@scope/name/part`."""
    parts = name.split("/")
    return "/".join(parts[:2] if name.startswith("@") else parts[:1])
