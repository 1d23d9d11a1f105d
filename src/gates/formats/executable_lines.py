"""Which lines of a Python source are executable, as coverage.py counts them.

For sources that a coverage report leaves out. The rule:

- a line is executable where Python's compiler attaches code to it, so unreachable code is not;
- a statement over several lines counts once, at its first line;
- docstrings do not count;
- a line is excluded by coverage.py's default patterns: `# pragma: no cover`, `if TYPE_CHECKING:`,
  and a body that is only `...`. An excluded line that opens a block takes the block with it, and an
  excluded decorator or signature the whole function or class. Patterns of the project's own are not
  known here, so such a line counts, and counts as not covered.

Branches are estimated: two for each condition, loop and `case` that can fall through.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

from gates.domain.errors import OutputUnreadable

_NOT_CODE = frozenset(
    {tokenize.ENCODING, tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}
)


@dataclass(frozen=True, slots=True)
class ExecutableLines:
    """What there is to cover in one source.

    Attributes:
        lines: executable lines, ascending, from 1.
        excluded: first lines of excluded statements, ascending.
        branches: (line, number of exits) of the lines that branch.
    """

    lines: tuple[int, ...]
    excluded: tuple[int, ...]
    branches: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Statement:
    """A logical line."""

    first: int
    last: int
    indent: int
    is_decorator: bool


def executable_lines(source: bytes, *, path: str) -> ExecutableLines:
    """Analyse a source.

    Args:
        source: the whole file.
        path: its name, for messages.

    Raises:
        OutputUnreadable: it cannot be parsed.
    """
    import warnings

    with _parsing(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source, path)
        code = compile(tree, path, "exec", dont_inherit=True, optimize=0)
        statements = tuple(_statements(source))
    first_of = _starts(statements)
    excluded = _excluded(statements, _text(source))
    ignored = excluded | _docstring_lines(tree)
    found = {line for line in _code_lines(code) if line not in ignored}
    lines = {first_of.get(line, line) for line in found} - ignored
    branches = _branches(tree, first_of, lines)
    return ExecutableLines(tuple(sorted(lines)), tuple(sorted(excluded)), branches)


def statement_starts(source: bytes, *, path: str) -> dict[int, int]:
    """For each line of a statement the statement's first line, under which it is counted.

    Raises:
        OutputUnreadable: the source cannot be parsed.
    """
    with _parsing(path):
        return _starts(tuple(_statements(source)))


@contextmanager
def _parsing(path: str) -> Iterator[None]:
    try:
        yield
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        place = f"{path}:{line}" if line else path
        summary = f"`{path}` cannot be parsed: {getattr(error, 'msg', None) or error}"
        raise OutputUnreadable("source-unparsable", summary, place=place) from error


def _starts(statements: tuple[_Statement, ...]) -> dict[int, int]:
    return {
        line: statement.first
        for statement in statements
        for line in range(statement.first, statement.last + 1)
    }


def _text(source: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(iter(source.splitlines(keepends=True)).__next__)
    return source.decode(encoding, "replace")


def _statements(source: bytes) -> Iterator[_Statement]:
    """The logical lines, with the depth of their block."""
    indent = 0
    current: _Statement | None = None
    for part in tokenize.tokenize(iter(source.splitlines(keepends=True)).__next__):
        if part.type == tokenize.INDENT:
            indent += 1
        elif part.type == tokenize.DEDENT:
            indent -= 1
        elif part.type == tokenize.NEWLINE and current is not None:
            current.last = part.start[0]
            yield current
            current = None
        elif current is None and part.type not in _NOT_CODE and part.string.strip():
            line = part.start[0]
            current = _Statement(line, line, indent, part.string == "@")


@lru_cache(1)
def _excluding() -> re.Pattern[str]:
    return re.compile(
        r"#\s*(?:pragma|PRAGMA)[:\s]?\s*(?:no|NO)\s*(?:cover|COVER)"
        r"|^\s*if\s(?:typing\.)?TYPE_CHECKING:"
        r"|^\s*(?:(?:(?:async )?def .*?)?[\])]+(?:\s*->.*?)?:\s*)?\.\.\.\s*(?:#|$)",
        re.MULTILINE,
    )


def _excluded(statements: tuple[_Statement, ...], text: str) -> set[int]:
    """First lines of the statements that are excluded, blocks and decorated things included."""
    matched: set[int] = set()
    line, reached = 1, 0
    for found in _excluding().finditer(text):
        line += text.count("\n", reached, found.start())
        reached = found.start()
        matched.update(range(line, line + found[0].count("\n") + 1))
    if not matched:
        return set()
    excluded: set[int] = set()
    deeper_than: int | None = None  # the block of an excluded statement goes on
    decorators: list[_Statement] = []
    for statement in statements:
        if deeper_than is not None and statement.indent <= deeper_than:
            deeper_than = None
        if statement.is_decorator:
            decorators.append(statement)
            continue
        whole = (*decorators, statement)
        decorators = []
        is_hit = any(not matched.isdisjoint(range(s.first, s.last + 1)) for s in whole)
        if is_hit and deeper_than is None:
            deeper_than = statement.indent
        if deeper_than is not None:
            excluded.update(one.first for one in whole)
    return excluded


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                lines.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


def _code_lines(code: CodeType) -> set[int]:
    """The lines of a code object and of those inside it."""
    lines: set[int] = set()
    waiting = [code]
    while waiting:
        current = waiting.pop()
        lines.update(line for _, _, line in current.co_lines() if line)
        waiting.extend(item for item in current.co_consts if isinstance(item, CodeType))
    return lines


def _branches(
    tree: ast.Module, first_of: dict[int, int], lines: set[int]
) -> tuple[tuple[int, int], ...]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.While):
            if not isinstance(node.test, ast.Constant):
                found.add(node.lineno)
        elif isinstance(node, ast.For | ast.AsyncFor):
            found.add(node.lineno)
        elif isinstance(node, ast.Match):
            found.update(case.pattern.lineno for case in node.cases if not _takes_all(case))
    numbers = {first_of.get(line, line) for line in found} & lines
    return tuple((line, 2) for line in sorted(numbers))


def _takes_all(case: ast.match_case) -> bool:
    is_name = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
    return is_name and case.guard is None
