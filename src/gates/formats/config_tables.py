"""A tool's own settings in the files that several tools share: pyproject.toml, and INI files."""

from __future__ import annotations

from collections.abc import Mapping

from gates.domain.errors import OutputUnreadable


def of_toml(data: bytes, tool: str, *, name: str) -> Mapping[str, object] | None:
    """The table `[tool.TOOL]`; None where there is none.

    Args:
        data: the file.
        tool: the table's name.
        name: the file's path, for the message.

    Raises:
        OutputUnreadable: not TOML.
    """
    import tomllib

    try:
        tables: object = tomllib.loads(data.decode("utf-8-sig")).get("tool")
    except ValueError as error:
        raise _unreadable(name, str(error)) from None
    table = tables.get(tool) if isinstance(tables, dict) else None
    return table if isinstance(table, dict) else None


def of_ini(data: bytes, *, name: str) -> Mapping[str, Mapping[str, str]]:
    """All sections in order.

    Args:
        data: the file.
        name: its path, for the message.

    Raises:
        OutputUnreadable: not INI, or a section or a key stands twice.
    """
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(data.decode("utf-8-sig"))
    except (Error, ValueError) as error:
        raise _unreadable(name, " ".join(str(error).split())) from None
    return {section: dict(parser[section]) for section in parser.sections()}


def _unreadable(name: str, why: str) -> OutputUnreadable:
    return OutputUnreadable("bad-configuration", f"`{name}` cannot be read: {why}", place=name)
