from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gates.config.problems import Problems
from gates.config.refusals import Validated, found_kind, named, report
from gates.formats import strict_yaml
from gates.formats.strict_yaml import Path

Lines = Callable[[str], list[str]]


class Odd(BaseModel):  # pydantic's own constructor holds Any
    """A shape with errors that no model of ours raises."""

    model_config = ConfigDict(strict=True, extra="forbid")

    small: int = Field(default=0, lt=5)
    short: str = Field(default="", max_length=3)
    nothing: None = None
    inner: dict[str, dict[str, int]] = Field(default_factory=dict)
    either: int | dict[str, int] | list[int] = 0


def _refused(text: str) -> tuple[list[str], frozenset[Path]]:
    document = strict_yaml.read(text.encode(), name="f")
    problems = Problems(document)
    with pytest.raises(ValidationError) as caught:
        Odd.model_validate(document.value)
    seen = Validated((), document.value, tuple(Odd.model_fields), {})
    paths = report(caught.value, seen, problems)
    return [each.summary for each in problems.error().problems], paths


@pytest.mark.parametrize(
    ("text", "summary", "path"),
    [
        ("small: 7", "`small` cannot be used as it stands", ("small",)),
        ("small: x", "`small` should be a whole number, not text", ("small",)),
        ("small: 1.5", "`small` should be a whole number, not a number", ("small",)),
        ("short: long", "`short` is longer than 3", ("short",)),
        ("nothing: 5", "`nothing` should be empty, not a number", ("nothing",)),
        ("inner: {a: {b: c}}", "`b` should be a whole number, not text", ("inner", "a", "b")),
        ("inner: {a: 5}", "`a` should be a mapping, not a number", ("inner", "a")),
        ("either: {a: b}", "`a` should be a whole number, not text", ("either", "a")),
        ("either: [x]", "item 1 of `either` should be a whole number, not text", ("either", 0)),
        (
            "either: x",
            "`either` should be a whole number or a mapping or a list, not text",
            ("either",),
        ),
        ("smal: 5", "unknown key `smal`", ("smal",)),
        ("5: x", "unknown key `5`", (5,)),
    ],
)
def test_each_error_has_our_sentence_and_its_path(text: str, summary: str, path: Path) -> None:
    summaries, paths = _refused(text)
    assert summaries == [summary]
    assert paths == {path}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "empty"),
        (True, "`true`"),
        (1, "a number"),
        (Decimal("1.5"), "a number"),
        ("x", "text"),
        ([], "a list"),
        ({}, "a mapping"),
    ],
)
def test_what_was_found_is_named(value: object, kind: str) -> None:
    assert found_kind(value) == kind


def test_places_are_named_as_people_count() -> None:
    assert named(("a", 0)) == "item 1 of `a`"
    assert named(("a", "b")) == "`b`"
    assert named(()) == "this"


def test_a_list_in_a_mapping_that_has_its_own_keys(lines: Lines) -> None:
    text = "version: 1\nlevels: {1: [ruff]}\nnot_applicable: {L1-LINT: {reason: [r], owner: o}}\n"
    assert lines(text) == ["3:36 bad-value: `reason` should be text, not a list"]
