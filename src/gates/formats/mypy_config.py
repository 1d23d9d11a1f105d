"""What a project's mypy configuration asks for, and where it is less than strict mode.

Read are the forms that mypy documents: `[mypy]` and `[mypy-PATTERN]` of an INI file, `[tool.mypy]`
and `[[tool.mypy.overrides]]` of pyproject.toml, with inverted names (`allow_`, `no_`) as mypy reads
them. `ignore_missing_imports` and what concerns imports only is no part of strict mode.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gates.formats import config_tables

NAMES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
"""Names of configuration files in mypy's order; the last two only count with a section for it."""

STRICT: dict[str, bool] = {
    "disallow_any_generics": True,
    "disallow_subclassing_any": True,
    "disallow_untyped_calls": True,
    "disallow_untyped_defs": True,
    "disallow_incomplete_defs": True,
    "check_untyped_defs": True,
    "disallow_untyped_decorators": True,
    "warn_redundant_casts": True,
    "warn_unused_ignores": True,
    "warn_return_any": True,
    "implicit_reexport": False,
    "strict_equality": True,
    "extra_checks": True,
}
"""What `--strict` of mypy 2.4 stands for."""

NOT_SET = "`strict = true` is not set"
"""What is said where nothing of strict mode is asked for."""

_NEVER = {"ignore_errors": True, "strict_optional": False, "disallow_any_explicit": False}
_IMPORT_CODES = frozenset({"import", "import-not-found", "import-untyped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Settings of one section, names and truth values made plain.

    Attributes:
        modules: patterns of the modules that it is for; empty for all.
        flags: settings that are on or off.
        texts: the others.
    """

    modules: tuple[str, ...]
    flags: Mapping[str, bool]
    texts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MypyConfig:
    """A project's configuration of mypy.

    Attributes:
        name: its file, relative or absolute; empty where there is none.
        whole: the section for all modules.
        overrides: the sections for some.
    """

    name: str = ""
    whole: Section = Section(modules=(), flags={}, texts={})
    overrides: tuple[Section, ...] = ()

    @property
    def names_files(self) -> bool:
        """Whether it says by itself what is checked."""
        return any(self.whole.texts.get(name) for name in ("files", "packages", "modules"))

    def is_on(self, flag: str) -> bool:
        """Whether a flag of `STRICT`, or any other, is on for all modules."""
        strict = self.whole.flags.get("strict", False)
        return self.whole.flags.get(flag, strict and STRICT.get(flag, False))

    def excludes(self, path: str) -> bool:
        """Whether `exclude` leaves the file, or a folder above it, out of what mypy looks for."""
        parts = path.split("/")
        places = (path, *("/".join(parts[:count]) + "/" for count in range(1, len(parts))))
        patterns = self.whole.texts.get("exclude", ())
        return any(re.search(pattern, place) for pattern in patterns for place in places)

    def laxities(self, modules: Iterable[str], *, strict: bool = False) -> tuple[str, ...]:
        """Say where it is less than strict for any of these modules; empty where it is strict.

        Args:
            modules: names of the modules that are sources.
            strict: the command line asks for strict mode.
        """
        return tuple(self._laxities(tuple(modules), strict=strict))

    def _laxities(self, modules: tuple[str, ...], *, strict: bool) -> Iterator[str]:
        strict = strict or self.whole.flags.get("strict", False)
        off = [
            flag
            for flag, wanted in STRICT.items()
            if self.whole.flags.get(flag, wanted if strict else not wanted) != wanted
        ]
        if len(off) == len(STRICT):
            yield NOT_SET
        else:
            yield from (f"`{flag}` is less than strict" for flag in off)
        # A global `disallow_any_explicit = false` yields to our command line; an override does not.
        never = _NEVER.keys() - {"disallow_any_explicit"}
        flags = {name: on for name, on in self.whole.flags.items() if name in never}
        yield from weakenings(Section(modules=(), flags=flags, texts=self.whole.texts))
        for section in self.overrides:
            if any(_fits(pattern, module) for pattern in section.modules for module in modules):
                place = " and ".join(f"`{pattern}`" for pattern in section.modules)
                yield from (f"{one} for {place}" for one in weakenings(section))


def weakenings(section: Section) -> Iterator[str]:
    """Name each setting of a section that switches off a part of strict mode."""
    for name, on in section.flags.items():
        if on == _NEVER.get(name) or on != STRICT.get(name, on):
            yield f"`{name}` is {'on' if on else 'off'}"
    if "skip" in section.texts.get("follow_imports", ()):
        yield "`follow_imports` is `skip`"
    for name in ("always_true", "always_false"):
        if section.texts.get(name):
            yield f"`{name}` hides code behind {', '.join(section.texts[name])}"
    codes = set(section.texts.get("disable_error_code", ())) - _IMPORT_CODES
    if codes:
        yield f"`disable_error_code` holds {', '.join(sorted(codes))}"


def parse(data: bytes, *, name: str) -> MypyConfig | None:
    """Read a configuration file; None where it has no section for mypy.

    Args:
        data: the file.
        name: its path; the ending says the format.

    Raises:
        OutputUnreadable: not TOML, or not INI.
    """
    sections = tuple(_toml(data, name) if name.endswith(".toml") else _ini(data, name))
    whole = next((section for section in sections if not section.modules), None)
    if whole is None:
        return None
    return MypyConfig(
        name=name, whole=whole, overrides=tuple(one for one in sections if one.modules)
    )


def inline(comment: str) -> Section:
    """Read the settings of a `# mypy: ...` comment."""
    pairs = (part.partition("=") for part in re.split(r",(?![^=]*\")", comment) if part.strip())
    return _section((), {name.strip(): value.strip(' "') or "true" for name, _, value in pairs})


def _toml(data: bytes, name: str) -> Iterator[Section]:
    table = config_tables.of_toml(data, "mypy", name=name)
    if table is None:
        return
    yield _section((), table)
    overrides = table.get("overrides")
    for override in overrides if isinstance(overrides, list) else ():
        if isinstance(override, dict):
            yield _section(_words(override.get("module")), override)


def _ini(data: bytes, name: str) -> Iterator[Section]:
    for section, settings in config_tables.of_ini(data, name=name).items():
        if section == "mypy":
            yield _section((), settings)
        elif section.startswith("mypy-"):
            yield _section(_words(section.removeprefix("mypy-")), settings)


def _section(modules: tuple[str, ...], settings: Mapping[str, object]) -> Section:
    flags: dict[str, bool] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for key, value in settings.items():
        name = key.replace("-", "_")
        on = _truth(value)
        if on is None:
            texts[name] = (
                (value,) if name == "exclude" and isinstance(value, str) else _words(value)
            )
        else:
            plain, turned = _plain_name(name)
            flags[plain] = on != turned
    return Section(modules=modules, flags=flags, texts=texts)


def _plain_name(name: str) -> tuple[str, bool]:
    """The name by which `STRICT` knows a flag, and whether it was written inverted."""
    for prefix, instead in (("no_", ""), ("allow_", "disallow_"), ("disallow_", "")):
        plain = instead + name.removeprefix(prefix)
        if name.startswith(prefix) and name not in STRICT and plain in {**STRICT, **_NEVER}:
            return plain, True
    return name, False


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    words = {"1": True, "yes": True, "true": True, "on": True}
    words |= {"0": False, "no": False, "false": False, "off": False}
    return words.get(value.strip().lower()) if isinstance(value, str) else None


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(word.strip() for word in re.split(r"[,\n]", value) if word.strip())
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return ()


def _fits(pattern: str, module: str) -> bool:
    """Whether a module is one of a pattern's: `a.b`, `a.*` (also `a`), `*.b`."""
    first, *rest = pattern.split(".")
    expression = ".*" if first == "*" else re.escape(first)
    expression += "".join(r"(\..*)?" if part == "*" else re.escape(f".{part}") for part in rest)
    return re.fullmatch(expression, module) is not None
