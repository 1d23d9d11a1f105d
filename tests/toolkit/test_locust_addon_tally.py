"""What the add-on counts, without Locust."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from gates.toolkit import locust_addon_tally as tally
from gates.toolkit.locust_addon_tally import Settings, Tally

BEGUN = 1_767_225_600
GET = "GET /orders"


def test_a_process_tells_each_time_once_and_begins_anew() -> None:
    kept = Tally()
    kept.succeed(BEGUN + 0.9, GET, 20.0)
    kept.succeed(BEGUN + 0.1, GET, 20.0004)
    kept.succeed(BEGUN + 1.0, GET, 1.5)
    kept.fail(BEGUN + 0.5, GET, "status 500")

    first = kept.take(done=True)

    assert first["times"] == [
        (BEGUN, BEGUN, GET, {20_000: 2}),
        (BEGUN + 1, BEGUN + 1, GET, {1_500: 1}),
    ]
    assert first["failed"] == [(BEGUN, BEGUN, GET, {"status 500": 1})]
    assert first["done"]
    assert kept.take()["times"] == []


def test_a_turn_that_comes_late_is_counted() -> None:
    kept = Tally()
    kept.tick(BEGUN + 0.1, 0.0049, 3)
    kept.tick(BEGUN + 0.2, 0.0051, 4)
    kept.tick(BEGUN + 1.2, 0.02, 4)

    first, other = kept.take()["seconds"]

    assert first[:4] == (BEGUN, 2, 1, 0.0051)
    assert first[5] == 3  # the users at its first turn
    assert other[:4] == (BEGUN + 1, 1, 1, 0.02)
    assert first[4] >= 0


def test_names_and_reasons_have_an_end() -> None:
    kept = Tally()
    for number in range(tally.MAX_REASONS + 5):
        kept.fail(BEGUN, GET, f"check: {number}")
    ((_, _, _, reasons),) = kept.take()["failed"]

    assert len(reasons) == tally.MAX_REASONS + 1
    assert reasons["other"] == 5
    assert tally.bounded(Counter(["a"]), "b", 1) == "other"
    assert tally.bounded(Counter(["a"]), "a", 1) == "a"


class CatchResponseError(Exception):
    """Has the name of Locust's own."""


@pytest.mark.parametrize(
    ("exception", "status", "reason"),
    [
        (CatchResponseError("no total"), 200, "check: no total"),
        (RuntimeError("500 Server Error"), 500, "status 500"),
        (ConnectionRefusedError(111, "refused"), 0, "connection refused"),
        (TimeoutError(), 0, "TimeoutError"),
    ],
)
def test_failures_are_told_by_kind(exception: Exception, status: int, reason: str) -> None:
    assert tally.reason_of(exception, SimpleNamespace(status_code=status)) == reason
    assert tally.reason_of(TimeoutError(), None) == "TimeoutError"


def test_settings_come_from_the_file_beside_or_from_the_environment(tmp_path: Path) -> None:
    module = tmp_path / "addon.py"
    environ = {"GATES_LOAD_RECORD": "out/load.jsonl", "GATES_LOAD_WARMUP": "3"}

    assert tally.settings_for(module, {}) is None
    assert tally.settings_for(module, environ) == Settings("out/load.jsonl", 3)
    asked = Settings("r", 1, 2, 3, 4, ((1, 2),), ("h",), shaped=False)
    module.with_suffix(".json").write_text(json.dumps(asked._asdict()))
    assert tally.settings_for(module, environ) == asked


def test_a_long_request_tells_the_second_of_its_end() -> None:
    kept = Tally()
    kept.succeed(BEGUN + 0.5, GET, 999.0)
    kept.succeed(BEGUN + 0.5, GET, 2_600.0)
    kept.fail(BEGUN + 0.5, GET, "status 500", 1_500.0)

    told = kept.take()

    assert [key[:2] for key in told["times"]] == [(BEGUN, BEGUN), (BEGUN, BEGUN + 3)]
    assert [key[:2] for key in told["failed"]] == [(BEGUN, BEGUN + 2)]


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        (20, 20.0),
        (0.5, 0.5),
        (float("nan"), None),
        (float("inf"), None),
        (-1.0, None),
        (1e300, None),
        ("20", None),
        (None, None),
    ],
)
def test_only_a_finite_time_is_a_response_time(told: object, taken: float | None) -> None:
    assert tally.taken(told) == taken


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:1/orders", "127.0.0.1:1"),
        ("https://ann:secret@X.example?a=/b", "x.example"),  # pragma: allowlist secret
        ("HTTP://elsewhere.example#a", "elsewhere.example"),
        (r"http://elsewhere.example\@127.0.0.1:1/", "elsewhere.example"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http-over-ws", ""),
        ("ws://elsewhere.example/", ""),
        ("/orders", ""),
        (None, ""),
    ],
)
def test_the_host_of_an_address(url: object, host: str) -> None:
    assert tally.host_of(url) == host


class SilentError(Exception):
    """Cannot tell what it is."""

    def __str__(self) -> str:
        raise ValueError(self.args)


def test_an_exception_that_cannot_be_told_has_its_kind() -> None:
    assert tally.words(SilentError()) == "?"
    assert tally.words(ValueError("no id")) == "no id"
    assert tally.reason_of(SilentError(), None) == "SilentError"
