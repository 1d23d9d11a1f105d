from __future__ import annotations

import json
import socket
from pathlib import Path

import gates.toolkit
from gates.toolkit.locust_addon_tally import settings_for
from gates.toolkit.locust_launch import Asked, free_port, prepare

ROOM = Path(gates.toolkit.__path__[0])
ASKED = Asked(warmup=10, duration=60, patience=5, ramp=((4, 2), (1, 3)), hosts=("a:1",))


def test_the_add_on_is_copied_with_its_settings(tmp_path: Path) -> None:
    launch = prepare(tmp_path, "run-0", ASKED)

    *parts, addon = launch.files  # the add-on last: it imports the others
    assert addon.read_bytes() == (ROOM / "locust_addon.py").read_bytes()
    assert {part.stem.removeprefix(addon.stem) for part in parts} == {
        path.stem.removeprefix("locust_addon") for path in ROOM.glob("locust_addon_*.py")
    }
    for part in parts:
        source = ROOM / f"locust_addon{part.stem.removeprefix(addon.stem)}.py"
        assert part.read_bytes() == source.read_bytes()
    settings = settings_for(addon, {})
    assert settings is not None
    assert (settings.record, settings.ramp) == (str(launch.record), ((4, 2), (1, 3)))
    assert (settings.hosts, settings.shaped, settings.workers) == (("a:1",), False, 0)
    assert launch.about.parent == launch.record.parent


def test_each_run_has_files_of_its_own(tmp_path: Path) -> None:
    first, second = prepare(tmp_path, "run-0", ASKED), prepare(tmp_path, "run-1", ASKED)

    assert not {*first.files, first.record} & {*second.files, second.record}
    assert json.loads(second.files[-1].with_suffix(".json").read_bytes())["duration"] == 60


def test_a_free_port_can_be_had() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
