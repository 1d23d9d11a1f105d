"""The tests that a file defines, and what in it keeps tests from running.

Python is parsed; JavaScript and TypeScript are read by the signs of their runners' functions; of
other languages only the marks that skip a test are known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from gates.formats.suppressions import JAVASCRIPT, PYTHON, decoded

_COLLECTED = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|tests)\.py$")
_BY_NAME = re.compile(
    r"(?:^|/)(?:[^/]*[._-](?:test|spec)s?\.(?!pyi?$)[a-z]+|__tests__/.*\.[a-z]+|[^/]*Tests?\.(?:java|kt|cs)"
    r"|[^/]*_(?:test|spec)\.(?:go|rb|dart|exs|cc|cpp))$"
)
_FOLDERS = frozenset({"tests", "test", "testing", "__tests__", "spec", "e2e"})


@dataclass(frozen=True, kw_only=True)
class WrittenTest:
    """One test as it is written; most of them are unchanged, so what is in it is read when asked.

    Attributes:
        name: its titles or names from the outermost group on, joined by ` > `.
        path: its file.
        line: 1-based.
        text: all of it, as it stands there.
        read_body: reads what it does, without its layout.
        count_asserts: counts the statements in it that can fail it.
    """

    name: str
    path: str
    line: int
    text: str
    read_body: Callable[[], str]
    count_asserts: Callable[[], int]

    @cached_property
    def body(self) -> str:
        """What it does, without its layout."""
        return self.read_body()

    @cached_property
    def asserts(self) -> int:
        """How many statements in it can fail it."""
        return self.count_asserts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """One place that keeps tests from running.

    Attributes:
        rule: `skip`, `xfail`, `only` and the like.
        path: its file.
        line: 1-based.
        text: the line.
        about: the test or group that it stands at, as far as known.
        what: what is called with which arguments, its reason left out.
        has_reason: it gives a reason in words.
    """

    rule: str
    path: str
    line: int
    text: str
    about: str
    what: str
    has_reason: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTests:
    """What a file has of tests.

    Attributes:
        tests: in order; of Python's, one that a later one of its name hides is left out.
        skips: in order.
        hidden: names of tests that a later one of the same name hides.
        is_read: the file could be told apart.
    """

    tests: tuple[WrittenTest, ...] = ()
    skips: tuple[Skip, ...] = ()
    hidden: tuple[str, ...] = ()
    is_read: bool = True


def is_collected(path: str) -> bool:
    """Whether runners take the file for one of tests, by its name alone."""
    return bool(_COLLECTED.search(path) or _BY_NAME.search(path))


def may_hold_tests(path: str) -> bool:
    """Whether the file may be one of tests: by its name, or by a folder that it lies in."""
    return is_collected(path) or bool(_FOLDERS & set(posixpath.dirname(path).split("/")))


def read(data: bytes, path: str) -> WrittenTests:
    """The tests and skips of a file; whatever it holds."""
    name = path.lower()
    if name.endswith(PYTHON):
        from gates.formats import written_python

        return written_python.read(data, path)
    if name.endswith(JAVASCRIPT):
        return _of_javascript(decoded(data), path)
    if may_hold_tests(path):
        return WrittenTests(skips=tuple(by_marks(decoded(data), path, _other_skips())))
    return WrittenTests()


@lru_cache(1)
def _other_skips() -> re.Pattern[str]:
    return re.compile(
        r"@(?P<rule>Disabled|Ignore)\b|\bt\.(?P<other>Skip(?:f|Now)?)\s*\(|#\[(?P<third>ignore)\b"
        r"|\[(?:Fact|Theory|Ignore|Test)\w*\s*\(\s*(?P<fourth>Skip|Ignore)|\b(?P<fifth>x(?:it|describe))\b"
        r"|\bmarkTest(?P<sixth>Skipped|Incomplete)\b"
    )  # fmt: skip


@lru_cache(1)
def _js_skips() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:it|test|describe|context|suite|specify|bench|step)\b(?:\s*\.\s*\w+)*?\s*\.\s*"
        r"(?P<rule>skip|skipIf|runIf|only|todo|fails|failing|fixme)\b"
        r"|(?<![\w$.])(?P<other>x(?:it|test|describe|context|specify)|f(?:it|describe))\s*[(.`]"
        r"|\b(?:this|t|ctx|context)\s*\.\s*(?P<third>skip|todo)\s*\("
        r"|[{,]\s*(?P<fourth>skip|only|todo|fails)\s*:\s*(?!false\b)"
    )


def by_marks(text: str, path: str, pattern: re.Pattern[str], shown: str = "") -> Iterator[Skip]:
    """The skips of a text that signs alone tell; each group of the pattern is a rule.

    Args:
        text: what is searched.
        path: its file.
        pattern: the signs.
        shown: the text of which a line is told, where that is another one.
    """
    lines = (shown or text).split("\n")
    number, reached = 1, 0
    for found in pattern.finditer(text):
        number += text.count("\n", reached, found.start())
        reached = found.start()
        rule = next(name for name in found.groups() if name)
        line = " ".join(lines[number - 1].split())
        yield Skip(
            rule=rule, path=path, line=number, text=line, about="", what=line, has_reason=False
        )


@lru_cache(1)
def _js_tests() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w$.])(?:it|test|specify|x(?:it|test|specify)|fit)\b(?:\s*\.\s*(?!describe\b)\w+)*"
        r"\s*(?:\([^()'\"`]*\)\s*)?\(\s*(?P<quote>['\"`])"
    )


def _of_javascript(text: str, path: str) -> WrittenTests:
    from gates.formats import js_comments

    parts = js_comments.parts_of(text)
    if not may_hold_tests(path):
        return WrittenTests()
    tests: list[WrittenTest] = []
    # A comment is no test; the titles are blanked there, and read from the text itself.
    for found in _js_tests().finditer(parts.code):
        title_end = parts.code.find(found["quote"], found.end())
        end = _closed(parts.code, title_end)
        title = text[found.end() : title_end] if title_end > 0 else ""
        tests.append(
            WrittenTest(
                name=title,
                path=path,
                line=text.count("\n", 0, found.start()) + 1,
                text=text[title_end:end],
                read_body=partial(_in_one_line, text[title_end:end]),
                count_asserts=partial(_js_asserts, parts.code[title_end:end]),
            )
        )
    skips = tuple(by_marks(parts.code, path, _js_skips(), text))
    return WrittenTests(tests=tuple(tests), skips=skips, is_read=not parts.is_doubtful)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _js_asserts(code: str) -> int:
    return len(re.findall(r"\b(?:assert|expect|should)\w*\b", code))


def _closed(code: str, start: int) -> int:
    """Where the call ends whose first argument ends at a place."""
    depth = 1
    for sign in re.compile(r"[()]").finditer(code, max(0, start)):
        depth += 1 if sign[0] == "(" else -1
        if not depth:
            return sign.start()
    return len(code)
