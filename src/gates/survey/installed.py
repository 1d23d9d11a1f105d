"""Whether the installed Node packages are those that the lock names.

npm writes down what it installed in `node_modules/.package-lock.json`, in the form of its lock,
as npm's documentation of package-lock.json has it. Other managers leave a file there whose time
tells when they installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gates.formats import package_lock
from gates.survey import manifest
from gates.toolkit.node_programs import NODE_FOLDER

_NPM = ".package-lock.json"
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "pnpm-lock.yaml": (".pnpm/lock.yaml", ".modules.yaml"),
    "yarn.lock": (".yarn-state.yml", ".yarn-integrity"),
}
"""What a manager leaves in node_modules, by its lock."""

_LARGEST = 1 << 26


def differences(root: Path) -> str:
    """How the installed packages differ from the lock, in a few words; empty where they do not.

    Empty as well where nobody knows: there is no lock, or nothing is installed.
    """
    found = manifest.lock_of(root)
    if found is None:
        return ""
    lock, _ = found
    folder = lock.parent / NODE_FOLDER
    if package_lock.is_lock(lock.name):
        wanted, held = _packages(lock), _packages(folder / _NPM)
        return _differences(wanted, held, lock.name) if wanted and held else ""
    for name in _OTHERS.get(lock.name, ()):
        if (folder / name).is_file():
            is_older = (folder / name).stat().st_mtime_ns < lock.stat().st_mtime_ns
            return f"{NODE_FOLDER} is older than {lock.name}" if is_older else ""
    return ""


def _differences(
    wanted: Mapping[str, tuple[str, bool]], held: Mapping[str, tuple[str, bool]], name: str
) -> str:
    others = [
        place for place, (version, _) in held.items() if wanted.get(place, ("",))[0] != version
    ]
    missing = [
        place for place, (_, is_optional) in wanted.items() if not (is_optional or place in held)
    ]
    count = len({*others, *missing})
    if not count:
        return ""
    packages = (
        "1 package of node_modules is" if count == 1 else f"{count} packages of node_modules are"
    )
    return f"{packages} not what {name} names"


def _packages(path: Path) -> dict[str, tuple[str, bool]]:
    """The version of each package by its place, and whether it may be left out."""
    import json

    try:
        with path.open("rb") as file:
            told: object = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    packages = told.get("packages") if isinstance(told, dict) else None
    if not isinstance(packages, dict):
        return {}
    return {
        place: (str(entry.get("version", "")), _is_optional(entry))
        for place, entry in packages.items()
        if f"{NODE_FOLDER}/" in place and isinstance(entry, dict)
    }


def _is_optional(entry: Mapping[str, object]) -> bool:
    return any(entry.get(key) for key in ("optional", "devOptional", "peer", "link", "inBundle"))
