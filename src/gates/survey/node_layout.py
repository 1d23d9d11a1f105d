"""How a JavaScript or TypeScript project lies in its folder: its sources and its tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.formats.js_tests import TEST_FILES
from gates.survey import manifest
from gates.survey.manifest import Manifest
from gates.toolkit import sources
from gates.toolkit.node_sources import NO_NODE_SOURCES, NODE_SUFFIXES, detect_node_sources

_TYPESCRIPT = (".ts", ".tsx", ".mts", ".cts")
_TEST = re.compile(rb"\b(?:describe|it|suite|test)\b(?:\.\w+)*\s*[(`]")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLayout:
    """How a JavaScript or TypeScript project lies in its folder.

    Attributes:
        manifest: its package.json.
        short: `ts` where it holds TypeScript, else `js`.
        sources: what holds its sources, as `sources:` names it; at least one.
        exclude: patterns of what lies among them and is none: tests, declarations.
        files: the source files.
        tests: files that seem to hold a test, by the names that Vitest and Jest look for.
    """

    manifest: Manifest
    short: str
    sources: tuple[str, ...]
    exclude: tuple[str, ...]
    files: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def language(self) -> str:
        """Its name for readers."""
        return "TypeScript" if self.short == "ts" else "JavaScript"

    @property
    def kind(self) -> str:
        """How its sources lie, in a few words."""
        folders = [name for name in self.sources if not name.endswith(NODE_SUFFIXES)]
        if not folders:
            return f"{self.language} modules at the top"
        if len(folders) == 1:
            return f"{self.language} in `{folders[0]}`"
        return f"{self.language} in {len(folders)} folders"

    @property
    def is_only_modules(self) -> bool:
        """Nothing but some modules lie at the top: settings of tools, mostly."""
        return all(name.endswith(NODE_SUFFIXES) for name in self.sources)


def look(root: Path, below: Iterable[str] = ()) -> NodeLayout | None:
    """Look at a folder; None where it is no project: no package.json, or no sources of its own.

    Args:
        root: the folder.
        below: folders of projects of their own, whose files do not count.

    Raises:
        StageError: a folder of it cannot be read.
    """
    found = manifest.read(root)
    if found is None or not found.is_project:
        return None
    others = tuple(below)
    include = sources_of(root, detect_node_sources(root, NODE_SUFFIXES), NODE_SUFFIXES, others)
    if not include:
        return None
    listed = sources.find_sources(root, include=include, suffixes=NODE_SUFFIXES).files
    # Within the folder, so that a pattern takes nothing from another language beside it.
    patterns = (f"{name}/{each}" for name in include for each in NO_NODE_SOURCES)
    exclude = tuple(
        each for each in patterns if any(sources.matches(path, each) for path in listed)
    )
    files = tuple(
        path for path in listed if not any(sources.matches(path, each) for each in exclude)
    )
    if not files:
        return None
    typed = (root / "tsconfig.json").is_file() or any(path.endswith(_TYPESCRIPT) for path in files)
    return NodeLayout(
        manifest=found,
        short="ts" if typed else "js",
        sources=include,
        exclude=exclude,
        files=files,
        tests=_tests(root, others),
    )


def sources_of(
    root: Path, include: tuple[str, ...], suffixes: tuple[str, ...], below: tuple[str, ...]
) -> tuple[str, ...]:
    """Those entries that hold a source which lies in no project below.

    Raises:
        StageError: a folder cannot be read.
    """
    kept = []
    for entry in include:
        try:
            found = sources.find_sources(root, include=(entry,), suffixes=suffixes).files
        except StageError as error:
            if error.problem.slug not in {"no-sources", "source-unmatched"}:
                raise
            continue  # git ignores all of it
        if any(not any(sources.matches(path, each) for each in below) for path in found):
            kept.append(entry)
    return tuple(kept)


def _tests(root: Path, below: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        path
        for path in sources.find_files(root, TEST_FILES)
        if not any(sources.matches(path, each) for each in below) and _holds_a_test(root / path)
    )


def _holds_a_test(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _TEST.search(file.read(_LARGEST)) is not None
    except OSError:
        return False
