"""Where ruff's configuration comes from: the project, and nothing above it.

Without a configuration of the project, ruff obeys one above it, or the user's own: then a verdict
would depend on the machine. `--isolated` ends that, and with it what ruff takes from
`requires-python`, which is therefore handed over.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from gates.formats.ruff_log import plain_name

_OLDEST, _NEWEST = 7, 14


@dataclass(frozen=True, slots=True)
class Choices:
    """What a configuration says of the security rules; each rule by its code or its name.

    Attributes:
        selected: selections that are narrower than all of them, and so win over a wider `ignore`.
        ignored: what is not to be reported.
    """

    selected: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def is_configured(files: Mapping[str, bytes]) -> bool:
    """Whether one of these configures ruff; one that cannot be read is ruff's to refuse.

    Args:
        files: configuration files of the project and of the folders above it up to git's, by path.
    """
    return any(_section(name, data) is not None for name, data in files.items())


def isolation(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The arguments that keep configuration from outside of these files away."""
    if is_configured(files):
        return ()
    project = _toml(files.get("pyproject.toml", b"")).get("project")
    wanted = project.get("requires-python") if isinstance(project, dict) else None
    found = re.search(r"(?:>=|==|~=)\s*3\.(\d+)", wanted) if isinstance(wanted, str) else None
    if found is None or not _OLDEST <= int(found[1]) <= _NEWEST:
        return ("--isolated",)
    return ("--isolated", f"--target-version=py3{found[1]}")


def extended(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The relative paths that these files name by `extend`, as seen from the project's folder."""
    named = set()
    for name, data in files.items():
        target = (_section(name, data) or {}).get("extend")
        if isinstance(target, str) and not target.startswith(("/", "~")):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            if not path.startswith("../"):
                named.add(path)
    return tuple(sorted(named))


def choices(path: str, read: Callable[[str], bytes], *, names: Collection[str]) -> Choices:
    """What a configuration selects and ignores of the security rules, those it extends included.

    `--select` on the command line makes ruff forget both, so they are handed over with it.

    Args:
        path: the configuration file, absolute, or empty.
        read: gives a file's bytes; empty where there is none.
        names: plain names of the security rules.
    """
    selected: list[str] = []
    ignored: list[str] = []
    seen = set()
    while path and path not in seen:
        seen.add(path)
        section = _section(path, read(path)) or {}
        lint = section.get("lint")
        tables = [section, lint if isinstance(lint, dict) else {}]
        for table in tables:
            for key in ("select", "extend-select"):
                selected += _selectors(table, key, names)
            for key in ("ignore", "extend-ignore"):
                ignored += _selectors(table, key, names)
        if any("select" in table for table in tables):
            break  # what it extends chose nothing that still stands
        target = section.get("extend")
        folder = posixpath.dirname(path)
        path = posixpath.join(folder, target) if isinstance(target, str) else ""
    narrow = tuple(dict.fromkeys(of for of in selected if of != "S"))
    return Choices(narrow, tuple(dict.fromkeys(ignored)))


def _selectors(table: Mapping[str, object], key: str, names: Collection[str]) -> list[str]:
    """The entries that name security rules, by code, by the start of one, or by name."""
    found = table.get(key)
    entries = [of for of in found if isinstance(of, str)] if isinstance(found, list) else []
    return [of for of in entries if re.fullmatch(r"S\d*", of) or plain_name(of) in names]


def _section(name: str, data: bytes) -> Mapping[str, object] | None:
    table = _toml(data)
    if posixpath.basename(name) != "pyproject.toml":
        return table
    tool = table.get("tool")
    section = tool.get("ruff") if isinstance(tool, dict) else None
    return section if isinstance(section, dict) else None


def _toml(data: bytes) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(data.decode())
    except ValueError:
        return {"tool": {"ruff": {}}}
