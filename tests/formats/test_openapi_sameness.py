from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_sameness import is_same
from gates.formats.strict_json import Value

REF = {"$ref": "#/a"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"one": 1, "a": 1}, {"one": 1, "a": 2}, True),
        ({"one": REF, "a": 1}, {"one": REF, "a": 1}, True),
        ({"one": REF, "a": 1}, {"one": REF, "a": 2}, False),
        ({"one": {**REF, "b": 1}, "a": 1}, {"one": {**REF, "b": 2}, "a": 1}, False),
        ({"one": REF, "a": 1}, {"one": 1, "a": 1}, False),
        ({"one": REF, "a": [REF]}, {"one": REF, "a": [REF]}, True),
        ({"one": [1, 2]}, {"one": [1, 2]}, True),
        ({"one": [1, 2]}, {"one": [1]}, False),
        ({"one": [1, 2]}, {"one": [2, 1]}, False),
        ({"one": {"b": 1}}, {"one": {"b": 1, "c": 1}}, False),
        ({"one": 1}, {"one": True}, False),
        ({"one": None}, {"one": None}, True),
    ],
)
def test_what_is_referred_to_counts(
    old: dict[str, object], new: dict[str, object], *, expected: bool
) -> None:
    pair = Value(old, "old").member("one"), Value(new, "new").member("one")
    assert is_same(*pair) is expected


def test_a_chain_that_is_too_deep_is_refused() -> None:
    chain: dict[str, object] = {str(one): [{"$ref": f"#/{one + 1}"}] for one in range(2000)}
    root = Value({**chain, "2000": 1}, "openapi.json")
    with pytest.raises(OutputUnreadable, match="too deep"):
        is_same(root.member("0"), root.member("0"))
