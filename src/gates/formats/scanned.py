"""What a scanner says of packages, in one shape whatever scanner wrote it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Severity
from gates.formats.python_names import normalised
from gates.formats.strict_json import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

_PYTHON: Final = frozenset({"pypi", "pip", "pipenv", "poetry", "uv", "python-pkg", "python"})
_NODE: Final = frozenset({"npm", "yarn", "yarn-workspace", "pnpm", "node-pkg", "bun"})
_CWE: Final = "CWE-"
_MAX_CWE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Listed:
    """One package in one version, as a scanner lists it.

    Attributes:
        ecosystem: `pypi`, `npm`, or the scanner's own word in lower case.
        name: normalised where the ecosystem is PyPI.
        version: as written.
    """

    ecosystem: str
    name: str
    version: str

    @classmethod
    def of(cls, kind: str, name: str, version: str) -> Listed:
        """Make one by the scanner's word for the ecosystem or the kind of file."""
        word = kind.partition(":")[0].lower()
        if word in _PYTHON:
            return cls("pypi", normalised(name), version)
        return cls("npm" if word in _NODE else word, name, version)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One vulnerability of one package, as a scanner tells it.

    Attributes:
        package: what is affected.
        id: the scanner's id of it.
        aliases: other ids of the same vulnerability.
        severity: the scanner's word; unknown where it gives none.
        ratings: CVSS vectors and labels as kind and text, for where there is no word.
        score: a CVSS base score that stands without its vector.
        cwe: numbers of weaknesses.
        summary: one line.
        fix_versions: versions that mend it.
        place: the file that brings the package, as the report names it; empty where it does not.
        suppressed: why the scanner's own rules leave it out; empty where they do not.
    """

    package: Listed
    id: str
    aliases: tuple[str, ...] = ()
    severity: Severity = Severity.UNKNOWN
    ratings: tuple[tuple[str, str], ...] = ()
    score: Decimal | None = None
    cwe: tuple[int, ...] = ()
    summary: str = ""
    fix_versions: tuple[str, ...] = ()
    place: str = ""
    suppressed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """All that one report says.

    Attributes:
        packages: all that were looked at; None where the report does not list them.
        count: how many were looked at, where the report tells the number alone.
        told: the vulnerabilities, suppressed ones included.
        version: of the scanner; empty where the report does not tell it.
        notes: what a reader must know.
        data_date: when the scanner's data was made, as ISO 8601; empty where not told.
        places: files and folders that were scanned, as the report names them; none where it
            does not tell them.
        projects: names of the projects that `count` is about, each once.
    """

    packages: frozenset[Listed] | None
    told: tuple[Told, ...]
    count: int = 0
    version: str = ""
    notes: tuple[str, ...] = ()
    data_date: str = ""
    places: frozenset[str] = frozenset()
    projects: tuple[str, ...] = ()


def joined(scans: Iterable[tuple[str, Scan]]) -> Scan:
    """Put the parts of one whole together, each package once.

    Args:
        scans: each report's name with what it says.

    Raises:
        OutputUnreadable: `contradiction`: two reports list one package with different
            vulnerabilities. `versions-differ`: they are of different versions of the scanner.
            `project-twice`: two tell the number of packages of one project.
    """
    parts = tuple(scans)
    _refuse_repeated(parts)
    first: dict[Listed, tuple[str, frozenset[str]]] = {}
    for name, scan in parts:
        for package, ids in _ids(scan).items():
            other, known = first.setdefault(package, (name, ids))
            if known != ids:
                summary = f"`{other}` and `{name}` tell different vulnerabilities of {package}"
                raise OutputUnreadable(
                    "contradiction",
                    summary,
                    hint="let all parts be written with the same data",
                    place=name,
                )
    _, whole = parts[0]
    for name, scan in parts[1:]:
        if scan.version != whole.version:
            summary = f"the scanner is of version `{scan.version}` here, and `{whole.version}` else"
            raise OutputUnreadable("versions-differ", summary, place=name)
        listed = None
        if whole.packages is not None and scan.packages is not None:
            listed = whole.packages | scan.packages
        whole = replace(
            whole,
            packages=listed,
            told=(*whole.told, *scan.told),
            count=whole.count + scan.count,
            notes=tuple(dict.fromkeys((*whole.notes, *scan.notes))),
            # Where one part is undated, so is the whole; else the oldest data decides.
            data_date=min(whole.data_date, scan.data_date),
            places=whole.places | scan.places,
            projects=(*whole.projects, *scan.projects),
        )
    return whole


def one_line(text: str, *, limit: int = 240) -> str:
    """The first line of a text that says something, cut to a length."""
    line = next((part for part in map(str.strip, text.splitlines()) if part), "")
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def weaknesses(names: Iterable[str]) -> tuple[int, ...]:
    """The numbers of `CWE-79` and the like; what is no such name is left out."""
    numbers = (name.upper().removeprefix(_CWE) for name in names if name.upper().startswith(_CWE))
    known = (n for n in numbers if n.isascii() and n.isdecimal() and len(n) <= _MAX_CWE_DIGITS)
    return tuple(dict.fromkeys(int(number) for number in known))


def by_table(value: Value, table: Mapping[str, Severity]) -> Severity:
    """The severity that a word stands for.

    Raises:
        OutputUnreadable: `severity-unknown`: the word is not in the table.
    """
    word = value.text()
    if word not in table:
        raise value.unreadable(f"is the severity `{word[:40]}`, which is not known")
    return table[word]


def filled(value: Value, key: str) -> str:
    """A member that is a text with something in it.

    Raises:
        OutputUnreadable: it is missing, no text, or empty.
    """
    text = value.member(key).text()
    if not text.strip():
        raise value.member(key).unreadable("is empty")
    return text


def optional_text(value: Value, key: str) -> str:
    """A member that is a text, or empty where it is absent or null."""
    found = value.find(key)
    return "" if found is None else found.text()


def items(value: Value, key: str) -> tuple[Value, ...]:
    """The items of a member, or none where it is absent or null, as Go writes an empty list."""
    found = value.find(key)
    return () if found is None else tuple(found.items())


def texts(value: Value, key: str) -> tuple[str, ...]:
    """The items of a member that are texts."""
    return tuple(of.text() for of in items(value, key))


def _refuse_repeated(parts: tuple[tuple[str, Scan], ...]) -> None:
    """Two numbers of one project would be added up, and then look like more packages."""
    first: dict[str, str] = {}
    for name, scan in parts:
        for project in scan.projects:
            if project in first:
                raise OutputUnreadable(
                    "project-twice",
                    f"`{first[project]}` and `{name}` both tell of the project {project}",
                    hint="let each part be about other projects, and remove old reports",
                    place=name,
                )
            first[project] = name


def _ids(scan: Scan) -> dict[Listed, frozenset[str]]:
    found: dict[Listed, set[str]] = {package: set() for package in scan.packages or ()}
    for of in scan.told:
        found.setdefault(of.package, set()).add(of.id)
    return {package: frozenset(ids) for package, ids in found.items()}
