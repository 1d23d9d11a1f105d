"""`gates schema`: print the JSON Schema of gates.yaml."""

from __future__ import annotations

import json

import click


@click.command(name="schema")
def command() -> None:
    """Print the JSON Schema of gates.yaml, made from the models that read it."""
    from gates.config.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
