"""The files of this repository, for the tests of the house."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "gates"


def tracked(*paths: str) -> list[str]:
    """Files that git tracks under some paths, or all of them, where they are still there."""
    done = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "-z", "--", *paths],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = os.fsdecode(done.stdout).split("\0")
    return sorted(name for name in names if name and (ROOT / name).is_file())


def text_of(name: str) -> str:
    """A file as text, whatever its bytes."""
    return (ROOT / name).read_bytes().decode(errors="replace")
