"""The steps of the GitHub Action ahead of the check: fetch history, install the project's tools.

They are two, since a program can read the environment of the process that started it: where code of
the project may run, nothing holds the token.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from gates.cli.action_event import read
from gates.cli.action_inputs import Inputs
from gates.domain.errors import StageError
from gates.survey.ci_install import Command, installation
from gates.toolkit import history
from gates.toolkit.attached import commands_off, run_attached, without_rights
from gates.toolkit.git import Git
from gates.toolkit.programs import find_program, is_program

BESIDE = "gates/beside"
"""The environment, below RUNNER_TEMP, of tools that the project does not bring."""

CACHE = "gates/cache"
"""The folder, below RUNNER_TEMP, that is kept from run to run."""


def prepare(inputs: Inputs, folder: Path, environ: Mapping[str, str]) -> None:
    """Install what judging needs, as the user asked for it.

    Args:
        inputs: those of the action.
        folder: that of gates.yaml.
        environ: the environment of the step.

    Raises:
        StageError: a tool cannot be installed.
        ConfigError: gates.yaml cannot be used.
    """
    if inputs.install == "none":
        return
    if inputs.install != "auto":
        _run(Command(tuple(shlex.split(inputs.install))), folder, environ)
        return
    install(folder, environ)
    beside(inputs.level, folder, environ)


def fetch(inputs: Inputs, folder: Path, environ: Mapping[str, str]) -> None:
    """Fetch what the change is compared with, where the checkout does not hold it.

    Raises:
        StageError: it cannot be fetched.
    """
    git = Git(folder, environ)
    if git.toplevel() is None:
        return
    server = environ.get("GITHUB_SERVER_URL", "")
    remote = history.Remote(environ=environ, token=inputs.token, server=server)
    done = history.reach(git, read(environ).wanted, remote)
    if done:
        _tell(done)


def install(folder: Path, environ: Mapping[str, str]) -> None:
    """Install what the project names, by its lock where it has one."""
    has_environment = bool(environ.get("VIRTUAL_ENV")) or (folder / ".venv").is_dir()
    found = installation(folder, has_environment=has_environment)
    path = environ.get("PATH", "")
    lacking = [name for name in found.managers if find_program(name, path, outside=folder) is None]
    if lacking:
        _install_beside(lacking, folder, environ)
    for command in found.commands:
        _run(command, folder, environ)
        if not command.is_pinned:
            _tell(f"not pinned by a lock with digests: {shlex.join(command.argv)}")


def beside(level: int, folder: Path, environ: Mapping[str, str]) -> None:
    """Install the tools of the plan that the project lacks, in an environment of their own."""
    from gates import app
    from gates.survey.ci_missing import missing

    loaded = app.load(folder, environ)
    found = missing(loaded.plan, level, loaded.git, environ)
    if found.packages:
        _install_beside(found.packages, folder, environ)
    for name in found.programs:
        _tell(f"`{name}` is not in the project's environment: its gate will be errored")


def search_path(environ: Mapping[str, str]) -> str:
    """PATH, at its end the tools that were installed beside the project."""
    return os.pathsep.join(filter(None, (environ.get("PATH", ""), str(_beside(environ) / "bin"))))


def _beside(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("RUNNER_TEMP") or "/tmp") / BESIDE  # noqa: S108 - GitHub always sets it


def _install_beside(
    packages: list[str] | tuple[str, ...], folder: Path, environ: Mapping[str, str]
) -> None:
    place = _beside(environ)
    if not is_program(str(place / "bin" / "python")):
        _run(Command((sys.executable, "-m", "venv", str(place))), folder, environ)
    pip = (str(place / "bin" / "python"), "-I", "-m", "pip", "install", "--quiet")
    _run(Command((*pip, "--disable-pip-version-check", *packages)), folder, environ)
    _tell(f"not pinned, since the project does not bring them: {', '.join(packages)}")


def _run(command: Command, folder: Path, environ: Mapping[str, str]) -> None:
    env = {**without_rights(environ), **dict(_caches(environ)), "PATH": search_path(environ)}
    name = command.argv[0]
    here = folder / name
    if "/" in name:
        program = name if name.startswith("/") else str(here)
    else:
        program = find_program(name, env["PATH"], outside=folder) or ""
    shown = shlex.join(command.argv)
    if not program:
        raise StageError("installer-missing", f"`{name}` is not on PATH, for: {shown}", place=name)
    _tell(f"run: {shown}")
    with commands_off():
        code = run_attached((program, *command.argv[1:]), env=env)
    if code:
        raise StageError(
            "install-failed",
            f"exit code {code} of: {shown}",
            hint="install the tools in a step of your own, and give `install: none`",
            place=str(folder),
        )


def _caches(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    top = Path(environ.get("RUNNER_TEMP", "")) / CACHE
    for variable, name in (
        ("PIP_CACHE_DIR", "pip"),
        ("UV_CACHE_DIR", "uv"),
        ("POETRY_CACHE_DIR", "poetry"),
        ("npm_config_cache", "npm"),
    ):
        if environ.get("RUNNER_TEMP") and variable not in environ:
            yield variable, str(top / name)
    yield "POETRY_VIRTUALENVS_IN_PROJECT", "true"


def _tell(text: str) -> None:
    from gates.toolkit.ci_door import disarmed

    sys.stdout.write(f"gates: {disarmed(text)}\n")
    sys.stdout.flush()
