from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from gates.plugin import Options
from gates.stages import BUILT_IN, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Options):
    paths: tuple[str, ...] = ()
    metrics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    depth: int = 1


def test_plain_values_become_options_in_which_nothing_can_change() -> None:
    made = Sample.from_plain({"paths": ["a", "b"], "metrics": {"x": {"json": "/x"}}})
    assert made == Sample(paths=("a", "b"), metrics={"x": {"json": "/x"}}, depth=1)


def test_keys_of_another_stage_are_left_out() -> None:
    assert Sample.from_plain({"depth": 2, "other": 3}) == Sample(depth=2)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_stage_refuses_unknown_options_at_the_door(name: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    options = load(name).options_type
    with pytest.raises(ValidationError, match="no_such_option"):
        TypeAdapter(options).validate_python({"no_such_option": 1})
