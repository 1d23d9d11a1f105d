from __future__ import annotations

import pytest

from gates.formats import suppression_marks
from gates.formats.suppression_marks import Mark, Reach


def found(marks: tuple[Mark, ...], text: str) -> dict[str, str]:
    return {
        mark.rule: match.groupdict().get("codes") or ""
        for mark in marks
        if (match := mark.pattern.search(text)) is not None
    }


@pytest.mark.parametrize(
    ("text", "rule", "codes"),
    [
        ("# noqa", "noqa", ""),
        ("#NOQA:E501,W291 long", "noqa", "E501,W291"),
        ("# noqa: S603 - argv is ours", "noqa", "S603"),
        ("# noqa : E501", "noqa", ""),  # flake8 takes this one for a blanket
        ("# flake8: noqa", "flake8-noqa", ""),
        ("# ruff: noqa: F401", "ruff-noqa", "F401"),
        ("# ruff: disable[F401]", "ruff-disable", "F401"),
        ("# nosec", "nosec", ""),
        ("# nosec B603, B404 - ours", "nosec", "B603, B404"),
        ("# nosec: assert_used", "nosec", "assert_used"),
        ("# nosec because it is fine", "nosec", ""),
        ("# type: ignore", "type-ignore", ""),
        ("# type:ignore[arg-type, misc]  # why", "type-ignore", "arg-type, misc"),
        ("# mypy: ignore-errors", "mypy-inline", ""),
        ("# pyright: ignore[reportFoo]", "pyright-ignore", "reportFoo"),
        ("# pyright: basic", "pyright-inline", ""),
        ("# pyright: reportFoo=false", "pyright-inline", ""),
        ("# pylint: disable=no-member, c0103", "pylint-disable", "no-member, c0103"),
        ("# pylint: skip-file", "pylint-skip-file", ""),
        ("# fmt: off", "fmt-off", ""),
        ("# fmt: skip", "fmt-skip", ""),
        ("# isort: skip", "isort-skip", ""),
        ("# isort: skip_file", "isort-skip-file", ""),
        ("# pragma: no cover", "no-cover", ""),
        ("# PRAGMA NO BRANCH", "no-branch", ""),
        ("# ty: ignore[x]", "ty-ignore", "x"),
        ("# pyre-fixme[16]", "pyre-ignore", "16"),
        ("# pytype: disable=attribute-error", "pytype-disable", "attribute-error"),
        ("# NOSONAR", "nosonar", ""),
        ("# nosemgrep: rules.a.b", "nosemgrep", "rules.a.b"),
        ("#gitleaks:allow", "gitleaks-allow", ""),
        ("# pragma: allowlist " + "secret", "allowlist-secret", ""),
        ("# pragma: whitelist nextline " + "secret", "allowlist-secret", ""),
    ],
)
def test_pythons_marks(text: str, rule: str, codes: str) -> None:
    assert found(suppression_marks.of_python(), text) == {rule: codes}


@pytest.mark.parametrize("text", ["# pyright: strict", "# mypy: strict", "# fmt: on"])
def test_what_ends_or_asks_for_more_silences_nothing(text: str) -> None:
    marks = [mark for mark in suppression_marks.of_python() if mark.pattern.search(text)]
    assert [mark.reach for mark in marks] == [Reach.ENDS]


@pytest.mark.parametrize(
    ("text", "rule", "codes"),
    [
        ("/* eslint-disable */", "eslint-disable", ""),
        ("/* eslint-disable no-console -- why */", "eslint-disable", "no-console"),
        ("// eslint-disable-line @a/b, c", "eslint-disable-line", "@a/b, c"),
        ("// eslint-disable-next-line -- why", "eslint-disable-line", ""),
        ("// @ts-ignore", "ts-ignore", ""),
        ("// @ts-expect-error broken", "ts-expect-error", ""),
        ("// @ts-nocheck", "ts-nocheck", ""),
        ("// prettier-ignore", "prettier-ignore", ""),
        ("/* istanbul ignore next */", "coverage-ignore", ""),
        ("/* v8 ignore start */", "coverage-ignore", ""),
        ("/* c8 ignore stop */", "coverage-stop", ""),
        ("/* node:coverage disable */", "coverage-ignore", ""),
        ("// biome-ignore lint/a/b: why", "biome-ignore", "lint/a/b"),
        ("/* eslint no-console: off */", "eslint-inline", ""),
        ("// eslint-enable", "eslint-enable", ""),
        ("// NOSONAR", "nosonar", ""),
    ],
)
def test_javascripts_marks(text: str, rule: str, codes: str) -> None:
    assert found(suppression_marks.of_javascript(), text) == {rule: codes}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x() //nolint:errcheck", "nolint"),
        ("@SuppressWarnings(all)", "suppress-warnings"),
        ("#pragma warning disable CS1", "pragma-warning"),
        ("#[allow(dead_code)]", "allow"),
        ("# shellcheck disable=SC2086", "shellcheck-disable"),
        ("# zizmor: ignore[x]", "zizmor-ignore"),
        ("# rubocop:disable A/B", "rubocop-disable"),
    ],
)
def test_marks_of_others(text: str, rule: str) -> None:
    assert list(found(suppression_marks.of_others(), text)) == [rule]


def test_in_prose_only_scanners_for_secrets_read() -> None:
    marks = suppression_marks.of_prose()
    assert found(marks, "say `# noqa` there, or `eslint-disable`") == {}
    assert list(found(marks, "gitleaks:allow")) == ["gitleaks-allow"]
