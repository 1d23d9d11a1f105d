"""The environment that a manager of hooks found, before it put its own in front.

pre-commit and prek run a hook in a private environment: VIRTUAL_ENV names that one, and its
programs come first on PATH. What the user had activated is then only seen further back on PATH.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gates.toolkit.tools import set_by_hook_manager


def before_hook_manager(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what the manager of hooks put in front.

    Its private environment leaves PATH. VIRTUAL_ENV names again what it named before, told by the
    folder that an activated environment puts first on PATH, or is not there.

    Args:
        environ: the environment of `gates`.
    """
    active = environ.get("VIRTUAL_ENV", "")
    if not active.startswith("/") or not set_by_hook_manager(active, environ):
        return dict(environ)
    left = {name: text for name, text in environ.items() if name != "VIRTUAL_ENV"}
    private = os.path.realpath(f"{active}/bin")
    entries = environ.get("PATH", "").split(os.pathsep)
    folders = [each for each in entries if not each or os.path.realpath(each) != private]
    left["PATH"] = os.pathsep.join(folders)
    before = _activated(folders, environ.get("GIT_EXEC_PATH", ""))
    if before and not set_by_hook_manager(before, environ):
        left["VIRTUAL_ENV"] = before
    return left


def _activated(folders: list[str], git_programs: str) -> str:
    """The environment whose programs stand first, where git's own are not counted: it adds them."""
    for folder in folders:
        if folder == git_programs or Path(folder).name == "git-core":
            continue
        home = Path(folder).parent
        is_one = folder.startswith("/") and (home / "pyvenv.cfg").is_file()
        return str(home) if is_one and Path(folder).name == "bin" else ""
    return ""
