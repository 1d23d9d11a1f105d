from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import metrics_of, recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.stage_result import StageResult
from gates.formats.detect_secrets_given import REBUILT, SILENT, audited, measured_by, merged
from gates.formats.detect_secrets_json import Entry
from gates.formats.detect_secrets_result import Chosen

DATA = "detect-secrets/1.5.0"
REPORT = recorded(f"{DATA}/given.json")
LOG = recorded(f"{DATA}/given.log")
TEXTS = {
    ".gitignore": b"out/\n",
    "src/a.py": b"aws = 1\n",
    "src/b.py": b'"""B."""\n',
    "logo.dat": b"\x89PNG\0\xff",
    "package-lock.json": b"{}",
}


def chosen(*left_out: str) -> Chosen:
    files = tuple(path for path in TEXTS if path not in left_out)
    return Chosen(files=files, left_out=left_out, listed=len(TEXTS), base="", notes=())


def judged(
    *reports: bytes,
    log: bytes = LOG,
    what: Chosen | None = None,
    texts: Mapping[str, bytes] = TEXTS,
    known: tuple[Entry, ...] = (),
) -> StageResult:
    named = [(f"{at}.json", data) for at, data in enumerate(reports or (REPORT,))]
    return measured_by(named, ("x.log", log), what or chosen(), texts.__getitem__, audited=known)


def changed(**members: object) -> bytes:
    return json.dumps({**json.loads(REPORT), **members}).encode()


def test_a_recorded_report_is_judged_beside_its_log() -> None:
    result = judged()

    assert metrics_of(result) == {"secrets": 1, "allowed": 0}
    (finding,) = result.findings
    assert (finding.rule, finding.place) == ("AWS Access Key", "src/a.py:1")
    assert (result.examined.count, result.examined.excluded) == (3, 2)
    assert (result.tool.name, result.tool.version) == ("detect-secrets", "1.5.0")
    assert result.notes[-2:] == (SILENT, REBUILT)
    assert json.loads(REPORT)["results"]["src/a.py"][0]["hashed_secret"] not in str(result)


def test_a_report_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(judged, REPORT)


def test_parts_are_put_together_and_a_secret_is_counted_once() -> None:
    none = changed(results={})

    assert metrics_of(judged(none, REPORT, changed(generated_at="later")))["secrets"] == 1


def test_parts_with_other_settings_are_refused() -> None:
    with pytest.raises(OutputUnreadable, match="different settings"):
        judged(REPORT, changed(filters_used=[]))


def test_an_audit_in_the_report_itself_does_not_count() -> None:
    results = json.loads(REPORT)["results"]
    results["src/a.py"][0]["is_secret"] = False

    data = changed(results=results)

    assert metrics_of(judged(data)) == {"secrets": 1, "allowed": 0}
    known = audited(data, "base.json")
    assert metrics_of(judged(data, known=known)) == {"secrets": 0, "allowed": 1}


def test_what_is_left_out_does_not_count() -> None:
    result = judged(what=chosen("src/a.py"))

    assert metrics_of(result)["secrets"] == 0
    assert result.examined.excluded == 3


def test_a_filter_of_the_projects_own_is_refused() -> None:
    with pytest.raises(StageError, match="a filter of its own"):
        merged([("x.json", changed(filters_used=[{"path": "file://x.py::hide"}]))])


def test_a_report_without_known_detectors_is_blind() -> None:
    with pytest.raises(StageError, match="no planted secret can prove"):
        judged(changed(plugins_used=[]))


def test_raised_limits_are_told() -> None:
    plugins = json.loads(REPORT)["plugins_used"]
    for each in plugins:
        if each["name"] == "HexHighEntropyString":
            each["limit"] = 7.5

    assert any("7.5" in note for note in judged(changed(plugins_used=plugins)).notes)


def test_a_complaint_in_the_log_is_no_result() -> None:
    with pytest.raises(StageError, match="Unable to open file"):
        judged(log=LOG + b"[scan]\tWARNING\tUnable to open file: src/b.py\n")


def test_text_in_another_encoding_is_no_result() -> None:
    with pytest.raises(StageError, match="text but no UTF-8"):
        judged(texts={**TEXTS, "src/b.py": b'x = "\xe9"\n'})


def test_nothing_read_is_no_result() -> None:
    what = Chosen(files=("package-lock.json",), left_out=(), listed=1, base="", notes=())

    with pytest.raises(StageError, match="no file that could be scanned"):
        judged(changed(results={}), what=what)


def test_no_baseline_allows_nothing() -> None:
    assert audited(b"", "") == ()


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"version": 1, "version": 2}', b"NaN"])
def test_what_is_no_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        judged(data)
