"""A `Context` for live tests of Node stages: the real tools on a temporary project in git.

Use it so, in a test that takes the fixture `repo` (of `tests/conftest.py`)::

    pytestmark = pytest.mark.live

    def test_x(repo: Repo) -> None:
        ctx = node_context(repo, {"src/a.ts": "export const a = 1;\n", "package.json": "{}"})
        result = MyStage(MyOptions()).run(ctx)

The files are committed, `node_modules` is a link to `tests/node/node_modules`, which git ignores.
Programs are found and children run as in a real run (`Toolbox`, `child_environment`), sources and
files are those of git. `ctx.programs["tsc"] = TOOLS / "typescript-7/bin/tsc"` puts another program
in a tool's place, `ctx.stand_in` a script. Where the tools are not installed the test is skipped.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from repositories import Repo
from stages.live_context import LiveContext

from gates.plugin import SourceSet, Tool
from gates.toolkit import sources
from gates.toolkit.environment import child_environment
from gates.toolkit.node_programs import package_version, started_file
from gates.toolkit.tools import Toolbox

TOOLS = Path(__file__).parents[1] / "node" / "node_modules"
"""Where the Node tools that the tests run are installed."""


@dataclass(slots=True)
class NodeContext(LiveContext):
    """Runs the programs of the project's `node_modules`, or of `programs`."""

    def sources(self, *suffixes: str) -> SourceSet:
        """The sources as a run without `sources:` finds them, or those of `source_folders`."""
        named = tuple(folder for folder in self.source_folders if folder)
        return sources.find_sources(
            self.root,
            include=named or sources.detect_sources(self.root, suffixes),
            exclude=() if named else sources.no_sources(suffixes),
            suffixes=suffixes,
        )

    def files(self, *patterns: str) -> tuple[str, ...]:
        """Files of the project that match any of these patterns and are listed."""
        found = sources.find_files(self.root, patterns)
        return tuple(path for path in found if path not in self.unlisted)

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """A planted program, else the one that a run would find."""
        del ask  # the package tells its version
        path = self.programs.get(name)
        if path is not None and name not in self.missing:
            version = package_version(started_file(str(path)))
            return Tool(name=name, version=version, path=str(path), how="of the test")
        if name in self.missing:
            return LiveContext.tool(self, name)
        return self._toolbox().find(name)

    def _toolbox(self) -> Toolbox:
        return Toolbox(root=self.root, git_root=self.root, environment=None, environ=os.environ)


def node_context(
    repo: Repo, files: Mapping[str, str] | None = None, *, tools: Path = TOOLS
) -> NodeContext:
    """The repository with these files, committed, and an empty folder for the stage beside it.

    Skips the test where the tools are not installed.
    """
    if not tools.is_dir():
        pytest.skip("the Node tools are not installed: run `npm ci --ignore-scripts` in tests/node")
    (repo.root / "node_modules").symlink_to(tools)
    repo.write(".gitignore", "node_modules\ncoverage/\n")
    for path, text in (files or {}).items():
        repo.write(path, text)
    repo.commit("feat: begin")
    out = repo.root.parent / "out"
    out.mkdir()
    ctx = NodeContext(root=repo.root, out=out, timeout_s=120)
    ctx.environment = child_environment({**os.environ, "HOME": str(out.parent)}, root=repo.root)
    return ctx
