"""A scratch repository."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gates.toolkit.git import Git


@dataclass(frozen=True, slots=True)
class Repo:
    """A git repository with an identity and no influence of the user's configuration."""

    root: Path
    environ: dict[str, str]

    def git(self, *arguments: str) -> str:
        """Run git in it; its output without the last line break."""
        done = subprocess.run(
            ["/usr/bin/env", "git", *arguments],
            cwd=self.root,
            env=self.environ,
            check=True,
            capture_output=True,
        )
        return os.fsdecode(done.stdout).strip()

    def write(self, name: str, text: str | bytes = "") -> Path:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def commit(self, message: str = "a commit") -> str:
        """Commit everything; the commit's name."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def ask(self) -> Git:
        """The product's view of it."""
        return Git(self.root, self.environ)
