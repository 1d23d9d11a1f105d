from __future__ import annotations

from dataclasses import replace

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import detect_secrets_json, detect_secrets_witness
from gates.formats.detect_secrets_call import (
    BATCH_BYTES,
    Call,
    batches,
    expected_of,
    merged,
    refuse_complaint,
)

DATA = "detect-secrets/1.5.0"
BARE = detect_secrets_json.parse(recorded(f"{DATA}/bare.json"), what="x")
SEEN = detect_secrets_witness.parse(recorded(f"{DATA}/bare.seen"), what="x")
FILES = ("src/a.py", "src/b.py", "src/c.py", "uv.lock", "logo.dat")


def test_nothing_is_asked_over_the_network() -> None:
    assert "--no-verify" in Call(settings="s", witness="/w.py", has_baseline=False).words()


def test_all_detectors_are_on_unless_a_baseline_names_them() -> None:
    call = Call(settings="s", witness="/w.py", has_baseline=False)

    assert "--force-use-all-plugins" in call.words()
    assert "--force-use-all-plugins" not in replace(call, has_baseline=True).words()


def test_a_folder_and_filters_are_named() -> None:
    call = Call(
        settings="s", witness="/w.py", has_baseline=True, without=("f",), root="/there", cores=2
    )

    assert call.words() == (
        "-C", "/there", "--cores=2", "scan", "--all-files", "--no-verify", "--baseline=s",
        "--disable-filter=f", "--filter=file:///w.py::see",
    )  # fmt: skip


def test_names_are_handed_over_in_groups_and_none_is_lost() -> None:
    files = [f"{at:05}{'x' * 95}" for at in range(3000)]

    groups = list(batches(files))

    assert [name for group in groups for name in group] == files
    assert len(groups) == 4
    assert all(sum(len(name) + 3 for name in group) <= BATCH_BYTES for group in groups)


def test_one_endless_name_is_a_group_of_its_own() -> None:
    assert list(batches(["x" * BATCH_BYTES, "y"])) == [("x" * BATCH_BYTES,), ("y",)]


def test_a_lone_name_with_a_backslash_is_handed_over_twice() -> None:
    assert list(batches(["a\\b.py"])) == [("a\\b.py", "a\\b.py")]
    assert list(batches(["a\\b.py", "c.py"])) == [("a\\b.py", "c.py")]
    assert list(batches(["c.py"])) == [("c.py",)]


@pytest.mark.parametrize(
    "line",
    [
        "[scan]\tERROR\tNo plugins to scan with!",
        "[scan]\tWARNING\tUnable to open file: a.py",
        "fatal: not a git repository",
    ],
)
def test_a_complaint_is_an_error(line: str) -> None:
    with pytest.raises(StageError, match="detect-secrets: ") as caught:
        refuse_complaint(f"[scan]\tINFO\tx\n{line}\n\xff".encode("latin-1"))

    assert line in str(caught.value)


def test_other_words_are_none() -> None:
    refuse_complaint(b"")
    refuse_complaint(b"DeprecationWarning: fatal: ERROR\n")


def test_what_was_scanned_in_parts_is_one_result() -> None:
    report, seen = merged([(BARE, SEEN)], FILES)

    assert (report, seen) == (BARE, SEEN)


@pytest.mark.parametrize("lost", ["src/a.py", "src/c.py", "logo.dat"])
def test_a_file_that_was_not_handed_over_is_a_contradiction(lost: str) -> None:
    with pytest.raises(OutputUnreadable, match=f"it was not given: `{lost}`"):
        merged([(BARE, SEEN)], [path for path in FILES if path != lost])


def test_a_result_in_a_file_that_was_not_read_is_a_contradiction() -> None:
    with pytest.raises(OutputUnreadable, match=r"did not read: `src/b\.py`"):
        merged([(BARE, replace(SEEN, read=SEEN.read - {"src/b.py"}))], FILES)


def test_a_line_in_a_further_form_of_a_file_is_the_line_in_the_file() -> None:
    first, *others = BARE.entries
    later = replace(BARE, entries=(replace(first, line=2 * 7 + 3), replace(first, line=0), *others))
    seen = replace(SEEN, periods={**SEEN.periods, first.path: 7})

    report, _ = merged([(later, seen)], FILES)

    assert [entry.line for entry in report.entries[:2]] == [3, 0]


def test_a_file_whose_own_text_was_not_scanned_is_an_error() -> None:
    unproved = {path: at for path, at in SEEN.periods.items() if path != "src/c.py"}

    with pytest.raises(StageError, match=r"whole text of `src/c\.py`") as caught:
        merged([(BARE, replace(SEEN, periods=unproved))], FILES)
    assert caught.value.problem.slug == "text-not-scanned"


def test_detectors_for_which_no_secret_is_known_prove_nothing() -> None:
    assert expected_of(("KeywordDetector",)) == {"KeywordDetector": "Secret Keyword"}
    with pytest.raises(StageError, match="detectors that are on: none"):
        expected_of(())
