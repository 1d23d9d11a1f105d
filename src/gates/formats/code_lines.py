"""What there is to cover in a source that no coverage report knows, in any language.

Python is parsed (see `executable_lines`). Of other languages only the signs are known here, so each
line counts that holds code: more than a coverage tool would count, never fewer. Blank lines and
lines of comment do not count. Where a sign may be read in two ways (a slash that begins a regular
expression, say), the line counts.

Nothing runs in a declaration file (`.d.ts`, `package-info.java`), nothing of its own in a file of
TypeScript or JavaScript that holds only imports, re-exports, interfaces and types, and nothing in
one of another language that holds only declarations (see `declarations`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from gates.formats.declarations import holds_only_declarations
from gates.formats.executable_lines import ExecutableLines, executable_lines
from gates.toolkit.node_sources import NODE_SUFFIXES

FAMILIES = (
    (".py",),
    NODE_SUFFIXES,
    (".java", ".kt", ".scala", ".groovy"),
    (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx"),
    (".cs", ".fs", ".vb"),
    (".go",),
    (".rs",),
    (".rb",),
    (".php",),
    (".swift",),
)
"""Endings of sources that one tool measures together."""

_BESIDE_NODE = (".vue", ".svelte")
"""Endings that count with those of Node where a report speaks of them."""

SUFFIXES = (*(suffix for family in FAMILIES for suffix in family), *_BESIDE_NODE, ".dart")
"""Endings of sources of all languages that are known here."""

_LONGEST = 9
"""Characters of the longest word by which a type goes on, with the blank beside it."""

_BY_HASH = (".rb",)
_BY_SLASH = (*NODE_SUFFIXES, *FAMILIES[2], *FAMILIES[3], ".cs", ".go", ".rs", ".php", ".swift")
_TYPED = (".ts", ".tsx", ".mts", ".cts", ".js", ".mjs")
_DECLARED = (".d.ts", ".d.mts", ".d.cts", "/package-info.java", "/module-info.java")


def suffixes_of(paths: frozenset[str]) -> tuple[str, ...]:
    """The endings of all sources that belong with these files, sorted.

    An ending of no language that is known here counts only where there is no other.
    """
    suffixes = {_suffix(path) for path in paths} - {""}
    beside = suffixes.intersection(_BESIDE_NODE)
    families = {family for family in FAMILIES if not suffixes.isdisjoint(family)}
    found = {suffix for family in families for suffix in family}
    return tuple(sorted(found | beside.union(NODE_SUFFIXES if beside else ()) or suffixes))


def code_lines(source: bytes, *, path: str) -> ExecutableLines:
    """What there is to cover in a source.

    Args:
        source: the whole file.
        path: its name; the ending tells the language.

    Raises:
        OutputUnreadable: a Python source cannot be parsed.
    """
    if path.endswith(".py"):
        return executable_lines(source, path=path)
    text = source.decode("utf-8", "replace")
    if f"/{path}".endswith(_DECLARED) or (path.endswith(_TYPED) and holds_only_types(text)):
        return ExecutableLines((), (), ())
    if holds_only_declarations(text, path):
        return ExecutableLines((), (), ())
    bare = _bare(text, path)
    lines = tuple(number for number, line in enumerate(bare.split("\n"), 1) if line.strip())
    return ExecutableLines(lines, (), ())


def holds_only_types(text: str) -> bool:
    """Whether a TypeScript or JavaScript source holds only imports, re-exports and types.

    In doubt it does not.
    """
    bare = re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", _tokens().sub(_blanked, text)))
    at: int | None = 0
    while at is not None:
        while bare[at : at + 1] in {" ", "\n", ";"}:
            at += 1
        if at == len(bare):
            return True
        found = _declaration().match(bare, at)
        at = _end(bare, found) if found else None
    return False


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:] if dot > 0 else ""


@lru_cache(1)
def _tokens() -> re.Pattern[str]:
    """Comments and texts of languages of C's kind; a text may hold what looks like a comment."""
    return re.compile(
        r'"""(?:[^\\]|\\.)*?"""'
        r'|"(?:[^"\\\n]|\\.)*"'
        r"|'(?:[^'\\\n]|\\.)*'"
        r"|`(?:[^`\\]|\\.)*`"
        r"|//[^\n]*"
        r"|/\*.*?\*/",
        re.DOTALL,
    )


def _blanked(found: re.Match[str]) -> str:
    """A comment without its signs, and a text without what it says."""
    if found[0].startswith("/"):
        return "\n" * found[0].count("\n") or " "
    return '""'


def _bare(text: str, path: str) -> str:
    """The text without its comments, line by line."""
    if path.endswith(_BY_HASH):
        return re.sub(r"^[ \t]*#.*$", "", text, flags=re.MULTILINE)
    if not path.endswith(_BY_SLASH):
        return text
    return _tokens().sub(lambda found: _without_comment(found, text), text)


def _without_comment(found: re.Match[str], text: str) -> str:
    if not found[0].startswith("/"):
        return found[0]
    before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    # One that begins behind code may be none: `/[/*]/` is a regular expression.
    return found[0] if before.strip() else "\n" * found[0].count("\n")


@lru_cache(1)
def _declaration() -> re.Pattern[str]:
    """The beginning of a statement in which nothing runs, or the whole of it."""
    names = r"(?:type\s+)?(?:[\w$]+\s*,\s*)?(?:[\w$]+|\*\s*as\s+[\w$]+|\{[^{}]*\})"
    return re.compile(
        rf'import\s+{names}\s*from\s*""'
        r'|import\s*""'
        r'|export\s+(?:type\s+)?(?:\*(?:\s*as\s+[\w$]+)?|\{[^{}]*\})\s*from\s*""'
        r"|export\s+type\s*\{[^{}]*\}|export\s*\{\s*\}"
        r"|(?P<interface>(?:export\s+)?(?:default\s+)?(?:declare\s+)?interface\s+[\w$][^{}=;]*\{)"
        r"|(?P<type>(?:export\s+)?(?:declare\s+)?type\s+[\w$]+[^={}();]*=)"
    )


def _end(text: str, found: re.Match[str]) -> int | None:
    """Where the statement that begins so ends; None where that is not certain."""
    if found["interface"]:
        return _closed(text, found.end())
    if found["type"]:
        return _end_of_type(text, found.end())
    return found.end()


def _closed(text: str, start: int) -> int | None:
    """The place behind the brace that closes the one before `start`."""
    depth = 1
    for sign in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if sign[0] == "{" else -1
        if not depth:
            return sign.end()
    return None


def _end_of_type(text: str, start: int) -> int | None:
    """The place behind a type: a semicolon, or a line after which it cannot go on."""
    depth = 0
    for sign in re.compile(r"[{}()\[\];\n]").finditer(text, start):
        at = sign.start()
        if sign[0] in "{([":
            depth += 1
        elif sign[0] in "})]":
            depth -= 1
        elif not depth and (sign[0] == ";" or not _goes_on(text, start, at)):
            return at + 1
        if depth < 0:
            return None
    return None if depth else len(text)


def _goes_on(text: str, start: int, at: int) -> bool:
    """Whether a type goes on over the line's end at a place; there are no blanks around it."""
    before = text[max(start, at - _LONGEST) : at].strip()
    following = text[at + 1 : at + 1 + _LONGEST]
    return (
        not before
        or before.endswith(("=", "|", "&", "?", ":", ",", "<", "=>", " extends", " keyof"))
        or following.startswith(("|", "&", "?", ":", ">", "extends "))
    )
