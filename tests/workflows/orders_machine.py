"""A machine of GitHub with the order service checked out, and `gates` installed already."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from repositories import Repo
from runner.double import Ended, Fake, Machine, run_action
from runner.fakes import KNOWN

ROOT = Path(__file__).parents[2]
ORDERS = ROOT / "tests" / "backends" / "orders"
QUICK = ("lint", "format", "sast", "layers")
"""The gates of the service that take a moment each."""


@dataclass(slots=True)
class OrdersMachine:
    """The service in a repository, with the quick gates of its own gates.yaml."""

    repo: Repo
    temp: Path
    made: Machine | None = None

    def __post_init__(self) -> None:
        ignored = shutil.ignore_patterns("__pycache__", ".*_cache", ".gates", "*.db", "*.egg-info")
        shutil.copytree(ORDERS, self.repo.root, dirs_exist_ok=True, ignore=ignored)
        policy = yaml.safe_load((ORDERS / "gates.yaml").read_text(encoding="utf-8"))
        gates = policy["levels"][1]["gates"]
        kept = {name: gates[name] for name in QUICK}
        said = {
            "version": 1,
            "project": "orders",
            "sources": ["src"],
            "levels": {1: {"gates": kept}},
        }
        self.repo.write("gates.yaml", yaml.safe_dump(said, sort_keys=False))
        self.repo.commit("feat: sell things")
        self._install()

    def _install(self) -> None:
        """Stand in for the environment that the action makes: pip has nothing to do there."""
        python = self.temp / "gates" / "tool" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(
            "#!/bin/sh\n"
            f'case "$*" in *" pip install "*) echo "$*" >> "{self.temp}/pip"; exit 0;; esac\n'
            f'exec "{sys.executable}" "$@"\n'
        )
        python.chmod(0o755)

    def run(
        self,
        *,
        event: Mapping[str, object] | None = None,
        github: Mapping[str, object] | None = None,
        fakes: Mapping[str, Fake] | None = None,
        **given: str,
    ) -> Ended:
        """Run the action with inputs, of which a dash is written `_`."""
        payload = self.temp / "event.json"
        payload.write_text(json.dumps(event or {}))
        coverage = {key: text for key, text in os.environ.items() if key.startswith("COV")}
        environ = {**self.repo.environ, **coverage, "GITHUB_EVENT_PATH": str(payload)}
        machine = Machine(
            workspace=self.repo.root,
            temp=self.temp,
            environ={**environ, "GITHUB_TOKEN": "a-token-of-the-machine"},
            github=github or {},
            event=event or {},
            fakes={**KNOWN, **(fakes or {})},
        )
        self.made = machine
        inputs = {name.replace("_", "-"): text for name, text in given.items()}
        return run_action(ROOT, {"install": "none", **inputs}, machine)
