"""The structure of a database, read from the database itself; it runs in the project's interpreter.

A structure is flat: what stands where, as text. Two of them are compared by name, so the order of
columns says nothing: a column that a downgrade puts back stands at the end of its table.

Copied by `alembic_launch` beside `alembic_program`. Needs Python 3.10 and SQLAlchemy 1.4, and
nothing else of `gates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from . import schema_postgres

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Inspector

POSTGRESQL = "postgresql"
SQLITE = "sqlite"
TABLE, COLUMN = "table", "column"


class Part(NamedTuple):
    """What stands somewhere in a database.

    Attributes:
        kind: `table`, `column`, `index` and the like.
        schema: the schema that it lies in; empty for the default one.
        table: the table that it belongs to, or empty.
        name: its own name; empty for the table itself.
    """

    kind: str
    schema: str
    table: str
    name: str

    @property
    def said(self) -> str:
        """As a reader knows it: ``column `orders.note```."""
        return f"{self.kind} `{'.'.join(filter(None, (self.schema, self.table, self.name)))}`"


Structure = Mapping[Part, str]
"""What a database holds, with its definition in one line."""

Table = tuple[str, str]
"""Schema and name; the schema is empty for the default one."""


class Content(NamedTuple):
    """How much a table holds.

    Attributes:
        rows: how many.
        columns: by column, how many values are not NULL.
    """

    rows: int
    columns: Mapping[str, int]


def read(connection: Connection, without: frozenset[Table] = frozenset()) -> Structure:
    """All that a database holds but for some tables, and what extensions brought.

    Args:
        connection: to the database.
        without: tables that are left out.
    """
    if connection.dialect.name == POSTGRESQL:
        rows = connection.execute(sa.text(schema_postgres.PARTS)).all()
        found = {Part(*row[:4]): _line(row[4]) for row in rows}
    else:
        found = dict(_inspected(connection))
    return {part: text for part, text in found.items() if (part.schema, part.table) not in without}


def tables(structure: Structure) -> tuple[Table, ...]:
    """The tables of a structure, sorted."""
    return tuple(sorted((part.schema, part.table) for part in structure if part.kind == TABLE))


def differences(before: Structure, after: Structure) -> tuple[str, ...]:
    """In words, how one structure differs from another; nothing where they are equal.

    What belongs to a table that is gone, or new, is not told again.
    """
    old, new = frozenset(tables(before)), frozenset(tables(after))
    told: list[str] = []
    for part in sorted(before.keys() | after.keys(), key=lambda one: (one[1:], one.kind)):
        place = (part.schema, part.table)
        is_told = part.kind != TABLE and part.table and (place in old) != (place in new)
        if is_told or before.get(part) == after.get(part):
            continue
        if part not in after:
            told.append(f"{part.said} is missing")
        elif part not in before:
            told.append(f"{part.said} is there, and was not")
        else:
            told.append(f"{part.said} was `{before[part]}` and is `{after[part]}`")
    return tuple(told)


def contents(connection: Connection, structure: Structure) -> dict[Table, Content]:
    """The rows of each table, and how many values each column holds."""
    found: dict[Table, Content] = {}
    for schema, name in tables(structure):
        names = [
            part.name
            for part in structure
            if part.kind == COLUMN and (part.schema, part.table) == (schema, name)
        ]
        columns: list[sa.Column[object]] = [sa.Column(each) for each in names]
        table = sa.Table(name, sa.MetaData(), *columns, schema=schema or None)
        counts = [sa.func.count(), *(sa.func.count(column) for column in columns)]
        row = connection.execute(sa.select(*counts).select_from(table)).one()
        found[schema, name] = Content(int(row[0]), dict(zip(names, map(int, row[1:]), strict=True)))
    return found


def losses(
    before: Mapping[Table, Content], below: Mapping[Table, Content], after: Mapping[Table, Content]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a downgrade and its upgrade did to the data.

    Args:
        before: at the revision.
        below: one revision further down.
        after: at the revision again.

    Returns:
        In words, what was lost although its table and column stood on both sides, and what was
        lost with the table or column that the downgrade drops.
    """
    lost: list[str] = []
    dropped: list[str] = []
    for table, content in before.items():
        place = ".".join(filter(None, table))
        now = after.get(table, Content(0, {}))
        if table not in below:
            if content.rows > now.rows:
                dropped.append(f"{content.rows - now.rows} rows of `{place}`")
            continue
        if now.rows < content.rows:
            lost.append(f"`{place}` had {content.rows} rows and has {now.rows}")
            continue
        for column, values in content.columns.items():
            if now.columns.get(column, 0) < values:
                said = f"{values - now.columns.get(column, 0)} values of `{place}.{column}`"
                (lost if column in below[table].columns else dropped).append(said)
    return tuple(lost), tuple(dropped)


def clear(connection: Connection, keep: frozenset[Table] = frozenset()) -> None:
    """Drop all that a database holds but for some tables; only for one that was found empty."""
    if connection.dialect.name == POSTGRESQL:
        for schema, name, statement in connection.execute(sa.text(schema_postgres.DROPS)).all():
            if (schema, name) not in keep:
                connection.execute(sa.text(statement))
    elif connection.dialect.name == SQLITE:
        _clear_sqlite(connection, frozenset(name for _, name in keep))
    else:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        gone = [table for table in metadata.sorted_tables if ("", table.name) not in keep]
        metadata.drop_all(connection, tables=gone)


def _clear_sqlite(connection: Connection, keep: frozenset[str]) -> None:
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    query = (
        "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view', 'table')"
        " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY type DESC"
    )
    for kind, name in connection.exec_driver_sql(query).all():
        if name not in keep:
            quoted = connection.dialect.identifier_preparer.quote_identifier(name)
            connection.exec_driver_sql(f"DROP {kind} IF EXISTS {quoted}")


def _inspected(connection: Connection) -> Iterator[tuple[Part, str]]:
    """By SQLAlchemy's inspector: columns and constraints; by the catalogue of SQLite the rest."""
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        yield Part(TABLE, "", table, ""), ""
        yield from _columns(inspector, table)
        actions = _actions(connection, table) if connection.dialect.name == SQLITE else {}
        yield from _constraints(inspector, table, actions)
        if connection.dialect.name != SQLITE:
            for index in inspector.get_indexes(table):
                unique = "unique " if index["unique"] else ""
                names = ", ".join(f"{each}" for each in index["column_names"])
                yield Part("index", "", table, f"{index['name']}"), f"{unique}({names})"
    if connection.dialect.name == SQLITE:
        query = (
            "SELECT type, CASE type WHEN 'view' THEN '' ELSE tbl_name END, name, sql"
            " FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"
        )
        for kind, table, name, text in connection.exec_driver_sql(query).all():
            yield Part(kind, "", table, name), _line(text)
    else:
        for view in inspector.get_view_names():
            yield Part("view", "", "", view), _line(inspector.get_view_definition(view))


def _columns(inspector: Inspector, table: str) -> Iterator[tuple[Part, str]]:
    for column in inspector.get_columns(table):
        words = [column["type"].compile(inspector.dialect)]
        words += [] if column["nullable"] else ["not null"]
        default = column.get("default")
        words += [f"default {default}"] if default is not None else []
        words += [f"{key} {column.get(key)}" for key in ("computed", "identity") if column.get(key)]
        yield Part(COLUMN, "", table, column["name"]), _line(" ".join(words))


def _actions(connection: Connection, table: str) -> dict[str, str]:
    """What SQLite's foreign keys do, by their columns; the inspector misses those of a column."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(table)
    columns: dict[int, list[str]] = {}
    actions: dict[int, str] = {}
    for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list({quoted})").all():
        columns.setdefault(row[0], []).append(row[3])
        actions[row[0]] = f"on update {row[5]} on delete {row[6]}".lower()
    return {", ".join(names): actions[key] for key, names in columns.items()}


def _constraints(
    inspector: Inspector, table: str, actions: Mapping[str, str]
) -> Iterator[tuple[Part, str]]:
    primary = inspector.get_pk_constraint(table)
    if primary["constrained_columns"]:
        names = ", ".join(primary["constrained_columns"])
        yield Part("primary key", "", table, primary["name"] or ""), f"({names})"
    for foreign in inspector.get_foreign_keys(table):
        names, others = (
            ", ".join(foreign["constrained_columns"]),
            ", ".join(foreign["referred_columns"]),
        )
        told = " ".join(f"{key} {value}" for key, value in sorted(foreign["options"].items()))
        options = actions.get(names, told)
        text = f"({names}) to {foreign['referred_table']} ({others}) {options}".strip()
        yield Part("foreign key", "", table, foreign["name"] or f"({names})"), text
    for unique in inspector.get_unique_constraints(table):
        names = ", ".join(f"{each}" for each in unique["column_names"])
        yield Part("unique", "", table, unique["name"] or f"({names})"), f"({names})"
    for check in inspector.get_check_constraints(table):
        text = _line(check["sqltext"])
        yield Part("check", "", table, check["name"] or f"({text})"), text


def _line(text: str | None) -> str:
    """On one line."""
    return re.sub(r"\s+", " ", text or "").strip()
