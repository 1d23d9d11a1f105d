"""Scanners whose gates judge what an earlier step wrote, from that step to the verdict."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

from gates.stages import load

pytestmark = pytest.mark.live

SOURCES = {"src/a.py": "a = 1\n", "src/b.py": "b = 2\n"}
SHELL = "import subprocess\nsubprocess.call(__name__, shell=True)\n"

SETTINGS = {
    "bandit": "report: out/bandit.json",
    "ruff-security": "report: out/ruff-security.json\n          log: out/ruff-security.log",
    "detect-secrets": (  # pragma: allowlist secret
        "report: out/secrets.json\n          log: out/secrets.log"
    ),
    "sarif": "report: out/ruff.sarif\n          tool: ruff\n          examined: runs",
}
FAULTS = {
    "bandit": SHELL,
    "ruff-security": SHELL,
    "detect-secrets": 'key = "AK' + 'IAZ3MGQWERTYUIOPAX"\n',  # opens nothing
    "sarif": SHELL,
}


def project(folder: Path, name: str) -> None:
    policy = f"""\
version: 1
sources: [src]
levels:
  1:
    gates:
      given:
        uses: {name}
        with:
          {SETTINGS[name]}
"""
    for path, text in {**SOURCES, "gates.yaml": policy, ".gitignore": "out/\n.gates/\n"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{who}_NAME": "x", f"GIT_{who}_EMAIL": "x@registry.example"}
    repo = Repo(folder, environ)
    repo.git("init", "--quiet")
    repo.commit()
    (folder / "out").mkdir()


def ran(folder: Path, *command: str) -> tuple[int, str]:
    environ = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(folder.parent),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def verdict(folder: Path) -> tuple[int, str]:
    return ran(folder, sys.executable, "-m", "gates", "check")


@pytest.mark.parametrize("name", list(SETTINGS))
def test_what_the_documented_command_writes_is_judged(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    project(folder, name)
    command = load(name).written_by

    ran(folder, "sh", "-c", command)
    code, told = verdict(folder)
    assert code == 0, told

    (folder / "src/a.py").write_text(FAULTS[name], encoding="utf-8")
    ran(folder, "sh", "-c", command)
    code, told = verdict(folder)
    assert code == 1, told


def test_a_report_that_is_older_than_a_fault_is_no_proof(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    project(folder, "sarif")
    ran(folder, "sh", "-c", load("sarif").written_by)

    (folder / "src/a.py").write_text(SHELL, encoding="utf-8")

    code, told = verdict(folder)
    assert code == 3, told
    assert "`ruff.sarif` is older than `a.py`" in told
