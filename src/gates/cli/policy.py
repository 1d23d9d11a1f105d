"""`gates policy`: what a change does to the policy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.cli.policy_base import diff
from gates.cli.terminal import wants_colour
from gates.reports.policy_text import policy_json, policy_lines
from gates.reports.style import render


@click.group(name="policy")
def command() -> None:
    """Look at the policy: gates.yaml, waivers, and what belongs to them."""


@command.command(name="diff")
@click.argument("ref", metavar="REF")
@click.option(
    "--report",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
def differ(ref: str, form: str) -> None:
    """Tell what tightens, loosens, removes or skips since REF; by each metric's own direction.

    Exit codes: 0 nothing loosens, 1 something does, 2 REF is not here, 3 its policy or a changed
    file cannot be read. What weakens the gates from outside of gates.yaml is told.
    """
    found = diff(app.load(Path.cwd(), os.environ), ref, Path.cwd())
    if form == "json":
        sys.stdout.write(policy_json(found))
    else:
        sys.stdout.write(render(policy_lines(found), colour=wants_colour(sys.stdout, os.environ)))
    sys.exit(found.exit_code)
