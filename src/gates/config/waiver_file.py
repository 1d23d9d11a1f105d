"""Finds the file of waivers, and reads its bytes; light, for the warm path."""

from __future__ import annotations

import os
from pathlib import Path

from gates.config import policy
from gates.domain.errors import ConfigError, Problem
from gates.domain.waiver import WAIVERS

_LOOKALIKES = (".gates/waivers.yml", ".gates/waiver.yaml", ".gates/waivers.json")


def read(root: Path) -> bytes | None:
    """Read the file's bytes; None where a project has none.

    Args:
        root: the folder of gates.yaml.

    Raises:
        ConfigError: where it, or its folder, is a link: what stands at the other end is reviewed
            with nothing; where it is no regular file, cannot be read, or has another name.
    """
    path = root / WAIVERS
    for each in (path.parent, path):
        if each.is_symlink():
            name = str(each.relative_to(root))
            hint = "put the file itself there, so that each change of it can be reviewed"
            raise ConfigError(Problem("waivers-link", f"`{name}` is a link", place=name, hint=hint))
    if os.path.lexists(path):
        return policy.read(path)
    for name in _LOOKALIKES:
        if (root / name).is_file():
            hint = f"rename it to `{WAIVERS}`"
            raise ConfigError(Problem("no-waivers", f"`{name}` is not read", place=name, hint=hint))
    return None
