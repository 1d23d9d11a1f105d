from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import cast

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats import playwright_json
from gates.formats.js_tests import JsOutcome, JsTest
from gates.formats.playwright_json import PlaywrightReport, Shard, refuse_shards

DATA = "playwright/1.65.1"
Tree = dict[str, object]


def told(name: str) -> PlaywrightReport:
    return playwright_json.read(recorded(f"{DATA}/{name}.json"), what=name)


def by_name(report: PlaywrightReport) -> dict[str, JsTest]:
    return {test.name: test for module in report.tests.modules for test in module.tests}


def test_each_outcome_is_told() -> None:
    report = told("mixed")
    found = {name: (test.outcome, test.line) for name, test in by_name(report).items()}
    assert found == {
        "passes": (JsOutcome.PASSED, 2),
        "fails": (JsOutcome.FAILED, 3),
        "is flaky": (JsOutcome.PASSED, 4),
        "is skipped": (JsOutcome.SKIPPED, 5),
        "is to be mended": (JsOutcome.TODO, 6),
        "fails as expected": (JsOutcome.XFAILED, 7),
        "passes unexpectedly": (JsOutcome.FAILED, 8),
        "times out": (JsOutcome.FAILED, 9),
        "group > inner > passes too": (JsOutcome.PASSED, 10),
        "skips itself": (JsOutcome.SKIPPED, 11),
        "never runs": (JsOutcome.FAILED, 2),
        "never runs either": (JsOutcome.UNFINISHED, 4),
    }
    messages = {name: test.message for name, test in by_name(report).items() if test.message}
    assert messages == {
        "fails": "Error: expect(received).toBe(expected) // Object.is equality",
        "passes unexpectedly": playwright_json.XPASSED,
        "times out": "Test timeout of 200ms exceeded.",
        "never runs": "Error: broken hook",
        "never runs either": playwright_json.UNRUN,
    }
    assert [test.name for test in by_name(report).values() if test.is_flaky] == ["is flaky"]
    assert [module.path for module in report.tests.modules] == [
        "/project/mixed/all.spec.js",
        "/project/mixed/hook.spec.js",
    ]
    assert (report.total, report.failed, report.unfinished, report.flaky) == (12, 4, 1, 1)
    assert (report.version, report.shard, report.forbids_only) == ("1.65.1", None, False)


@pytest.mark.parametrize(
    ("name", "unfinished", "problems"),
    [
        ("interrupted", 2, []),
        ("global-timeout", 2, ["Timed out waiting 3s for the test suite to run"]),
        ("max-failures", 8, ["Testing stopped early after 1 maximum allowed failures."]),
        ("list-green", 2, []),
        ("broken-file", 0, ["Error: broken file"]),
        ("no-tests", 0, ["Error: No tests found"]),
        ("pass-with-no-tests", 0, []),
        ("global-teardown", 0, ["Error: global teardown"]),
        ("worker-exits", 0, []),
    ],
)
def test_what_did_not_end_is_not_skipped(name: str, unfinished: int, problems: list[str]) -> None:
    report = told(name)
    assert report.unfinished == unfinished
    assert list(report.tests.problems[:1]) == problems


def test_a_test_in_several_projects_is_several_tests() -> None:
    assert set(by_name(told("global-teardown"))) == {
        "answers [one]", "answers [two]", "orders > are there [one]", "orders > are there [two]",
    }  # fmt: skip


def test_what_a_run_was_told_is_read() -> None:
    assert told("shard").shard == Shard(current=1, total=2)
    assert told("only-forbidden").forbids_only
    assert told("only-forbidden").tests.problems[0].startswith("Error: item focused with '.only'")


Change = Callable[[Tree], object]


def changed(name: str, change: Change) -> bytes:
    top = cast("Tree", json.loads(recorded(f"{DATA}/{name}.json")))
    change(top)
    return json.dumps(top).encode()


def first_test(top: Tree) -> Tree:
    suites = cast("list[dict[str, list[dict[str, list[Tree]]]]]", top["suites"])
    return suites[0]["specs"][0]["tests"][0]


def attempts(*statuses: str) -> list[Tree]:
    return [{"status": status, "errors": []} for status in statuses]


@pytest.mark.parametrize(
    "change",
    [
        lambda top: cast("Tree", top["stats"]).update(expected=3),
        lambda top: cast("Tree", top["stats"]).update(flaky=1),
        lambda top: first_test(top).update(results=[]),
        lambda top: first_test(top).update(results=attempts("failed")),
        lambda top: first_test(top).update(results=attempts("odd")),
        lambda top: first_test(top).update(status="odd"),
        lambda top: first_test(top).update(expectedStatus="skipped"),
        lambda top: top.pop("errors"),
        lambda top: top.pop("config"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(change: Change) -> None:
    with pytest.raises(OutputUnreadable):
        playwright_json.read(changed("green", change), what="r")


@pytest.mark.parametrize(
    ("status", "results"),
    [
        ("flaky", attempts("passed")),
        ("flaky", attempts("failed", "failed")),
        ("unexpected", attempts("passed")),
        ("unexpected", []),
        ("skipped", attempts("passed")),
        ("skipped", attempts("failed")),
    ],
)
def test_attempts_that_do_not_make_the_status_are_refused(status: str, results: list[Tree]) -> None:
    def change(top: Tree) -> None:
        first_test(top).update(status=status, results=results)
        cast("Tree", top["stats"]).update({"expected": 1, status: 1})

    with pytest.raises(OutputUnreadable, match="attempts are"):
        playwright_json.read(changed("green", change), what="r")


def test_an_error_without_a_message_is_told() -> None:
    errors: list[Tree] = [{"value": "thrown"}, {}, {"message": "\n", "value": ""}]
    report = playwright_json.read(changed("green", lambda top: top.update(errors=errors)), what="r")
    assert report.tests.problems == (
        "thrown", "it failed without a message", "it failed without a message",
    )  # fmt: skip


def shard(current: int, total: int) -> tuple[str, PlaywrightReport]:
    def change(top: Tree) -> None:
        cast("Tree", top["config"]).update(shard={"current": current, "total": total})

    report = playwright_json.read(changed("green", change), what="r")
    return f"{current}.json", report


def test_shards_that_make_one_whole_are_taken() -> None:
    refuse_shards([shard(2, 2), shard(1, 2)])
    refuse_shards([("green", told("green")), ("mixed", told("mixed"))])


@pytest.mark.parametrize(
    "parts",
    [
        [(1, 2)],
        [(1, 2), (1, 2)],
        [(1, 2), (2, 3)],
        [(1, 3), (2, 3)],
    ],
)
def test_shards_that_lack_one_are_refused(parts: list[tuple[int, int]]) -> None:
    with pytest.raises(OutputUnreadable, match="not one whole"):
        refuse_shards([shard(*part) for part in parts])
    with pytest.raises(OutputUnreadable, match="not one whole"):
        refuse_shards([shard(1, 1), ("green", told("green"))])


def test_all_tests_are_counted() -> None:
    outcomes = Counter(test.outcome for test in by_name(told("mixed")).values())
    assert sum(outcomes.values()) == told("mixed").total
