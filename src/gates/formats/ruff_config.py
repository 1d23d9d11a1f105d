"""Where ruff's configuration comes from: the project, and nothing above it.

Without a configuration of the project, ruff obeys one above it, or the user's own: then a verdict
would depend on the machine. `--isolated` ends that, and with it what ruff takes from
`requires-python`, which is therefore handed over.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

NAMES = ("pyproject.toml", "ruff.toml", ".ruff.toml")
"""Names of configuration files; the first only counts with a section for ruff."""

_OLDEST, _NEWEST = 7, 14


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
