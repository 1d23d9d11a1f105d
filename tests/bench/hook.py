"""What a commit waits for: `gates check --staged` where the change affects nothing, and peers."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from bench.scratch import GATES, environment, repository
from bench.timing import Contender, in_turn, show, table

POLICY = "version: 1\nproject: shop\nlevels:\n  1: [ruff, ruff-format, mypy, pytest]\n"
FILES = 330


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as made:
        env = environment(Path(made) / "home")
        files = {f"m{number}.py": f"X = {number}\n" for number in range(FILES)}
        ignored = {".gitignore": ".gates/local/\n", "gates.yaml": POLICY}
        kept = repository(Path(made) / "kept", env, {**files, **ignored})
        gates, git = str(GATES), shutil.which("git") or "git"

        def contender(name: str, *argv: str) -> Contender:
            return Contender(name=name, argv=argv, cwd=kept, env=env)

        contenders = (
            contender("git status", git, "status", "--short"),
            contender("gates --version", gates, "--version"),
            contender("gates check --changed-from HEAD", gates, "check", "--changed-from", "HEAD"),
            contender("gates check --staged, nothing affected", gates, "check", "--staged"),
        )
        samples = in_turn(contenders, rounds=rounds, warm=2)
    show(table("a commit that affects nothing", samples, against="git status"))


if __name__ == "__main__":
    main()
