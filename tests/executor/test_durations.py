from pathlib import Path

import pytest

from gates.executor import durations


def test_seconds_are_kept_beside_those_of_other_gates(tmp_path: Path) -> None:
    durations.keep(tmp_path, {"lint": 0.5, "tests": 9.0})
    durations.keep(tmp_path, {"lint": 0.25})
    assert durations.read(tmp_path) == {"lint": 0.25, "tests": 9.0}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"lint": "1"}', '{"lint": -1}', '{"lint": NaN}', "[" * 100_000]
)
def test_what_cannot_be_used_is_as_good_as_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / durations.NAME).write_text(text)
    assert durations.read(tmp_path) == {}


def test_nothing_is_kept_without_a_folder(tmp_path: Path) -> None:
    durations.keep(None, {"lint": 1.0})
    durations.keep(tmp_path / "absent", {"lint": 1.0})
    assert durations.read(None) == {}
    assert durations.read(tmp_path / "absent") == {}
