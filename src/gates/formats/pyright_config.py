"""What a project's pyright configuration asks for, and where it is less than strict mode.

Read are `pyrightconfig.json` (JSON with comments and trailing commas) and `[tool.pyright]` of
pyproject.toml, as pyright documents them: `typeCheckingMode`, rules, `executionEnvironments`, the
globs of `strict`, `include`, `exclude` and `ignore`, and the chain of `extends`. A later file's
`typeCheckingMode` undoes the rules of those that it extends, and its lists replace theirs.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gates.domain.errors import OutputUnreadable
from gates.formats import config_tables, strict_json
from gates.formats.pyright_comments import SPACE, Comments
from gates.formats.pyright_rules import BOOLEANS, LEVELS, STRICT

NAMES = ("pyrightconfig.json", "pyproject.toml")
"""Names of configuration files in pyright's order; the second only counts with a section."""

LIMIT = 20
"""So many configurations may extend each other."""

_DEFAULT_EXCLUDES = ("**/node_modules", "**/__pycache__", "**/.*", "**/__editable__.*")
_MODES = frozenset({"strict", "standard", "basic"})
_TRUTH = {"true": 3, "false": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One configuration file.

    Attributes:
        folder: the absolute folder in which it lies.
        settings: what it says.
    """

    folder: str
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PyrightConfig:
    """A project's configuration of pyright, all layers in one.

    Attributes:
        mode: `typeCheckingMode`, or empty.
        rules: the rules that it sets, with their levels.
        environments: absolute roots of execution environments with the rules that each sets.
        strict: globs, absolute, of files that are checked strictly.
        include: globs of what is checked where nothing is named; empty for the whole project.
        exclude: globs of files that are not checked.
        ignore: globs of files about which nothing is told.
        constants: names of which `defineConstant` fixes the value.
        names_environment: it says by itself where packages are looked up.
    """

    mode: str = ""
    rules: Mapping[str, int] = field(default_factory=dict)
    environments: tuple[tuple[str, Mapping[str, int]], ...] = ()
    strict: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    names_environment: bool = False

    def includes(self, path: str) -> bool:
        """Whether pyright finds this absolute path by itself, unless it leaves it out."""
        return not self.include or any(_fits(glob, path) for glob in self.include)

    def excludes(self, path: str) -> bool:
        """Whether pyright leaves this absolute path out."""
        return any(_fits(glob, path) for glob in self.exclude)

    def ignores(self, path: str) -> bool:
        """Whether pyright says nothing about this absolute path, whatever it finds."""
        return any(_fits(glob, path) for glob in self.ignore)

    def laxities(self, files: Iterable[tuple[str, str, Comments]]) -> tuple[str, ...]:
        """Say what keeps strict mode from holding for each of these files; empty where it holds.

        Args:
            files: absolute path, the path to be shown, and the comments of each.
        """
        found = [f"`defineConstant` hides code behind `{name}`" for name in self.constants]
        for path, shown, comments in files:
            found += self._of_file(path, shown, comments)
        return tuple(dict.fromkeys(found))

    def _of_file(self, path: str, shown: str, comments: Comments) -> Iterator[str]:
        if comments.is_ignored:
            yield f"a `type: ignore` hides all of `{shown}`"
        if comments.unchecked:
            yield f"`no_type_check` hides a part of `{shown}`"
        before = self._levels(path)
        after = _told(before, comments.directives)
        weak = [rule for rule in STRICT if after[rule] < STRICT[rule]]
        if len(weak) < len(STRICT):
            for rule in weak:
                place = f" in `{shown}`" if after[rule] != before[rule] else ""
                yield f"`{rule}` is less than strict{place}"
        elif any(before[rule] >= STRICT[rule] for rule in STRICT):
            yield f"a comment takes `{shown}` out of strict mode"
        else:
            yield "`typeCheckingMode` is not `strict`"

    def _levels(self, path: str) -> dict[str, int]:
        """The level of each rule of strict mode for a file, as configured; -1 where not strict."""
        is_strict = self.mode == "strict"
        levels = {rule: level if is_strict else -1 for rule, level in STRICT.items()}
        own = next((rules for root, rules in self.environments if _is_below(path, root)), {})
        levels |= {**self.rules, **own}
        return _raised(levels) if any(_fits(glob, path) for glob in self.strict) else levels


def parse(data: bytes, *, name: str) -> Mapping[str, object] | None:
    """Read a configuration file; None where it has no section for pyright.

    Args:
        data: the file.
        name: its path; the ending says the format.

    Raises:
        OutputUnreadable: not JSON, or not TOML.
    """
    if not name.endswith(".toml"):
        return strict_json.read(_plain(data), what=name).mapping()
    return config_tables.of_toml(data, "pyright", name=name)


def extended(layer: Layer) -> str | None:
    """The absolute path of the configuration that this one extends, or None."""
    target = layer.settings.get("extends")
    return _joined(layer.folder, target) if isinstance(target, str) and target else None


def merged(layers: Sequence[Layer]) -> PyrightConfig:
    """Make one configuration of a chain of them.

    Args:
        layers: what is extended comes before what extends it; the last is the project's own.

    Raises:
        OutputUnreadable: a rule or the mode is set to what pyright does not know.
    """
    mode, rules = "", dict[str, int]()
    globs: dict[str, tuple[str, ...]] = {}
    environments: tuple[tuple[str, Mapping[str, int]], ...] = ()
    settings: dict[str, object] = {}
    for layer in layers:
        own = layer.settings.get("typeCheckingMode")
        if own is not None:
            mode, rules = _mode(own), {}
        rules |= _rules(layer.settings)
        settings |= layer.settings
        for name in ("strict", "include", "exclude", "ignore"):
            if isinstance(layer.settings.get(name), list):
                globs[name] = _globs(layer, name)
        if isinstance(layer.settings.get("executionEnvironments"), list):
            environments = tuple(_environments(layer))
    constants = settings.get("defineConstant")
    defaults = (_joined(layers[-1].folder, glob) for glob in _DEFAULT_EXCLUDES) if layers else ()
    return PyrightConfig(
        mode=mode,
        rules=rules,
        environments=environments,
        strict=globs.get("strict", ()),
        include=globs.get("include", ()),
        exclude=(*globs.get("exclude", ()), *defaults),
        ignore=globs.get("ignore", ()),
        constants=tuple(map(str, constants)) if isinstance(constants, dict) else (),
        names_environment="venvPath" in settings and "venv" in settings,
    )


def _plain(data: bytes) -> bytes:
    """Take comments and trailing commas out of JSON; its texts stay as they are."""
    text = rb'"(?:[^"\\]|\\.)*"'
    data = re.sub(
        text + rb"|//[^\r\n]*|/\*.*?\*/",
        lambda found: found[0] if found[0].startswith(b'"') else b" ",
        data,
        flags=re.DOTALL,
    )
    return re.sub(text + rb"|,(\s*[}\]])", lambda found: found[1] or found[0], data)


def _mode(value: object) -> str:
    if not isinstance(value, str) or value not in {"off", *_MODES}:
        raise _unknown("typeCheckingMode", value)
    return value


def _rules(settings: Mapping[str, object]) -> dict[str, int]:
    """The rules of strict mode that these settings name, with their levels."""
    found = {}
    for rule in STRICT.keys() & settings.keys():
        level = _level(rule, settings[rule])
        if level is None:
            raise _unknown(rule, settings[rule])
        found[rule] = level
    return found


def _level(rule: str, value: object) -> int | None:
    if isinstance(value, bool):
        return _TRUTH[str(value).lower()]
    return LEVELS.get(value) if isinstance(value, str) and rule not in BOOLEANS else None


def _unknown(setting: str, value: object) -> OutputUnreadable:
    return OutputUnreadable(
        "bad-configuration",
        f"pyright's configuration sets `{setting}` to {value!r}, which it does not know",
        hint="correct the entry; what pyright does not understand it passes over",
        place="pyright",
    )


def _globs(layer: Layer, name: str) -> tuple[str, ...]:
    given = layer.settings.get(name)
    texts = [item for item in given if isinstance(item, str)] if isinstance(given, list) else []
    # Pyright passes over absolute paths, but for those that it is to ignore.
    taken = [text for text in texts if name == "ignore" or not text.startswith(("/", "\\"))]
    return tuple(_joined(layer.folder, text) for text in taken)


def _environments(layer: Layer) -> Iterator[tuple[str, Mapping[str, int]]]:
    given = layer.settings["executionEnvironments"]
    for item in given if isinstance(given, list) else ():
        if isinstance(item, dict):
            root = item.get("root")
            yield _joined(layer.folder, root if isinstance(root, str) else "."), _rules(item)


def _told(levels: Mapping[str, int], directives: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """The levels after a file's own comments; in each, a mode counts before the rules."""
    now = dict(levels)
    for operands in directives:
        if "strict" in operands:
            now = _raised(now)
        elif _MODES.intersection(operands):
            now = dict.fromkeys(STRICT, -1)
        for operand in operands:
            rule, _, value = (part.strip(SPACE) for part in operand.partition("="))
            words = _TRUTH if rule in BOOLEANS else {**_TRUTH, **LEVELS}
            if rule in STRICT and value in words:
                now[rule] = words[value]
    return now


def _raised(levels: Mapping[str, int]) -> dict[str, int]:
    return {rule: max(level, STRICT[rule]) for rule, level in levels.items()}


def _joined(folder: str, path: str) -> str:
    """A path of the configuration, absolute; a backslash separates on every system."""
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _fits(glob: str, path: str) -> bool:
    """Whether a path, or a folder above it, is what a glob names.

    `**` stands for any folders, `*` for any and `?` for one sign within a name.
    """
    expression = ""
    for part in glob.split("/")[1:]:
        if part == "**":
            expression += "(/[^/]+)*?"
            continue
        signs = {"*": "[^/]*", "?": "[^/]"}
        expression += "/" + "".join(signs.get(sign) or re.escape(sign) for sign in part)
    return re.match(f"{expression}($|/)", path) is not None
