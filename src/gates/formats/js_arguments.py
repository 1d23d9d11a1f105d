"""Arguments of Vitest and Jest that a gate must not take from its user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def refuse(arguments: Sequence[str], refused: Mapping[str, str]) -> None:
    """Refuse arguments that choose what runs, or that the gate itself passes.

    Both runners accept an option in camel and kebab case, with `--no-` before it, and with its
    value behind `=` or `.`.

    Args:
        arguments: as the user wrote them.
        refused: reasons by option, in small letters without dashes; a single letter stands for
            the short form.

    Raises:
        ValueError: with the first that is refused.
    """
    for argument in arguments:
        if not argument.startswith("-"):
            continue
        for name in _names(argument):
            if name in refused:
                raise ValueError(f"`args` holds `{argument}`: {refused[name]}")


def _names(argument: str) -> tuple[str, ...]:
    """The options that one argument sets."""
    if not argument.startswith("--"):
        return tuple(argument[1:].partition("=")[0])
    name = argument[2:].partition("=")[0].partition(".")[0].lower().replace("-", "")
    return (name, name.removeprefix("no"))
