from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gates.toolkit import pytest_early
from gates.toolkit.pytest_launch import prepare

LOOK = """
import sys
module = sys.modules["NAME_measuring"]
begun = vars(module)["begun"]
print(begun.problem or begun.file)
print(vars(sys.modules["sitecustomize"]).get("own"))
"""


def started(tmp_path: Path, code: str, *more: Path) -> str:
    """What a program prints that runs with the private folder on the import path."""
    launch = prepare(tmp_path / "out", measured=("/p/a.py",))
    path = ":".join((launch.home, *map(str, more)))
    done = subprocess.run(
        [sys.executable, "-c", code.replace("NAME", launch.module)],
        env={"PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(autouse=True)
def out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()


def test_measuring_begins_before_any_program(tmp_path: Path) -> None:
    file, own = started(tmp_path, LOOK).splitlines()
    assert file.endswith("coverage/__init__.py")
    assert own == "None"


def test_the_sitecustomize_of_the_project_follows(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("own = 'ours'\n")
    _, own = started(tmp_path, LOOK, tmp_path / "site").splitlines()
    assert own == "ours"


def test_a_package_without_a_loader_is_no_sitecustomize(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    before = sys.modules.get("sitecustomize")
    pytest_early.hand_on(tmp_path / "home")
    assert sys.modules.get("sitecustomize") is before


def test_it_asks_for_what_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "early_measuring.py").write_text(
        "class Measuring:\n"
        "    def __init__(self, folder, sources):\n"
        "        self.told = [str(folder), sources]\n"
        "    def start(self):\n"
        "        self.told.append('start')\n"
    )
    settings = {"measuring": "early_measuring", "folder": "/p/proof", "sources": ["/p/a.py"]}
    (tmp_path / "gates_proof_1.json").write_text(json.dumps(settings))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    pytest_early.begin(tmp_path)
    module = sys.modules.pop("early_measuring")
    assert module.begun.told == ["/p/proof/data", ["/p/a.py"], "start"]
