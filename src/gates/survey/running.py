"""What a project tells of how it runs: which gates of Level 2 would suit it, and what they lack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gates.domain.errors import StageError
from gates.stages import BUILT_IN
from gates.survey.manifest import asked_for
from gates.survey.scene import Scene

_LARGEST = 1 << 20

# An app that a function makes, or a class holds, stands on an indented line: no server finds it.
_APP = re.compile(
    rb"^(\w+)[ \t]*(?::[^=\n]*)?=[ \t]*(?:\w+\.)?(FastAPI|Starlette|Flask)\(", re.MULTILINE
)
_MAKER = re.compile(rb"^[ \t]+\w.*\b(FastAPI|Starlette|Flask)\(", re.MULTILINE)
_NODE = {"express": "Express", "fastify": "Fastify"}

_FILES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("schemathesis", ("openapi.json", "openapi.yaml", "openapi.yml")),
    ("openapi-diff", ("openapi.json", "openapi.yaml", "openapi.yml")),
    ("locust", ("locustfile.py",)),
    ("alembic", ("alembic.ini",)),
    ("playwright", tuple(f"playwright.config.{ending}" for ending in ("ts", "js", "mjs", "cjs"))),
)
"""Stages of Level 2, and the files at the top of a project that they work by."""

_ASKING = ("http", "load")
"""Stages that suit whatever answers HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What answers HTTP in a project.

    Attributes:
        framework: as its makers write it.
        place: the module and the name in it, or empty where they cannot be told.
        command: what starts it, or empty where that cannot be told.
        program: what the command needs, or empty.
    """

    framework: str
    place: str = ""
    command: str = ""
    program: str = ""


def running(scene: Scene) -> Iterator[str]:
    """What the user should know of Level 2, in one line; none where nothing of it was seen."""
    app = _app(scene)
    found = [(uses, name) for uses, name in _found(scene.root) if uses in BUILT_IN]
    if app is None and not found:
        return
    gates = [*(uses for uses in _ASKING if app), *(f"{uses} ({name})" for uses, name in found)]
    seen = "" if app is None else f"; {_of(app, scene)}"
    yield f"Level 2 is not written here; gates that would suit it: {', '.join(gates)}{seen}"


def _of(app: App, scene: Scene) -> str:
    """The app, and the service that it would be."""
    named = f"{app.framework} app `{app.place}`" if app.place else f"{app.framework} app"
    if not app.command:
        return f"they need a `services:` entry with the command that starts the {named} on {{port}}"
    told = f'they need `services: {{api: {{run: "{app.command}"}}}}` for the {named}'
    try:
        scene.tool(app.program)
    except StageError:
        return f"{told}, and `{app.program}`, which is not installed"
    return told


def _app(scene: Scene) -> App | None:
    made: App | None = None
    for path in _shallow_first(scene.layout.files):
        text = _content(scene.root / path)
        found = _APP.search(text)
        if found is not None:
            return _python(path, found[1].decode(), found[2].decode())
        hidden = _MAKER.search(text)
        if hidden is not None and made is None:
            made = App(framework=hidden[1].decode())
    if made is not None:
        return made
    packages = asked_for(scene.root)
    named = next((package for package in _NODE if package in packages), None)
    return App(framework=_NODE[named]) if named else None


def _python(path: str, name: str, framework: str) -> App:
    parts = PurePosixPath(path).with_suffix("").parts
    is_src = parts[0] == "src"
    module = ".".join(part for part in parts[is_src:] if part != "__init__")
    place = f"{module}:{name}"
    if framework == "Flask":
        command, program = f"flask --app {place} run --port {{port}}", "flask"
    else:
        folder = " --app-dir src" if is_src else ""
        command, program = f"uvicorn {place} --port {{port}}{folder}", "uvicorn"
    return App(framework=framework, place=place, command=command, program=program)


def _found(root: Path) -> Iterator[tuple[str, str]]:
    """Each stage with the first of its files that is there."""
    for uses, names in _FILES:
        name = next((name for name in names if (root / name).is_file()), None)
        if name is not None:
            yield uses, name


def _shallow_first(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path.count("/"), path))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""
