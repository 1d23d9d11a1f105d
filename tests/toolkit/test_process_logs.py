from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gates.toolkit.process_logs import Logs


@pytest.mark.parametrize(
    ("out", "err", "limit", "kept"),
    [
        (60, 40, 100, (60, 40)),
        (61, 40, 100, (60, 40)),
        (500, 500, 100, (50, 50)),
        (500, 10, 100, (90, 10)),
        (10, 500, 100, (10, 90)),
        (500, 0, 100, (100, 0)),
        (0, 1, 0, (0, 0)),
        (7, 7, 9, (4, 4)),
    ],
)
def test_logs_are_cut_to_the_limit_that_they_share(
    tmp_path: Path, out: int, err: int, limit: int, kept: tuple[int, int]
) -> None:
    stdout, stderr = tmp_path / "out", tmp_path / "err"
    logs = Logs.create(str(stdout), str(stderr), limit)
    os.write(logs.stdout, b"x" * out)
    os.write(logs.stderr, b"y" * err)

    assert logs.cut() is (out + err > limit)
    assert (stdout.stat().st_size, stderr.stat().st_size) == kept
    assert logs.cut() is False

    os.write(logs.stdout, b"z")  # what is written afterwards stands at the new end
    os.close(logs.stdout)
    os.close(logs.stderr)
    assert stdout.read_bytes() == b"x" * kept[0] + b"z"


def test_logs_are_private_and_new(tmp_path: Path) -> None:
    stdout, stderr = tmp_path / "out", tmp_path / "err"
    logs = Logs.create(str(stdout), str(stderr), 1)
    os.close(logs.stdout)
    os.close(logs.stderr)

    assert stat.S_IMODE(stderr.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        Logs.create(str(stdout), str(tmp_path / "other"), 1)
    with pytest.raises(FileExistsError):
        Logs.create(str(tmp_path / "another"), str(stderr), 1)
