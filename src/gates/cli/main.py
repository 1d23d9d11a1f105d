"""The group of commands, and how each way to end becomes an exit code."""

from __future__ import annotations

import os
import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gates import __version__
from gates.cli.streams import OutputUnwritten, ReaderGone, finish, guard, silence
from gates.cli.terminal import show_error, show_text
from gates.domain.errors import GatesError, Problem

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "advisories": ("advisories", "Update or show the local vulnerability database."),
    "check": ("check", "Run the gates of a level and judge them."),
    "completion": ("completion", "Print the script that completes `gates` in a shell."),
    "doctor": ("doctor", "Tell which gates cannot run or could not fail, and why."),
    "explain": ("explain", "Tell why a gate of a stored run stands as it does."),
    "init": ("init", "Write a first gates.yaml for the project in this folder."),
    "install-hook": ("install_hook", "Let git call `gates` at each commit and push."),
    "merge": ("merge", "Give the one verdict over the shards of several machines."),
    "plan": ("plan", "Show what would run, in what order, and why."),
    "policy": ("policy", "Tell what a change tightens, loosens or removes."),
    "report": ("report", "Render a stored run record."),
    "schema": ("schema", "Print the JSON Schema of gates.yaml, or of the waivers."),
    "stages": ("stages", "List the stages, or show one."),
    "stamp": ("stamp", "Tell from which files a report was made, in the step that made it."),
}
"""Command names with their module in this room, and their line in the help."""

COMPLETING = "_GATES_COMPLETE"
"""The environment variable by which a shell asks for completions."""

BROKEN_PIPE = 141
"""Exit code where the reader of our output went away: 128 + SIGPIPE, as shells have it."""


class Lazy(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: object = import_module(f"gates.cli.{COMMANDS[cmd_name][0]}").command
        found = command if isinstance(command, click.Command) else None
        if found is None or not ctx.resilient_parsing:
            return found
        from gates.cli.completion import attach

        return attach(found)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete the names of commands, and options, without importing any command."""
        from gates.cli.completion import commands

        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*commands(COMMANDS, incomplete), *options]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 passed, 1 failed, 2 usage or configuration, 3 could not be measured,"
    " 4 pending, 130 and 143 interrupted.",
)
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Run as if started in DIR.",
)
@click.version_option(__version__, message="gates %(version)s")
def group(folder: Path | None) -> None:
    """Decide whether a back end may ship: a gate passes only on proof."""
    if folder is not None:
        os.chdir(folder)


def run() -> None:
    """Run the command line and end the process with the documented exit code."""
    guard()
    sys.exit(_code())


def _code() -> int:
    """Run the command line; every way to end has its exit code, and none is a pass by accident."""
    code = 0
    try:
        code = _ended()
        finish()
    except OutputUnwritten as error:
        silence()
        show_error(error)
        return code or error.exit_code
    except ReaderGone:
        silence()
        return BROKEN_PIPE
    return code


def _ended() -> int:
    if sys.argv[1:]:
        # A shell that asks calls `gates` alone; left in the environment, the variable must not
        # make a command end with 0 that did nothing.
        os.environ.pop(COMPLETING, None)
    if "PRE_COMMIT" in os.environ:
        _leave_hook_manager()
    try:
        code = group.main(prog_name="gates", complete_var=COMPLETING, standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        text = StringIO()
        error.show(text)
        show_text(text.getvalue())
        return error.exit_code
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else GatesError.exit_code
    except (OutputUnwritten, ReaderGone):
        raise
    except GatesError as error:
        show_error(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - uncaught, Python would end with 1, which is "failed"
        _show_defect(error)
        return GatesError.exit_code
    return code if isinstance(code, int) else 0


def _leave_hook_manager() -> None:
    """Look at the machine as the user's shell does: not from the private environment of a hook."""
    from gates.toolkit.hook_environment import before_hook_manager

    found = before_hook_manager(os.environ)
    for name in set(os.environ) - set(found):
        del os.environ[name]
    os.environ.update(found)


def _show_defect(error: Exception) -> None:
    import traceback

    show_text("".join(traceback.format_exception(error)))
    summary = f"`gates` {__version__} broke: {type(error).__name__}: {error}"
    hint = "this is a defect of gates; please report it with the lines above"
    show_error(GatesError(Problem("internal-error", summary, hint=hint)))
