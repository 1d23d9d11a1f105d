"""Bandit's configuration: its table of pyproject.toml, its YAML file, and its `.bandit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gates.formats import insecure_samples

if TYPE_CHECKING:
    from gates.domain.errors import StageError

EXCLUSIONS = "exclude_dirs"
"""Texts and globs; a file in whose path one of them stands anywhere is not examined."""


def table(pyproject: bytes) -> Mapping[str, object] | None:
    """The table [tool.bandit], or None; a file that is no TOML is bandit's to refuse."""
    import tomllib

    try:
        tool: object = tomllib.loads(pyproject.decode()).get("tool")
    except ValueError:
        return None
    found = tool.get("bandit") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else None


def without_exclusions(data: bytes, *, name: str) -> bytes | None:
    """The same configuration without its exclusions, as JSON, which is YAML that bandit reads.

    Args:
        data: pyproject.toml, or bandit's YAML.
        name: the file's name, by which bandit tells them apart.

    Returns:
        None where it cannot be read, or says something that JSON cannot.
    """
    import json

    found = table(data) if name.endswith(".toml") else _yaml(data, name)
    if found is None:
        return None
    try:
        return json.dumps({key: of for key, of in found.items() if key != EXCLUSIONS}).encode()
    except TypeError:
        return None


def named_by_ini(data: bytes) -> str:
    """The configuration that a `.bandit` names, or empty."""
    from configparser import ConfigParser, Error

    parser = ConfigParser()
    try:
        parser.read_string(data.decode())
    except (Error, ValueError):
        return ""
    return parser.get("bandit", "configfile", raw=True, fallback="")


def blind(planted: str, *, excluded: bool, sees_otherwise: bool) -> StageError:
    """The error that bandit did not find what was planted, with what is known of why.

    Args:
        planted: path of the file of known-bad code.
        excluded: its exclusions took that path, and could not be taken away.
        sees_otherwise: without any configuration it finds it.
    """
    tests = insecure_samples.listed(insecure_samples.SAMPLES, "B")
    if not sees_otherwise:
        reason = f"bandit finds nothing in code that is known to be insecure ({tests})"
        hint = "its silence proves nothing: see whether it is really bandit, and install it anew"
    elif excluded:
        reason = (
            f"bandit's exclusions take the planted `{planted}`, and its configuration could not"
            " be read to go without them"
        )
        hint = "see `exclude_dirs` in its configuration, or let TMPDIR name another folder"
    else:
        reason = f"bandit's configuration enables no test that a canary is known for ({tests})"
        hint = "see `tests` and `skips` in its configuration"
    return insecure_samples.blind(reason, hint=hint, place="bandit")


def _yaml(data: bytes, name: str) -> Mapping[str, object] | None:
    from gates.formats import strict_yaml

    document = strict_yaml.read(data, name=name)
    if document.problems or not document.is_whole:
        return None
    return {str(key): value for key, value in document.value.items()}
