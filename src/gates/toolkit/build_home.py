"""A home of its own for a build, in which it finds nothing that another build kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_CONFIGURED = (
    ("RUSTUP_HOME", ".rustup"),
    ("PYENV_ROOT", ".pyenv"),
    ("NVM_DIR", ".nvm"),
    ("VOLTA_HOME", ".volta"),
    ("ASDF_DATA_DIR", ".asdf"),
    ("SDKMAN_DIR", ".sdkman"),
    ("PYTHONUSERBASE", ".local"),
    ("NPM_CONFIG_USERCONFIG", ".npmrc"),
    ("PIP_CONFIG_FILE", ".config/pip/pip.conf"),
)
"""Toolchains and settings that a build reads: the variable that says where, and where else."""

_DOWNLOADED = (
    ("PIP_CACHE_DIR", ".cache/pip"),
    ("UV_CACHE_DIR", ".cache/uv"),
    ("NPM_CONFIG_CACHE", ".npm"),
    ("CARGO_HOME", ".cargo"),
    ("GOMODCACHE", "go/pkg/mod"),
)
"""What was downloaded before; to download it again would need a network and much time."""

_OWN = {
    "HOME": ".",
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "TMPDIR": "tmp",
}


def made(home: Path, setting: Callable[[str], str]) -> dict[str, str]:
    """Make the folder, and tell the variables of a build that lives there.

    Args:
        home: the folder, which must not be there.
        setting: a variable of the environment, or empty.
    """
    env: dict[str, str] = {}
    for name, inner in _OWN.items():
        folder = home / inner
        folder.mkdir(parents=True, exist_ok=True)
        env[name] = str(folder)
    return env | _kept(setting, _CONFIGURED) | _kept(setting, _DOWNLOADED)


def shared(setting: Callable[[str], str]) -> tuple[str, ...]:
    """The variables of folders of downloads that both builds use and may write to."""
    return tuple(sorted(_kept(setting, _DOWNLOADED)))


def _kept(setting: Callable[[str], str], places: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Where things lie that are there: where a variable says, else in the real home."""
    home = Path(setting("HOME") or "/nonexistent")
    cache = setting("XDG_CACHE_HOME")
    found: dict[str, str] = {}
    for name, inner in places:
        place = home / inner
        if cache and inner.startswith(".cache/"):
            place = Path(cache) / inner.removeprefix(".cache/")
        place = Path(setting(name) or place)
        if place.exists():
            found[name] = str(place)
    return found
