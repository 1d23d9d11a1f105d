from __future__ import annotations

import json

import pytest

from gates.testing import damage

REPORT = json.dumps({"files": ["a", "b"], "errors": [{"rule": "R1", "line": 3}], "ok": True})


def names(damaged: damage.Damaged) -> list[str]:
    return [name for name, _ in damaged]


def lost(data: bytes) -> dict[str, bytes]:
    return {name.removeprefix("lost a part: "): left for name, left in damage.partial(data)}


def test_torn_data_is_always_less() -> None:
    data = b"the first\ntwo\nthree\nfour\n"
    cuts = dict(damage.torn(data))
    assert cuts["cut off: after its first line"] == b"the first\n"
    assert cuts["cut off: before its last line"] == b"the first\ntwo\nthree\n"
    assert cuts["cut off: its first line"] == b"two\nthree\nfour\n"
    assert cuts["cut off: before its last sign"] == b"the first\ntwo\nthree\nfou"
    assert all(0 < len(cut) < len(data) for cut in cuts.values())
    assert len({cut.strip() for cut in cuts.values()}) == len(cuts)


def test_what_would_be_empty_or_whole_is_no_cut() -> None:
    assert list(damage.torn(b"")) == []
    assert names(damage.torn(b"[]\n")) == ["cut off: in the middle"]


def test_hostile_data_is_never_the_data() -> None:
    assert "JSON without content: []" in names(damage.hostile(b"{}"))
    assert "JSON without content: []" not in names(damage.hostile(b"[]\n"))
    assert all(other != b"{}" for _, other in damage.hostile(b"{}"))


def test_soiled_data_is_still_there() -> None:
    assert all(b"whole" in data for _, data in damage.soiled(b"whole\n"))


def test_a_document_with_content_that_must_not_be_believed() -> None:
    twisted = dict(damage.twisted(REPORT.encode()))
    assert b"NaN" in twisted["every number is NaN"]
    assert b"true" in twisted["every number is NaN"]
    steered = json.loads(twisted["every text steers the terminal"])
    assert steered["files"][0].startswith("\x1b[2J")
    assert steered["files"][0].endswith("a")
    twice = twisted["a key twice, the second time empty: `errors`"]
    assert json.loads(twice)["errors"] == []
    assert twice.count(b'"errors"') == 2
    assert json.loads(twisted["a key twice, the second time empty: `ok`"])["ok"] == 0


@pytest.mark.parametrize(
    ("value", "emptied"), [({"a": 1}, {}), ([1], []), ("x", ""), (3, 0), (None, 0)]
)
def test_the_second_value_of_a_key_is_an_empty_one_of_its_kind(
    value: object, emptied: object
) -> None:
    twisted = dict(damage.twisted(json.dumps({"key": value}).encode()))
    assert json.loads(twisted["a key twice, the second time empty: `key`"])["key"] == emptied


@pytest.mark.parametrize("data", [b"", b"no document", b"[]", b"3", b"[" * 100_000])
def test_what_is_no_document_with_content_is_not_twisted(data: bytes) -> None:
    assert list(damage.twisted(data)) == []


def test_a_change_that_changes_nothing_is_none() -> None:
    assert names(damage.twisted(b'["text"]')) == ["every text steers the terminal"]


def test_a_document_without_one_entry_each_outer_ones_first() -> None:
    parts = lost(REPORT.encode())
    assert list(parts)[:3] == ["/files", "/errors", "/ok"]
    assert json.loads(parts["/files/0"])["files"] == ["b"]
    assert json.loads(parts["/errors/0/line"])["errors"] == [{"rule": "R1"}]
    assert json.loads(parts["/errors/0"])["errors"] == []


def test_of_many_entries_some_are_left_out_the_last_one_among_them() -> None:
    parts = lost(json.dumps(list(range(40))).encode())
    assert list(parts) == ["/0", "/1", "/2", "/3", "/39"]


def test_the_number_of_parts_is_limited() -> None:
    deep = json.dumps([[[[1, 2, 3], [4]] for _ in range(9)] for _ in range(9)])
    assert len(lost(deep.encode())) == damage.MOST_PARTS


def test_xml_without_one_element_each() -> None:
    parts = lost(b"<suite><case n='1'/><case n='2'><failure/></case></suite>\n")
    assert parts == {
        "element 1, `case`": b"<suite><case n='2'><failure/></case></suite>\n",
        "element 2, `case`": b"<suite><case n='1'/></suite>\n",
        "element 3, `failure`": b"<suite><case n='1'/><case n='2'></case></suite>\n",
    }


def test_what_only_looks_like_xml_has_no_elements() -> None:
    assert lost(b"<suite>") == {}


def unlisted(document: object, count: int) -> dict[str, bytes]:
    names = {"a", "b"}.__contains__
    return dict(damage.unlisted(json.dumps(document).encode(), names=names, count=count))


@pytest.mark.parametrize(
    ("document", "left"),
    [
        (
            {"files": ["a", "b"], "ok": True},
            [{"files": ["b"], "ok": True}, {"files": ["a"], "ok": True}],
        ),
        ([{"deep": {"a": {}, "b": 3}}], [[{"deep": {"b": 3}}], [{"deep": {"a": {}}}]]),
        (["a", "b"], [["b"], ["a"]]),
    ],
)
def test_a_list_of_all_that_was_examined_loses_its_first_or_its_last(
    document: object, left: list[object]
) -> None:
    assert [json.loads(data) for data in unlisted(document, 2).values()] == left


@pytest.mark.parametrize(
    "document", [["a"], ["a", "c"], ["a", "a"], ["a", 3], {"files": {"a": 1}}, [], {}, 3]
)
def test_a_list_of_something_else_is_none_of_what_was_examined(document: object) -> None:
    assert unlisted(document, 2) == {}
    assert unlisted(document, 0) == {}


def test_one_thing_that_was_examined_is_left_out_once() -> None:
    assert list(unlisted(["a"], 1)) == ["names one file less: a is not in /"]


def test_no_damage() -> None:
    assert list(damage.whole(b"[]")) == []


def test_text_without_one_line_each() -> None:
    assert lost(b"one\ntwo\n") == {"line 1": b"two\n", "line 2": b"one\n"}
    assert lost(b"one\n") == {}
