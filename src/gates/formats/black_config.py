"""What black's configuration leaves out, by `[tool.black]` of pyproject.toml.

Black only looks at `include`, `exclude` and `extend-exclude` where it is given a folder. A file
that is named is taken whatever they say, so they are read here, by black's own rule: a regular
expression that is looked for in the path from the project's root, which begins with `/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackConfig:
    """The part of black's configuration that decides what is looked at.

    Attributes:
        is_there: whether there is a section for black.
        include: what a path must hold; None where the configuration leaves it open.
        exclude: what a path must not hold.
        sets_cache: whether it names a folder for black's cache.
    """

    is_there: bool = False
    include: re.Pattern[str] | None = None
    exclude: tuple[re.Pattern[str], ...] = ()
    sets_cache: bool = False

    def leaves_out(self, path: str) -> bool:
        """Whether black, given the folder, would pass over this file.

        Args:
            path: relative to the folder of the configuration, with `/`.
        """
        parts = path.split("/")
        folders = ("/" + "/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))
        places = (f"/{path}", *folders)
        found = (one.search(place) for one in self.exclude for place in places)
        if any(one and one[0] for one in found):  # to black, an empty match excludes nothing
            return True
        return self.include is not None and not self.include.search(f"/{path}")


def parse(data: bytes, *, name: str) -> BlackConfig:
    """Read pyproject.toml.

    Raises:
        OutputUnreadable: not TOML, or an expression that is none.
    """
    import tomllib

    try:
        tool: object = tomllib.loads(data.decode()).get("tool")
    except ValueError as error:
        summary = f"`{name}` cannot be read: {error}"
        raise OutputUnreadable("bad-configuration", summary, place=name) from None
    table = tool.get("black") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return BlackConfig()
    settings = {str(key).replace("_", "-"): value for key, value in table.items()}
    excludes = (_pattern(settings, key, name) for key in ("exclude", "extend-exclude"))
    return BlackConfig(
        is_there=True,
        include=_pattern(settings, "include", name),
        exclude=tuple(one for one in excludes if one is not None),
        sets_cache="cache-dir" in settings,
    )


def _pattern(settings: Mapping[str, object], key: str, name: str) -> re.Pattern[str] | None:
    """An expression; black reads one of several lines as verbose, and an empty one as none."""
    text = settings.get(key)
    if not isinstance(text, str) or not text:
        return None
    try:
        return re.compile(f"(?x){text}" if "\n" in text else text)
    except re.error as error:
        summary = f"`{key}` of `{name}` is no regular expression: {error}"
        raise OutputUnreadable("bad-configuration", summary, place=name) from None
