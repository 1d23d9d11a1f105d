"""What a verbose run of detect-secrets (`-v`) says about itself: the files that it looked at.

Its report names only files with results. The log names each file that the tool opened, also one
that it then could not decode and passed over without a word, so each is decoded again here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.detect_secrets_json import SecretsReport
from gates.formats.detect_secrets_names import is_taken
from gates.formats.detect_secrets_witness import Witnessed
from gates.formats.tool_paths import some

_OPENED = re.compile(r"^\[scan\]\tINFO\tChecking file: (.+)$", re.MULTILINE)


def seen(
    log: bytes,
    files: Collection[str],
    report: SecretsReport,
    read: Callable[[str], bytes],
    *,
    what: str,
) -> Witnessed:
    """What became of the files of the project.

    Args:
        log: the standard error of all runs.
        files: the files that should have been scanned.
        report: what they reported.
        read: gives a file's bytes.
        what: the log's name.

    Raises:
        OutputUnreadable: the log is not of verbose runs, or not of those that wrote the report.
        StageError: a file was passed over without a reason.
    """
    odd = {path for path in files if "\n" in path}
    if odd:
        summary = f"that {some([ascii(path)[1:-1] for path in odd])} was scanned cannot be proved"
        raise StageError("name-unprovable", summary, hint="rename it", place=what)
    text = log.decode("utf-8", "surrogateescape")
    opened = {posixpath.normpath(path) for path in _OPENED.findall(text)}
    if not opened:
        raise OutputUnreadable(
            "examined-not-told",
            "the log does not tell which files detect-secrets read",
            hint="write it by `detect-secrets -v scan`, in the same run as the report",
            place=what,
        )
    elsewhere = {entry.path for entry in report.entries} - opened
    if elsewhere:
        summary = f"the log does not name {some(elsewhere)}, and the report tells of it"
        hint = "write the log in the same run as the report"
        raise OutputUnreadable("contradiction", summary, hint=hint, place=what)
    missed = {path for path in files if path not in opened and not is_taken(path, report.filters)}
    if missed:
        raise StageError(
            "file-passed-over",
            f"the log does not tell that detect-secrets read {some(missed)}",
            hint="have it scan all files that git would track, or name them in `exclude`",
            place=what,
        )
    return _decoded(opened.intersection(files), read)


def _decoded(opened: Collection[str], read: Callable[[str], bytes]) -> Witnessed:
    found: set[str] = set()
    undecoded: set[str] = set()
    nul: set[str] = set()
    for path in opened:
        data = read(path)
        try:
            data.decode()
        except UnicodeDecodeError:
            undecoded.add(path)
            continue
        found.add(path)
        if b"\0" in data:
            nul.add(path)
    return Witnessed(
        read=frozenset(found),
        undecoded=frozenset(undecoded),
        unread=frozenset(),
        nul=frozenset(nul),
    )
