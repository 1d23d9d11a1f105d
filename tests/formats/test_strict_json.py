from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.strict_json import Value


def refusal(data: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> tuple[str, str, str]:
    with pytest.raises(OutputUnreadable) as caught:
        strict_json.loads(data, what="out.json", max_bytes=max_bytes)
    problem = caught.value.problem
    return problem.slug, problem.summary, problem.place


@pytest.mark.parametrize(
    ("data", "slug", "place"),
    [
        (b"", "json-empty", "out.json"),
        (b" \n\t", "json-empty", "out.json"),
        (b"\xef\xbb\xbf", "json-empty", "out.json"),
        (b"{", "json-syntax", "out.json:1:2"),
        (b'{\n "a": 1,\n}', "json-syntax", "out.json:3:1"),
        (b"{} {}", "json-syntax", "out.json:1:4"),
        (b"<html>", "json-syntax", "out.json:1:1"),
        (b'{"a": "\x01"}', "json-syntax", "out.json:1:8"),
        (b'{"critical": 3, "critical": 0}', "json-duplicate-key", "out.json"),
        (b'[{"a": {"b": 1, "c": 2, "b": 1}}]', "json-duplicate-key", "out.json"),
        (b"[NaN]", "json-number", "out.json"),
        (b"[Infinity]", "json-number", "out.json"),
        (b"[-Infinity]", "json-number", "out.json"),
        (b"1e999", "json-number", "out.json"),
        (b"-1e-999", "json-number", "out.json"),
        (b"1e99999999999999999999", "json-number", "out.json"),
        (b"0." + b"1" * 1000, "json-number", "out.json"),
        (b"9" * 5000, "json-number", "out.json"),
        (b"[" * 100_000, "json-depth", "out.json"),
        (b"[" * 100_000 + b"]" * 100_000, "json-depth", "out.json"),
        (b'{"a":' * 100_000, "json-depth", "out.json"),
        (b"[" * 201 + b"]" * 201, "json-depth", "out.json"),
        (b"[[]," * 201 + b"1" + b"]" * 201, "json-depth", "out.json"),
        (b'{"a": "b\n', "json-syntax", "out.json:1:9"),
        (b'{"a":\n"\xff"}', "json-encoding", "out.json:2:2"),
        (b"\xff\xfe{\x00}\x00", "json-encoding", "out.json:1:1"),
    ],
)
def test_hostile_input_is_refused(data: bytes, slug: str, place: str) -> None:
    found_slug, _, found_place = refusal(data)
    assert (found_slug, found_place) == (slug, place)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ('{"a": 1}'.encode("utf-16"), "it is in UTF-16"),
        (b"\xfe\xff" + '{"a": 1}'.encode("utf-16-be"), "it is in UTF-16"),
        (b'{"a": "\xe4"}', "written in UTF-8"),
    ],
)
def test_another_encoding_names_the_next_step(data: bytes, says: str) -> None:
    with pytest.raises(OutputUnreadable, match="not UTF-8") as caught:
        strict_json.loads(data, what="out.json")
    assert says in caught.value.problem.hint


def test_too_long() -> None:
    assert refusal(b"[1,2,3]", max_bytes=6)[0] == "json-too-big"
    assert strict_json.loads(b"[1,2,3]", what="x", max_bytes=7) == [1, 2, 3]


def test_the_duplicate_key_is_named() -> None:
    assert "`critical`" in refusal(b'{"high": 1, "critical": 3, "critical": 0}')[1]


def test_numbers_are_exact() -> None:
    document = strict_json.loads(b"[89.995, 1e3, 12345678901234567890, -0.0, 1]", what="x")
    assert document == [Decimal("89.995"), 1000, 12345678901234567890, 0, 1]
    assert isinstance(document, list)
    assert [type(item).__name__ for item in document[:3]] == ["Decimal", "Decimal", "int"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf{}",
        b"[" * 200 + b"]" * 200,
        b"[" + b'"[[[[{{{{\\"[[[\\\\",' * 300 + b"0]",
        b"[" + b"[{}]," * 1000 + b"0]",
        b'"a\\\\"',
    ],
)
def test_sound_input_is_read(data: bytes) -> None:
    assert strict_json.loads(data, what="x") == json.loads(data.decode("utf-8-sig"))


def test_a_depth_beyond_the_stack_is_refused_even_where_the_limit_allows_it() -> None:
    data = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(OutputUnreadable) as caught:
        strict_json.loads(data, what="x", max_depth=1_000_000)
    assert caught.value.problem.slug == "json-depth"


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(TREES)
def test_what_json_writes_is_read_back(tree: object) -> None:
    assert strict_json.loads(json.dumps(tree).encode(), what="x") == tree


@given(TREES.filter(lambda tree: isinstance(tree, dict | list)), st.integers(min_value=0))
def test_every_truncation_is_refused(tree: object, cut: int) -> None:
    data = json.dumps(tree).encode()
    with pytest.raises(OutputUnreadable):
        strict_json.loads(data[: cut % len(data)], what="x")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        strict_json.loads(data, what="x")
    except OutputUnreadable as error:
        assert error.problem.slug.startswith("json-")  # noqa: PT017 - either way is right


DOCUMENT = strict_json.read(
    b'{"a/b": [1, 1.5, "t", true, null, -2, {"k": {"l": 7}}], "none": null}', what="out.json"
)


def test_accessors() -> None:
    items = list(DOCUMENT.member("a/b").items())
    assert items[0].integer() == items[0].count() == 1
    assert items[0].number() == Decimal(1)
    assert items[1].number() == Decimal("1.5")
    assert items[2].text() == "t"
    assert items[3].flag() is True
    assert items[6].member("k", "l").integer() == 7
    assert items[6].member("k", "l").pointer == "/a~1b/6/k/l"
    assert [key for key, _ in DOCUMENT.entries()] == ["a/b", "none"]
    assert DOCUMENT.find("none") is None
    assert DOCUMENT.find("nope") is None
    found = DOCUMENT.find("a/b")
    assert found is not None
    assert len(found.array()) == 7


@pytest.mark.parametrize(
    ("index", "access", "message"),
    [
        (0, Value.text, "`/a~1b/0` is an integer, not a string"),
        (0, Value.flag, "`/a~1b/0` is an integer, not true or false"),
        (1, Value.integer, "`/a~1b/1` is a number, not an integer"),
        (2, Value.number, "`/a~1b/2` is a string, not a number"),
        (3, Value.integer, "`/a~1b/3` is true or false, not an integer"),
        (3, Value.number, "`/a~1b/3` is true or false, not a number"),
        (4, Value.array, "`/a~1b/4` is null, not an array"),
        (4, Value.mapping, "`/a~1b/4` is null, not an object"),
        (5, Value.count, "`/a~1b/5` is an integer, not a count"),
        (6, Value.array, "`/a~1b/6` is an object, not an array"),
    ],
)
def test_accessors_name_what_they_miss(
    index: int, access: Callable[[Value], object], message: str
) -> None:
    value = list(DOCUMENT.member("a/b").items())[index]
    with pytest.raises(OutputUnreadable) as caught:
        access(value)
    assert caught.value.problem.summary == message
    assert caught.value.problem.place == "out.json"


def test_a_missing_member_is_named() -> None:
    with pytest.raises(OutputUnreadable, match="the top level has no member `x`"):
        DOCUMENT.member("x")
    with pytest.raises(OutputUnreadable, match="`/a~1b` is an array, not an object"):
        DOCUMENT.member("a/b", "c")
