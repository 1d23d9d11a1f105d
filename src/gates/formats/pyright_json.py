"""Pyright's report (`--outputjson`), read strictly and held against its own sums."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.strict_json import Value

NAME = "pyright.json"


COUNTS_ONLY_WHAT_IS_NAMED = (1, 1, 414)
"""A version that was seen to count no file of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One entry of the report.

    Attributes:
        path: as pyright writes it, absolute.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        text: what pyright says, on one line.
        rule: the rule's name; empty for an error of syntax and others that no rule switches off.
        severity: pyright's own word.
    """

    path: str
    line: int
    column: int
    text: str
    rule: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report.

    Attributes:
        version: pyright's own; a wrapper may run another than it is named after.
        diagnostics: in the order of the report.
        files: how many files were analysed.
    """

    version: str
    diagnostics: tuple[Diagnostic, ...]
    files: int

    @property
    def counts_its_own(self) -> bool:
        """Whether a file that nobody named, pyright's own `builtins.pyi`, may be among `files`.

        It is in 1.1.401 and is not in 1.1.414; of a version in between, it must be tried.
        """
        parts = self.version.split(".")
        known = all(part.isascii() and part.isdecimal() for part in parts)
        return not known or tuple(map(int, parts)) < COUNTS_ONLY_WHAT_IS_NAMED


def parse(data: bytes) -> Report:
    """Read a report.

    Raises:
        OutputUnreadable: it is no such report, or its sums are not those of its entries.
    """
    if not data.lstrip().startswith(b"{"):
        raise _foreign(data)
    whole = strict_json.read(data, what=NAME)
    diagnostics = tuple(_diagnostic(one) for one in whole.member("generalDiagnostics").items())
    summary = whole.member("summary")
    found = Counter(one.severity for one in diagnostics)
    for severity in ("error", "warning", "information"):
        told = summary.member(f"{severity}Count").count()
        if told != found[severity]:
            problem = f"says {told} {severity}, and the report holds {found[severity]}"
            raise summary.unreadable(problem, slug="contradiction")
    return Report(
        version=whole.member("version").text(),
        diagnostics=diagnostics,
        files=summary.member("filesAnalyzed").count(),
    )


def _diagnostic(entry: Value) -> Diagnostic:
    place, rule = entry.find("range"), entry.find("rule")
    start = place.member("start") if place is not None else None
    return Diagnostic(
        path=entry.member("file").text(),
        line=start.member("line").count() + 1 if start is not None else 0,
        column=start.member("character").count() + 1 if start is not None else 0,
        text=" ".join(entry.member("message").text().split()),
        rule=rule.text() if rule is not None else "",
        severity=entry.member("severity").text(),
    )


def _foreign(data: bytes) -> OutputUnreadable:
    """What to say where something stands before the report, or in place of it."""
    first = data.decode("utf-8", "replace").strip().partition("\n")[0][:200]
    if first.startswith("Config "):
        return OutputUnreadable(
            "bad-configuration",
            f"pyright does not understand its configuration: {first}",
            hint="correct the entry; what pyright does not understand it passes over",
            place="pyright",
        )
    return OutputUnreadable(
        "pyright-unproved",
        f"pyright wrote no report, but: {first}" if first else "pyright wrote no report",
        hint="it needs Node.js, and downloads itself at its first run: run `pyright --version`"
        " once, and see that it ends well",
        place="pyright",
    )
