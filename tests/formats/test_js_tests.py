from __future__ import annotations

import pytest

from gates.formats.js_tests import (
    JsModule,
    JsOutcome,
    JsReport,
    JsTest,
    counts_of,
    first_line,
    is_focused,
    line_in,
    merge,
)

P, X, S, T, U, F = JsOutcome  # from best to worst


def module(path: str, *outcomes: JsOutcome, problems: tuple[str, ...] = ()) -> JsModule:
    tests = tuple(JsTest(name="t", outcome=outcome) for outcome in outcomes)
    return JsModule(path=path, tests=tests, problems=problems)


def report(*modules: JsModule, problems: tuple[str, ...] = ()) -> JsReport:
    return JsReport(modules=modules, problems=problems)


def test_counts() -> None:
    told = report(
        module("a", P, P, P, F, F, S, S, S, S, T, U, X), module("b", problems=("no",)),
        problems=("uncaught",),
    )  # fmt: skip
    counts = counts_of(told)
    assert (counts.passed, counts.failed, counts.errors, counts.skipped) == (3, 2, 3, 5)
    assert (counts.todo, counts.xfailed, counts.executed, counts.bad) == (1, 1, 9, 5)


def test_one_report_is_itself() -> None:
    one = report(module("a", P, P), module("a", P))
    assert merge([one]) == (one, 0)


@pytest.mark.parametrize(
    ("first", "second", "worst", "is_flaky"),
    [
        (P, P, P, False),
        (P, F, F, True),
        (F, P, F, True),
        (F, F, F, False),
        (X, F, F, True),
        (S, P, S, False),
        (S, F, F, False),
        (P, U, U, True),
    ],
)
def test_a_test_in_two_reports_counts_once_at_its_worst(
    first: JsOutcome, second: JsOutcome, worst: JsOutcome, *, is_flaky: bool
) -> None:
    merged, repeated = merge([report(module("a", first)), report(module("a", second))])
    (test,) = merged.modules[0].tests
    assert (test.outcome, test.is_flaky, repeated) == (worst, is_flaky, 1)


def test_tests_of_one_name_are_not_lost() -> None:
    # The file ran in two projects, the first of which has one test more.
    one = report(module("a", P, P, F), module("a", P))
    other = report(module("a", P, P), module("b", P), problems=("uncaught",))
    merged, repeated = merge([one, other])
    assert repeated == 2
    assert [(m.path, [t.outcome for t in m.tests]) for m in merged.modules] == [
        ("a", [P, P, F]),
        ("a", [P]),
        ("b", [P]),
    ]
    assert merged.problems == ("uncaught",)


def test_a_broken_file_stays_broken() -> None:
    broken = module("a", problems=("no",))
    merged, _ = merge([report(broken), report(module("a", P)), report(broken)])
    assert (len(merged.modules), merged.modules[0].problems) == (1, ("no",))
    assert counts_of(merged).bad == 1


def test_lines_and_messages() -> None:
    stack = (
        "Error: no\n    at /lib/x.js:1:2\n    at f (/project/a.b.ts:34:5)\n at /project/a.b.ts:9:1"
    )
    assert line_in("/project/a.b.ts", stack) == 34
    assert line_in("/project/aXb.ts", stack) == 0
    assert first_line("\n  \x1b[31mError: no\x1b[0m \nmore") == "Error: no"
    assert first_line("") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("test.only('a', () => {})", True),
        ("describe.only.each([1])", True),
        ("test.concurrent.only('a', async () => {})", True),
        ("test.concurrent\n  .only.each`a`", True),
        ("test['only']('a', () => {})", True),
        ("const { only } = test;", True),
        ("import { it as spec } from '@jest/globals';\nspec.only('a', () => {})", True),
        ("// test.only('a')\n * it.only('b')", False),
        ("fit('a', () => {})", True),
        ("fdescribe('a', () => {})", True),
        ("profit(1); test('only', f)", False),
    ],
)
def test_a_focus_is_seen(text: str, *, expected: bool) -> None:
    assert is_focused(text) is expected
