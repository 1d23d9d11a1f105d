"""Scratch projects for the benchmarks, and the programs that run in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

GATES = Path(sys.prefix) / "bin" / "gates"
"""The console script of the environment that runs the benchmark."""


def environment(home: Path) -> dict[str, str]:
    """An environment that holds nothing of the user's but the path, with this one's tools first."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "VIRTUAL_ENV": sys.prefix,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PREK_HOME": str(home / "prek"),
    }


def repository(folder: Path, env: dict[str, str], files: dict[str, str]) -> Path:
    """Make a folder a git repository of what is in it, and of some more files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    identity = ("-c", "user.name=Ann Example", "-c", "user.email=ann@example.com")
    for arguments in (("init", "--quiet"), ("add", "-A"), (*identity, "commit", "-qm", "all")):
        subprocess.run(["/usr/bin/env", "git", *arguments], cwd=folder, env=env, check=True)
    return folder


def program(name: str, named: str | None) -> str | None:
    """A program by its absolute path: the one that was named, else the one on the path."""
    found = shutil.which(named or name)
    return str(Path(found).absolute()) if found else None
