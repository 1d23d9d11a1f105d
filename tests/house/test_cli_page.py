"""The page of commands in the docs is what click knows; `GATES_GENERATE=1` writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click
import pytest
from house.tree import ROOT

from gates.cli.main import COMMANDS, group

PAGE = ROOT / "docs" / "cli.md"
HEAD = """\
# Commands

Written from the commands themselves; `gates COMMAND --help` prints the same. Exit codes stand in
the [README](../README.md).
"""


def sections(command: click.Command, above: click.Context | None, name: str) -> Iterator[str]:
    """A command with its options, then the commands in it."""
    ctx = click.Context(command, info_name=name, parent=above)
    path = ctx.command_path
    yield f"## `{path}`" if above is None or above.parent is None else f"### `{path}`"
    yield ""
    for paragraph in (command.help or "").split("\n\n"):
        yield from (" ".join(paragraph.split()), "")
    yield from ("```text", f"{path} {' '.join(command.collect_usage_pieces(ctx))}", "```", "")
    records = [param.get_help_record(ctx) for param in command.params]
    rows = [record for record in records if record]
    if rows:
        yield from ("| option | what |", "|---|---|")
        yield from (f"| `{cell(names)}` | {cell(text)} |" for names, text in rows)
        yield ""
    if isinstance(command, click.Group):
        for inner in command.list_commands(ctx):
            found = command.get_command(ctx, inner)
            assert found is not None
            yield from sections(found, ctx, inner)


def cell(text: str) -> str:
    return text.replace("|", r"\|")


def page() -> str:
    return HEAD + "\n" + "\n".join(sections(group, None, "gates")).rstrip() + "\n"


def test_the_page_is_what_the_commands_say() -> None:
    if os.environ.get("GATES_GENERATE"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_and_option_says_what_it_does(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.help
    silent = [
        param.name
        for param in command.params
        if isinstance(param, click.Option) and not param.help and not param.hidden
    ]
    assert silent == []
