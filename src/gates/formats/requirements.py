"""pip's requirements files, read for what they pin.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/. Every pin is given,
whatever its marker says: a lock for several platforms is audited for all of them, and a package
that is pinned twice is given twice. A line that pins nothing is an error, since what it would
install cannot be known; so is one that says more than what is read of it here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable
from gates.formats.constraints import Constraints
from gates.formats.locked import Locked, Origin, is_archive, is_name
from gates.formats.python_names import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.requirements import Requirement

Load = Callable[[str, str], tuple[str, bytes]]
"""Given an included name and the file that includes it: the included file's own name and bytes.

A file must have one name, whoever includes it: by that name it is known to be read already.
"""

_HINT: Final = "pin it as `name==version`, for example with `uv pip compile` or `pip-compile`"
_INCLUDES: Final = ("-r", "--requirement", "-c", "--constraint")
_EDITABLE: Final = ("-e", "--editable")
# Options that choose where packages are taken from, and not which; those with a value, and flags.
_VALUED: Final = frozenset(
    {
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "--no-binary",
        "--only-binary",
        "--trusted-host",
        "--use-feature",
    }
)
_FLAGS: Final = frozenset({"--no-index", "--prefer-binary", "--require-hashes", "--pre"})
_PER_REQUIREMENT: Final = ("--hash", "--config-settings", "--config-setting", "--global-option")
_VCS: Final = ("git+", "hg+", "svn+", "bzr+")
_MAX_FILES: Final = 100


def read(data: bytes, *, what: str, load: Load | None = None) -> tuple[Locked, ...]:
    """Give every package that a requirements file pins, in its order.

    Args:
        data: the file.
        what: its name, in errors and places.
        load: reads an included file; without it an include is an error.

    Raises:
        OutputUnreadable: `requirement-unpinned`: a line does not fix a version.
            `requirement-unreadable`: a line cannot be read, or a file cannot be included.
            `requirement-contradicted`: a constraint does not allow what a line pins.
    """
    reading = _Reading(load)
    reading.file(data, what, constrain=False)
    return tuple(reading.settled())


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A requirement, whose version the constraints may give or deny."""

    requirement: Requirement
    hashes: tuple[str, ...]
    line: _Line


@dataclass(frozen=True, slots=True)
class _Line:
    what: str
    number: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.what}:{self.number}"

    def fail(self, why: str) -> OutputUnreadable:
        return OutputUnreadable(
            "requirement-unreadable", f"`{self.text[:100]}` {why}", place=self.place
        )


@dataclass(slots=True)
class _Reading:
    load: Load | None
    found: list[Locked | _Wanted] = field(default_factory=list)
    constraints: Constraints = field(default_factory=Constraints)
    seen: set[tuple[str, bool]] = field(default_factory=set)

    def file(self, data: bytes, what: str, *, constrain: bool) -> None:
        if (what, constrain) in self.seen:
            return
        self.seen.add((what, constrain))
        if len(self.seen) > _MAX_FILES:
            raise OutputUnreadable(
                "requirement-unreadable", f"more than {_MAX_FILES} included files", place=what
            )
        for line in _lines(data, what):
            self._line(line, constrain=constrain)

    def settled(self) -> Iterator[Locked]:
        for entry in self.found:
            if isinstance(entry, Locked):
                yield entry
            else:
                yield from self._versions(entry)

    def _versions(self, entry: _Wanted) -> Iterator[Locked]:
        name, place = normalised(entry.requirement.name), entry.line.place
        addresses = self.constraints.addresses(name)
        for address in addresses:
            origin, path = _source(address)
            yield Locked(name, "", origin, place=place, path=path)
        versions = self.constraints.versions(entry.requirement, place=place)
        if not versions and not addresses:
            raise OutputUnreadable(
                "requirement-unpinned",
                f"`{entry.line.text[:100]}` does not fix a version",
                place=place,
                hint=_HINT,
            )
        marker = str(entry.requirement.marker or "")
        if len(versions) > 1:
            # Which of them is installed, the markers of the constraints tell.
            marker = f"{marker}, one of {', '.join(versions)}"
        for version in versions:
            yield Locked(name, version, hashes=entry.hashes, place=place, marker=marker)

    def _line(self, line: _Line, *, constrain: bool) -> None:
        option, _, value = line.text.partition(" ")
        if option.startswith("--") and "=" in option:
            option, _, value = line.text.partition("=")
        value = value.strip()
        if not line.text.startswith("-"):
            self._requirement(line, constrain=constrain)
        elif (short := line.text[:2]) in {"-r", "-c", "-e"} and line.text[2:3] not in {"", " "}:
            # pip takes `-rother.txt` too.
            self._line(
                _Line(line.what, line.number, f"{short} {line.text[2:]}"), constrain=constrain
            )
        elif option in _INCLUDES:
            # As in pip, what a constraints file includes by `-r` is installed.
            self._include(line, value, constrain=option in _INCLUDES[2:])
        elif option in _EDITABLE:
            if not constrain:
                self.found.append(_elsewhere(line, value, editable=True))
        else:
            _check_options(line)

    def _include(self, line: _Line, name: str, *, constrain: bool) -> None:
        if self.load is None or not name:
            raise line.fail("includes a file that cannot be read from here")
        if " " in name:
            raise line.fail("has more behind the file that it includes")
        what, data = self.load(name.strip("'\""), line.what)
        self.file(data, what, constrain=constrain)

    def _requirement(self, line: _Line, *, constrain: bool) -> None:
        text, hashes = _split(line)
        if _is_place(text):
            if not constrain:
                self.found.append(_elsewhere(line, text, editable=False))
            return
        requirement = _parsed(line, text)
        name = normalised(requirement.name)
        if constrain:
            self.constraints.add(requirement)
        elif url := requirement.url:
            origin, path = _source(url)
            self.found.append(Locked(name, "", origin, hashes, place=line.place, path=path))
        else:
            self.found.append(_Wanted(requirement, hashes, line))


def _lines(data: bytes, what: str) -> Iterator[_Line]:
    """Logical lines: continued ones joined, comments and empty ones left out."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OutputUnreadable(
            "requirement-unreadable", f"`{what}` is not UTF-8", place=what
        ) from error
    parts: list[str] = []
    start = 0
    raws = text.splitlines()
    for number, raw in enumerate([*raws, ""], 1):
        start = start or number
        # As in pip, a comment line ends a continued line.
        is_comment = raw.lstrip().startswith("#")
        if raw.endswith("\\") and not is_comment:
            parts.append(raw[:-1])
            continue
        if number > len(raws) and (cut := "".join(parts).strip()):
            raise _Line(what, start, cut).fail("goes on, and the file ends there")
        parts.append("" if is_comment else raw)
        joined = _uncommented("".join(parts)).strip()
        if joined:
            yield _Line(what, start, " ".join(joined.split()))
        parts, start = [], 0


def _uncommented(text: str) -> str:
    at = 0
    while (at := text.find("#", at)) >= 0:
        if at == 0 or text[at - 1].isspace():
            return text[:at]
        at += 1
    return text


def _split(line: _Line) -> tuple[str, tuple[str, ...]]:
    """The requirement itself, and the hashes that stand behind it."""
    text, mark, options = line.text.partition(" --")
    hashes = []
    for option in f"{mark.strip()}{options}".split():
        name, _, value = option.partition("=")
        if option.startswith("-") and name not in _PER_REQUIREMENT:
            raise line.fail(f"has an option that is not known: `{name[:40]}`")
        if name == "--hash":
            if ":" not in value:
                raise line.fail("has a hash without its algorithm")
            hashes.append(value)
    return text.strip(), tuple(sorted(hashes))


def _parsed(line: _Line, text: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise line.fail("is no requirement") from error


def _is_place(text: str) -> bool:
    """A path or an address with no `name @` before it."""
    head = text.partition(" ")[0]
    return (
        head.startswith((".", "/", "~", "file:"))
        or "://" in head.partition("@")[0]
        or is_archive(head.partition("[")[0])
    )


def _elsewhere(line: _Line, text: str, *, editable: bool) -> Locked:
    place = text.partition(" ;")[0].strip()
    if not place or " " in place:
        raise line.fail("is no single path or address")
    origin, path = _source(place)
    if origin is Origin.FOLDER and editable:
        origin = Origin.EDITABLE
    _, mark, fragment = place.partition("#egg=")
    egg = fragment.partition("&")[0].partition("[")[0]
    if mark and not is_name(egg):
        raise line.fail("names no package behind `#egg=`")
    name = normalised(egg) if mark else text
    return Locked(name, "", origin, place=line.place, path=path)


def _source(text: str) -> tuple[Origin, str]:
    """Where an address or a path leads; of a folder or a file, its path too."""
    if text.startswith(_VCS):
        return Origin.VCS, ""
    if "://" in text and not text.startswith("file:"):
        return Origin.URL, ""
    path = _path(text)
    return (Origin.FILE if is_archive(path) else Origin.FOLDER), path


def _path(text: str) -> str:
    """The path without an address's further parts and without extras; empty if elsewhere."""
    if not text.startswith("file:"):
        return text.partition("#")[0].partition("[")[0].strip("'\"")
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return unquote(parts.path) if parts.netloc in {"", "localhost"} else ""


def _check_options(line: _Line) -> None:
    """Refuse a line of options with one, or with anything else, that is not known.

    pip also obeys what stands behind an option that we need not obey.
    """
    words = iter(line.text.split(" "))
    for word in words:
        option, mark, value = word.partition("=")
        is_flag = option in _FLAGS and not mark
        if not is_flag and (option not in _VALUED or not (value if mark else next(words, ""))):
            raise line.fail("has an option that is not known, or more than its value")
