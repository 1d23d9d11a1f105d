from __future__ import annotations

from gates.formats.pyright_rules import BOOLEANS, LEVELS, STRICT


def test_each_rule_of_strict_mode_has_its_level() -> None:
    assert len(STRICT) == 75
    assert set(STRICT.values()) == {LEVELS["error"]}
    assert STRICT.keys() > BOOLEANS


def test_what_concerns_imports_only_is_no_part_of_it() -> None:
    assert not {"reportMissingTypeStubs", "reportMissingModuleSource"} & STRICT.keys()
    assert "reportMissingImports" in STRICT
