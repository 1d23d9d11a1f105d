"""Where a Node project's tools are: `node_modules/.bin` in the project and in the folders above it.

npm and yarn put links there that lead to a file of the package. pnpm puts shell scripts there that
name that file, and keeps the packages in `node_modules/.pnpm`. Yarn's Plug'n'Play has no such
folder at all: its tools cannot be started by path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gates.domain.errors import StageError
from gates.toolkit.programs import is_below

NODE_FOLDER = "node_modules"
RUNTIME = frozenset({"node", "npm", "npx", "corepack", "pnpm", "yarn"})
"""Programs that run a project and are no tools of it: they are never taken from its packages."""

_PACKAGES = {
    "depcruise": "dependency-cruiser",
    "eslint": "eslint",
    "jest": "jest",
    "prettier": "prettier",
    "secretlint": "secretlint",  # pragma: allowlist secret
    "tsc": "typescript",
    "vitest": "vitest",
}
"""The package that brings each Node program for which there is a stage."""

_ADDS = (
    ("pnpm-lock.yaml", "pnpm add --save-dev"),
    ("yarn.lock", "yarn add --dev"),
    ("bun.lock", "bun add --dev"),
    ("bun.lockb", "bun add --dev"),
    ("package-lock.json", "npm install --save-dev"),
)
_PLUG_N_PLAY = (".pnp.cjs", ".pnp.js")
_SCRIPT_BYTES = 64 * 1024
_MANIFEST_BYTES = 4 * 1024 * 1024
_BASE = r"""basedir=$(dirname "$(echo "$0" | sed -e 's,\\,/,g')")"""
_PLAIN_LINES = frozenset({
    "", "fi", ";;", "else", "esac", "exit $?", _BASE, "case `uname` in",
    "*CYGWIN*|*MINGW*|*MSYS*)", '*CYGWIN*) basedir=`cygpath -w "$basedir"`;;',
    "if command -v cygpath > /dev/null 2>&1; then", 'basedir=`cygpath -w "$basedir"`',
    'if [ -z "$NODE_PATH" ]; then', 'if [ -x "$basedir/node" ]; then',
})  # fmt: skip
"""Lines of a script of pnpm that start nothing, without the blanks around them."""

_FOLDERS = r'[^"$`\\:]*/node_modules'
_NODE_PATH = re.compile(rf'export NODE_PATH="{_FOLDERS}(?::{_FOLDERS})*(?::\$NODE_PATH)?"')
_STARTED = re.compile(
    r'(?:exec +)?(?:(?:node|"\$basedir/node")(?: +--?[\w.=-]+)* +)?'
    r'"\$basedir/([^"$`\\]+)" +"\$@"'
)


def node_folders(root: Path, top: Path) -> Iterator[Path]:
    """Each `node_modules` in the root and the folders above it, up to the top of the repository."""
    for folder in (root, *root.parents):
        if (folder / NODE_FOLDER).is_dir():
            yield folder / NODE_FOLDER
        if folder == top or not is_below(str(folder), str(top)):
            break


def started_file(path: str) -> str:
    """The file that a program of `node_modules/.bin` starts, absolute, all links followed.

    For a link that is what it leads to; for a script of pnpm, npm or yarn the file that it names;
    elsewhere than in `.bin` it may be the program itself. The scripts' form:
    https://github.com/pnpm/cmd-shim

    Raises:
        StageError: `tool-unknown-form`: a program of `.bin` is neither, so that nobody knows what
            it starts.
    """
    if not Path(path).is_symlink():
        named = _named_by_script(path)
        if named:
            return os.path.realpath(f"{Path(path).parent}/{named}")
        if Path(path).parts[-3:-1] == (NODE_FOLDER, ".bin"):
            name = Path(path).name
            raise StageError(
                "tool-unknown-form",
                f"`{name}` in {NODE_FOLDER}/.bin is of an unknown form: neither a link nor a script"
                " of a package manager, so what it starts is not known",
                hint="remove node_modules and install the packages anew",
                place=f"{NODE_FOLDER}/.bin/{name}",
            )
    return os.path.realpath(path)


def package_folder(file: str) -> Path | None:
    """The folder of the installed package that a file belongs to, or None."""
    folder = _package_folder(PurePosixPath(file))
    return None if folder is None else Path(folder)


def package_version(file: str) -> str:
    """The version of the installed package that a file belongs to; empty where none is told.

    It stands in the package.json of the outermost folder below the innermost `node_modules`, also
    where the package was installed under another name.
    """
    import json

    folder = _package_folder(PurePosixPath(file))
    if folder is None:
        return ""
    try:
        with Path(folder, "package.json").open("rb") as manifest:
            data = manifest.read(_MANIFEST_BYTES)
        told: object = json.loads(data)
    except (OSError, ValueError, RecursionError):
        return ""
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) else ""


def outermost_node_folder(file: str, top: str) -> Path | None:
    """The outermost `node_modules` between the top and a file below it, or None."""
    inside = PurePosixPath(os.path.relpath(file, top)).parts
    if NODE_FOLDER not in inside[:-1]:
        return None
    return Path(top, *inside[: inside.index(NODE_FOLDER) + 1])


def way_in(name: str, root: Path, top: Path) -> str | None:
    """How to get a Node program into the project; None where this is no Node program.

    By the lock file of the project, which tells what manages it.
    """
    if name in RUNTIME:
        return f"install Node.js, and put the folder of `{name}` on PATH"
    package = _PACKAGES.get(name)
    if package is None:
        return None
    folders = [root, *(folder for folder in root.parents if is_below(str(folder), str(top)))]
    if any((folder / mark).is_file() for folder in folders for mark in _PLUG_N_PLAY):
        return (
            "Plug'n'Play keeps tools where they cannot be started by path: set"
            f" `nodeLinker: node-modules` in .yarnrc.yml, then: yarn add --dev {package}"
        )
    for folder in folders:
        for lock, add in _ADDS:
            if (folder / lock).is_file():
                return f"install it: {add} {package}"
    return f"install it: npm install --save-dev {package}"


def _named_by_script(path: str) -> str:
    """The file that a package manager's script starts, from its folder; empty for anything else.

    Each line must be one that such scripts have, since any other may start something else.
    """
    with Path(path).open("rb") as script:
        text = script.read(_SCRIPT_BYTES + 1).decode("utf-8", "replace")
    first, *lines = (line.strip() for line in text.split("\n"))
    if first != "#!/bin/sh" or len(text) > _SCRIPT_BYTES or lines.count(_BASE) != 1:
        return ""
    named: set[str] = set()
    for line in lines:
        started = _STARTED.fullmatch(line)
        is_idle = line in _PLAIN_LINES or line.startswith("#")
        if started:
            named.add(started[1])
        elif not is_idle and not _NODE_PATH.fullmatch(line):
            return ""
    return named.pop() if len(named) == 1 else ""


def _package_folder(file: PurePosixPath) -> PurePosixPath | None:
    parts = file.parts
    if NODE_FOLDER not in parts[:-1]:
        return None
    at = len(parts) - 1 - parts[::-1].index(NODE_FOLDER)
    length = 2 if parts[at + 1].startswith("@") else 1
    return PurePosixPath(*parts[: at + 1 + length])
