"""Under which conditions uv.lock has its packages: by the markers on what leads to them.

A package has no marker of its own there. It is installed without a condition where a chain of
dependencies without markers leads to it from the project. Extras and groups are no conditions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gates.formats.python_names import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gates.formats.strict_json import Value

    _Edges = dict[str, set[tuple[str, str]]]

_FORKS: Final = "resolution-markers"


def of_packages(packages: tuple[Value, ...]) -> dict[str, str]:
    """The condition of each package that has one, by normalised name.

    It is a text that is equal where all that leads to the package is equal.

    Args:
        packages: the entries of `package`.

    Raises:
        OutputUnreadable: a member is of another type.
    """
    into: _Edges = {_name(of): set() for of in packages}
    forked: dict[str, set[str]] = {}
    for package in packages:
        parent = _name(package)
        for child, marker in _dependencies(package):
            # An extra of a package may ask for another extra of it.
            if child != parent:
                into.setdefault(child, set()).add((parent, marker))
        found = package.find(_FORKS)
        if found is not None:
            forked.setdefault(parent, set()).update(of.text() for of in found.items())
    always = _always(into, frozenset(forked))
    return {
        name: "; ".join(sorted({*forked.get(name, ()), *_leading(name, into, always, forked)}))
        for name in into
        if name not in always
    }


def _dependencies(package: Value) -> Iterator[tuple[str, str]]:
    """Name and marker of each dependency, those of extras and of groups too."""
    groups = [package.find("dependencies")]
    for key in ("optional-dependencies", "dev-dependencies"):
        table = package.find(key)
        groups += [of for _, of in table.entries()] if table is not None else ()
    for group in groups:
        for of in group.items() if group is not None else ():
            marker = of.find("marker")
            yield _name(of), "" if marker is None else marker.text()


def _always(into: _Edges, forked: frozenset[str]) -> frozenset[str]:
    """What is installed without a condition; what nothing leads to, is wanted itself."""
    reached = {name for name, edges in into.items() if not edges and name not in forked}
    waiting = list(reached)
    out: dict[str, list[str]] = {}
    for child, edges in into.items():
        for parent, marker in edges:
            if not marker and child not in forked:
                out.setdefault(parent, []).append(child)
    while waiting:
        for child in out.get(waiting.pop(), ()):
            if child not in reached:
                reached.add(child)
                waiting.append(child)
    return frozenset(reached)


def _leading(
    name: str, into: _Edges, always: frozenset[str], forked: dict[str, set[str]]
) -> set[str]:
    """All conditional ways to a package, as far as they are conditional, one text for each step."""
    seen = {name}
    waiting = [name]
    steps: set[str] = set()
    while waiting:
        child = waiting.pop()
        for parent, marker in into.get(child, ()):
            steps.add(f"{parent} -> {child}: {marker}")
            if parent not in always and parent not in seen:
                steps.update(forked.get(parent, ()))
                seen.add(parent)
                waiting.append(parent)
    return steps


def _name(package: Value) -> str:
    return normalised(package.member("name").text())
