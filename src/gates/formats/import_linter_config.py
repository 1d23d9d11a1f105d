"""What import-linter's configuration names: its root packages, and its contracts.

Read as import-linter does: `setup.cfg` and `.importlinter` (INI) before pyproject.toml, where the
first that has a section for it decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gates.formats import config_tables

NAMES = ("setup.cfg", ".importlinter", "pyproject.toml")
"""Names of configuration files in import-linter's order."""

_SECTION = "importlinter"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLinterConfig:
    """A project's configuration of import-linter.

    Attributes:
        name: its file.
        roots: the packages whose imports are looked at, as modules are named.
        contracts: the names of the contracts, in order.
        details: all that each contract says.
        kinds: `contract_types`: code of the project's or others' own that judges contracts.
    """

    name: str
    roots: tuple[str, ...]
    contracts: tuple[str, ...]
    details: tuple[Mapping[str, object], ...] = field(default=(), compare=False)
    kinds: tuple[str, ...] = ()


def parse(data: bytes, *, name: str) -> ImportLinterConfig | None:
    """Read a configuration file; None where it has no section for import-linter.

    Args:
        data: the file.
        name: its path; the ending says the format.

    Raises:
        OutputUnreadable: not TOML, or not INI.
    """
    found = _toml(data, name) if name.endswith(".toml") else _ini(data, name)
    if found is None:
        return None
    settings, contracts = found
    roots = settings.get("root_packages", settings.get("root_package"))
    return ImportLinterConfig(
        name=name,
        roots=words(roots),
        contracts=tuple(str(one.get("name", "")) for one in contracts),
        details=contracts,
        kinds=words(settings.get("contract_types")),
    )


_Found = tuple[Mapping[str, object], tuple[Mapping[str, object], ...]]


def _toml(data: bytes, name: str) -> _Found | None:
    table = config_tables.of_toml(data, _SECTION, name=name)
    if not table:
        return None
    contracts = table.get("contracts")
    tables = contracts if isinstance(contracts, list) else []
    return table, tuple(one for one in tables if isinstance(one, dict))


def _ini(data: bytes, name: str) -> _Found | None:
    sections = config_tables.of_ini(data, name=name)
    if _SECTION not in sections:
        return None
    contracts = (one for one in sections if one.startswith(f"{_SECTION}:"))
    return sections[_SECTION], tuple(sections[one] for one in contracts)


def words(value: object) -> tuple[str, ...]:
    """The items of a list, or of a text with one in each line."""
    lines = value.splitlines() if isinstance(value, str) else value
    found = (str(line).strip() for line in lines) if isinstance(lines, list | tuple) else iter(())
    return tuple(word for word in found if word)
