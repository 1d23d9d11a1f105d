from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.pattern_search import PROGRAM, SHOWN, Match, answers, request


def searched(folder: Path, text: bytes, *patterns: str) -> bytes:
    (folder / "text").write_bytes(text)
    (folder / "patterns").write_bytes(request(patterns))
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, folder / "text", folder / "patterns"],
        capture_output=True,
        check=True,
    ).stdout


def test_each_pattern_is_answered(tmp_path: Path) -> None:
    patterns = (r"^(?P<value>\d+) ms$", "(?P<value>x)?y", "(?P<value>é)", "(?P<value>9+)")
    text = "a\n12 ms\n13 ms\ny\né\n".encode() + b"\xff" + b"9" * (SHOWN + 1)

    found = answers(searched(tmp_path, text, *patterns), patterns)

    assert list(found.values()) == [
        Match(times=2, first="12"),
        Match(times=1, first=""),
        Match(times=1, first="é"),
        Match(times=1, first="9" * SHOWN),
    ]


@pytest.mark.parametrize("data", [b"", b"[]", b'[{"times": -1, "first": ""}]', b'[{"times": 1}]'])
def test_what_is_not_one_answer_each_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        answers(data, ("(?P<value>a)",))
