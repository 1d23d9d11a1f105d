"""How a CI machine gets the tools that a project uses, by the lock that the project has.

Order: uv.lock, poetry.lock, requirements files, pyproject.toml; and package-lock.json besides. What
a lock pins is installed as pinned; everything else is told as not pinned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gates.survey.configured import at, tables

REQUIREMENTS = (
    "requirements.txt", "requirements-dev.txt", "requirements-test.txt", "dev-requirements.txt",
    "test-requirements.txt", "requirements_dev.txt", "requirements_test.txt",
    "requirements/base.txt", "requirements/dev.txt", "requirements/test.txt",
)  # fmt: skip
"""Files of requirements that are installed where they are there, in this order."""

EXTRAS = ("dev", "develop", "development", "test", "tests", "testing", "lint", "all")
"""Extras and dependency groups of a project that by their name hold what its tests need."""

VENV = ".venv"
PYTHON = f"{VENV}/bin/python"
PIP = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of an installation.

    Attributes:
        argv: the program by name, or by its place in the project, and its arguments.
        is_pinned: what it installs is named by a lock.
    """

    argv: tuple[str, ...]
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Installation:
    """How the tools of a project are installed.

    Attributes:
        commands: in their order; none where nothing says what the project needs.
        why: what decided, for the log.
        managers: programs that the commands need and a machine may lack.
    """

    commands: tuple[Command, ...] = ()
    why: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()


def installation(root: Path, *, has_environment: bool) -> Installation:
    """How the tools of the project in a folder are installed.

    Args:
        root: the folder of gates.yaml.
        has_environment: an earlier step made an environment, which is then left as it is.
    """
    parts = [] if has_environment else [_python(root)]
    parts.append(_node(root))
    return Installation(
        tuple(command for part in parts for command in part.commands),
        tuple(why for part in parts for why in part.why),
        tuple(manager for part in parts for manager in part.managers),
    )


def _python(root: Path) -> Installation:
    if (root / "uv.lock").is_file():
        sync = ("uv", "sync", "--frozen", "--all-extras", "--all-groups", "--quiet")
        return Installation((Command(sync, is_pinned=True),), ("uv.lock",), ("uv",))
    if (root / "poetry.lock").is_file():
        install = ("poetry", "install", "--all-extras", "--all-groups", "--no-interaction")
        return Installation((Command(install, is_pinned=True),), ("poetry.lock",), ("poetry",))
    commands = [*_requirements(root), *_project(root)]
    if not commands:
        return Installation()
    made = Command(("python3", "-m", "venv", VENV), is_pinned=True)
    return Installation((made, *commands), tuple(command.argv[-1] for command in commands))


def _requirements(root: Path) -> Iterator[Command]:
    for name in REQUIREMENTS:
        path = root / name
        if path.is_file():
            is_hashed = b"--hash=" in path.read_bytes()
            hashed = ("--require-hashes",) if is_hashed else ()
            yield Command((*PIP, *hashed, "--requirement", name), is_pinned=is_hashed)


def _project(root: Path) -> Iterator[Command]:
    """The project itself, which can be built where it says how, and its groups of development."""
    settings = tables(root)
    groups = at(settings, "dependency-groups")
    for name in EXTRAS:
        if isinstance(groups, dict) and name in groups:
            yield Command((*PIP, "--group", name))
    if at(settings, "build-system") is None or at(settings, "project", "name") is None:
        return
    extras = at(settings, "project", "optional-dependencies")
    chosen = [name for name in EXTRAS if isinstance(extras, dict) and name in extras]
    target = f".[{','.join(chosen)}]" if chosen else "."
    has_locked = any((root / name).is_file() for name in REQUIREMENTS)
    alone = ("--no-deps",) if has_locked else ()
    yield Command((*PIP, *alone, "--editable", "." if has_locked else target))


def _node(root: Path) -> Installation:
    lock = next(
        (n for n in ("package-lock.json", "npm-shrinkwrap.json") if (root / n).is_file()), ""
    )
    if not lock:
        return Installation()
    install = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error")
    return Installation((Command(install, is_pinned=True),), (lock,), ())
