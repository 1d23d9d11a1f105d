"""The comments of a JavaScript or TypeScript file, told from what only looks like one.

A slash may divide or begin a regular expression, and an apostrophe may stand in the text of JSX.
Where the signs leave a doubt, the file is said to be doubtful, and its reader looks at all of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORDS_BEFORE_REGEX = frozenset(
    {
        "await", "case", "delete", "do", "else", "extends", "in", "instanceof", "new", "of",
        "return", "throw", "typeof", "void", "yield",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JsComment:
    """One comment.

    Attributes:
        text: all of it, with the signs around it.
        start: where it begins in the text.
    """

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class JsParts:
    """What a file consists of.

    Attributes:
        comments: in order.
        code: the text with each comment, and each text in quotes, blanked; of the same length.
        is_doubtful: some of it can be read in two ways.
    """

    comments: tuple[JsComment, ...]
    code: str
    is_doubtful: bool


def parts_of(text: str) -> JsParts:
    """Tell the comments of a file from its code; each character is looked at once."""
    return _Scanner(text).run()


@lru_cache(1)
def _next_sign() -> re.Pattern[str]:
    return re.compile(r"//|/\*|/|['\"`{}]|</|/>|<!--")


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.comments: list[JsComment] = []
        self.blanks: list[tuple[int, int]] = []
        self.braces: list[bool] = []  # of each open brace, whether a template goes on behind it
        self.is_doubtful = "</" in text or "/>" in text or "<!--" in text

    def run(self) -> JsParts:
        at = 0
        if self.text.startswith("#!"):
            at = self._line_end(0)
        while (found := _next_sign().search(self.text, at)) is not None:
            at = self._after(found)
        self.is_doubtful |= bool(self.braces)
        return JsParts(tuple(self.comments), self._blanked(), self.is_doubtful)

    def _after(self, found: re.Match[str]) -> int:
        """Where to go on after a sign."""
        sign, start = found[0], found.start()
        if sign in {"//", "<!--"}:
            return self._comment(start, self._line_end(start))
        if sign == "/*":
            end = self.text.find("*/", start + 2)
            self.is_doubtful |= end < 0
            return self._comment(start, len(self.text) if end < 0 else end + 2)
        if sign in {"'", '"'}:
            return self._quoted(start, sign)
        if sign == "`":
            return self._template(start + 1)
        if sign in {"{", "}"}:
            return self._brace(start, sign)
        return self._slash(start) if sign == "/" else found.end()

    def _comment(self, start: int, end: int) -> int:
        self.comments.append(JsComment(self.text[start:end], start))
        self.blanks.append((start, end))
        return end

    def _quoted(self, start: int, quote: str) -> int:
        at = start + 1
        while at < len(self.text) and self.text[at] not in {quote, "\n"}:
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text) or self.text[at] == "\n":
            self.is_doubtful = True  # no string ends at the line's end: the quote was none
            return start + 1
        self.blanks.append((start + 1, at))
        return at + 1

    def _template(self, start: int) -> int:
        """The place behind a template, or behind the `${` of its next expression."""
        at = start
        while at < len(self.text):
            sign = self.text[at]
            if sign == "`" or self.text.startswith("${", at):
                self.blanks.append((start, at))
                if sign == "`":
                    return at + 1
                self.braces.append(True)
                return at + 2
            at += 2 if sign == "\\" else 1
        self.is_doubtful = True
        self.blanks.append((start, len(self.text)))
        return len(self.text)

    def _brace(self, start: int, sign: str) -> int:
        if sign == "{":
            self.braces.append(False)
            return start + 1
        if not self.braces:
            self.is_doubtful = True
            return start + 1
        return self._template(start + 1) if self.braces.pop() else start + 1

    def _slash(self, start: int) -> int:
        """The place behind a regular expression, or behind a slash that divides."""
        before = self.text[max(0, start - 80) : start].rstrip()
        word = re.search(r"[\w$]+$", before)
        ends_value = bool(before) and (before[-1] in ")]}" or word is not None)
        if word is not None and word[0] in _WORDS_BEFORE_REGEX:
            ends_value = False
        end = self._regex_end(start)
        if not ends_value:
            self.is_doubtful |= end is None
            if end is not None:
                self.blanks.append((start + 1, end - 1))
            return end or start + 1
        if end is not None and before[-1] in ")}":
            # Read either way, the signs between the two slashes must mean the same.
            inside = self.text[start + 1 : end + 1]
            self.is_doubtful |= re.search(r"['\"`{}]|/[/*]", inside) is not None
        return start + 1

    def _regex_end(self, start: int) -> int | None:
        at, in_class = start + 1, False
        while at < len(self.text) and self.text[at] != "\n":
            sign = self.text[at]
            if sign == "/" and not in_class:
                return at + 1
            in_class = (in_class or sign == "[") and sign != "]"
            at += 2 if sign == "\\" else 1
        return None

    def _line_end(self, start: int) -> int:
        found = re.compile("[\n\r\u2028\u2029]").search(self.text, start)
        return found.start() if found else len(self.text)

    def _blanked(self) -> str:
        pieces: list[str] = []
        at = 0
        for start, end in self.blanks:
            pieces += [self.text[at:start], re.sub(r"[^\n]", " ", self.text[start:end])]
            at = end
        return "".join((*pieces, self.text[at:]))
