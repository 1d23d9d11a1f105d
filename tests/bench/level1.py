"""What judging costs over the tools: Level 1 of the order service, and the same tools by make."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from bench.scratch import GATES, environment, program, repository
from bench.timing import Broken, Contender, in_turn, show, table

ORDERS = Path(__file__).parents[1] / "backends" / "orders"
LEFT_OUT = shutil.ignore_patterns(".*cache", ".gates", ".coverage", "__pycache__", "out")
GATES_RUN = ("lint", "format", "types", "tests", "coverage", "sast")


def makefile() -> str:
    """The tools of Level 1 by their plain command lines; tests run once, for coverage too.

    The audit has none: `gates` reads the advisories itself.
    """
    tools = Path(sys.prefix) / "bin"
    targets = {
        "lint": (("ruff", "check", "--no-cache", "."),),
        "format": (("ruff", "format", "--check", "--no-cache", "."),),
        "types": (("mypy", "--cache-dir=.mypy_cache"),),
        "tests": (
            ("coverage", "run", "-m", "pytest", "-q", "--junitxml=out/junit.xml"),
            ("coverage", "json", "-q", "-o", "out/coverage.json"),
        ),
        "sast": (
            ("bandit", "-q", "-c", "pyproject.toml", "-f", "json", "-o", "out/b", "-r", "src"),
        ),
    }
    lines = [f"all: {' '.join(targets)}", f".PHONY: all {' '.join(targets)}"]
    for name, commands in targets.items():
        lines.append(f"{name}:")
        lines += [f"\t@{shlex.join((str(tools / each[0]), *each[1:]))}" for each in commands]
    return "\n".join(lines) + "\n"


def judged(folder: Path) -> str:
    """What the last run of `gates` in a folder spent in its stages, beside its own wall time."""
    records = sorted((folder / ".gates" / "local" / "runs").glob("*/run.json"))
    record = json.loads(records[-1].read_text())
    if record["verdict"] not in {"passed", "partial"}:
        raise Broken(f"the order service is {record['verdict']}")
    stages = ", ".join(f"{each['name']} {each['seconds']:.2f}" for each in record["gates"])
    return f"last run of gates: {record['seconds']:.2f} s; its stages: {stages}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    make = program("make", None)
    if make is None:
        raise SystemExit("make is not here")
    with tempfile.TemporaryDirectory() as made:
        env = environment(Path(made) / "home")
        ours, theirs = Path(made) / "gates", Path(made) / "make"
        for folder, files in ((ours, {}), (theirs, {"Makefile": makefile()})):
            shutil.copytree(ORDERS, folder, ignore=LEFT_OUT)
            repository(folder, env, files)
        (theirs / "out").mkdir()
        check = (str(GATES), "-C", str(ours), "check", "--level", "1", "--jobs", "2")
        same = tuple(word for name in GATES_RUN for word in ("--gate", name))
        contenders = (
            Contender(name="make -j2", argv=(make, "-s", "-j2"), cwd=theirs, env=env),
            Contender(name="gates, the same tools", argv=(*check, *same), cwd=ours, env=env),
            Contender(name="gates, with the audit", argv=check, cwd=ours, env=env),
        )
        samples = in_turn(contenders, rounds=rounds)
        spent = judged(ours)
    show(table("Level 1 of the order service", samples, against="make -j2"))
    show(f"{spent}\n{os.cpu_count()} processors")


if __name__ == "__main__":
    main()
