from __future__ import annotations

from gates.config import wire, wire_file
from gates.domain.plan import LEVELS


def test_the_file_reads_the_levels_of_the_domain() -> None:
    whole = {"version": 1, "levels": {level: ["ruff"] for level in LEVELS}}
    assert set(wire_file.File.model_validate(whole).levels) == set(LEVELS)


def test_the_head_and_the_levels_are_the_whole_file() -> None:
    assert {*wire.keys_of(wire.Head), "levels", "services"} == set(wire.keys_of(wire_file.File))
