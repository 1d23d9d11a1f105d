import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from cli.conftest import KEPT, Gates

POLICY = """\
version: 1
levels:
  1:
    gates:
      tree:
        uses: command
        with:
          run: sh -c "(setsid sleep 300 &) ; sleep 300 & sleep 0.2; kill $!"
          examined: exit-status
      quick:
        uses: command
        with: {run: "true", examined: exit-status}
      stubborn:
        uses: command
        with: {run: sh -c "trap '' TERM; sleep 0.2", examined: exit-status}
"""

ROUNDS = 20


def survivors(root: Path) -> list[str]:
    """Processes whose environment names a run of this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environ = (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(root).encode() in environ + command and state != "Z":
            found.append(f"{entry.name} {command!r}")
    return found


def gone(root: Path, deadline_s: float) -> list[str]:
    """Wait until nothing survives, or the deadline; what is left."""
    deadline = time.monotonic() + deadline_s
    while (left := survivors(root)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def test_a_killed_runner_leaves_no_process_and_no_torn_file(gates: Gates, root: Path) -> None:
    gates.policy(POLICY)
    chance = random.Random(20260131)  # noqa: S311 - moments to kill at, not secrets
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    environ = {**gates.repo.environ, **kept}
    whole = time.monotonic()
    assert gates("check").code == 0
    whole = time.monotonic() - whole
    for _ in range(ROUNDS):
        process = subprocess.Popen(
            [sys.executable, "-m", "gates", "check"],
            cwd=root,
            env={**environ, "GATES_TEST_ROOT": str(root)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0, whole))
        process.kill()
        process.wait()
        assert gone(root, 20) == []
        for record in (root / ".gates" / "local" / "runs").glob("*/run.json"):
            json.loads(record.read_bytes())
    assert gates("check").code == 0
