from __future__ import annotations

import pytest

from gates.formats.import_linter_config import ImportLinterConfig, parse
from gates.plugin import OutputUnreadable

TOML = b"""
[tool.importlinter]
root_package = "shop"
[[tool.importlinter.contracts]]
name = "One"
[[tool.importlinter.contracts]]
id = "two"
"""
INI = b"""
[importlinter]
root_packages =
    shop
    store.front
[importlinter:contract:one]
name = One % of it
[importlinter:contract:two]
type = layers
[other]
"""


def test_toml_is_read() -> None:
    assert parse(TOML, name="pyproject.toml") == ImportLinterConfig(
        name="pyproject.toml", roots=("shop",), contracts=("One", "")
    )


@pytest.mark.parametrize("name", ["setup.cfg", ".importlinter"])
def test_ini_is_read(name: str) -> None:
    assert parse(INI, name=name) == ImportLinterConfig(
        name=name, roots=("shop", "store.front"), contracts=("One % of it", "")
    )


def test_what_a_contract_says_is_kept() -> None:
    data = b"[importlinter]\ncontract_types =\n  a: b.C\n[importlinter:contract:x]\ntype = a\n"
    found = parse(data, name="setup.cfg")

    assert found is not None
    assert found.details == ({"type": "a"},)
    assert found.kinds == ("a: b.C",)


@pytest.mark.parametrize(
    ("data", "roots", "contracts"),
    [
        (b"[tool.importlinter]\nroot_packages = ['a', 'b']\n", ("a", "b"), ()),
        (b"[tool.importlinter]\nroot_packages = 1\n", (), ()),
        (b"[tool.importlinter]\nroot_package = 'a'\ncontract = [{name = 'x'}]\n", ("a",), ()),
        (b"[tool.importlinter]\nroot_package = 'a'\ncontracts = 1\n", ("a",), ()),
        (b"[tool.importlinter]\nroot_package = 'a'\ncontracts = [1]\n", ("a",), ()),
    ],
)
def test_what_is_not_there_is_not_made_up(
    data: bytes, roots: tuple[str, ...], contracts: tuple[str, ...]
) -> None:
    found = parse(data, name="pyproject.toml")

    assert found is not None
    assert (found.roots, found.contracts) == (roots, contracts)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pyproject.toml", b""),
        ("pyproject.toml", b"tool = 1"),
        ("pyproject.toml", b"[tool.importlinter]"),
        ("pyproject.toml", b"[tool.other]"),
        ("setup.cfg", b"[metadata]"),
        (".importlinter", b""),
    ],
)
def test_a_file_without_a_section_is_none(name: str, data: bytes) -> None:
    assert parse(data, name=name) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [("pyproject.toml", b"[tool"), ("pyproject.toml", b"\xff"), ("setup.cfg", b"a = 1\n")],
)
def test_a_broken_file_is_unreadable(name: str, data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="cannot be read"):
        parse(data, name=name)
