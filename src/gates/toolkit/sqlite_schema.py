"""The schema of a SQLite file, as SQLite keeps it; a program, for a file that others write.

    python -m gates.toolkit.sqlite_schema FILE

It prints the statements that made what is there, and at last the digest of all before, so that what
is cut off is seen to be. The file is only read. Format: https://www.sqlite.org/schematab.html
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

_LAST = "-- all of it: "
_QUERY = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, tbl_name, name"


def main(arguments: Sequence[str]) -> int:
    """Print the schema; 1 where the file is none of SQLite.

    Args:
        arguments: the file; one that is not there has an empty schema.
    """
    import sqlite3

    path = Path(arguments[0])
    rows: list[tuple[str]] = []
    try:
        if path.is_file():
            # An address, so that a question mark in the file's name is no mark of ours.
            address = f"{path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True)) as file:
                rows = file.execute(_QUERY).fetchall()
    except sqlite3.Error as error:
        sys.stderr.write(f"`{path.name}` cannot be read as a SQLite file: {error}\n")
        return 1
    text = "".join(f"{statement};\n" for (statement,) in rows)
    sys.stdout.write(f"{text}{_last(text)}")
    return 0


def is_whole(printed: str) -> bool:
    """Whether what was printed is all of it."""
    text, mark, _ = printed.rpartition(_LAST)
    return bool(mark) and printed == text + _last(text)


def _last(text: str) -> str:
    return f"{_LAST}{sha256(text.encode()).hexdigest()}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
