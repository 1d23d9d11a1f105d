"""What runs of secretlint measured, as a stage hands it over."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.stage_result import StageResult, Tool
from gates.formats import detect_secrets_witness
from gates.formats.secretlint_json import Message, fingerprint
from gates.formats.tool_paths import some

SEVERITIES: dict[str, Severity] = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.INFO,
}
"""Secretlint's words, which the configuration gives a rule; each of them counts."""

FIX = "rotate it and clean the history, or waive its fingerprint in .gates/waivers.yaml"

IGNORE = ".secretlintignore"
"""The project's list of ignored files."""

PASSED_OVER = re.compile(r"(?:^|/)(?:\.secretlintrc(?:\.\w+)?|\.secretlintignore[^/]*)$")
"""Files of its own that secretlint never looks at; nor does it at a `node_modules`."""

LARGE_SHARE = 4
"""One file in so many that is left out is told as a large share."""

_PLAIN = re.compile(r"[\w./@:-]{1,100}")
_DISABLE = re.compile(rb"secretlint-disable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What became of the files, paths relative.

    Attributes:
        looked: the files that were looked at, or would be but for a name or a list.
        ignored: files that the project's list of ignored files takes, though they were looked at.
        binary: files that hold no text.
        excluded: what was not to be looked at, with the reason.
        texts: what the files hold.
        notes: what to tell of it.
    """

    looked: Mapping[str, tuple[Message, ...]]
    ignored: frozenset[str]
    binary: frozenset[str]
    excluded: Mapping[str, Collection[str]]
    texts: Mapping[str, bytes]
    notes: tuple[str, ...] = ()


def is_passed_over(path: str) -> bool:
    """Whether secretlint leaves the file out by itself, whatever is configured."""
    return PASSED_OVER.search(path) is not None or "node_modules" in path.split("/")


def is_plain(data: bytes) -> bool:
    """Whether a file holds plain text, which is UTF-8 without a NUL."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def refuse_wide(path: str, data: bytes) -> None:
    """Refuse text in an encoding in which secretlint finds nothing.

    Raises:
        StageError: it is text, and no UTF-8.
    """
    if not is_plain(data) and detect_secrets_witness.is_text(data):
        raise StageError(
            "file-unreadable",
            f"`{path}` is text but no UTF-8, and secretlint does not understand it",
            hint="store it as UTF-8, or name it in `exclude`",
            place=path,
        )


def measured(scan: Scan, tool: Tool) -> StageResult:
    """What was found, and what was not looked at.

    Raises:
        StageError: nothing was looked at.
        OutputUnreadable: secretlint uses a word that is unknown.
    """
    examined = scan.looked.keys() - scan.ignored
    if all(is_passed_over(path) for path in examined):
        # Its own settings are looked at as copies, and are nothing that is to be proved.
        summary = "secretlint looked at no file of the project, but for its own settings"
        raise StageError("nothing-examined", summary, hint=f"see `exclude` and {IGNORE}")
    findings = tuple(
        _finding(path, each) for path in sorted(examined) for each in scan.looked[path]
    )
    hidden = sum(len(scan.looked[path]) for path in scan.ignored)
    comments = {
        path: len(_DISABLE.findall(scan.texts[path])) for path in examined & scan.texts.keys()
    }
    silenced = sorted(path for path, times in comments.items() if times)
    told = {
        **scan.excluded,
        f"by {IGNORE}": scan.ignored,
    }
    notes = [f"not scanned, {why}: {some(these)}" for why, these in told.items() if these]
    left_out = sum(len(these) for these in told.values())
    every = left_out + len(examined) + len(scan.binary)
    if left_out * LARGE_SHARE >= every:
        notes.append(f"a large share is not scanned: {left_out} of {every} files are left out")
    if hidden:
        notes.append(f"{hidden} in files that {IGNORE} names")
    if silenced:
        notes.append(f"`secretlint-disable` stands in {some(silenced)}")
    return StageResult(
        metrics=(
            count("secrets", len(findings)),
            count("suppressed", hidden + sum(comments.values())),
        ),
        examined=Examined(
            count=len(examined),
            unit="files",
            excluded=left_out + len(scan.binary),
            details=(("binary", len(scan.binary)),) if scan.binary else (),
        ),
        findings=findings,
        tool=tool,
        notes=(*scan.notes, *notes),
    )


def _finding(path: str, message: Message) -> Finding:
    if message.severity not in SEVERITIES:
        summary = f"secretlint calls a result `{message.severity[:40]}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="secretlint")
    # A rule of the project's own may name its kinds as it likes, by the secret as well.
    kind = message.kind if _PLAIN.fullmatch(message.kind) else "something"
    return Finding(
        rule=message.rule,
        severity=SEVERITIES[message.severity],
        message=f"{kind} looks like a secret, which is not shown",
        path=path,
        line=message.line,
        column=message.column,
        counts=("secrets",),
        fix=FIX,
        fingerprint=fingerprint(message, path),
    )
