"""Which folders of a JavaScript or TypeScript project hold its sources, where none are named."""

from __future__ import annotations

from pathlib import Path

from gates.toolkit.walking import folders, walked

NODE_SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
"""Endings of JavaScript and TypeScript files."""

NO_NODE_SOURCES = (
    "**/*.test.*", "**/*.spec.*", "**/__tests__/**", "**/__mocks__/**", "**/tests/**", "**/test/**",
    "**/*.d.ts", "**/*.d.mts", "**/*.d.cts", "**/dist/**",
)  # fmt: skip
"""Patterns of tests, of declarations without code and of built files among the sources."""

SETTINGS = ("**/*.config.*", "**/*.setup.*", "**/.*")
"""Patterns of files that set a tool up and are part of no program."""

_NOT_SOURCES = frozenset({
    "__mocks__", "__tests__", "benchmarks", "build", "coverage", "dist", "doc", "docs", "e2e",
    "examples", "node_modules", "out", "site", "test", "tests",
})  # fmt: skip
_BUILD_FILES = frozenset({"gulpfile", "Gruntfile", "webpack"})


def detect_node_sources(root: Path, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """Guess the sources of a JavaScript or TypeScript project.

    `src` where it holds files with these suffixes; else each folder at the top that does (the
    folders of workspaces too), and the modules at the top. Tests, documents, built files and
    configuration are left out. What a tsconfig.json includes is not asked: it names tests as well,
    and leaving a folder out there would take it out of every proof. Empty where nothing is found.
    """
    if _holds(root / "src", suffixes):
        return ("src",)
    named = [folder.name for folder in folders(root) if folder.name not in _NOT_SOURCES]
    found = [name for name in named if _holds(root / name, suffixes)]
    modules = [
        path.name
        for path in root.iterdir()
        if path.name.endswith(suffixes) and path.is_file() and _is_source(path.name)
    ]
    return (*sorted(found), *sorted(modules))


def _holds(folder: Path, suffixes: tuple[str, ...]) -> bool:
    """Whether a file with one of the suffixes lies in the folder or below it."""
    return folder.is_dir() and any(path.endswith(suffixes) for path in walked(folder))


def _is_source(module: str) -> bool:
    """Whether a file at the top is part of the program: no test, no tool's configuration."""
    stem, *inner = module.split(".")[:-1]
    if module.startswith(".") or stem in _BUILD_FILES:
        return False
    return inner[-1:] not in (["config"], ["test"], ["spec"], ["d"], ["setup"])
