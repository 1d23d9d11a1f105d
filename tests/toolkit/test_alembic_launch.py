from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gates.toolkit
from gates.toolkit.alembic_launch import ABSENT, MODULES, prepare

ROOM = Path(gates.toolkit.__path__[0])


def test_the_program_is_copied_with_its_settings(tmp_path: Path) -> None:
    launch = prepare(tmp_path, "walk", {"url": "sqlite://"})
    (package,) = (path for path in launch.start.parent.iterdir() if path.is_dir())
    for name in MODULES:
        assert (package / name).read_bytes() == (ROOM / name).read_bytes()
    assert json.loads(launch.settings.read_bytes()) == {
        "url": "sqlite://",
        "mode": "walk",
        "record": str(launch.record),
    }
    assert not launch.record.exists()


def test_each_run_has_a_package_of_its_own(tmp_path: Path) -> None:
    starts = {prepare(tmp_path, mode, {}).start.read_text() for mode in ("walk", "filled")}
    assert len(starts) == 2


def test_an_interpreter_without_alembic_says_so(tmp_path: Path) -> None:
    launch = prepare(tmp_path, "walk", {})
    argv = [sys.executable, "-S", "-E", str(launch.start), str(launch.settings)]
    assert subprocess.run(argv, check=False).returncode == ABSENT
