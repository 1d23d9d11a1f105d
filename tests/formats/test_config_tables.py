from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.config_tables import of_ini, of_toml


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("[tool.x]\na = 1\n", {"a": 1}),
        ("[tool.x]\n", {}),
        ("[tool.y]\na = 1\n", None),
        ("[project]\n", None),
        ("tool = 1\n", None),
        ("[tool]\nx = 1\n", None),
    ],
)
def test_a_tools_table(text: str, table: dict[str, object] | None) -> None:
    assert of_toml(text.encode("utf-8-sig"), "x", name="pyproject.toml") == table


def test_sections_in_order() -> None:
    data = b"[b]\nkey = %(x)s\n more\n[a]\n"

    found = of_ini(data, name="setup.cfg")

    assert list(found.items()) == [("b", {"key": "%(x)s\nmore"}), ("a", {})]


@pytest.mark.parametrize("data", [b"a = \n", b"\xff", b"[a]\n[a]\n"])
def test_what_is_not_toml_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`x\.toml` cannot be read: ") as caught:
        of_toml(data, "x", name="x.toml")
    assert caught.value.problem.slug == "bad-configuration"


@pytest.mark.parametrize("data", [b"a = 1\n", b"\xff", b"[a]\n[a]\n", b"[a]\nb = 1\nb = 2\n"])
def test_what_is_not_ini_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`x\.cfg` cannot be read: "):
        of_ini(data, name="x.cfg")
