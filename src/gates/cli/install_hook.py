"""`gates install-hook`: let git itself call `gates`, where no manager of hooks does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates.domain.errors import GatesError, Problem
from gates.toolkit.door import one_line

DEFAULTS = ("pre-commit", "commit-msg", "pre-push")
"""The hooks that are written where none is named."""

CHOICES = (*DEFAULTS, "pre-merge-commit")


@click.command(name="install-hook")
@click.option(
    "--stage",
    "names",
    multiple=True,
    type=click.Choice(CHOICES),
    help=f"Only this hook of git; repeatable. Default: {', '.join(DEFAULTS)}.",
)
@click.option("--uninstall", is_flag=True, help="Remove what was written, and put back the rest.")
def command(*, names: tuple[str, ...], uninstall: bool) -> None:
    """Write hooks of git that judge each commit, its message, and each push.

    A hook that is there already is kept and runs first. Those of pre-commit, prek and other
    managers are refused: there, `gates` is one of the hooks that they run.
    """
    from gates.toolkit import hook_files
    from gates.toolkit.git import Git

    git = Git(Path.cwd(), os.environ)
    hooks = hook_files.hooks_folder(git)
    try:
        if uninstall:
            changes = hook_files.uninstall_hooks(hooks, names or CHOICES)
        else:
            scripts = _scripts(names or DEFAULTS, hooks.top)
            changes = hook_files.install_hooks(hooks, scripts, git)
    except OSError as error:
        raise _unwritten(error) from error
    for change in changes:
        click.echo(f"{change.path}: {change.done}")
    if uninstall and not changes:
        click.echo("no hook of `gates` is here")
    if not uninstall:
        click.echo("once without them: `git commit --no-verify`, `git push --no-verify`")


def _scripts(names: tuple[str, ...], top: Path) -> dict[str, bytes]:
    from gates.config import policy
    from gates.toolkit.hook_files import relative_folder
    from gates.toolkit.hook_script import hook_script

    folder = relative_folder(policy.find(Path.cwd()).parent, top)
    python = os.path.abspath(sys.executable)  # noqa: PTH100 - links lead out of the environment
    return {name: hook_script(name, python=python, folder=folder) for name in dict.fromkeys(names)}


def _unwritten(error: OSError) -> GatesError:
    reason = error.strerror or type(error).__name__
    return GatesError(
        Problem(
            "hook-unwritten",
            f"a hook could not be changed: {reason}",
            place=one_line(str(error.filename or "")),
            hint="see who owns the folder of hooks, and whether the disk is full",
        )
    )
