from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.detect_secrets_json import (
    Entry,
    fingerprint,
    fingerprints,
    merged,
    parse,
    parse_baseline,
    raised_limits,
    render,
    seed,
)

DATA = "detect-secrets/1.5.0"
BARE = recorded(f"{DATA}/bare.json")
BASELINE = recorded(f"{DATA}/baseline.json")


def changed(data: bytes, **members: object) -> bytes:
    whole: dict[str, object] = json.loads(data)
    return json.dumps({**whole, **members}).encode()


def test_a_recorded_report_is_read() -> None:
    report = parse(BARE, what="scan.json")

    assert report.version == "1.5.0"
    assert len(report.detectors) == 27
    assert "KeywordDetector" in report.detectors
    assert report.filters[-1] == "file:///planted/gates_witness.py::see"
    assert [(e.rule, e.path, e.line) for e in report.entries] == [
        ("Base64 High Entropy String", "src/a.py", 1),
        ("Secret Keyword", "src/a.py", 1),
        ("Base64 High Entropy String", "src/b.py", 2),
        ("Secret Keyword", "src/b.py", 2),
        ("Base64 High Entropy String", "src/b.py", 3),
    ]
    assert {entry.is_secret for entry in report.entries} == {None}


def test_an_audit_is_read_and_the_line_may_be_untold() -> None:
    entry = {"type": "T", "hashed_secret": "00", "is_secret": False}
    report = parse_baseline(changed(BASELINE, results={"./a.py": [entry]}), what="b")

    assert report.entries == (Entry(rule="T", path="a.py", line=0, digest="00", is_secret=False),)


def test_the_digest_is_not_shown_by_accident() -> None:
    assert "00ff" not in repr(Entry(rule="T", path="a.py", line=1, digest="00ff"))


@pytest.mark.parametrize("baseline", [b"", BASELINE])
def test_settings_are_not_taken_for_a_report(baseline: bytes) -> None:
    settings = seed(baseline, what="b")

    assert json.loads(settings)["results"] == {}
    with pytest.raises(OutputUnreadable, match="generated_at"):
        parse(settings, what="scan.json")


def test_settings_keep_the_detectors_and_filters_of_a_baseline() -> None:
    settings, whole = json.loads(seed(BASELINE, what="b")), json.loads(BASELINE)

    assert settings["plugins_used"] == whole["plugins_used"]
    assert settings["filters_used"] == whole["filters_used"]
    assert settings["version"] == whole["version"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        BARE[:-20],
        b"[]",
        b"{}",
        changed(BARE, results=[]),
        changed(BARE, results={"a.py": [{"type": "T"}]}),
        changed(BARE, plugins_used=None),
        changed(BARE, generated_at=None),
    ],
)
def test_a_broken_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data, what="scan.json")


def test_a_report_must_tell_its_filters_and_an_old_baseline_need_not() -> None:
    whole: dict[str, object] = json.loads(BARE)
    del whole["filters_used"]
    data = json.dumps(whole).encode()

    assert parse_baseline(data, what="b").filters == ()
    with pytest.raises(OutputUnreadable, match="filters_used"):
        parse(data, what="scan.json")


@pytest.mark.parametrize("name", ["file://tools/f.py::hide", "zzz.hide"])
def test_a_baseline_with_a_filter_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(StageError, match="a filter of its own") as caught:
        parse_baseline(changed(BASELINE, filters_used=[{"path": name}]), what=".secrets.baseline")

    assert caught.value.problem.slug == "filter-unwatched"
    assert name in str(caught.value)


def test_a_fingerprint_is_stable_and_binds_secret_kind_and_path() -> None:
    entry = Entry(rule="T", path="a.py", line=1, digest="00")
    one = fingerprint(entry)

    assert (len(one), one[:8]) == (32, "b35f47f2")
    assert one == fingerprint(replace(entry, line=9))
    others = (replace(entry, rule="U"), replace(entry, path="b.py"), replace(entry, digest="01"))
    assert len({one, *map(fingerprint, others)}) == 4
    assert fingerprint(replace(entry, path="\udce9.py"))


def test_a_guess_at_a_fingerprint_takes_its_time() -> None:
    began = time.process_time()
    fingerprint(Entry(rule="T", path="a.py", line=1, digest="00"))

    assert time.process_time() - began > 0.0005


def test_what_is_kept_holds_no_digest_and_no_name_of_a_run() -> None:
    report = parse(BARE, what="scan.json")
    text = render(report, fingerprints(report.entries), {"src/b.py", "src/a.py"}).decode()

    assert not [entry for entry in report.entries if entry.digest in text]
    assert "/planted" not in text
    whole = json.loads(text)
    assert whole["examined"] == ["src/a.py", "src/b.py"]
    assert whole["results"]["src/a.py"][0] == {
        "type": "Base64 High Entropy String",
        "line_number": 1,
        "fingerprint": fingerprint(report.entries[0]),
    }


def test_parts_of_a_scan_are_joined_where_their_settings_agree() -> None:
    report = parse(BARE, what="scan.json")

    assert merged([report], what="x") == report
    assert merged([report, report], what="x").entries == report.entries * 2
    with pytest.raises(OutputUnreadable, match="different settings"):
        merged([report, replace(report, detectors=())], what="x")


def test_a_fingerprint_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[object] = []

    def counting(*given: object) -> bytes:
        computed.append(given)
        return b"\1"

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    entry = Entry(rule="T", path="a.py", line=1, digest="00")
    again = replace(entry, line=2)

    assert fingerprints((entry, again, entry)) == {entry: "01", again: "01"}
    assert len(computed) == 1


def test_a_bare_scan_obeys_no_pattern_of_a_detector() -> None:
    excluding = {"name": "KeywordDetector", "keyword_exclude": ".*"}
    baseline = changed(BASELINE, plugins_used=[excluding, "odd"])

    bare = json.loads(seed(baseline, what="b", bare=True))
    assert bare["plugins_used"] == [{"name": "KeywordDetector"}, "odd"]
    assert json.loads(seed(baseline, what="b"))["plugins_used"] == [excluding, "odd"]
    none = changed(BASELINE, plugins_used=None)
    assert json.loads(seed(none, what="b", bare=True))["plugins_used"] == []


def test_limits_above_the_tools_own_are_told() -> None:
    raised = [
        {"name": "HexHighEntropyString", "limit": 3.99},
        {"name": "Base64HighEntropyString", "limit": 4.5},
        {"name": "KeywordDetector"},
    ]

    (told,) = raised_limits(changed(BASELINE, plugins_used=raised), what="base.json")

    assert told.startswith("`base.json` sets the limit of `HexHighEntropyString` to 3.99, above")
    assert raised_limits(BASELINE, what="base.json") == ()
