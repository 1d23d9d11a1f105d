"""`count-todos REPORT FILE...`: tells where TODO comments stand; ends with 1 where any do."""

from __future__ import annotations

import io
import json
import sys
import tokenize
from pathlib import Path


def main() -> int:
    """Read the files that the command line names."""
    report, *names = sys.argv[1:]
    found = [place for name in names for place in todos(name)]
    Path(report).write_text(json.dumps({"files": names, "todos": found}), encoding="utf-8")
    return 1 if found else 0


def todos(name: str) -> list[dict[str, object]]:
    """The comments of one file that hold the word."""
    tokens = tokenize.tokenize(io.BytesIO(Path(name).read_bytes()).readline)
    return [
        {"path": name, "line": token.start[0], "text": token.string.lstrip("# ")}
        for token in tokens
        if token.type == tokenize.COMMENT and "TODO" in token.string
    ]
