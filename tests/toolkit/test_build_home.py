from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gates.toolkit.build_home import made, shared


def settings(**values: str) -> Callable[[str], str]:
    return lambda name: values.get(name, "")


def test_a_home_is_made_with_folders_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / "home"

    env = made(home, settings(HOME=str(tmp_path / "real")))

    assert env.keys() == {
        "HOME",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "TMPDIR",
    }
    assert all(
        Path(folder).is_dir() and Path(folder).is_relative_to(home) for folder in env.values()
    )
    assert shared(settings()) == ()


def test_toolchains_settings_and_downloads_of_the_real_home_stay_in_reach(tmp_path: Path) -> None:
    real = tmp_path / "real"
    (real / ".rustup").mkdir(parents=True)
    (real / ".npmrc").write_text("")
    (tmp_path / "caches/pip").mkdir(parents=True)
    (tmp_path / "cargo").mkdir()
    setting = settings(
        HOME=str(real), XDG_CACHE_HOME=str(tmp_path / "caches"), CARGO_HOME=str(tmp_path / "cargo")
    )

    env = made(tmp_path / "home", setting)

    assert env["RUSTUP_HOME"] == str(real / ".rustup")
    assert env["NPM_CONFIG_USERCONFIG"] == str(real / ".npmrc")
    assert env["PIP_CACHE_DIR"] == str(tmp_path / "caches/pip")
    assert shared(setting) == ("CARGO_HOME", "PIP_CACHE_DIR")
