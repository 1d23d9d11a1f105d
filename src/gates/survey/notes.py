"""What `gates init` tells beside its gates: what is missing, what lies below, what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gates.domain.errors import ConfigError, Problem
from gates.survey import installed, layout, manifest, node_obstacles
from gates.survey.configured import metadata_fault
from gates.survey.layout import NODE, PYTHON, Layout
from gates.survey.scene import Scene, from_shell

_SHOWN = 8
_OURS = ".gates/"


def notes(scene: Scene, environment: str) -> Iterator[str]:
    """What the user should know of a project, one line each.

    Args:
        scene: the project.
        environment: what is to be said of its Python environment, or empty.
    """
    found = scene.layout
    broken = metadata_fault(scene.root)
    if broken:
        yield f"pyproject.toml is no TOML, so nothing of it was read: {broken}"
    unread = manifest.fault(scene.root)
    if unread:
        yield f"package.json is no JSON, so nothing of it was read: {unread}"
    if environment and PYTHON in found.languages:
        yield environment
    if NODE in found.languages:
        yield from _of_node(scene)
    if found.below:
        commands = _commands(found, scene.root, scene.environ)
        yield f"projects of their own lie below; each takes a gates.yaml of its own: {commands}"


def visited(scene: Scene, chosen: Iterable[str]) -> Iterator[str]:
    """That commands of the project's own would also look at what runs of `gates` leave.

    Args:
        scene: the project.
        chosen: the stages of its gates.
    """
    used = set(chosen)
    names = (".prettierignore", ".gitignore")
    files = [folder / name for folder in manifest.upwards(scene.root) for name in names]
    if "prettier" in used and not any(_names_ours(file) for file in files):
        yield f"`prettier --check .` would visit {_OURS} too: name that in .prettierignore"
    place = scene.configured.get("eslint", "")
    if "eslint" in used and not _names_ours(scene.root / place):
        yield f"`eslint .` would visit {_OURS} too: name that in `globalIgnores` of {place}"


def refuse_part(root: Path, top: Path | None, environ: Mapping[str, str]) -> None:
    """Refuse a folder within a project: its gates.yaml belongs at the project's top.

    Raises:
        ConfigError: with that place.
    """
    for folder in root.parents if top is not None and root != top else ():
        if layout.is_project(folder):
            summary = f"this folder is a part of the project in `{folder}`"
            raise ConfigError(
                Problem(
                    "part-of-a-project",
                    summary,
                    place=str(root),
                    hint=f"gates -C {from_shell(folder, root, environ)} init",
                )
            )
        if folder == top:
            break


def no_project(found: Layout, root: Path, environ: Mapping[str, str]) -> ConfigError:
    """That no project lies in a folder, and what to do."""
    if found.below:
        summary = "no project lies here, but some lie below"
        hint = f"each takes a gates.yaml of its own: {_commands(found, root, environ)}"
        return ConfigError(Problem("no-project", summary, place=str(root), hint=hint))
    summary = "no Python sources were found here, so no gate could look at anything"
    if manifest.read(root):
        summary = "a package.json is here, and no sources, so no gate could look at anything"
    hint = "start it in the project's folder, or name that with `gates -C DIR init`"
    return ConfigError(Problem("no-project", summary, place=str(root), hint=hint))


def _names_ours(file: Path) -> bool:
    return file.is_file() and _OURS.rstrip("/").encode() in file.read_bytes()


def _of_node(scene: Scene) -> Iterator[str]:
    node = scene.layout.node
    if PYTHON in scene.layout.languages and node is not None:
        yield f"two languages lie here: the gates of {node.language} end in `-{node.short}`"
    if scene.layout.stray:
        named = ", ".join(scene.layout.stray)
        yield f"no gate looks at the Python in {named}: no pyproject.toml or requirements.txt"
    absent = node_obstacles.not_there(scene)
    stale = installed.differences(scene.root)
    if absent:
        yield absent
    elif stale:
        yield f"{stale}: `{scene.installs}` mends that"


def _commands(found: Layout, root: Path, environ: Mapping[str, str]) -> str:
    """What to type for the projects below; the first ones of many."""
    shown = (from_shell(root / name, root, environ) for name in found.below[:_SHOWN])
    more = len(found.below) - _SHOWN
    commands = ", ".join(f"`gates -C {path} init`" for path in shown)
    return f"{commands}, and {more} more" if more > 0 else commands
