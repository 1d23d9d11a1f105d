"""A schema as text, as `pg_dump --schema-only` and its like print it: its statements, compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

BOOKS = (
    "DATABASECHANGELOG",
    "DATABASECHANGELOGLOCK",
    "SequelizeMeta",
    "_prisma_migrations",
    "alembic_version",
    "atlas_schema_revisions",
    "django_migrations",
    "flyway_schema_history",
    "goose_db_version",
    "knex_migrations",
    "knex_migrations_lock",
    "schema_migrations",
    "sqlite_sequence",
)
"""Tables in which tools of migrations keep their books: they may stay when all is taken back."""

MAX_TEXT = 160
"""Characters of a statement that a message shows."""

_BEGIN, _END = "-- PostgreSQL database dump", "-- PostgreSQL database dump complete"
_NOISE = re.compile(
    r"\s*(?:--.*|\\(?:un)?restrict\b.*|SET\s.*;|SELECT pg_catalog\.set_config\(.*;)?\s*"
)
_HOLDING = re.compile(r"\bcreate\s+(?:\w+\s+)*?(?:table|view|sequence)\b", re.IGNORECASE)


def statements(text: str, ignored: Iterable[str] = BOOKS) -> tuple[str, ...]:
    """The statements of a dump, each on one line, but for what speaks of some names.

    Comments, settings of the session and the random words of newer dumps are left out. A text
    without semicolons is read line by line.

    Args:
        text: the dump.
        ignored: names of tables, sequences and the like that do not count.
    """
    lines = [line for line in text.splitlines() if not _NOISE.fullmatch(line)]
    ends = any(line.rstrip().endswith(";") for line in lines)
    parts = re.split(r";[ \t]*(?:\n|$)", "\n".join(lines)) if ends else lines
    flat = (" ".join(part.split()) for part in parts)
    names = "|".join(re.escape(name) for name in ignored)
    skip = re.compile(rf"(?<![\w$])(?:{names})(?:_(?:id_)?(?:seq|pkey|pk|idx))?(?![\w$])")
    return tuple(part for part in flat if part and not (names and skip.search(part)))


def is_whole(text: str) -> bool:
    """Whether a dump of PostgreSQL begins and ends as `pg_dump` begins and ends one."""
    lines = [line for line in text.splitlines() if line.startswith("-- PostgreSQL")]
    return lines[:1] == [_BEGIN] and lines[-1:] == [_END]


def holding(parts: Iterable[str]) -> str:
    """The first statement that makes a table, a view or a sequence, or empty."""
    return next((shown(part) for part in parts if _HOLDING.search(part)), "")


def differences(before: Iterable[str], after: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    """The statements that only one of two dumps has, and whether it is the later one."""
    old, new = Counter(before), Counter(after)
    gone = [(shown(part), False) for part in sorted((old - new).elements())]
    more = [(shown(part), True) for part in sorted((new - old).elements())]
    return (*gone, *more)


def shown(part: str) -> str:
    """A statement as a message shows it."""
    return part if len(part) <= MAX_TEXT else f"{part[: MAX_TEXT - 1]}…"
