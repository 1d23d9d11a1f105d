"""The `curl` command that asks what a probe asked, for whoever wants to see it again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gates.formats.probe_model import Ask, Identity

_PLAIN = re.compile(r"[A-Za-z0-9@%+=:,./_-]+")
_SETTING = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


def curl(url: str, ask: Ask, identity: Identity | None) -> str:
    """The command, on one line; a setting stands as `${NAME}`, and a token by its owner's name.

    Args:
        url: the address of the service.
        ask: the request, its values filled in and its settings not.
        identity: who asks; None for nobody.
    """
    return " ".join(("curl -si", *_words(url, ask, identity)))


def _words(url: str, ask: Ask, identity: Identity | None) -> Iterator[str]:
    if ask.method == "HEAD":
        yield "--head"
    elif ask.method != "GET":
        yield f"-X {quoted(ask.method)}"
    yield quoted(url + ask.path)
    for name, value in (*_shown(identity), *ask.headers):
        yield f"-H {quoted(f'{name}: {value}')}"
    if ask.has_json:
        yield f"--json {quoted(json.dumps(ask.json, default=str))}"
    elif ask.body is not None:
        yield f"--data-binary {quoted(ask.body)}"


def _shown(identity: Identity | None) -> Iterator[tuple[str, str]]:
    if identity is None:
        return
    name = re.sub(r"[^A-Z0-9]", "_", identity.name.upper())
    for header, value in identity.headers:
        yield header, value.replace("{token}", f"${{{name}_TOKEN}}")


def quoted(text: str) -> str:
    """A text as one word of a shell, in which only `${NAME}` still stands for something."""
    if _PLAIN.fullmatch(text):
        return text
    if not _SETTING.search(text):
        return "'" + text.replace("'", "'\\''") + "'"
    parts = _SETTING.split(text)
    settings = _SETTING.findall(text)
    escaped = [re.sub(r'([\\"`$])', r"\\\1", part) for part in parts]
    joined = "".join(part + setting for part, setting in zip(escaped, [*settings, ""], strict=True))
    return f'"{joined}"'
