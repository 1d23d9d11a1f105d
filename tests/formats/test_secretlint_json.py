"""Secretlint's JSON, recorded with 11.7.1; the token in it was replaced by as many other signs."""

from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.secretlint_json import Looked, Message, fingerprint, parse, render

FOUND = recorded("secretlint/11.7.1/found.json")
TOKEN = "SLACK".ljust(50, "_")
MESSAGE = {
    "ruleId": "slack",
    "messageId": "SLACK_TOKEN",
    "severity": "error",
    "range": [0, 4],
    "loc": {"start": {"line": 1, "column": 0}, "end": {"line": 1, "column": 4}},
}


def entry(*messages: object, **changes: object) -> dict[str, object]:
    whole = {"filePath": "/project/a", "sourceContent": "abcd", "sourceContentType": "text"}
    return {**whole, "messages": list(messages), **changes}


def parsed(*entries: object) -> tuple[Looked, ...]:
    return parse(json.dumps(entries).encode(), what="secretlint.json")


def test_a_recorded_report() -> None:
    first, second, third = parse(FOUND, what="secretlint.json")

    assert (first.path, first.is_binary) == ("/project/src/a.ts", False)
    (message,) = first.messages
    assert (message.rule, message.kind) == ("@secretlint/secretlint-rule-slack", "SLACK_TOKEN")
    assert (message.severity, message.line, message.column) == ("error", 2, 19)
    assert message.secret == TOKEN
    assert (second.messages, second.text) == ((), "export const b = 2;\n")
    assert (third.is_binary, third.text, third.messages) == (True, None, ())
    refuses_every_cut(lambda data: parse(data, what="secretlint.json"), FOUND)


def test_nothing_found_in_nothing() -> None:
    assert parsed() == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"{}", "not an array"),
        (FOUND.replace(b'"messages"', b'"messages": [], "messages"'), "stands twice"),
        (FOUND.replace(b"[44,94]", b"[44,NaN]"), "no number"),
        (b"[" * 100_000, "deep"),
        (FOUND.replace(b"src/b.ts", b"src/a.ts"), "is named twice"),
        (FOUND.replace(b'"text"', b'"odd"'), "unknown"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says):
        parse(data, what="secretlint.json")


@pytest.mark.parametrize(
    ("lying", "says"),
    [
        (entry(MESSAGE, sourceContentType="binary"), "was looked at all the same"),
        (entry(sourceContentType="binary"), "was looked at all the same"),
        (entry({**MESSAGE, "range": [0, 5]}), "outside of the text"),
        (entry({**MESSAGE, "range": [3, 2]}), "outside of the text"),
        (entry({**MESSAGE, "range": [3]}), "outside of the text"),
        (entry({**MESSAGE, "range": [-1, 2]}), "not a count"),
        (entry({**MESSAGE, "loc": {"start": {"line": 0, "column": 0}}}), "before the first"),
        (entry({**MESSAGE, "ruleId": None}), "not a string"),
        (entry(messages=None), "not an array"),
    ],
)
def test_what_lies_is_refused(lying: object, says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says):
        parsed(lying)


@pytest.mark.parametrize("kind", ["text", "unknown"])
def test_without_the_texts_the_secret_is_not_known(kind: str) -> None:
    bare = entry(MESSAGE, sourceContentType=kind)
    del bare["sourceContent"]

    (looked,) = parsed(bare)

    assert (looked.text, looked.messages[0].secret) == (None, "")
    assert fingerprint(looked.messages[0], "a") == ""


def test_places_are_counted_as_javascript_does() -> None:
    (looked,) = parsed(entry(MESSAGE, sourceContent="\U0001f600ab"))

    assert looked.messages[0].secret == "\U0001f600ab"


def test_a_fingerprint_is_the_secrets_the_rules_and_the_paths() -> None:
    def named(text: str = "abcd", rule: str = "slack", path: str = "a") -> str:
        made = Message(rule=rule, kind="K", severity="error", line=1, column=1, secret=text)
        return fingerprint(made, path)

    names = {named(), named("abce"), named(rule="npm"), named(path="b"), named("\ud800")}

    assert len(names) == 5
    assert all(len(name) == 32 for name in names)
    assert named() == named()


def test_what_is_kept_holds_no_text_and_no_secret() -> None:
    looked = parse(FOUND, what="secretlint.json")

    kept = render({each.path: each.messages for each in looked})

    assert TOKEN.encode() not in kept
    assert TOKEN not in repr(looked)
    assert b"export const" not in kept
    assert b"/project/src/b.ts" in kept
    assert b'"line": 2' in kept
