from __future__ import annotations

import pytest
from stages.fake_context import metrics_of

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats.secretlint_json import Message
from gates.formats.secretlint_result import (
    IGNORE,
    SEVERITIES,
    Scan,
    is_passed_over,
    is_plain,
    measured,
    refuse_wide,
)

TOOL = Tool(name="secretlint", version="11.7.1")


def message(kind: str = "SLACK_TOKEN", severity: str = "error") -> Message:
    return Message(rule="slack", kind=kind, severity=severity, line=2, column=3, secret="abc")


def scan(**looked: tuple[Message, ...]) -> Scan:
    return Scan(
        looked=looked,
        ignored=frozenset({"kept"} & looked.keys()),
        binary=frozenset({"logo"}),
        excluded={"as links": ("link",), "by `exclude`": ()},
        texts={
            "a": b"// secretlint-disable\nsecretlint-disable-line",
            "kept": b"secretlint-disable",
        },
        notes=("told",),
    )


def test_what_was_found_and_what_was_not_looked_at() -> None:
    result = measured(scan(a=(message(),), b=(), kept=(message(), message())), TOOL)

    assert metrics_of(result) == {"secrets": 1, "suppressed": 4}
    (finding,) = result.findings
    assert (finding.place, finding.rule, finding.counts) == ("a:2:3", "slack", ("secrets",))
    assert finding.message == "SLACK_TOKEN looks like a secret, which is not shown"
    assert finding.fingerprint
    assert (result.examined.count, result.examined.excluded) == (2, 3)
    assert result.examined.details == (("binary", 1),)
    assert result.notes == (
        "told",
        "not scanned, as links: `link`",
        f"not scanned, by {IGNORE}: `kept`",
        "a large share is not scanned: 2 of 5 files are left out",
        f"2 in files that {IGNORE} names",
        "`secretlint-disable` stands in `a`",
    )


def test_a_small_share_that_is_left_out_is_only_named() -> None:
    files: dict[str, tuple[Message, ...]] = {f"f{number}": () for number in range(6)}

    notes = measured(scan(**files, kept=()), TOOL).notes
    assert "a large share is not scanned: 2 of 9 files are left out" not in notes
    del files["f0"], files["f1"]
    notes = measured(scan(**files, kept=()), TOOL).notes
    assert "a large share is not scanned: 2 of 7 files are left out" in notes


@pytest.mark.parametrize("word", SEVERITIES)
def test_each_severity_counts(word: str) -> None:
    result = measured(scan(a=(message(severity=word),)), TOOL)

    assert metrics_of(result)["secrets"] == 1
    assert result.findings[0].severity is SEVERITIES[word]
    assert SEVERITIES["error"] is Severity.HIGH


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="`fatal`, which is unknown"):
        measured(scan(a=(message(severity="fatal"),)), TOOL)


def test_a_kind_that_may_hold_anything_is_not_shown() -> None:
    (finding,) = measured(scan(a=(message(kind="it is hunter 2!"),)), TOOL).findings

    assert finding.message == "something looks like a secret, which is not shown"


@pytest.mark.parametrize(
    "looked",
    [{}, {"kept": ()}, {".secretlintrc.json": (), ".secretlintignore": (), "kept": ()}],
)
def test_nothing_that_was_looked_at_is_an_error(looked: dict[str, tuple[Message, ...]]) -> None:
    with pytest.raises(StageError, match="looked at no file") as caught:
        measured(scan(**looked), TOOL)
    assert caught.value.problem.slug == "nothing-examined"


@pytest.mark.parametrize(
    ("path", "is_over"),
    [
        (".secretlintrc.json", True),
        ("sub/.secretlintrc", True),
        (".secretlintignore", True),
        ("a/node_modules/b.js", True),
        ("a/secretlintrc.json", False),
        ("src/node_modules.ts", False),
    ],
)
def test_names_that_secretlint_passes_over(path: str, *, is_over: bool) -> None:
    assert is_passed_over(path) is is_over


@pytest.mark.parametrize(
    ("data", "plain"),
    [(b"", True), ("ü".encode(), True), (b"\xff", False), (b"a\0", False)],
)
def test_plain_text(data: bytes, *, plain: bool) -> None:
    assert is_plain(data) is plain


def test_text_in_another_encoding_is_refused() -> None:
    refuse_wide("a", b"plain")
    refuse_wide("a", b"\x89PNG\r\n\x1a\n\0\0\1\2\3")
    for data in ("a text\n".encode("utf-16"), "caf\xe9\n".encode("latin-1")):
        with pytest.raises(StageError, match="`a` is text but no UTF-8"):
            refuse_wide("a", data)
