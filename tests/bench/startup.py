"""How long it takes before anything is done: `gates --version`, and `gates plan`, kept and not."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from pathlib import Path

from bench.scratch import GATES, environment, repository
from bench.timing import Contender, in_turn, show, table

POLICY = "version: 1\nproject: shop\nlevels:\n  1: [ruff, ruff-format, mypy, pytest, coverage]\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as made:
        env = environment(Path(made) / "home")
        kept = repository(Path(made) / "kept", env, {"gates.yaml": POLICY})
        changed = repository(Path(made) / "changed", env, {"gates.yaml": POLICY})
        numbers = itertools.count()

        def change() -> None:
            (changed / "gates.yaml").write_text(f"{POLICY}# {next(numbers)}\n")

        def contender(name: str, *argv: str) -> Contender:
            return Contender(name=name, argv=argv, cwd=kept, env=env)

        gates = str(GATES)
        contenders = (
            contender("python -c pass", sys.executable, "-c", "pass"),
            contender("gates --version", gates, "--version"),
            contender("gates --help", gates, "--help"),
            contender("gates plan, kept", gates, "plan"),
            Contender(
                name="gates plan, gates.yaml changed",
                argv=(gates, "plan"),
                cwd=changed,
                env=env,
                before=change,
            ),
        )
        samples = in_turn(contenders, rounds=rounds, warm=2)
    show(table("start-up", samples, against="python -c pass"))


if __name__ == "__main__":
    main()
