from __future__ import annotations

import pytest
from formats.sarif_samples import one

from gates.domain.errors import OutputUnreadable
from gates.formats.sarif_text import filled, strings
from gates.formats.strict_json import Value

RULE: dict[str, object] = {"messageStrings": {"default": {"text": "{0} calls '{1}'"}}}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"text": "plain"}, "plain"),
        ({"text": "f({x}) and {0}"}, "f({x}) and {0}"),
        ({"text": "{0} of {{1}} and {1}", "arguments": ["a", "{0}"]}, "a of {1} and {0}"),
        ({"text": "{0} of {7}", "arguments": ["a"]}, "a of {7}"),
        ({"id": "default", "arguments": ["f", "g"]}, "f calls 'g'"),
        ({"id": "default"}, "{0} calls '{1}'"),
        ({"text": "told", "id": "default"}, "told"),
        ({"id": "shared"}, "of the tool"),
    ],
)
def test_a_message_is_text_or_a_string_of_the_rule(
    message: dict[str, object], expected: str
) -> None:
    driver = {
        "name": "sample",
        "rules": [{"id": "shell", **RULE}],
        "globalMessageStrings": {"shared": {"text": "of the tool"}},
    }

    assert one({"message": message}, tool={"driver": driver}).message == expected


@pytest.mark.parametrize("message", [{}, {"markdown": "*x*"}, {"id": "absent"}, {"text": 1}])
def test_a_message_that_says_nothing_is_unreadable(message: dict[str, object]) -> None:
    with pytest.raises(OutputUnreadable):
        one({"message": message}, RULE)


def test_an_argument_is_a_text() -> None:
    with pytest.raises(OutputUnreadable, match="not a string"):
        filled("{0}", Value({"arguments": [1]}, "x"))


def test_there_may_be_no_strings() -> None:
    assert strings(Value({}, "x"), "messageStrings") == {}
