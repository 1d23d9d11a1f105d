"""The record that our reporter writes from inside Vitest or Jest.

Format 1 is written by `gates.toolkit.js_reporters`; this is its only reader.
"""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats.js_tests import JsModule, JsOutcome, JsReport, JsTest, first_line, line_in
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json

FORMAT = 1

MAX_BYTES = 256 * 1024 * 1024
"""How large a record may be: a line for every test."""

_STATUSES = {
    "passed": JsOutcome.PASSED,
    "failed": JsOutcome.FAILED,
    "unfinished": JsOutcome.UNFINISHED,
    "todo": JsOutcome.TODO,
    **dict.fromkeys(("skipped", "pending", "disabled", "focused"), JsOutcome.SKIPPED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsProof:
    """What a runner told our reporter.

    Attributes:
        version: of the runner.
        root: its root folder.
        partial: settings that keep it from running every test.
        hiding: settings under which it may not tell all.
        unplanted: where no test could be planted, in a run of a planted test.
        planned: files that it set out to run.
        ended: files of which it told the end.
        untold: tests that passed at the end, of which it had not told that before.
        is_whole: the run was not interrupted.
        report: what became of the tests.
    """

    version: str
    root: str
    partial: tuple[str, ...]
    hiding: tuple[str, ...]
    unplanted: tuple[str, ...]
    planned: int
    ended: int
    untold: int
    is_whole: bool
    report: JsReport


def read(data: bytes, *, what: str, nonce: str) -> JsProof:
    """Read a record.

    Args:
        data: the whole file.
        what: its name, for messages.
        nonce: what this run's record must repeat.

    Raises:
        OutputUnreadable: it is no whole record, or of another run.
    """
    top = read_json(data, what=what, max_bytes=MAX_BYTES)
    if top.member("format").integer() != FORMAT:
        raise top.member("format").unreadable("is not a known format")
    if top.member("nonce").text() != nonce:
        raise OutputUnreadable("proof-foreign", "the record is of another run", place=what)
    if not top.member("end").flag():
        raise top.member("end").unreadable("says that the run did not end")
    return JsProof(
        version=top.member("version").text(),
        root=top.member("root").text(),
        partial=_texts(top, "partial"),
        hiding=_texts(top, "hiding"),
        unplanted=_texts(top, "unplanted"),
        planned=top.member("planned").count(),
        ended=top.member("ended").count(),
        untold=top.member("untold").count(),
        is_whole=top.member("whole").flag(),
        report=JsReport(
            modules=tuple(_module(each) for each in top.member("modules").items()),
            problems=tuple(first_line(text) for text in _texts(top, "problems")),
        ),
    )


def _texts(top: Value, name: str) -> tuple[str, ...]:
    return tuple(item.text() for item in top.member(name).items())


def _module(entry: Value) -> JsModule:
    path = entry.member("path").text()
    return JsModule(
        path=path,
        tests=tuple(_test(each, path) for each in entry.member("tests").items()),
        problems=tuple(first_line(text) for text in _texts(entry, "problems")),
    )


def _test(entry: Value, path: str) -> JsTest:
    word = entry.member("status").text()
    if word not in _STATUSES:
        raise entry.member("status").unreadable(f"is the unknown status `{word[:40]}`")
    outcome = _STATUSES[word]
    if outcome is JsOutcome.PASSED and entry.member("fails").flag():
        outcome = JsOutcome.XFAILED
    said = entry.member("message").text()
    return JsTest(
        name=entry.member("name").text(),
        outcome=outcome,
        is_flaky=entry.member("flaky").flag(),
        message=first_line(said),
        line=line_in(path, said) or entry.member("line").count(),
    )
