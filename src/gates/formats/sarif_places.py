"""Places in SARIF: addresses that may be relative to named bases, and regions in files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gates.formats.strict_json import Value

TARGET = "analysisTarget"
"""The role of a file that the tool was told to analyse; others are only spoken of."""

FOLDER = "directory"
"""The role of what is no file."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_FILE = re.compile(r"file:(?://[^/]*)?", re.IGNORECASE)
_DRIVE = re.compile(r"/[A-Za-z]:/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result stands; `subject` is where that is no file."""

    path: str = ""
    line: int = 0
    column: int = 0
    subject: str = ""
    end_line: int = 0


class Places:
    """The places of one run."""

    def __init__(self, run: Value, relative: Callable[[str], str]) -> None:
        """Keep the bases and files of a run.

        Args:
            run: it.
            relative: makes a path relative to the project.
        """
        self._relative = relative
        self._bases = run.find("originalUriBaseIds")
        artifacts = run.find("artifacts")
        self._artifacts = tuple(artifacts.items()) if artifacts is not None else ()
        self._known: dict[tuple[str, str], str] = {}

    def of(self, result: Value) -> tuple[Place, ...]:
        """Where a result stands: all its locations, or one empty place.

        Raises:
            OutputUnreadable: it names a file that is not in the list, or bases lead in a circle.
        """
        locations = result.find("locations")
        listed = locations.items() if locations is not None else ()
        return tuple(self._place(location) for location in listed) or (Place(),)

    def _place(self, location: Value) -> Place:
        physical = location.find("physicalLocation")
        located = physical.find("artifactLocation") if physical is not None else None
        if physical is None or located is None:
            return Place(subject=_logical(location))
        address = self._address(located)
        if _is_web(address):
            return Place(subject=address)
        line, column, end_line = _region(physical)
        subject = "" if address else _logical(location)
        return Place(address, line, column, subject, end_line)

    def targets(self) -> frozenset[str]:
        """The files that were analysed, as the list of files has it.

        Raises:
            OutputUnreadable: one of them has no place.
        """
        found = set()
        for artifact in self._artifacts:
            if TARGET in (roles := _roles(artifact)) and FOLDER not in roles:
                path = self._listed(artifact)
                if not path:
                    raise artifact.unreadable("was analysed, and has no place")
                found.add(path)
        return frozenset(found)

    def listed(self) -> frozenset[str]:
        """All files that the list of files names; folders are none."""
        files = (each for each in self._artifacts if FOLDER not in _roles(each))
        return frozenset(self._listed(file) for file in files) - {""}

    def _listed(self, artifact: Value) -> str:
        location = artifact.find("location")
        return self._address(location) if location is not None else ""

    def _address(self, location: Value) -> str:
        """A path relative to the project where it is in it, or a web address; empty without one."""
        uri = location.find("uri")
        index = location.find("index")
        if index is not None and index.integer() >= len(self._artifacts):
            problem = f"is {index.integer()}, of {len(self._artifacts)} files in `artifacts`"
            raise index.unreadable(problem, slug="contradiction")
        if uri is None:
            if index is None or index.integer() < 0:
                return ""
            other = self._artifacts[index.integer()].find("location")
            if other is None or other.find("uri") is None:
                return ""
            return self._address(other)
        base = location.find("uriBaseId")
        key = uri.text(), base.text() if base is not None else ""
        if key not in self._known:
            self._known[key] = self._resolved(location, *key)
        return self._known[key]

    def _resolved(self, location: Value, uri: str, base: str) -> str:
        whole = self._joined(location, uri, base, ())
        if _is_web(whole):
            return whole
        return self._relative(_plain(whole)) if whole else ""

    def _joined(self, location: Value, uri: str, base: str, seen: tuple[str, ...]) -> str:
        """The address with its bases in front, as far as they are told."""
        if not base or _SCHEME.match(uri) or uri.startswith("/"):
            return uri
        if base in seen:
            raise location.unreadable(f"has bases that lead in a circle: `{base}`")
        known = self._bases.find(base) if self._bases is not None else None
        own = known.find("uri") if known is not None else None
        if known is None or own is None:
            return uri  # where the base lies is not told: the project's folder, by convention
        parent = known.find("uriBaseId")
        above = self._joined(
            location, own.text(), parent.text() if parent is not None else "", (*seen, base)
        )
        return f"{above.rstrip('/')}/{uri}"


def _roles(artifact: Value) -> frozenset[str]:
    listed = artifact.find("roles")
    return frozenset(role.text() for role in (listed.items() if listed is not None else ()))


def _plain(address: str) -> str:
    """The path that an address of a file means, percent signs decoded."""
    from urllib.parse import unquote

    path = unquote(_FILE.sub("", address, count=1), errors="surrogateescape")
    return path[1:] if _DRIVE.match(path) and address[:5].lower() == "file:" else path


def _is_web(address: str) -> bool:
    """Whether an address is none of a file: a drive's letter is no scheme."""
    return bool(_SCHEME.match(address)) and not _FILE.match(address)


def _region(physical: Value) -> tuple[int, int, int]:
    """Line, column and last line; 0 for each that is not told."""
    region = physical.find("region")
    line, column, end_line = (
        found.count() if region is not None and (found := region.find(key)) is not None else 0
        for key in ("startLine", "startColumn", "endLine")
    )
    return (line, column, end_line if end_line != line else 0) if line else (0, 0, 0)


def _logical(location: Value) -> str:
    """The name in the code that a location tells, or empty."""
    listed = location.find("logicalLocations")
    for each in listed.items() if listed is not None else ():
        for key in ("fullyQualifiedName", "name"):
            found = each.find(key)
            if found is not None and found.text():
                return found.text()
    return ""
