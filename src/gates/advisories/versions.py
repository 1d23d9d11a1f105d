"""How versions of an ecosystem are read, ordered and spelled: by PEP 440, or as npm does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, Self

from gates.advisories.osv import NPM, PYPI
from gates.formats import semver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version


class Ordered(Protocol):
    """A version that can be compared with others of its ecosystem, and hashed."""

    def __lt__(self, other: Self) -> bool:
        """It comes before the other."""

    def __le__(self, other: Self) -> bool:
        """It does not come after the other."""

    def __gt__(self, other: Self) -> bool:
        """It comes after the other."""

    def __ge__(self, other: Self) -> bool:
        """It does not come before the other."""


class Scheme(Protocol):
    """The versions of one ecosystem."""

    @property
    def title(self) -> str:
        """What errors call a version of it."""

    @property
    def lowest(self) -> str:
        """A version that lies in a range without a lower end."""

    def read(self, text: str) -> Ordered | None:
        """Read a version; None where it is none."""

    def builds_on(self, text: str) -> tuple[str, ...]:
        """A version, and what it is only a build of."""

    def canonical(self, text: str) -> str:
        """Spell a version so that two spellings of an equal one are the same text."""


class _Pep440:
    """Versions of Python packages."""

    __slots__ = ()

    title: Final = "PEP 440 version"
    lowest: Final = "0"

    def read(self, text: str) -> Version | None:
        from packaging.version import InvalidVersion, Version

        try:
            return Version(text)
        except InvalidVersion:
            return None

    def builds_on(self, text: str) -> tuple[str, ...]:
        """A local version is later than its public one, but it is a build of it."""
        version = self.read(text)
        public = text if version is None or version.local is None else version.public
        return tuple(dict.fromkeys((text, public)))

    def canonical(self, text: str) -> str:
        parts = text.split(".")
        plain = all(part == "0" or (part.isdecimal() and part[0] != "0") for part in parts)
        if plain and text.isascii() and parts[-1] != "0":
            return text
        version = self.read(text)
        return text if version is None else _trimmed(version)


class _Semantic:
    """Versions of npm packages."""

    __slots__ = ()

    title: Final = "semantic version"
    lowest: Final = "0.0.0"

    def read(self, text: str) -> semver.Version | None:
        return semver.read(text)

    def builds_on(self, text: str) -> tuple[str, ...]:
        return (text,)

    def canonical(self, text: str) -> str:
        return semver.canonical(text)


SCHEMES: Final[Mapping[str, Scheme]] = {PYPI: _Pep440(), NPM: _Semantic()}
"""By ecosystem."""


def canonical(version: str, ecosystem: str = PYPI) -> str:
    """Spell a version so that two spellings of an equal one are the same text.

    What is no version, or one of an ecosystem that is not known, is given back as it is.
    """
    scheme = SCHEMES.get(ecosystem)
    return version if scheme is None else scheme.canonical(version)


def _trimmed(version: Version) -> str:
    """The normal form of PEP 440 without zeros at the end of the release."""
    text = str(version)
    release = ".".join(map(str, version.release))
    shorter = release
    while shorter.endswith(".0"):
        shorter = shorter[:-2]
    return (
        text.replace(release, shorter, 1)
        if not version.epoch
        else (f"{version.epoch}!" + text.partition("!")[2].replace(release, shorter, 1))
    )
