from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.toolkit.regular import open_regular


def test_a_file_is_opened_also_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as file:
            assert file.read() == b"text"


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = {of.name for of in Path("/proc/self/fd").iterdir()}
    with pytest.raises(OSError, match="a pipe or a device"):
        open_regular(tmp_path / "pipe")
    with pytest.raises(OSError, match="a folder"):
        open_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "gone")
    assert (
        len({of.name for of in Path("/proc/self/fd").iterdir()} - before) <= 1
    )  # the listing's own
