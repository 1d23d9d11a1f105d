from __future__ import annotations

import json
from pathlib import Path

from gates.toolkit import pytest_early, pytest_measuring, pytest_proof
from gates.toolkit.pytest_launch import prepare


def test_the_plugin_is_copied_under_a_new_name_each_time(tmp_path: Path) -> None:
    names = set()
    for number in range(3):
        out = tmp_path / str(number)
        out.mkdir()
        launch = prepare(out)
        names |= {launch.module, launch.nonce}
        home = Path(launch.home)
        assert sorted(path.name for path in home.iterdir()) == [
            f"{launch.module}.json",
            f"{launch.module}.py",
            f"{launch.module}_tally.py",
        ]
        copy = (home / f"{launch.module}.py").read_bytes()
        assert copy == Path(pytest_proof.__file__).read_bytes()
        settings = json.loads((home / f"{launch.module}.json").read_text())
        assert settings == {
            "nonce": launch.nonce,
            "folder": str(launch.proof),
            "measuring": "",
            "sources": [],
        }
        assert (launch.proof / "data").stat().st_mode & 0o777 == 0o700
    assert len(names) == 6


def test_the_measurement_comes_along_where_it_is_wanted(tmp_path: Path) -> None:
    launch = prepare(tmp_path, measured=("/p/a.py",))
    home = Path(launch.home)
    settings = json.loads((home / f"{launch.module}.json").read_text())
    assert settings["sources"] == ["/p/a.py"]
    copy = (home / f"{settings['measuring']}.py").read_bytes()
    assert copy == Path(pytest_measuring.__file__).read_bytes()
    early = (home / "sitecustomize.py").read_bytes()
    assert early == Path(pytest_early.__file__).read_bytes()
