# ruff: noqa: INP001 - Sphinx reads it by its path
"""How the documentation is built: `python -m sphinx -W -b html docs out/docs`, without a network.

The pages are Markdown that reads as well in the repository. What they link to outside this folder
is no page of the site, and is named in place of the link.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_DOCS = Path(__file__).parent
_LINK = re.compile(r"\[([^\]\n]+)\]\((\.\./[^)\s#]+)[^)\s]*\)")
_PROJECT = tomllib.loads((_DOCS.parent / "pyproject.toml").read_text())["project"]

project = "gates"
author = "the gates maintainers"
release = version = _PROJECT["version"]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["changelog.d"]

myst_enable_extensions = ["tasklist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"gates {release}"
html_copy_source = False
html_show_sphinx = False
html_permalinks_icon = "#"


def inside(folder: Path, text: str) -> str:
    """A page's text in which each link that leads out of `docs/` names the file instead."""

    def named(link: re.Match[str]) -> str:
        target = (folder / link[2]).resolve()
        if target.is_relative_to(_DOCS):
            return link[0]
        place = target.relative_to(_DOCS.parent).as_posix()
        return link[1] if place in link[1] else f"{link[1]} (`{place}` in the repository)"

    return _LINK.sub(named, text)


def _keep_inside(app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = inside(Path(app.env.doc2path(page)).parent, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect what is done to each page as it is read."""
    app.connect("source-read", _keep_inside)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
