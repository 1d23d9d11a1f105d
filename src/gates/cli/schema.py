"""`gates schema`: print the JSON Schema of gates.yaml, or of the file of waivers."""

from __future__ import annotations

import json

import click


@click.command(name="schema")
@click.argument(
    "file", type=click.Choice(["gates", "waivers"]), default="gates", metavar="[gates|waivers]"
)
def command(file: str) -> None:
    """Print the JSON Schema of gates.yaml, or of .gates/waivers.yaml, for editors."""
    from gates.config.schema import json_schema, waivers_schema

    made = waivers_schema() if file == "waivers" else json_schema()
    click.echo(json.dumps(made, indent=2))
