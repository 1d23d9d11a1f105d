"""How the program calls what belongs to the project: its configuration, and what may fail.

Copied by `alembic_launch` beside `alembic_program`. Needs Python 3.10 and Alembic 1.9, and nothing
of `gates`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from alembic.config import Config

MAX_TEXT = 500


class RefusedError(Exception):
    """Why nothing is tried.

    Args:
        slug: its short name.
        why: one line.
        hint: the next step.
    """

    def __init__(self, slug: str, why: str, hint: str) -> None:
        super().__init__(why)
        self.slug = slug
        self.hint = hint


def tried(go: Callable[[], object]) -> str:
    """Run what belongs to the project: why it failed, in one line, or empty."""
    try:
        go()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a migration raises
        lines = f"{error}".strip().splitlines()
        text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
        return text[:MAX_TEXT]
    return ""


def configured(settings: dict[str, str]) -> Config:
    """Alembic's configuration, with the address handed over in the two ways that it has."""
    options = Namespace(x=[f"{settings['x']}={settings['url']}"] if settings["x"] else None)
    config = Config(settings["config"], ini_section=settings["section"], cmd_opts=options)
    if settings["toml"]:  # an attribute that older versions do not ask for
        config.toml_file_name = "pyproject.toml"
    config.set_main_option("sqlalchemy.url", settings["url"].replace("%", "%%"))
    return config
