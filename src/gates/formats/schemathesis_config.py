"""The schemathesis.toml of a run: the project's own, with what a gate asks for before it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gates.domain.errors import StageError

NAME = "schemathesis.toml"

_REFUSED = {
    "baseline": "it hides failures: waive them instead, with reason, owner and end",
    "cache": "what an earlier run left would change this one",
    "dictionaries": "their files are looked for beside the copy of this file that is used",
    "max-failures": "the run would stop before its end",
    "max-time": "the run would stop before its end",
}
"""Settings that have no place in a gate, with the reason."""

_LOOSENS = ("checks", "operations", "projects", "project", "phases", "warnings", "hooks")
"""Settings that can change what is looked at; each output tells that they are there."""


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration for a run.

    Attributes:
        data: the file.
        notes: what every output must tell of it.
    """

    data: bytes
    notes: tuple[str, ...]


def combined(project: bytes | None, headers: Mapping[str, str]) -> Config:
    """Put what the gate asks for before what the project's file says.

    Args:
        project: the project's own file; None where there is none.
        headers: headers of every request; `${NAME}` is filled in by Schemathesis itself, so that
            no credentials stand in a command or a file.

    Raises:
        StageError: the project's file is no TOML, or sets what has no place in a gate.
    """
    lines = ["cache.enabled = false"]
    if headers:
        pairs = ", ".join(f"{_quoted(name)} = {_quoted(text)}" for name, text in headers.items())
        lines.append(f"headers = {{ {pairs} }}")
    own = "\n".join(lines).encode("utf-8") + b"\n"
    if project is None:
        return Config(own, ())
    settings = _settings(project)
    for key, why in _REFUSED.items():
        if key in settings:
            raise StageError(
                "setting-refused", f"`{key}` of {NAME} has no place in a gate: {why}", place=NAME
            )
    if headers and "headers" in settings:
        raise StageError(
            "headers-twice",
            f"`headers` stand in gates.yaml and in {NAME}",
            hint="keep them in one of the two",
            place=NAME,
        )
    return Config(own + project.removeprefix(b"\xef\xbb\xbf"), tuple(_notes(settings)))


def _settings(project: bytes) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(project.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StageError("not-toml", f"{NAME} cannot be read: {error}", place=NAME) from None


def _notes(settings: Mapping[str, object]) -> Iterator[str]:
    found = [key for key in _LOOSENS if key in settings]
    if found:
        yield f"{NAME} sets {', '.join(f'`{key}`' for key in found)}"


def _quoted(text: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON but for DEL."""
    return json.dumps(text).replace("\x7f", "\\u007f")
