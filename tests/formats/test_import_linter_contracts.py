from __future__ import annotations

import pytest

from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_contracts import remarks

MODULES = frozenset(
    {"pkg", "pkg.high", "pkg.low", "pkg.low.a", "pkg.one", "pkg.one.api", "pkg.one.db"}
)


def said(*contracts: dict[str, object], kinds: tuple[str, ...] = ()) -> tuple[str, ...]:
    config = ImportLinterConfig(
        name="pyproject.toml",
        roots=("pkg",),
        contracts=(),
        details=tuple({"name": "a\nb", **one} for one in contracts),
        kinds=kinds,
    )
    return remarks(config, MODULES)


@pytest.mark.parametrize(
    "contract",
    [
        {"type": "layers", "layers": ["pkg.high", "pkg.low"]},
        {"type": "layers", "layers": "pkg.high\npkg.low\n"},
        {"type": "layers", "layers": ["(pkg.high) | pkg.low"]},
        {"type": "layers", "layers": ["api", "(db)"], "containers": ["pkg.*", "pkg.one"]},
        {"type": "layers", "layers": ["api"], "containers": ["pkg.one"], "exhaustive": True},
        {"type": "forbidden", "source_modules": ["pkg.*"], "forbidden_modules": ["pkg.**.a"]},
        {"type": "forbidden", "source_modules": ["pkg"], "forbidden_modules": ["yaml"]},
        {"type": "forbidden", "source_modules": ["pkg"], "forbidden_modules": ["yaml.*"]},
        {"type": "independence", "modules": ["pkg.*"]},
        {"type": "protected", "protected_modules": ["pkg.low"]},
        {"type": "acyclic_siblings", "ancestors": ["pkg"]},
        {"type": "their own"},
    ],
)
def test_of_a_contract_that_holds_something_nothing_is_said(contract: dict[str, object]) -> None:
    assert said(contract) == ()


@pytest.mark.parametrize(
    "contract",
    [
        {"type": "layers", "layers": ["(pkg.hi)", "(pkg.lo)"]},
        {"type": "layers", "layers": ["pkg.low"]},
        {"type": "layers", "layers": ["pkg.low : pkg.high"]},
        {"type": "layers", "layers": ["(api)", "(web)"], "containers": ["pkg.one"]},
        {"type": "layers", "layers": ["api", "db"], "containers": ["pkg.*.none"]},
        {"type": "forbidden", "source_modules": ["pkg.none.*"], "forbidden_modules": ["yaml"]},
        {"type": "forbidden", "source_modules": ["pkg"], "forbidden_modules": ["pkg.none.**"]},
        {"type": "independence", "modules": ["pkg.hig.*", "pkg.low"]},
        {"type": "protected", "protected_modules": ["pkg.none.*"]},
        {"type": "acyclic_siblings", "ancestors": ["pkg.none.*"]},
    ],
)
def test_a_contract_that_holds_nothing_is_told(contract: dict[str, object]) -> None:
    assert said(contract) == ("`a b` holds nothing: it has no two modules to keep apart",)


def test_ignored_imports_are_counted() -> None:
    contract: dict[str, object] = {"type": "x", "ignore_imports": ["pkg.** -> pkg.**", "a -> b"]}

    assert said(contract) == ("`a b` looks away from 2 `ignore_imports`",)


def test_code_that_judges_contracts_is_told() -> None:
    assert said(kinds=("layers: pkg.ct.Kept",)) == (
        "contracts are judged by code that the configuration names: `layers: pkg.ct.Kept`",
    )
