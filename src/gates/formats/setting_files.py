"""The settings of tools, read from whatever file holds them, in one flat shape.

A setting is a path of keys with a value: a text, or a tuple of texts where the file has a list.
The names of sections are those that the tool has in a file of its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from gates.domain.errors import OutputUnreadable
from gates.formats.suppressions import decoded

Keys = tuple[str, ...]
Setting = str | tuple[str, ...]
Settings = Mapping[Keys, Setting]

NOTHING: Settings = {("",): ""}
"""What stands for a section, or a tool's own file, in which nothing is set."""

PRECEDENCE: Mapping[str, tuple[str, ...]] = {
    "ruff": (".ruff.toml", "ruff.toml", "pyproject.toml"),
    "mypy": ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg"),
    "pytest": (
        "pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini",
        "setup.cfg",
    ),
    "coverage": (".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml"),
    "flake8": ("setup.cfg", "tox.ini", ".flake8", "pyproject.toml"),
    "pylint": (
        "pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml", "pyproject.toml", "setup.cfg",
        "tox.ini",
    ),
    "pyright": ("pyrightconfig.json", "pyproject.toml"),
    "bandit": (".bandit", "bandit.yaml", "bandit.yml", "pyproject.toml", "setup.cfg", "tox.ini"),
    "importlinter": ("setup.cfg", ".importlinter", "pyproject.toml"),
    "isort": (".isort.cfg", "pyproject.toml", "setup.cfg", "tox.ini"),
    "eslint": (".eslintrc.yaml", ".eslintrc.yml", ".eslintrc.json", ".eslintrc", "package.json"),
    "jest": ("jest.config.json", "package.json"),
    "nyc": (".nycrc", ".nycrc.json", ".c8rc.json", "package.json"),
}  # fmt: skip
"""In which files a tool looks for its settings; the first that has any is obeyed."""

_OWN: Mapping[str, str] = {
    name: tool
    for tool, names in PRECEDENCE.items()
    for name in names
    if name not in {"pyproject.toml", "setup.cfg", "tox.ini", "package.json"}
}
_ALONE = (
    "osv-scanner.toml", ".secrets.baseline", ".npmrc", "audit-ci.json", "audit-ci.jsonc", ".nsprc",
    ".gitleaks.toml", ".grype.yaml", "trivy.yaml", ".snyk", "biome.json", "biome.jsonc",
    ".secretlintrc.json", ".secretlintrc", ".prettierrc", ".prettierrc.json", "deno.json",
    "schemathesis.toml", "semgrep.yml", ".semgrep.yml", "sonar-project.properties", "codecov.yml",
    ".codecov.yml",
)  # fmt: skip
_LISTS = (
    ".eslintignore", ".prettierignore", ".semgrepignore", ".trivyignore", ".gitleaksignore",
    ".secretlintignore", ".stylelintignore", ".pip-audit-ignore", ".grypeignore",
)  # fmt: skip
_NOT_CHECKS = frozenset(
    {
        "bumpversion", "cibuildwheel", "commitizen", "flit", "hatch", "maturin", "pdm", "poetry",
        "scikit-build", "semantic_release", "setuptools", "setuptools_scm", "towncrier", "uv",
    }
)  # fmt: skip
_IDENTITIES = ("module", "hashed_secret", "name", "id", "files", "path")
_TSCONFIG = re.compile(r"(?:ts|js)config[\w.-]*\.json$")
_IN_RESULTS = 3
_MAX_BYTES = 8 << 20


def names() -> tuple[str, ...]:
    """The names of all files that hold settings, those of TypeScript excepted."""
    of_tools = {name for all_names in PRECEDENCE.values() for name in all_names}
    return tuple(sorted(of_tools.union(_ALONE, _LISTS)))


def holds_settings(path: str) -> bool:
    """Whether a file holds settings that are read here."""
    name = posixpath.basename(path)
    return name in set(names()) or _TSCONFIG.match(name) is not None


def read(data: bytes, path: str) -> Mapping[str, Settings]:
    """The settings in a file, by tool; a file of one purpose stands under its own name.

    Raises:
        OutputUnreadable: it cannot be read as what its name says.
    """
    name = posixpath.basename(path)
    if len(data) > _MAX_BYTES:
        raise OutputUnreadable("bad-configuration", f"`{path}` is too large", place=path)
    try:
        found = {tool: dict(settings) for tool, settings in _by_tool(data, name).items()}
    except (ValueError, RecursionError, MemoryError, KeyError) as error:
        why = " ".join(str(error).split())[:200]
        raise OutputUnreadable(
            "bad-configuration", f"`{path}` cannot be read: {why}", place=path
        ) from None
    if name in _OWN:
        # A tool obeys its own file even where that is empty.
        return {**found, _OWN[name]: found.get(_OWN[name]) or NOTHING}
    return {tool: settings for tool, settings in found.items() if settings}


def _by_tool(data: bytes, name: str) -> Mapping[str, Settings]:
    if name == "pyproject.toml":
        return _of_pyproject(_toml(data))
    if name in {"setup.cfg", "tox.ini"}:
        return _of_shared_ini(_ini(data), name)
    if name == "package.json":
        return _of_package(_json(data, name))
    tool = _OWN.get(name, name)
    plain = _plain(data, name)
    if plain is not None:
        return {tool: _unwrapped(plain, tool)}
    return _of_shared_ini(_ini(data), name, tool)


def _plain(data: bytes, name: str) -> Settings | None:
    """The settings of a file that is for one tool; None where it is INI."""
    if name in _LISTS:
        lines = (line.strip() for line in decoded(data).split("\n"))
        return {("ignore",): tuple(line for line in lines if line and line[0] != "#")}
    if name in {".npmrc", "sonar-project.properties"}:
        return _properties(decoded(data))
    if name.endswith(".toml"):
        return _flat(_toml(data))
    may_be_either = name in {".prettierrc", ".eslintrc", ".secretlintrc", ".nycrc"}
    if name.endswith((".yaml", ".yml", ".snyk")) or (
        may_be_either and data.lstrip()[:1] not in {b"{", b"/"}
    ):
        return _of_yaml(decoded(data))
    if name == ".secrets.baseline":
        return _of_secrets(_json(data, name))
    is_json = name.endswith((".json", ".jsonc", ".baseline", ".nsprc")) or may_be_either
    return _flat(_json(data, name)) if is_json else None


def _of_pyproject(document: Mapping[str, object]) -> dict[str, Settings]:
    tools = document.get("tool", {})
    if not isinstance(tools, dict):
        raise ValueError("`tool` is no table")  # noqa: TRY004 - a fault of the file, as any other
    found: dict[str, Settings] = {}
    for tool, table in tools.items():
        if tool not in _NOT_CHECKS and isinstance(table, dict):
            found[tool] = _unwrapped(_flat(table) or NOTHING, tool)
    return found


def _unwrapped(settings: Settings, tool: str) -> Settings:
    """The settings under the names that they have in other files of the tool."""
    outer = {"pytest": ("ini_options", "pytest"), "pylint": ("tool",), "coverage": ("tool",)}
    return {
        (keys[1:] if len(keys) > 1 and keys[0] in outer.get(tool, ()) else keys): value
        for keys, value in settings.items()
    }


def _of_shared_ini(
    sections: Mapping[str, Mapping[str, str]], name: str, only: str = ""
) -> dict[str, Settings]:
    found: dict[str, dict[Keys, Setting]] = {}
    for section, values in sections.items():
        tool, above = _section(section, name, only)
        into = found.setdefault(tool, {})
        into.setdefault((*above, ""), "")  # a section counts even where it is empty
        for key, value in values.items():
            into[(*above, key)] = value.strip()
    return dict(found)


def _section(section: str, name: str, only: str) -> tuple[str, Keys]:
    """The tool that a section is for, and the keys above its settings."""
    tool, colon, rest = section.partition(":")
    if colon and tool in {"coverage", "importlinter"}:
        return tool, (rest,)
    if section.startswith("mypy-"):
        return "mypy", ("overrides", section.removeprefix("mypy-"))
    found: tuple[str, Keys] = (section, ())
    if section in {"tool:pytest", "pytest"}:
        found = "pytest", ()
    elif only:
        found = only, () if section == only else (section.lower(),)
    elif section.lower().startswith("pylint"):
        found = "pylint", (section.lower(),)
    elif name == "tox.ini" and section.startswith(("tox", "testenv")):
        found = "tox", (section,)
    return found


def _of_package(document: object) -> dict[str, Settings]:
    if not isinstance(document, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - a fault of the file, as any other
    tools = {
        "jest": "jest",
        "eslintConfig": "eslint",
        "nyc": "nyc",
        "c8": "nyc",
        "vitest": "vitest",
    }
    found: dict[str, Settings] = {}
    for key, tool in (*tools.items(), ("scripts", "scripts")):
        if isinstance(document.get(key), dict):
            found[tool] = _flat(document[key]) or NOTHING
    return found


def _of_secrets(document: object) -> Settings:
    """A baseline of detect-secrets: which secrets it accepts, wherever they stand in a file."""
    found = _flat(document)
    accepted = {
        keys[:2]: tuple(
            sorted(each[2] for each in found if each[:2] == keys[:2] and each[-1] == "type")
        )
        for keys in found
        if keys[0] == "results" and len(keys) > _IN_RESULTS
    }
    kept = {
        keys: value for keys, value in found.items() if keys[0] not in {"results", "generated_at"}
    }
    return {**kept, **accepted}


def _of_yaml(text: str) -> Settings:
    from gates.formats.yaml_outline import outline

    found: dict[Keys, Setting] = {}
    for entry in outline(text):
        keys = tuple(key for key in entry.keys if key != "-") or ("",)
        if "-" in entry.keys or keys in found:
            before = found.get(keys, ())
            before = before if isinstance(before, tuple) else tuple(filter(None, (before,)))
            found[keys] = (*before, entry.value)
        elif entry.value.startswith("[") and entry.value.endswith("]"):
            words = (word.strip(" \"'") for word in entry.value[1:-1].split(","))
            found[keys] = tuple(word for word in words if word)
        else:
            found[keys] = entry.value
    return found


def _properties(text: str) -> Settings:
    found: dict[Keys, Setting] = {}
    for line in text.split("\n"):
        key, sign, value = line.partition("=")
        if sign and line.strip()[:1] not in {"#", ";"}:
            found[(key.strip(),)] = value.strip()
    return found


def _toml(data: bytes) -> dict[str, object]:
    import tomllib

    return tomllib.loads(data.decode("utf-8-sig"))


def _ini(data: bytes) -> Mapping[str, Mapping[str, str]]:
    from configparser import Error, RawConfigParser

    parser = RawConfigParser(allow_no_value=True, delimiters=("=", ":"))
    try:
        parser.read_string(data.decode("utf-8-sig"))
    except Error as error:
        raise ValueError(str(error)) from None
    sections = {"DEFAULT": dict(parser.defaults())} if parser.defaults() else {}
    for section in parser.sections():
        sections[section] = {key: value or "" for key, value in parser.items(section)}
    return sections


def _json(data: bytes, name: str) -> object:
    """A document of JSON, with comments and trailing commas where its readers accept them."""
    from gates.formats import js_comments
    from gates.formats.strict_json import loads

    text = decoded(data)
    pieces: list[str] = []
    at = 0
    for comment in js_comments.parts_of(text).comments:
        pieces.append(text[at : comment.start])
        at = comment.start + len(comment.text)
    bare = "".join((*pieces, text[at:]))
    try:
        return loads(_without_commas(bare).encode("utf-8", "surrogatepass"), what=name)
    except OutputUnreadable as error:
        raise ValueError(error.problem.summary) from None


def _without_commas(text: str) -> str:
    """The text without commas that stand before a closing bracket, outside of texts."""
    parts = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])')
    return parts.sub(lambda found: "" if found[0] == "," else found[0], text)


def _flat(document: object, above: Keys = ()) -> dict[Keys, Setting]:
    return dict(_leaves(document, above))


def _leaves(value: object, keys: Keys) -> Iterator[tuple[Keys, Setting]]:
    if isinstance(value, Mapping):
        if not value and keys:
            yield keys, ()
        for key, inner in value.items():
            yield from _leaves(inner, (*keys, str(key)))
    elif isinstance(value, list):
        if any(isinstance(each, Mapping | list) for each in value) and not _is_rule(value):
            for index, each in enumerate(value):
                yield from _leaves(each, (*keys, _identity(each, index)))
        else:
            yield keys, tuple(_text(each) for each in value)
    else:
        yield keys, _text(value)


def _is_rule(value: list[object]) -> bool:
    """Whether a list is a rule of ESLint with its options: the severity is what is compared."""
    return str(value[0]) in {"off", "warn", "error", "0", "1", "2"}


def _identity(value: object, index: int) -> str:
    """What tells an entry of a list from the others, wherever it stands."""
    if isinstance(value, Mapping):
        for name in _IDENTITIES:
            found = value.get(name)
            if found is not None and not isinstance(found, Mapping):
                parts = found if isinstance(found, list) else [found]
                return ",".join(str(part) for part in parts)
    return str(index)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
