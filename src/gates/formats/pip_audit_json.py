"""What pip-audit 2.x writes: packages with their vulnerabilities, and packages it skipped.

It has no severity, no source and no date, and a skipped package has neither version nor
vulnerabilities. Form: `pip_audit/_format/json.py` of pip-audit, seen in reports of 2.10.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gates.domain.errors import StageError
from gates.formats import strict_json
from gates.formats.python_names import normalised

if TYPE_CHECKING:
    from gates.domain.stage_result import Tool
    from gates.formats.strict_json import Value

OLDEST = (2, 9)
"""The first version of pip-audit with `--locked` and `--osv-url`."""

_WARNING = "WARNING:"
_ADVICE = ("pip_audit._cli:", "pip_audit._cache:", "pip_audit._dependency_source")


@dataclass(frozen=True, slots=True)
class Reported:
    """One vulnerability of one package, as pip-audit names it.

    Attributes:
        id: the id that it chose.
        aliases: the others; their order means nothing, so they are sorted.
        fix_versions: in its order.
        description: its text, of any length.
    """

    id: str
    aliases: tuple[str, ...]
    fix_versions: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Audited:
    """A package that was looked up; `name` is normalised."""

    name: str
    version: str
    vulnerabilities: tuple[Reported, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A package that was not looked up, and why not."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All that one run of pip-audit says."""

    audited: tuple[Audited, ...]
    skipped: tuple[Skipped, ...]


def read(data: bytes, *, what: str) -> AuditReport:
    """Read a report.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is empty, cut short or no JSON; an entry has neither vulnerabilities
            nor a reason for being skipped, or both; a package stands twice with different results;
            or fixes were applied, so that it no longer tells the state it found.
    """
    document = strict_json.read(data, what=what)
    if document.member("fixes").array():
        raise document.member("fixes").unreadable("is not empty: pip-audit has changed packages")
    audited: dict[tuple[str, str], Audited] = {}
    skipped: dict[str, Skipped] = {}
    for entry in document.member("dependencies").items():
        name = normalised(_filled(entry, "name"))
        has = [key for key in ("vulns", "skip_reason") if key in entry.mapping()]
        if len(has) != 1:
            both = "both `vulns` and" if has else "neither `vulns` nor"
            raise entry.unreadable(f"has {both} `skip_reason`")
        if has == ["skip_reason"]:
            skipped[name] = Skipped(name, entry.member("skip_reason").text())
            continue
        package = _audited(name, entry)
        if audited.setdefault((name, package.version), package) != package:
            raise entry.unreadable("is there twice, with different vulnerabilities")
    return AuditReport(tuple(audited.values()), tuple(skipped.values()))


def passed_over(log: bytes) -> tuple[str, ...]:
    """Warnings in pip-audit's log that it left something out, such as an advisory.

    Advice on its use, on its cache and on the environment that it was started in is none.
    """
    lines = log.decode("utf-8", "replace").splitlines()
    warnings = (line.removeprefix(_WARNING) for line in lines if line.startswith(_WARNING))
    return tuple(
        text for text in warnings if text.startswith("pip_audit") and not text.startswith(_ADVICE)
    )


def last_line(log: bytes) -> bytes:
    """The last line of a log that says something: why pip-audit gave up."""
    lines = [line for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else b"it says nothing"


def recent(tool: Tool) -> Tool:
    """The tool, where it is new enough.

    Raises:
        StageError: `tool-too-old`, also where its version is not known.
    """
    numbers = tool.version.split(".")[:2]
    known = len(numbers) == len(OLDEST) and all(of.isascii() and of.isdecimal() for of in numbers)
    if known and tuple(map(int, numbers)) >= OLDEST:
        return tool
    raise StageError(
        "tool-too-old",
        f"pip-audit is of version `{tool.version or 'unknown'}`, and"
        f" {'.'.join(map(str, OLDEST))} is needed",
        hint="python -m pip install --upgrade pip-audit",
        place=tool.path,
    )


def _audited(name: str, entry: Value) -> Audited:
    found = tuple(_reported(of) for of in entry.member("vulns").items())
    return Audited(name, _filled(entry, "version"), found)


def _reported(vulnerability: Value) -> Reported:
    aliases = vulnerability.find("aliases")
    description = vulnerability.find("description")
    return Reported(
        _filled(vulnerability, "id"),
        tuple(sorted(of.text() for of in aliases.items())) if aliases is not None else (),
        tuple(of.text() for of in vulnerability.member("fix_versions").items()),
        description.text() if description is not None else "",
    )


def _filled(value: Value, key: str) -> str:
    text = value.member(key).text()
    if not text.strip():
        raise value.member(key).unreadable("is empty")
    return text
