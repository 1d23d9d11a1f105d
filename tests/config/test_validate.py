from __future__ import annotations

from gates.config.problems import Problems
from gates.config.refusals import Validated
from gates.config.validate import validated
from gates.config.wire import Exemption, Gate, keys_of
from gates.formats import strict_yaml


def _gate(text: str) -> tuple[Gate | None, frozenset[str], int]:
    document = strict_yaml.read(text.encode(), name="f")
    problems = Problems(document)
    seen = Validated((), document.value, keys_of(Gate), {})
    gate, damaged = validated(Gate, seen, problems)
    return gate, damaged, len(problems)


def test_a_sound_mapping_comes_whole() -> None:
    gate, damaged, count = _gate("uses: ruff\nenv: {A: b}\n")
    assert gate is not None
    assert (gate.uses, gate.env, damaged, count) == ("ruff", {"A": "b"}, frozenset(), 0)


def test_what_is_sound_in_a_bad_one_comes_on() -> None:
    gate, damaged, count = _gate("uses: ruff\nenv: {A: 5, B: c}\ntimeout: 5\nextra: 1\n5: x\n")
    assert gate is not None
    assert (gate.uses, gate.env, gate.timeout) == ("ruff", {"B": "c"}, "")
    assert damaged == {"env", "timeout", "extra", "5"}
    assert count == 4


def test_a_list_with_a_bad_item_goes_whole() -> None:
    gate, damaged, _ = _gate("uses: ruff\nrequire: [a, 5]\n")
    assert gate is not None
    assert gate.require == []
    assert damaged == {"require"}


def test_a_mapping_that_misses_what_it_needs_is_none() -> None:
    document = strict_yaml.read(b"reason: r\n", name="f")
    problems = Problems(document)
    seen = Validated((), document.value, keys_of(Exemption), {})
    assert validated(Exemption, seen, problems) == (None, frozenset())
    assert len(problems) == 1
