from __future__ import annotations

from dataclasses import replace

import pytest
from stages.fake_context import metrics_of

from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats.detect_secrets_json import Entry, fingerprint
from gates.formats.detect_secrets_result import METRICS, Chosen, measured, nothing_read
from gates.formats.detect_secrets_tally import Tally
from gates.formats.detect_secrets_witness import Witnessed

TOOL = Tool(name="detect-secrets", version="1.5.0", path="/tools/detect-secrets")
ENTRY = Entry(rule="Secret Keyword", path="a.py", line=3, digest="00ff")
SUMS = Tally(counted=(ENTRY,), allowed=(), suppressed=(ENTRY, ENTRY), unaudited=(), gone=())
NAMES = {ENTRY: fingerprint(ENTRY)}
CHOSEN = Chosen(
    files=("a.py", "b.lock", "c.png"), left_out=("d.py",), listed=9, base="", notes=("told",)
)
SEEN = Witnessed(read=frozenset({"a.py"}), undecoded=frozenset({"c.png"}), unread=frozenset())


def test_each_kind_of_result_is_counted() -> None:
    result = measured(TOOL, CHOSEN, SEEN, SUMS, NAMES)

    assert metrics_of(result) == {"secrets": 1, "allowed": 0, "suppressed": 2}
    assert tuple(metrics_of(result)) == METRICS


def test_what_was_not_scanned_is_counted_and_told() -> None:
    result = measured(TOOL, CHOSEN, SEEN, SUMS, NAMES)

    assert (result.examined.count, result.examined.excluded) == (1, 3)
    assert result.examined.details == (("binary", 1),)
    assert result.notes == (
        "told",
        "2 silenced by a pragma or a pattern: `a.py:3`",
        "not scanned, by detect-secrets' filters on names: `b.lock`",
        "not scanned, by `exclude` or as the baseline: `d.py`",
    )


def test_links_and_repositories_are_counted_and_told() -> None:
    beside = replace(CHOSEN, links=("l",), repositories=("r", "s"))

    result = measured(TOOL, beside, SEEN, SUMS, NAMES)

    assert result.examined.excluded == 6
    assert result.notes[-2:] == (
        "not scanned, as links: `l`",
        "not scanned, as repositories of their own: `r`, `s`",
    )


def test_where_all_was_scanned_nothing_is_told() -> None:
    whole = replace(SEEN, read=frozenset(CHOSEN.files), undecoded=frozenset())
    clean = replace(SUMS, counted=(), suppressed=())

    result = measured(TOOL, replace(CHOSEN, left_out=(), notes=()), whole, clean, NAMES)

    assert (result.examined.count, result.examined.excluded) == (3, 0)
    assert (result.notes, result.findings, result.examined.details) == ((), (), ())


def test_a_finding_tells_rule_and_place_and_never_the_digest() -> None:
    (finding,) = measured(TOOL, CHOSEN, SEEN, SUMS, NAMES).findings

    assert (finding.rule, finding.place) == ("Secret Keyword", "a.py:3")
    assert (finding.severity, finding.counts) == (Severity.HIGH, ("secrets",))
    assert finding.fingerprint == fingerprint(ENTRY)
    assert ".gates/waivers.yaml" in finding.fix
    assert "00ff" not in repr(finding)


def test_a_change_that_touches_nothing_decides_nothing() -> None:
    result = nothing_read(TOOL, replace(CHOSEN, files=(), left_out=(), base="abc"))

    assert result.metrics == ()
    assert [entry.metric for entry in result.not_applicable] == list(METRICS)
    reason = "the change since abc touches no file that is scanned"
    assert {entry.reason for entry in result.not_applicable} == {reason}
    assert (result.examined.count, result.examined.unit) == (9, "files")
    assert "none was scanned" in result.examined.note
    assert result.notes == ("told",)


def test_a_change_of_files_that_are_left_out_names_them() -> None:
    result = nothing_read(TOOL, replace(CHOSEN, files=("c.png",), base="abc"))

    assert result.not_applicable[0].reason.endswith("is scanned: `c.png`, `d.py`")


@pytest.mark.parametrize("chosen", [CHOSEN, replace(CHOSEN, base="abc", listed=0)])
def test_a_whole_project_without_a_file_is_an_error(chosen: Chosen) -> None:
    with pytest.raises(StageError, match="no file that could be scanned"):
        nothing_read(TOOL, chosen)
