"""Whether a changed setting weakens what its tool demands, told by the setting's name.

The tools agree on their words: what is called `exclude` leaves files out, what is called `ignore`
leaves rules out, `strict` and `disallow_...` demand more. A setting whose name says nothing of the
kind cannot be ordered, and is only told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto

from gates.domain.weakening import WeakeningKind
from gates.formats.setting_files import Keys, Setting


class Sense(Enum):
    """What a setting does."""

    HIDES = auto()  # more entries hide more
    SELECTS = auto()  # fewer entries demand less
    NARROWS = auto()  # it selects, and everything is meant where it is absent
    STRICT = auto()  # on demands more
    LAX = auto()  # on demands less
    FLOOR = auto()  # a higher number demands more
    CEILING = auto()  # a lower number demands more
    RANK = auto()  # its words have an order
    COMMAND = auto()  # words of a command line
    UNKNOWN = auto()


_FILES = frozenset(
    {
        "omit", "exclude", "extend_exclude", "force_exclude", "exclude_dirs", "ignore_paths",
        "ignore_patterns", "ignores", "ignorepatterns", "testpathignorepatterns",
        "coveragepathignorepatterns", "modulepathignorepatterns", "watchpathignorepatterns",
        "norecursedirs", "collect_ignore", "collect_ignore_glob", "exclude_lines", "exclude_also",
        "partial_branches", "partial_also", "skip", "extend_skip", "skip_glob", "extend_skip_glob",
        "ignore_modules", "exclude_files", "exclude_from_coverage", "excluded",
    }
)  # fmt: skip
_RULES = frozenset(
    {
        "ignore", "extend_ignore", "per_file_ignores", "extend_per_file_ignores", "skips",
        "disable", "disable_error_code", "ignore_imports", "ignored_modules", "ignored_classes",
        "ignored_argument_names", "generated_members", "ignore_decorators", "filterwarnings",
        "ignoredvulns", "allowlist", "advisories", "results", "filters_used", "exceptions",
        "unmatched_ignore_imports_alerting", "packageoverrides", "ignore_vulns", "allow",
        "good_names", "external", "allowed_unused_imports",
    }
)  # fmt: skip
_SELECTING = frozenset(
    {
        "select", "extend_select", "enable", "enable_error_code", "source", "source_pkgs",
        "source_dirs", "python_files", "python_classes", "python_functions", "files", "packages",
        "modules", "plugins", "load_plugins", "required_plugins", "envlist", "env_list",
        "root_packages", "root_package", "source_modules", "forbidden_modules", "layers",
        "containers", "collectcoveragefrom", "testmatch", "testregex", "extends", "strict_files",
        "plugins_used", "contract_types", "patch", "lib", "markers", "setupfiles",
    }
)  # fmt: skip
_NARROWING = frozenset({"include", "testpaths", "tests", "only", "roots"})
_STRICT = re.compile(
    r"strict(?:_|[a-z]|$)|disallow_|warn_|check_untyped_defs$|no_implicit_|noimplicit|nounused"
    r"|nounchecked|nofallthrough|extra_checks$|branch$|xfail_strict$|checkjs$|check_coverage$"
    r"|include_namespace_packages$|disable_noqa$|exactoptional|alwaysstrict$|useunknownin"
    r"|reportunuseddisabledirectives|erroron|fail_on_|forceconsistent|deprecateddisallow"
    r"|local_partial_types$|enable_incomplete|audit$|collectcoverage$|all$|lockfile$"
)
_LAX = re.compile(
    r"ignore_errors$|ignore_missing_imports$|ignore_|allow_|implicit_|skip_|skiplibcheck$"
    r"|skipdefaultlibcheck$|nocheck$|exit_zero$|suppress|passwithnotests$|no_strict_optional$"
    r"|enabletypeignorecomments$|dangerously|noinlineconfig_off$|isolated_fixtures$|allowunreachable"
    r"|allowunused|continue_on|ignore_outcome$|skip_missing"
)
_FLOOR = re.compile(r"fail_under$|.*threshold|min_|minimum_|precision$|cov_fail_under$|quorum$")
_CEILING = re.compile(r"max_|maximum_|max[a-z]+$|line_length$|complexity$")
_OF_FILES = frozenset({"per_file_ignores", "extend_per_file_ignores", "results"})
"""Tables whose keys are names of files, which say nothing of what is set."""

_COVERED = frozenset({"lines", "branches", "functions", "statements", "perfile", "100"})
_COMMANDS = frozenset({"addopts", "options", "commands", "args", "entry"})
_RANKS: Mapping[str, tuple[str, ...]] = {
    "typecheckingmode": ("off", "basic", "standard", "recommended", "strict"),
    "follow_imports": ("error", "skip", "silent", "normal"),
    "audit_level": ("none", "critical", "high", "moderate", "low", "info"),
    "import_mode": (),
}
_SEVERITIES: Mapping[str, int] = {
    "off": 0, "none": 0, "0": 0, "false": 0, "information": 1, "info": 1, "1": 2, "warn": 2,
    "warning": 2, "on": 3, "error": 3, "2": 3, "true": 3,
}  # fmt: skip


_DEFAULTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("pytest", "python_files"): ("test_*.py", "*_test.py"),
    ("pytest", "python_classes"): ("Test",),
    ("pytest", "python_functions"): ("test",),
}
"""What a tool selects where it is not told."""


_CODE = re.compile(r"[A-Z]+[0-9]*")


def told(tool: str, keys: Keys, value: Setting | None) -> Setting | None:
    """A setting's value, or the one that its tool has for it where it is not set."""
    return _DEFAULTS.get((tool, plain(keys[-1]))) if value is None else value


def plain(key: str) -> str:
    """A setting's name in one spelling."""
    return key.lower().replace("-", "_")


def is_own(keys: Keys) -> bool:
    """Whether the setting's own name tells what it does, and not a table's around it."""
    return _by_name(plain(keys[-1])) is not Sense.UNKNOWN


def sense_of(tool: str, keys: Keys) -> Sense:
    """What a setting does, by its own name, else by those of the tables that it stands in."""
    own = plain(keys[-1])
    above = [plain(key) for key in keys[:-1]]
    if _OF_FILES & set(above):
        return Sense.HIDES
    if tool == "scripts" or own in _COMMANDS:
        return Sense.COMMAND
    if own in _RANKS or own.startswith("report") or "rules" in above:
        return Sense.RANK if not own.startswith("reporter") else Sense.UNKNOWN
    if own in _COVERED and any("threshold" in key or key == "check_coverage" for key in above):
        return Sense.FLOOR
    found = (_by_name(own), _by_form(own), *(_by_name(name) for name in reversed(above)))
    return next((sense for sense in found if sense is not Sense.UNKNOWN), Sense.UNKNOWN)


def kind_of(tool: str, keys: Keys, sense: Sense) -> WeakeningKind:
    """The metric in which a weakened setting counts: files left out are omits."""
    own = plain(keys[-1])
    of_files = tool in {"pylint", "pyright"} and own == "ignore"
    if sense is Sense.NARROWS or of_files:
        return WeakeningKind.OMIT
    names = {plain(key) for key in keys}
    is_omit = sense is Sense.HIDES and bool(names & _FILES) and not names & _RULES
    ignores = tool.endswith("ignore") and sense is Sense.HIDES
    return WeakeningKind.OMIT if is_omit or ignores else WeakeningKind.SETTING


def weakens(sense: Sense, keys: Keys, before: Setting | None, after: Setting | None) -> bool | None:
    """Whether a change of a setting weakens; None where nobody can order it.

    Args:
        sense: what the setting does.
        keys: its place.
        before: its value at the base, or None where it was not set.
        after: its value as it is, or None.
    """
    is_lists = sense in {Sense.HIDES, Sense.SELECTS, Sense.NARROWS}
    if is_lists:
        return _of_list(sense, before, after)
    if sense is Sense.STRICT:
        return not _is_on(after) and (before is None or _is_on(before))
    if sense is Sense.LAX:
        return _is_on(after) and not _is_on(before)
    if sense is Sense.RANK:
        return _ranks_lower(plain(keys[-1]), before, after)
    is_number = sense in {Sense.FLOOR, Sense.CEILING}
    return _moved_off(sense, before, after) if is_number else None


def words(value: Setting | None) -> tuple[str, ...]:
    """The entries of a list, however its file writes one."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return value
    lines = [line.strip() for line in value.split("\n")]
    if len([line for line in lines if line]) > 1:
        return tuple(line.rstrip(",") for line in lines if line and line[0] not in {"#", ";"})
    return tuple(word for word in re.split(r"[,\s]+", value) if word)


def _by_name(name: str) -> Sense:
    for names, sense in (
        (_FILES, Sense.HIDES),
        (_RULES, Sense.HIDES),
        (_SELECTING, Sense.SELECTS),
        (_NARROWING, Sense.NARROWS),
    ):
        if name in names:
            return sense
    return Sense.UNKNOWN


def _by_form(name: str) -> Sense:
    for pattern, sense in (
        (_LAX, Sense.LAX),
        (_STRICT, Sense.STRICT),
        (_FLOOR, Sense.FLOOR),
        (_CEILING, Sense.CEILING),
    ):
        if pattern.match(name):
            return sense
    return Sense.UNKNOWN


def _of_list(sense: Sense, before: Setting | None, after: Setting | None) -> bool | None:
    if sense is Sense.HIDES:
        return not _covers(words(before), words(after))
    if before is None:
        # What a tool selects by itself is not known here, so only an empty choice is surely less.
        return True if sense is Sense.NARROWS or not words(after) else None
    if after is None:
        return None if sense is Sense.NARROWS else True
    return not _covers(words(after), words(before))


def _covers(these: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether each of the others is named, or a rule or folder that holds it."""
    return all(any(_holds(one, other) for one in these) for other in others)


def _holds(one: str, other: str) -> bool:
    if one == other or other.startswith(f"{one.rstrip('/')}/"):
        return True
    is_code = _CODE.fullmatch(other) is not None
    return is_code and (one == "ALL" or (_CODE.fullmatch(one) is not None and _begins(one, other)))


def _begins(one: str, other: str) -> bool:
    """Whether a rule's code is the beginning of another one, of the same letters."""
    return other.startswith(one) and other.rstrip("0123456789") == one.rstrip("0123456789")


def _is_on(value: Setting | None) -> bool:
    return isinstance(value, str) and value.strip().lower() in {"true", "1", "yes", "on", "error"}


def _moved_off(sense: Sense, before: Setting | None, after: Setting | None) -> bool:
    old, new = _number(before), _number(after)
    if new is None:
        return before is not None or sense is Sense.FLOOR
    if old is None:
        return before is not None  # it was no number: nothing shows that this is not less
    return new < old if sense is Sense.FLOOR else new > old


def _number(value: Setting | None) -> float | None:
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _ranks_lower(name: str, before: Setting | None, after: Setting | None) -> bool | None:
    old, new = _rank(name, before), _rank(name, after)
    if new is None:
        return None if before is None or old == 0 else True
    if old is None:
        return True if before is not None or new < _SEVERITIES["error"] else None
    return new < old


def _rank(name: str, value: Setting | None) -> int | None:
    first = (value[0] if value else "") if isinstance(value, tuple) else value
    if first is None:
        return None
    word = first.strip().lower()
    order = _RANKS.get(name)
    if order:
        # The strictest word is at least as strict as an error, whatever the number of words.
        return order.index(word) if word in order else None
    return _SEVERITIES.get(word)
