"""The comments of a file that silence a tool, and those of them that a change adds.

Python's comments are found by the tokenizer, those of JavaScript and TypeScript by a scanner, so
that a text which only speaks of one is none. A file that cannot be told apart so is searched as a
whole: more counts then, never less.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gates.formats import marked_lines, suppression_marks
from gates.formats.marked_lines import Comment
from gates.formats.suppression_marks import Mark, Reach

PYTHON = (".py", ".pyi", ".pyw")
JAVASCRIPT = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
_LIKE_PYTHON = (".pyx", ".pxd", ".ipynb")
_LIKE_JAVASCRIPT = (".vue", ".svelte", ".astro", ".css", ".scss", ".less")
_PROSE = (".md", ".rst", ".txt", ".adoc", ".html", ".htm", ".csv", ".svg", ".xml", ".lock")
_LIKELY = re.compile(rf"{marked_lines.DECORATOR.pattern}|#.*", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENOUGH_WORDS = 2
_NO_REASON = frozenset({"noqa", "nosec", "ignore", "disable", "type", "pragma", "todo", "fixme"})
_ALL = frozenset({"all", "*"})
_ENCODED_BY = 2
_MOST_COMPARED = 50
_MOST_LINES = 20
_TELLING = 12
_LONGEST = 300
_LIKE = 0.6
_OPENED_BY = {
    "autopep8-on": "autopep8-off",
    "coverage-stop": "coverage-ignore",
    "eslint-enable": "eslint-disable",
    "fmt-on": "fmt-off",
    "isort-on": "isort-off",
    "prettier-ignore-end": "prettier-ignore",
    "pylint-enable": "pylint-disable",
    "ruff-enable": "ruff-disable",
    "yapf-enable": "yapf-disable",
}
"""What a comment that ends a region ends; one that is not named here asks for strictness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One comment that silences a tool.

    Attributes:
        rule: the short name of its form.
        path: its file.
        line: 1-based.
        text: the comment, in one line.
        code: what it is about: the code before it, else the next line that is not blank.
        above: the line before it that is not blank.
        codes: what it silences by name; empty where it silences everything.
        has_reason: words stand beside it.
        reach: how much of the file it silences.
    """

    rule: str
    path: str
    line: int
    text: str
    code: str
    above: str
    codes: frozenset[str]
    has_reason: bool
    reach: Reach

    @property
    def is_counted(self) -> bool:
        """It is a blanket one, or gives no reason."""
        return not (self.codes and self.has_reason)


def read(data: bytes, path: str) -> tuple[Suppression, ...]:
    """All suppressions of a file, in order.

    Args:
        data: the file; whatever it holds.
        path: its name; the ending tells the language.
    """
    text = decoded(data)
    # In Python each of them begins with this sign, and most of a file stands before one.
    likely = "\n".join(_LIKELY.findall(text)) if path.lower().endswith(PYTHON) else text
    marks = tuple(mark for mark in _marks_of(path) if mark.pattern.search(likely))
    if not marks:
        return ()  # most files
    lines = text.split("\n")
    found: list[Suppression] = []
    for comment in _comments(data, text, path):
        found += _of_comment(comment, marks, path, lines)
    return tuple(found)


def decoded(data: bytes) -> str:
    """The text of a file, by its byte order mark, else as UTF-8; lines end with a line feed."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return data.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def added(before: Sequence[Suppression], after: Sequence[Suppression]) -> tuple[Suppression, ...]:
    """What a change adds: moved ones and those on edited lines are not new.

    Args:
        before: those of all changed files at the base, each under its file's present name.
        after: those of the same files as they are.
    """
    silencing = [one for one in after if one.reach is not Reach.ENDS]
    pool = [one for one in before if one.reach is not Reach.ENDS]
    for key in (_in_place, _below_the_same, _elsewhere):
        pool, silencing = _unmatched(pool, silencing, key)
    return tuple(_matched_by_likeness(pool, silencing))


def ends_lost(
    before: Sequence[Suppression], after: Sequence[Suppression]
) -> tuple[Suppression, ...]:
    """Comments that ended a region or asked for strictness, and are gone from a file.

    An end may go where as many openings go with it.

    Args:
        before: those of one file at the base.
        after: those of the file as it is.
    """
    lost: list[Suppression] = []
    for rule in dict.fromkeys(one.rule for one in before if one.reach is Reach.ENDS):
        gone = [one for one in before if one.rule == rule]
        fewer = len(gone) - _of(after, rule)
        if rule in _OPENED_BY:
            fewer -= max(0, _of(before, _OPENED_BY[rule]) - _of(after, _OPENED_BY[rule]))
        lost += gone[: max(0, fewer)]
    return tuple(lost)


def _of(all_of_them: Sequence[Suppression], rule: str) -> int:
    return sum(one.rule == rule for one in all_of_them)


def _marks_of(path: str) -> tuple[Mark, ...]:
    name = path.lower()
    if name.endswith((*PYTHON, *_LIKE_PYTHON)):
        return suppression_marks.of_python()
    if name.endswith((*JAVASCRIPT, *_LIKE_JAVASCRIPT)):
        return suppression_marks.of_javascript()
    return suppression_marks.of_prose() if name.endswith(_PROSE) else suppression_marks.of_others()


def _comments(data: bytes, text: str, path: str) -> Iterator[Comment]:
    name = path.lower()
    if name.endswith(PYTHON):
        told = marked_lines.comments_of(data, text)
    elif name.endswith(JAVASCRIPT):
        told = _javascript_comments(text)
    else:
        told = None
    if told is None:
        yield from (Comment(n, 0, line) for n, line in enumerate(text.split("\n"), 1) if line)
    else:
        yield from told


def _javascript_comments(text: str) -> list[Comment] | None:
    from gates.formats import js_comments

    parts = js_comments.parts_of(text)
    if parts.is_doubtful:
        return None
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    comments: list[Comment] = []
    for comment in parts.comments:
        at = comment.start
        for piece in comment.text.split("\n"):
            number = bisect_right(starts, at)
            comments.append(Comment(number, at - starts[number - 1], piece))
            at += len(piece) + 1
    return comments


def _of_comment(
    comment: Comment, marks: tuple[Mark, ...], path: str, lines: list[str]
) -> Iterator[Suppression]:
    found = [(mark, match) for mark in marks for match in mark.pattern.finditer(comment.text)]
    if not found:
        return
    has_reason = _has_reason(comment.text, [match for _, match in found])
    line = lines[comment.line - 1] if comment.line <= len(lines) else ""
    before = line[: comment.column].strip() if comment.column else ""
    if not comment.column and line.strip() == comment.text.strip():
        before = re.split(r"#|//|/\*", line)[0].strip()  # the whole line was searched
    # A comment in JSX stands in brackets of its own.
    is_alone = not before.strip(" " if path.lower().endswith(PYTHON) else "/*{} ")
    code = _nearest(lines, comment.line, 1) if is_alone else _whole(lines, comment.line, before)
    above = _nearest(lines, comment.line - 2, -1)
    for mark, match in found:
        if mark.rule == "source-encoding" and comment.line > _ENCODED_BY:
            continue  # an encoding is read there, and nowhere else
        one = Suppression(
            rule=mark.rule, path=path, line=comment.line, text=comment.text.strip(), code=code,
            above=above, codes=_codes(match), has_reason=has_reason, reach=mark.reach,
        )  # fmt: skip
        yield _widened(one, is_first=comment.is_first, is_alone=is_alone)


def _widened(one: Suppression, *, is_first: bool, is_alone: bool) -> Suppression:
    """The suppression with the reach that its place gives it."""
    if one.rule == "type-ignore" and is_first and not one.codes:
        return replace(one, rule="type-ignore-file", reach=Reach.FILE)
    if one.reach is Reach.REGION and not is_alone:
        return replace(one, reach=Reach.LINE)
    return one


def _nearest(lines: list[str], index: int, step: int) -> str:
    """The nearest line from an index on, in a direction, that is not blank."""
    while 0 <= index < len(lines):
        if lines[index].strip():
            return lines[index].strip()
        index += step
    return ""


def _whole(lines: list[str], number: int, code: str) -> str:
    """The code before a comment; of a line that only closes brackets, that from their opening on.

    So a call is known again that a formatter spreads over several lines.
    """
    if code.strip(")]},:; "):
        return code
    pieces = [code]
    for line in reversed(lines[max(0, number - 1 - _MOST_LINES) : number - 1]):
        pieces.insert(0, line.strip())
        text = "".join(pieces)
        if sum(map(text.count, "([{")) >= sum(map(text.count, ")]}")):
            return text
    return code


def _codes(match: re.Match[str]) -> frozenset[str]:
    text = match.groupdict().get("codes") or ""
    codes = frozenset(word for word in re.split(r"[\s,]+", text) if word)
    return frozenset() if {code.lower() for code in codes} & _ALL else codes


def _has_reason(text: str, matches: list[re.Match[str]]) -> bool:
    """Whether words stand in a comment beside the marks themselves."""
    signs = list(text)
    for match in matches:
        signs[match.start() : match.end()] = [" "] * (match.end() - match.start())
    rest = "".join(signs)
    first = min(match.end() for match in matches)
    words = _WORD.findall(rest[first:])
    return len([word for word in words if word.lower() not in _NO_REASON]) >= _ENOUGH_WORDS


def _unmatched(
    pool: list[Suppression], wanted: list[Suppression], key: Callable[[Suppression], object]
) -> tuple[list[Suppression], list[Suppression]]:
    """What is left of both where each one takes another with its key."""
    known: dict[object, list[Suppression]] = {}
    for one in pool:
        known.setdefault(key(one), []).append(one)
    taken: set[int] = set()
    left: list[Suppression] = []
    for one in wanted:
        name = key(one)
        if name is not None and known.get(name):
            taken.add(id(known[name].pop()))
        else:
            left.append(one)
    return [one for one in pool if id(one) not in taken], left


def _matched_by_likeness(pool: list[Suppression], wanted: list[Suppression]) -> list[Suppression]:
    """Those that are no edited form of one in the pool: of its line, and silencing no more."""
    known: dict[tuple[str, str], list[Suppression]] = {}
    for one in pool:
        known.setdefault((one.path, one.rule), []).append(one)
    left: list[Suppression] = []
    for one in wanted:
        like = known.get((one.path, one.rule), [])[:_MOST_COMPARED]
        same = next((each for each in like if _is_edited(each, one)), None)
        if same is None:
            left.append(one)
        else:
            known[one.path, one.rule].remove(same)
    return left


def _in_place(one: Suppression) -> object:
    if one.reach is Reach.FILE:
        return (one.path, one.rule, one.codes or one.text)
    return (one.path, one.rule, one.codes, one.code)


def _below_the_same(one: Suppression) -> object:
    """A region that begins below the line where one began, whatever its first line is now."""
    return (one.path, one.rule, one.codes, one.above) if one.reach is Reach.REGION else None


def _elsewhere(one: Suppression) -> object:
    """A line that moved to another file; it must say enough to be known again."""
    if one.reach is not Reach.LINE:
        return None
    above = "" if len(one.code) >= _TELLING else one.above
    return (one.rule, one.codes, one.code, above) if len(one.code) + len(above) > _TELLING else None


def _is_edited(before: Suppression, after: Suppression) -> bool:
    if before.codes and not (after.codes and after.codes <= before.codes):
        return False
    if after.reach is not before.reach or after.reach is Reach.REGION:
        return False
    if after.reach is Reach.FILE:
        return bool(before.codes or after.codes)  # what has no codes was compared as a text
    import difflib

    one, other = before.code[:_LONGEST], after.code[:_LONGEST]
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= _LIKE and matcher.ratio() >= _LIKE
