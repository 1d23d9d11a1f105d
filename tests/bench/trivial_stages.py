"""What a runner costs by itself: ten checks that do nothing, run by `gates` and by its peers."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.scratch import GATES, environment, program, repository
from bench.timing import Contender, in_turn, show, table

CHECKS = tuple(f"check-{number}" for number in range(10))


def policy() -> str:
    """The ten as gates."""
    entry = (
        '      {}:\n        uses: command\n        with: {{run: "true", examined: exit-status}}\n'
    )
    gates = "".join(entry.format(name) for name in CHECKS)
    return f"version: 1\nproject: ten\nlevels:\n  1:\n    gates:\n{gates}"


def hooks() -> str:
    """The ten as local hooks, in the form that pre-commit and prek share."""
    entry = (
        "      - {{id: {0}, name: {0}, entry: 'true', language: system, always_run: true,"
        " pass_filenames: false}}\n"
    )
    return "repos:\n  - repo: local\n    hooks:\n" + "".join(map(entry.format, CHECKS))


def makefile() -> str:
    """The ten as targets of make."""
    targets = "".join(f"{name}:\n\t@true\n" for name in CHECKS)
    return f"all: {' '.join(CHECKS)}\n.PHONY: all {' '.join(CHECKS)}\n{targets}"


def contenders(folder: Path, env: dict[str, str], named: dict[str, str]) -> Iterator[Contender]:
    """`gates`, and each peer that is here."""
    yield Contender(
        name="gates -j2", argv=(str(GATES), "check", "--jobs", "2"), cwd=folder, env=env
    )
    peers = {
        "make": ("make -j2", ("-s", "-j2")),
        "prek": ("prek", ("run", "--all-files")),
        "pre-commit": ("pre-commit", ("run", "--all-files")),
    }
    for peer, (name, arguments) in peers.items():
        path = program(peer, named.get(peer))
        if path is None:
            show(f"{peer} is not here; name it with --peer {peer}=PATH")
        else:
            yield Contender(name=name, argv=(path, *arguments), cwd=folder, env=env)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PATH")
    options = parser.parse_args()
    named = dict(pair.split("=", 1) for pair in options.peer)
    with tempfile.TemporaryDirectory() as made:
        env = environment(Path(made) / "home")
        files = {
            "gates.yaml": policy(),
            ".pre-commit-config.yaml": hooks(),
            "Makefile": makefile(),
            ".gitignore": ".gates/local/\n",
        }
        folder = repository(Path(made) / "ten", env, files)
        samples = in_turn(tuple(contenders(folder, env, named)), rounds=options.rounds)
    show(table("ten checks that do nothing", samples, against="gates -j2"))


if __name__ == "__main__":
    main()
