"""Ranges of status codes."""

from __future__ import annotations

import pytest

from gates.formats.probe_model import NOWHERE, Ask, Statuses, shown, within


@pytest.mark.parametrize(
    ("statuses", "text"),
    [
        (((200, 200),), "200"),
        (((200, 299),), "2xx"),
        (((200, 204), (409, 409)), "200-204 or 409"),
        (((201, 300),), "201-300"),
    ],
)
def test_ranges_in_words(statuses: Statuses, text: str) -> None:
    assert shown(statuses) == text


def test_both_ends_are_within() -> None:
    statuses = ((200, 204),)
    assert [status for status in range(198, 207) if within(status, statuses)] == [
        200, 201, 202, 203, 204,
    ]  # fmt: skip


def test_a_request_is_called_by_method_and_path() -> None:
    assert Ask(method="GET", path="/a").label == "GET /a"


def test_a_path_of_our_own_is_told_without_its_word() -> None:
    assert Ask(method="GET", path=f"/api{NOWHERE}").label == "GET /api/gates-probe-..."
    assert Ask(method="GET", path="/orders/{run}").label == "GET /orders/{run}"
