"""A `Context` for live tests of stages: real programs, run plainly in a temporary project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from stages.fake_context import FakeContext, ended

from gates.plugin import Completed, Tool, ToolMissing, ToolTimedOut

WITHOUT_OURS = {"PYTEST_ADDOPTS": "-p no:inline_snapshot -p no:hypothesispytest -p no:anyio"}
"""Leaves out pytest plugins that these tests have and no project of theirs: slow to import."""


@dataclass(slots=True)
class LiveContext(FakeContext):
    """Runs the programs of the environment that runs the tests, or of `programs`.

    Attributes:
        programs: paths of programs that stand in for the environment's.
        environment: the children's environment besides PATH and HOME.
        unlisted: files that git does not list, though they are there.
    """

    programs: dict[str, Path] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    unlisted: frozenset[str] = frozenset()

    def files(self, *patterns: str) -> tuple[str, ...]:
        """Files of the project that match any of these patterns and are listed."""
        found = FakeContext.files(self, *patterns)
        return tuple(path for path in found if path not in self.unlisted)

    def stand_in(self, name: str, script: str) -> None:
        """Put a shell script in a program's place."""
        folder = self.root.parent / "planted"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        self.programs[name] = path

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """A planted program, else one of the environment that runs the tests."""
        del ask  # its version is known here
        beside = Path(sys.executable).parent / name
        path = self.programs.get(name, beside)
        if name in self.missing or not path.is_file():
            raise ToolMissing("tool-missing", f"`{name}` is not installed", place=name)
        return Tool(name=name, version=_version(name), path=str(path), how="beside Python")

    def run(
        self,
        tool: Tool,
        *arguments: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run it in the project's folder."""
        argv = (tool.path, *arguments)
        self.runs.append(argv)
        self.envs.append(dict(env or {}))
        whole = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(self.root.parent),
            "LC_ALL": "C.UTF-8",
            **self.environment,
            **(env or {}),
        }
        try:
            done = subprocess.run(
                argv,
                cwd=self.root,
                env=whole,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ToolTimedOut("timed-out", f"`{tool.name}` did not end in time") from error
        return ended(tool, argv, done.returncode, done.stdout, done.stderr, ok=ok)


def live_context(folder: Path, files: Mapping[str, str] | None = None) -> LiveContext:
    """A project in `folder/project` that holds these files, and an empty `folder/out`."""
    root, out = folder / "project", folder / "out"
    root.mkdir()
    out.mkdir()
    ctx = LiveContext(root=root, out=out, timeout_s=120)
    for path, text in (files or {}).items():
        ctx.write(path, text)
    return ctx


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
