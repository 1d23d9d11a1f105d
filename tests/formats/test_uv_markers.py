from __future__ import annotations

import tomllib

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.strict_json import Value
from gates.formats.uv_markers import of_packages

WINDOWS = "{ name = 'b', marker = \"sys_platform == 'win32'\" }"
PLAIN = "{ name = 'b' }"


def markers(**packages: str) -> dict[str, str]:
    """The markers of packages whose entries are given as the text of their members."""
    text = "\n".join(f"[[package]]\nname = '{name}'\n{of}" for name, of in packages.items())
    return of_packages(tuple(Value(tomllib.loads(text), "uv.lock").member("package").items()))


def test_what_needs_no_condition() -> None:
    found = markers(
        root=f"dependencies = [{PLAIN}]", b="dependencies = [{ name = 'c' }]", c="", alone=""
    )
    assert found == {}


def test_a_marker_holds_for_all_behind_it() -> None:
    found = markers(root=f"dependencies = [{WINDOWS}]", b="dependencies = [{ name = 'c' }]", c="")
    assert found["b"] == "root -> b: sys_platform == 'win32'"
    assert found["c"] == "b -> c: ; root -> b: sys_platform == 'win32'"


def test_one_way_without_a_condition_is_enough() -> None:
    found = markers(
        root=f"dependencies = [{WINDOWS}, {{ name = 'c' }}]", b="", c=f"dependencies = [{PLAIN}]"
    )
    assert found == {}


@pytest.mark.parametrize("table", ["optional-dependencies", "dev-dependencies"])
def test_extras_and_groups_lead_to_packages_too(table: str) -> None:
    found = markers(root=f"[package.{table}]\nx = [{PLAIN}]\n", b="")
    assert found == {}
    assert "b" in markers(root=f"[package.{table}]\nx = [{WINDOWS}]\n", b="")


def test_a_package_that_asks_for_an_extra_of_itself() -> None:
    assert markers(b=f"dependencies = [{PLAIN}]") == {}


def test_packages_that_need_each_other() -> None:
    found = markers(
        root=f"dependencies = [{WINDOWS}]",
        b="dependencies = [{ name = 'c' }]",
        c=f"dependencies = [{PLAIN}]",
    )
    assert set(found) == {"b", "c"}


def test_forks_of_one_package() -> None:
    fork = "resolution-markers = [\"sys_platform == 'win32'\"]\n"
    found = markers(root=f"dependencies = [{PLAIN}]", b=f"{fork}dependencies=[{{name='c'}}]", c="")
    assert found["b"] == "root -> b: ; sys_platform == 'win32'"
    assert "sys_platform == 'win32'" in found["c"]


def test_a_member_of_another_type_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="not a string"):
        markers(root="dependencies = [{ name = 'b', marker = 1 }]", b="")
