from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of

from gates.formats import log_leaks, log_lines
from gates.plugin import (
    Examined,
    Needed,
    ServiceTrace,
    Severity,
    StageError,
    StageResult,
    Tool,
    fingerprinted,
)
from gates.stages.logs import CANARY, LACKS, SEVERITIES, Logs, LogsOptions

RESULT = StageResult(
    metrics=(), examined=Examined(count=1, unit="x"), tool=Tool(name="t", version="")
)
SOUND = {"timestamp": "2026-01-31T12:00:00Z", "level": "INFO", "message": "x", "request_id": "a"}


def stage(**options: object) -> Logs:
    made = Logs(LogsOptions.from_plain({"gate": "load", **options}))
    made.check()
    return made


def logged(folder: Path, out: bytes, err: bytes = b"") -> FakeContext:
    ctx = fake_context(folder)
    paths = []
    for name, data in (("api.stdout", out), ("api.stderr", err)):
        (folder / name).write_bytes(data)
        paths.append(folder / name)
    trace = ServiceTrace(name="api", logs=tuple(paths))
    ctx.needed = {
        "load": Needed(name="load", result=RESULT, out=folder, started_ns=0, service=trace)
    }
    return ctx


def line(**change: object) -> bytes:
    return json.dumps({**SOUND, **change}).encode() + b"\n"


def test_sound_lines_of_both_streams(tmp_path: Path) -> None:
    result = stage().measure(logged(tmp_path, line() + line(), line()))

    assert metrics_of(result) == {"lines": 3, "structured": (3, 3), "leaks": 0}
    assert (result.findings, result.canary) == ((), CANARY)
    assert result.examined == Examined(count=3, unit="lines")


def test_what_is_wrong_becomes_findings_that_outlive_other_lines(tmp_path: Path) -> None:
    leaky = line(mail="ann@mail.example")
    result = stage().measure(logged(tmp_path, line() + b"plain\n" + leaky + leaky))

    assert metrics_of(result) == {"lines": 4, "structured": (3, 4), "leaks": 1}
    plain, mail = result.findings
    assert (plain.rule, plain.severity, plain.place) == (
        "log/not-json",
        Severity.MEDIUM,
        "api.stdout:2",
    )
    assert plain.message == "no JSON object, line 2"
    assert mail.message == (
        "an e-mail address in clear (`an…`) in `/mail`, line 3, and 1 more lines"
    )
    assert (mail.counts, mail.cwe) == (("leaks",), (532,))
    moved = stage().measure(logged(tmp_path / "other", line() * 5 + leaky))
    assert moved.findings[0].fingerprint == mail.fingerprint
    assert fingerprinted((replace(mail, line=9),))[0].fingerprint == mail.fingerprint


@pytest.fixture(autouse=True)
def _other(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()


def test_names_allowed_texts_and_made_up_ones_are_options(tmp_path: Path) -> None:
    own = {"at": "2026-01-31T12:00:00Z", "lvl": 30, "text": "ops@shop.example pw=abc1", "id": "1"}
    ctx = logged(tmp_path, json.dumps(own).encode() + b"\n")

    result = stage(
        time=["at"],
        level=["lvl"],
        message=["text"],
        correlation=[],
        allow=["*@shop.example"],
        never=["abc1"],
    ).measure(ctx)

    assert metrics_of(result) == {"lines": 1, "structured": (1, 1), "leaks": 1}
    assert [each.rule for each in result.findings] == [log_leaks.MADE_UP]


def test_an_id_that_is_a_mere_dash_on_each_line_joins_nothing(tmp_path: Path) -> None:
    ctx = logged(tmp_path, line(request_id="-") * 2, line(request_id="-"))

    result = stage().measure(ctx)

    assert metrics_of(result)["structured"] == (0, 3)
    assert [each.rule for each in result.findings] == [log_lines.NO_CORRELATION] * 2


def test_what_is_odd_about_lines_is_told(tmp_path: Path) -> None:
    odd = line(request_id="-") + line(level="banana") * 2 + line(timestamp="1970-01-01T00:00:00Z")
    ctx = logged(tmp_path, odd, line(level="cherry"))

    result = stage().measure(ctx)

    assert metrics_of(result)["structured"] == (5, 5)
    assert ctx.notes == [
        "the correlation id of 1 line is a mere `-`: it joins nothing",
        "the level of 3 lines is none that is known, as `banana`",
        "the time of 1 line is of a day without a measurement, 1970-01-01",
    ]


def test_no_line_is_no_proof(tmp_path: Path) -> None:
    for text in (b"", b"\n \n"):
        folder = tmp_path / str(len(text))
        folder.mkdir()
        with pytest.raises(StageError, match="wrote no line"):
            stage().measure(logged(folder, text))


def test_a_log_that_is_gone_is_errored(tmp_path: Path) -> None:
    ctx = logged(tmp_path, line())
    (tmp_path / "api.stderr").unlink()

    with pytest.raises(StageError, match=r"`api\.stderr` is gone"):
        stage().measure(ctx)


def test_a_pattern_that_would_allow_anything_is_errored(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="`allow` covers what was planted: an e-mail address"):
        stage(allow=["*@*"]).measure(logged(tmp_path, line()))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"gate": ""}, "`gate` names the gate"),
        ({"time": []}, "`time` names no member"),
        ({"level": []}, "`level` names no member"),
        ({"message": []}, "`message` names no member"),
        ({"never": ["abc"]}, "at least 4"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        stage(**options)


def test_each_rule_has_a_severity_and_words() -> None:
    rules = {value for name, value in vars(log_lines).items() if name.startswith(("NO_", "NOT_"))}

    assert rules == set(LACKS)
    assert set(SEVERITIES) == rules | set(log_leaks.WORDS)
    wants = stage().wants()
    assert wants is not None
    assert (wants.uses, wants.option) == ((), "gate")
