"""Which tools a project configures, by the files and sections that their documentation names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from gates.survey import manifest

_FILES: Mapping[str, tuple[str, ...]] = {
    "bandit": (".bandit", "bandit.yaml", "bandit.yml"),
    "coverage": (".coveragerc",),
    "detect-secrets": (".secrets.baseline",),
    "flake8": (".flake8",),
    "import-linter": (".importlinter",),
    "mypy": ("mypy.ini", ".mypy.ini"),
    "pylint": ("pylintrc", ".pylintrc", "pylintrc.toml", ".pylintrc.toml"),
    "pyright": ("pyrightconfig.json",),
    "pytest": ("pytest.ini", "pytest.toml", ".pytest.ini"),
    "ruff": ("ruff.toml", ".ruff.toml"),
}
"""Files that are there for one tool alone."""

_TABLES: Mapping[str, str] = {
    "bandit": "bandit",
    "black": "black",
    "coverage": "coverage",
    "importlinter": "import-linter",
    "mypy": "mypy",
    "pylint": "pylint",
    "pyright": "pyright",
    "pytest": "pytest",
    "ruff": "ruff",
}
"""Tables under `[tool]` in pyproject.toml."""

_SECTIONS: Mapping[str, str] = {
    "coverage:run": "coverage",
    "flake8": "flake8",
    "importlinter": "import-linter",
    "mypy": "mypy",
    "pylint": "pylint",
    "pytest": "pytest",
    "tool:pytest": "pytest",
}
"""Sections of setup.cfg and tox.ini."""

_HOOKS: Mapping[str, str] = {
    "bandit": "bandit",
    "black": "black",
    "detect-secrets": "detect-secrets",
    "flake8": "flake8",
    "import-linter": "import-linter",
    "mypy": "mypy",
    "pip-audit": "pip-audit",
    "pylint": "pylint",
    "pyright": "pyright",
    "ruff": "ruff",
    "ruff-check": "ruff",
    "ruff-format": "ruff-format",
}
"""Ids in .pre-commit-config.yaml."""

_CODE = ("js", "mjs", "cjs", "ts", "mts", "cts")
_NODE_FILES: Mapping[str, tuple[str, ...]] = {
    "dependency-cruiser": tuple(
        f".dependency-cruiser.{ending}" for ending in ("js", "cjs", "mjs", "json")
    ),
    "jest": tuple(f"jest.config.{ending}" for ending in (*_CODE, "json")),
    "tsc": ("tsconfig.json",),
    "vitest": tuple(f"vitest.config.{ending}" for ending in _CODE),
}
"""Files that a Node tool reads in the folder where it is started."""

_NODE_FILES_UPWARDS: Mapping[str, tuple[str, ...]] = {
    "eslint": tuple(f"eslint.config.{ending}" for ending in _CODE),
    "prettier": (
        *(f".prettierrc{ending}" for ending in ("", ".json", ".yaml", ".yml", ".json5", ".toml")),
        *(f"{stem}.{ending}" for stem in (".prettierrc", "prettier.config") for ending in _CODE),
    ),
    "secretlint": tuple(
        f".secretlintrc{ending}" for ending in ("", ".json", ".yaml", ".yml", ".js", ".cjs", ".mjs")
    ),
}
"""Files that a Node tool also takes from the folders above."""

_KEYS: Mapping[str, str] = {"jest": "jest", "prettier": "prettier", "secretlint": "secretlint"}
"""Entries of package.json."""

_PRE_COMMIT = ".pre-commit-config.yaml"
_LARGEST = 1 << 20
_HEAD = re.compile(r"^\[([^\]\n]+)\][ \t]*$", re.MULTILINE)
_HOOK = re.compile(r"^[ \t-]*id:[ \t]*['\"]?([a-z0-9-]+)", re.MULTILINE)


def configured(root: Path) -> dict[str, str]:
    """Where each tool is configured, by the name of its stage: `[tool.ruff] of pyproject.toml`.

    A hook of pre-commit counts as the last of all places.
    """
    found: dict[str, str] = {}
    for tool, place in _places(root):
        found.setdefault(tool, place)
    return found


def tables(root: Path) -> Mapping[str, object]:
    """The tables of pyproject.toml; empty where there is none, or it cannot be read."""
    import tomllib

    try:
        read: dict[str, object] = tomllib.loads(_text(root / "pyproject.toml"))
    except (ValueError, RecursionError):
        return {}
    return read


def metadata_fault(root: Path) -> str:
    """Why pyproject.toml cannot be read; empty where it can, or there is none."""
    import tomllib

    path = root / "pyproject.toml"
    try:
        tomllib.loads(path.read_bytes()[:_LARGEST].decode())
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, RecursionError) as error:
        return str(error)
    return ""


def at(value: object, *keys: str) -> object:
    """What lies under keys in nested tables, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _places(root: Path) -> Iterator[tuple[str, str]]:
    for tool, names in _FILES.items():
        yield from ((tool, name) for name in names if (root / name).is_file())
    yield from _of_pyproject(at(tables(root), "tool"))
    for name in ("setup.cfg", "tox.ini"):
        for section in _HEAD.findall(_text(root / name)):
            known = _SECTIONS.get(section) or ("pylint" if section.startswith("pylint") else "")
            if known:
                yield known, f"[{section}] of {name}"
    yield from _of_node(root)
    for hook in _HOOK.findall(_text(root / _PRE_COMMIT)):
        if hook in _HOOKS:
            yield _HOOKS[hook], f"hook `{hook}` of {_PRE_COMMIT}"


def _of_node(root: Path) -> Iterator[tuple[str, str]]:
    for tool, names in _NODE_FILES.items():
        yield from ((tool, name) for name in names if (root / name).is_file())
    for levels, folder in enumerate(manifest.upwards(root)):
        above = "../" * levels
        for tool, names in _NODE_FILES_UPWARDS.items():
            yield from ((tool, f"{above}{name}") for name in names if (folder / name).is_file())
        told = manifest.read(folder)
        for key, tool in _KEYS.items() if told else ():
            if told and key in told.keys and not (above and tool in _NODE_FILES):
                yield tool, f"`{key}` of {above}package.json"


def _of_pyproject(tool_tables: object) -> Iterator[tuple[str, str]]:
    if not isinstance(tool_tables, dict):
        return
    for table, tool in _TABLES.items():
        if table in tool_tables:
            yield tool, f"[tool.{table}] of pyproject.toml"
    if isinstance(at(tool_tables, "ruff", "format"), dict):
        yield "ruff-format", "[tool.ruff.format] of pyproject.toml"


def _text(path: Path) -> str:
    """A small file's text; empty where there is none or it is not UTF-8."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode()
    except (OSError, ValueError):
        return ""
