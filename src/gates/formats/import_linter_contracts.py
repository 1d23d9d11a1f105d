"""Contracts of import-linter that hold nothing, and imports that they look away from.

A contract is kept also where its wildcards match no module, where all its layers are optional and
absent, or where it has a single layer. What its kind makes of its modules follows import-linter's
documentation (2.16); of other kinds nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gates.formats.import_linter_config import ImportLinterConfig, words

Contract = Mapping[str, object]


def remarks(config: ImportLinterConfig, modules: frozenset[str]) -> tuple[str, ...]:
    """Say of each contract that holds nothing so, and how many imports are ignored.

    Args:
        config: the configuration.
        modules: the names of the modules that are analysed.
    """
    tops = frozenset(root.partition(".")[0] for root in config.roots)
    said = []
    for contract in config.details:
        shown = " ".join(str(contract.get("name", "")).split())
        holds = _KINDS.get(str(contract.get("type", "")).strip())
        if holds is not None and not holds(contract, _Modules(modules, tops)):
            said.append(f"`{shown}` holds nothing: it has no two modules to keep apart")
        ignored = words(contract.get("ignore_imports"))
        if ignored:
            said.append(f"`{shown}` looks away from {len(ignored)} `ignore_imports`")
    if config.kinds:
        kinds = ", ".join(f"`{one}`" for one in config.kinds)
        said.append(f"contracts are judged by code that the configuration names: {kinds}")
    return tuple(said)


class _Modules:
    """The modules that there are."""

    def __init__(self, names: frozenset[str], tops: frozenset[str]) -> None:
        self._names = names
        self._tops = tops

    def matching(self, value: object) -> frozenset[str]:
        """The modules that some expressions name; a package of others is taken to be there."""
        return frozenset(name for one in words(value) for name in self._of(one))

    def _of(self, expression: str) -> frozenset[str]:
        if "*" not in expression:
            foreign = expression.partition(".")[0] not in self._tops
            return frozenset({expression}) & self._names if not foreign else frozenset({expression})
        signs = {"*": r"[^.]+", "**": r".+"}
        parts = (signs.get(part) or re.escape(part) for part in expression.split("."))
        pattern = re.compile(r"\.".join(parts))
        found = frozenset(name for name in self._names if pattern.fullmatch(name))
        foreign = expression.partition(".")[0] not in self._tops
        return found or (frozenset({expression}) if foreign else frozenset())


def _layers(contract: Contract, modules: _Modules) -> bool:
    if str(contract.get("exhaustive", "")).strip().lower() == "true":
        return True
    containers = words(contract.get("containers"))
    inside = modules.matching(containers) if containers else frozenset({""})
    return any(_has_layers(contract, modules, f"{one}." if one else "") for one in inside)


def _has_layers(contract: Contract, modules: _Modules, start: str) -> bool:
    filled = 0
    for layer in words(contract.get("layers")):
        names = [f"{start}{one.strip(' ()')}" for one in re.split(r"[|:]", layer)]
        there = len(modules.matching(names))
        if "|" in layer and there > 1:
            return True
        filled += there > 0
    return filled > 1


def _forbidden(contract: Contract, modules: _Modules) -> bool:
    sources = modules.matching(contract.get("source_modules"))
    forbidden = modules.matching(contract.get("forbidden_modules"))
    return any(source != other for source in sources for other in forbidden)


def _independence(contract: Contract, modules: _Modules) -> bool:
    return len(modules.matching(contract.get("modules"))) > 1


def _protected(contract: Contract, modules: _Modules) -> bool:
    return bool(modules.matching(contract.get("protected_modules")))


def _acyclic(contract: Contract, modules: _Modules) -> bool:
    return bool(modules.matching(contract.get("ancestors")))


_KINDS: Mapping[str, Callable[[Contract, _Modules], bool]] = {
    "layers": _layers,
    "forbidden": _forbidden,
    "independence": _independence,
    "protected": _protected,
    "acyclic_siblings": _acyclic,
}
