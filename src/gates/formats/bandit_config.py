"""Bandit's configuration: its table of pyproject.toml, its YAML file, and its `.bandit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gates.formats import insecure_samples
from gates.formats.tool_paths import some

if TYPE_CHECKING:
    from gates.domain.errors import StageError

EXCLUSIONS = "exclude_dirs"
"""Texts and globs; a file in whose path one of them stands anywhere is not examined."""

_PROFILES = "profiles"
"""Sets of tests, of which a `.bandit` can name one in place of `tests` and `skips`."""


_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the configuration and the `.bandit` that are obeyed say of bandit's tests.

    Attributes:
        off: ids of tests that are switched off.
        only: ids of the tests that are on, or none where all are.
        tables: names of tables that say what tests look for.
        unread: what could not be read here, though bandit may.
    """

    off: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """Tell of all that."""
        told = [
            f"{name} could not be read for the tests that it switches off" for name in self.unread
        ]
        if self.off:
            told.append(f"switched off by configuration: {some(self.off, limit=_SHOWN)}")
        if self.only:
            told.append(f"by configuration no other test is on: {some(self.only, limit=_SHOWN)}")
        if self.tables:
            named = some(self.tables, limit=_SHOWN)
            told.append(f"what tests look for is set by configuration: {named}")
        return tuple(told)


def choices(data: bytes, *, name: str, ini: bytes) -> Choices:
    """Read what is said of the tests; the two add to one another.

    Args:
        data: pyproject.toml, or bandit's YAML.
        name: the file's name, or empty where there is none.
        ini: the `.bandit` that is obeyed, or empty.
    """
    is_yaml = name and not name.endswith(".toml")
    found = _yaml(data, name) if is_yaml else table(data) or {}
    options = _ini(ini) if ini else {}
    unread = [f"`{name}`"] if found is None else []
    unread += ["`.bandit`"] if options is None else []
    found, options = found or {}, options or {}
    profile = options.get("profile", "")
    profiles = found.get(_PROFILES)
    chosen = profiles.get(profile) if isinstance(profiles, dict) else None
    if profile:
        own = chosen if isinstance(chosen, dict) else {}
        only, off = own.get("include"), own.get("exclude")
    else:
        only, off = found.get("tests"), found.get("skips")
    return Choices(
        off=_texts(off) | _texts(options.get("skips", "").split(",")),
        only=_texts(only) | _texts(options.get("tests", "").split(",")),
        tables=frozenset(
            key for key, of in found.items() if isinstance(of, dict) and key != _PROFILES
        ),
        unread=tuple(unread),
    )


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
    return (_ini(data) or {}).get("configfile", "")


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


def _texts(found: object) -> frozenset[str]:
    """The ids in a list; a table's are its names."""
    entries: list[object] = [*found] if isinstance(found, list | dict) else []
    return frozenset(of.strip() for of in entries if isinstance(of, str) and of.strip())


def _ini(data: bytes) -> Mapping[str, str] | None:
    """The options of a `.bandit`; None where it cannot be read."""
    from configparser import ConfigParser, Error, InterpolationError

    parser = ConfigParser()
    try:
        parser.read_string(data.decode())
        return dict(parser.items("bandit"))
    except InterpolationError:
        return dict(parser.items("bandit", raw=True))
    except (Error, ValueError):
        return None


def _yaml(data: bytes, name: str) -> Mapping[str, object] | None:
    from gates.formats import strict_yaml

    document = strict_yaml.read(data, name=name)
    if document.problems or not document.is_whole:
        return None
    return {str(key): value for key, value in document.value.items()}
