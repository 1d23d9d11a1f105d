from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.secretlint_given import given
from gates.formats.secretlint_json import Looked

PLANTED = "no secret was planted for this report: whether its rules see is not known"


def looked(path: str, text: str | None = "plain", *, is_binary: bool = False) -> Looked:
    return Looked(path=f"/project/{path}", is_binary=is_binary, text=None if is_binary else text)


def test_each_file_is_looked_at_or_binary() -> None:
    merged = {"a": looked("a"), "b": looked("b", is_binary=True), "c": looked("c")}

    found = given(merged, {"a": b"plain", "b": b"\0\1\xff"}, has_list=False)

    assert (found.looked, found.binary, found.ignored) == ({"a": ()}, frozenset("b"), ())
    assert found.notes == (
        PLANTED,
        "the report names 1 files that are not judged here, and do not count",
    )


def test_a_text_that_is_not_utf_8_is_compared_as_javascript_reads_it() -> None:
    data = b"\x00\x01\x02\xff\xfe\x03"

    found = given({"a": looked("a", data.decode("utf-8", "replace"))}, {"a": data}, has_list=False)

    assert found.looked == {"a": ()}


def test_what_the_list_and_secretlint_itself_ignore_is_told() -> None:
    texts = {"a": b"plain", ".secretlintrc.json": b"{}", "kept": b"x"}

    found = given({"a": looked("a")}, texts, has_list=True)

    assert found.ignored == (".secretlintrc.json", "kept")


def test_a_file_that_nothing_explains_is_an_error() -> None:
    texts = {"a": b"plain", ".secretlintrc.json": b"{}", "kept": b"x"}

    with pytest.raises(StageError, match="says nothing of `kept`") as caught:
        given({"a": looked("a")}, texts, has_list=False)
    assert caught.value.problem.slug == "file-passed-over"


def test_a_text_that_was_taken_for_binary_is_an_error() -> None:
    merged = {"a.png": looked("a.png", is_binary=True)}

    with pytest.raises(StageError, match=r"says nothing of `a\.png`"):
        given(merged, {"a.png": b"key"}, has_list=True)


def test_a_report_of_another_text_is_stale() -> None:
    with pytest.raises(OutputUnreadable, match="another text of `a`") as caught:
        given({"a": looked("a")}, {"a": b"other"}, has_list=False)
    assert caught.value.problem.slug == "report-stale"


def test_text_in_two_bytes_a_letter_is_an_error() -> None:
    with pytest.raises(StageError, match="is text but no UTF-8"):
        given({"a": looked("a")}, {"a": "a text\n".encode("utf-16")}, has_list=False)


def test_a_report_without_texts_is_told() -> None:
    found = given({"a": looked("a", None)}, {"a": b"plain"}, has_list=False)

    assert found.notes[1].startswith("the report does not hold the texts")
