"""`gates completion`: the script that lets a shell complete `gates`, and what it then offers.

The shell calls `gates` with `_GATES_COMPLETE` set at each TAB. Nothing here may then fail, write
anything or run a tool: where there is nothing to offer, nothing is offered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.types import StringParamType

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

INSTALL: Mapping[str, str] = {
    "bash": "gates completion bash > ~/.gates.bash && echo '. ~/.gates.bash' >> ~/.bashrc",
    "zsh": "gates completion zsh > ~/.gates.zsh && echo '. ~/.gates.zsh' >> ~/.zshrc",
    "fish": "gates completion fish > ~/.config/fish/completions/gates.fish",
}
"""How the script of each shell is installed; zsh has to run `compinit` before."""

_WORD = re.compile(r"[A-Za-z0-9_-]+")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(tuple(INSTALL)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes `gates` in SHELL; its comment says how to install it."""
    from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

    from gates.cli.main import COMPLETING

    kinds = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}
    # Not each kind's own method: that of bash runs a bash to tell that it is too old.
    made = kinds[shell](ctx.find_root().command, {}, "gates", COMPLETING)
    source = ShellComplete.source(made).strip() + "\n"
    note = f"# To install: {INSTALL[shell]}\n"
    # zsh wants to find in the first line what is completed.
    first, _, rest = source.partition("\n")
    text = f"{first}\n{note}{rest}" if first.startswith("#") else f"{note}{source}"
    click.echo(text, nl=False)


class Known(StringParamType):
    """Any text, completed from names that are known.

    Args:
        names: tells them, for the command line so far.
    """

    def __init__(self, names: Callable[[click.Context], Iterable[str]]) -> None:
        self.names = names

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """The names that begin with what was typed."""
        from click.shell_completion import CompletionItem

        del param
        return [CompletionItem(name) for name in self.names(ctx) if name.startswith(incomplete)]


def attach(command: click.Command) -> click.Command:
    """Let the parameters of a command be completed; only called where a shell asks."""
    for param in command.params:
        name = param.name or ""
        names = COMPLETED.get((command.name or "", name))
        if names is None and isinstance(param, click.Option):
            names = OPTIONS.get(name)
        if names is not None:
            param.type = Known(names)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            attach(inner)
    return command


def commands(known: Mapping[str, tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """The commands that begin with what was typed, with their line in the help."""
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(name, help=text)
        for name, (_, text) in known.items()
        if name.startswith(incomplete)
    ]


def gate_names(ctx: click.Context) -> tuple[str, ...]:
    """The gates of the nearest gates.yaml, as far as it can be read."""
    from gates.config import policy
    from gates.domain.errors import GatesError

    folder = ctx.find_root().params.get("folder") or Path.cwd()
    try:
        file = policy.find(Path(folder))
        data = policy.read(file)
        names = kept_names(file, data) or written_names(data)
        # The names are those of a shell's words: one with a blank would be offered as two.
        return tuple(dict.fromkeys(name for name in names if _WORD.fullmatch(name)))
    except (GatesError, OSError):
        return ()


def kept_names(file: Path, data: bytes) -> tuple[str, ...]:
    """The gates of the plan that is kept for just these bytes, or none where there is no such plan.

    A TAB is answered by it without a YAML reader. Without git, and in a linked work tree, nothing
    is found, for git itself would have to be asked where it is kept.
    """
    from hashlib import sha256

    from gates.config import cache, kept
    from gates.toolkit.state import digest

    root = file.parent
    top = next((each for each in (root, *root.parents) if (each / ".git").is_dir()), None)
    if top is None:
        return ()
    place = top / ".git" / "gates" / digest(os.path.relpath(root, top)) / cache.FOLDER
    wanted = sha256(data).hexdigest()
    for each in place.glob("*.json"):
        _, _, body = each.read_bytes().partition(b"\n")
        if wanted.encode() not in body:
            continue
        with suppress(ValueError):
            plan = kept.decode(body.decode())
            if plan.policy.sha256 == wanted:
                return tuple(gate.name for gate in plan.gates)
    return ()


def written_names(data: bytes) -> Iterator[str]:
    """The names of gates that a gates.yaml holds, however wrong the rest of it is.

    Raises:
        ConfigError: where it is no YAML at all.
    """
    from gates.formats.strict_yaml import read

    levels = read(data, name="gates.yaml").value.get("levels")
    for level in levels.values() if isinstance(levels, dict) else ():
        yield from _names(level.get("gates") if isinstance(level, dict) else level)


def _names(gates: object) -> Iterator[str]:
    if isinstance(gates, dict):
        yield from (name for name in gates if isinstance(name, str))
    for gate in gates if isinstance(gates, list) else ():
        name = gate.get("name") or gate.get("uses") if isinstance(gate, dict) else gate
        if isinstance(name, str):
            yield name


def stage_names(ctx: click.Context) -> tuple[str, ...]:
    """The stages that can be used here."""
    del ctx
    from gates import stages

    return stages.names()


def stage_words(ctx: click.Context) -> tuple[str, ...]:
    """What `gates stages` takes: a stage, or `check` and a stage."""
    is_first = not ctx.params.get("words")
    return (*(("check",) if is_first else ()), *stage_names(ctx))


def formats(ctx: click.Context) -> tuple[str, ...]:
    """The formats of reports."""
    del ctx
    from gates.cli.outputs import FORMATS

    return tuple(FORMATS)


def levels(ctx: click.Context) -> tuple[str, ...]:
    """The levels."""
    del ctx
    from gates.domain.plan import LEVELS

    return tuple(map(str, LEVELS))


def records(ctx: click.Context) -> tuple[str, ...]:
    """The ids of the runs that are kept here, the newest first."""
    from gates.config import policy
    from gates.domain.errors import GatesError
    from gates.toolkit.state import list_runs

    folder = ctx.find_root().params.get("folder") or Path.cwd()
    try:
        runs = list_runs(policy.find(Path(folder)).parent)
    except (GatesError, OSError):
        return ()
    return tuple(run.name for run in reversed(runs))


COMPLETED: Mapping[tuple[str, str], Callable[[click.Context], Iterable[str]]] = {
    ("explain", "gate"): gate_names,
    ("stages", "words"): stage_words,
}
"""The parameters of single commands that are completed from known names."""

OPTIONS: Mapping[str, Callable[[click.Context], Iterable[str]]] = {
    "gates": gate_names,
    "level": levels,
    "record": records,
    "reports": formats,
}
"""Options that mean the same wherever a command has them."""
