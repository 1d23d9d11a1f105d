from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from gates.toolkit.build_aside import THERE_BEFORE, main, outputs

BUILD = "from pathlib import Path\nPath('out').mkdir()\nPath('out/a').write_text('1')\n"


def build(tmp_path: Path, program: str, *arguments: str, seconds: float = 0) -> int:
    folder, collected = tmp_path / "copy", tmp_path / "collected"
    folder.mkdir(exist_ok=True)
    collected.mkdir(exist_ok=True)
    words = (str(folder), str(collected), json.dumps(["out/*"]), str(seconds))
    return main([*words, program, *arguments])


def test_outputs_are_collected(tmp_path: Path) -> None:
    assert build(tmp_path, sys.executable, "-c", BUILD) == 0
    assert (tmp_path / "collected/out/a").read_text() == "1"


def test_outputs_keep_their_permissions(tmp_path: Path) -> None:
    assert build(tmp_path, sys.executable, "-c", f"{BUILD}Path('out/a').chmod(0o751)") == 0
    assert (tmp_path / "collected/out/a").stat().st_mode & 0o777 == 0o751


def test_a_file_that_is_there_before_proves_nothing(tmp_path: Path) -> None:
    assert build(tmp_path, sys.executable, "-c", BUILD) == 0
    assert build(tmp_path, sys.executable, "-c", BUILD) == THERE_BEFORE


def test_the_exit_code_is_handed_on_and_nothing_collected(tmp_path: Path) -> None:
    assert build(tmp_path, sys.executable, "-c", f"{BUILD}raise SystemExit(3)") == 3
    assert list((tmp_path / "collected").iterdir()) == []


def test_a_signal_is_an_exit_code_too(tmp_path: Path) -> None:
    ends = "import os; os.kill(os.getpid(), 15)"
    assert build(tmp_path, sys.executable, "-c", ends) == 143


def test_a_program_by_path_is_that_of_the_copy(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    script = tmp_path / "copy/build.sh"
    script.write_text('#!/bin/sh\nmkdir out && pwd > "out/$1"\n')
    script.chmod(0o755)

    assert build(tmp_path, "./build.sh", "where") == 0
    assert (tmp_path / "collected/out/where").read_text() == f"{tmp_path / 'copy'}\n"


def test_it_lasts_at_least_so_long(tmp_path: Path) -> None:
    start = time.monotonic()
    build(tmp_path, sys.executable, "-c", BUILD, seconds=0.3)
    assert time.monotonic() - start >= 0.3


def test_what_leads_out_of_the_folder_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("1")
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "own").write_text("1")

    assert outputs(folder, ("*",)) == ("own",)
