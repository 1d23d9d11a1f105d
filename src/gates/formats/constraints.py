"""What pip's constraints files say of the version of a package, all of them together.

Format: https://pip.pypa.io/en/stable/user_guide/#constraints-files. A constraint installs nothing;
every one whose marker holds must be met, so two that no version meets are an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable
from gates.formats.python_names import normalised

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

_OPPOSITE: Final[Mapping[str, str]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "in": "not in",
    "not in": "in",
}


def pin(requirement: Requirement) -> str:
    """The one version that a requirement fixes, or an empty text."""
    pins = {
        of.version
        for of in requirement.specifier
        if of.operator in {"==", "==="} and not of.version.endswith(".*")
    }
    return pins.pop() if len(pins) == 1 else ""


class Constraints:
    """Constraints by the package that they name."""

    __slots__ = ("_by_name",)

    def __init__(self) -> None:
        self._by_name: dict[str, list[Requirement]] = {}

    def add(self, requirement: Requirement) -> None:
        """Remember one more."""
        self._by_name.setdefault(normalised(requirement.name), []).append(requirement)

    def addresses(self, name: str) -> tuple[str, ...]:
        """Where a package is taken from by a constraint (`name @ address`), by normalised name."""
        return tuple(of.url for of in self._by_name.get(name, ()) if of.url)

    def versions(self, requirement: Requirement, *, place: str) -> tuple[str, ...]:
        """Every version that a requirement may come to; none where one may be left open.

        A version under a marker counts where another constraint fixes one for all other cases.

        Raises:
            OutputUnreadable: `requirement-contradicted`: no version meets the requirement and
                the constraints.
        """
        known = self._by_name.get(normalised(requirement.name), [])
        marker = str(requirement.marker)
        always = [of for of in known if of.marker is None or str(of.marker) == marker]
        own = pin(requirement)
        fixing = [requirement] if own else [of for of in known if pin(of)]
        is_open = not own and not any(pin(of) for of in always)
        if is_open and not _is_whole({str(of.marker) for of in fixing}):
            return ()
        versions = tuple(dict.fromkeys(pin(of) for of in fixing))
        for version in versions:
            for of in (requirement, *always):
                if not _allows(of.specifier, version):
                    raise _contradicted(requirement, version, of, place)
        return versions


def _is_whole(markers: Collection[str]) -> bool:
    """Two of the markers are each other's opposite, so one of them always holds."""
    return any(_opposite(marker) in markers for marker in markers)


def _opposite(marker: str) -> str:
    # Of one comparison alone: two joined by a word have more parts, or brackets.
    left, _, rest = marker.partition(" ")
    operator, _, right = rest.rpartition(" ")
    opposite = _OPPOSITE.get(operator)
    return f"{left} {opposite} {right}" if opposite else ""


def _allows(specifiers: SpecifierSet, version: str) -> bool:
    from packaging.version import InvalidVersion

    for of in specifiers:
        if of.operator == "===" and of.version.lower() == version.lower():
            continue
        try:
            if not of.contains(version, prereleases=True):
                return False
        except InvalidVersion:
            return False
    return True


def _contradicted(
    requirement: Requirement, version: str, by: Requirement, place: str
) -> OutputUnreadable:
    return OutputUnreadable(
        "requirement-contradicted",
        f"`{requirement.name} {version[:60]}` is not allowed by `{str(by)[:100]}`",
        place=place,
        hint="make the lock and its constraints anew, together",
    )
