"""Which configuration file is pylint's, and which settings in it end or empty a run."""

from __future__ import annotations

import re

NAMES = (
    "pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml", "pyproject.toml", "setup.cfg",
    "tox.ini",
)  # fmt: skip
"""Names of configuration files in pylint's order."""

_ERRORS_ONLY = re.compile(rb"""^\s*["']?errors[-_]only["']?\s*[=:]""", re.MULTILINE)


def is_for_pylint(name: str, data: bytes) -> bool:
    """Whether the file is pylint's own, or has a section for it; what is broken is for pylint.

    Args:
        name: its plain name.
        data: what is in it.
    """
    if name in {"pylintrc", ".pylintrc"}:
        return True
    if name.endswith(".toml"):
        import tomllib

        try:
            tool: object = tomllib.loads(data.decode()).get("tool")
        except ValueError:
            return True
        return isinstance(tool, dict) and "pylint" in tool
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(data.decode())
    except (Error, ValueError):
        return False
    return any(name == "pylint" or name.startswith("pylint.") for name in parser.sections())


def asks_for_errors_only(data: bytes) -> bool:
    """Whether `errors-only` is set; pylint leaves that out where it prints its settings."""
    return _ERRORS_ONLY.search(data) is not None
