"""The part of GitHub's expression language that our files use, evaluated as GitHub does.

Format: https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Value = object
Function = Callable[[Sequence[Value]], Value]

PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<mark>&&|\|\||==|!=|[!(),\[\]])|(?P<name>[A-Za-z_][\w-]*(?:\.(?:[A-Za-z_][\w-]*|\*))*))"
)
STATUS = re.compile(r"\b(?:always|success|failure|cancelled)\(\)")
WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}


class BadExpressionError(ValueError):
    """An expression that GitHub, or this part of its language, does not take."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an expression may ask: its contexts by name, and functions beside the built-in ones."""

    contexts: Mapping[str, Value]
    functions: Mapping[str, Function] = field(default_factory=dict)


def condition(text: object, here: Surroundings, *, has_failed: bool) -> bool:
    """Whether a step's `if:` holds; without a word on the status it asks for success as well."""
    if text is None:
        return not has_failed
    plain = shown(text)
    held = is_true(evaluate(PLACE.sub(lambda found: found[1], plain), here))
    return held and (bool(STATUS.search(plain)) or not has_failed)


def filled(text: object, here: Surroundings) -> str:
    """A text with each `${{ }}` in it replaced by what it says."""
    plain = shown(text)
    return PLACE.sub(lambda found: shown(evaluate(found[1], here)), plain)


def evaluate(text: str, here: Surroundings) -> Value:
    """The value of an expression.

    Raises:
        BadExpressionError: it is none.
    """
    reader = _Reader(_tokens(text), here)
    found = reader.either()
    if reader.tokens:
        raise BadExpressionError(f"unexpected `{reader.tokens[0][1]}` in `{text}`")
    return found


def shown(found: Value) -> str:
    """A value as it stands in a text."""
    match found:
        case None:
            return ""
        case bool():
            return "true" if found else "false"
        case float():
            return f"{found:g}"
        case str() | int():
            return str(found)
        case _:
            return json.dumps(found)


def is_true(found: Value) -> bool:
    """Whether a value holds: false, 0, the empty text and null do not."""
    return not (found is None or found is False or found in ("", 0))


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    text = text.strip()
    at = 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise BadExpressionError(f"`{text[at:]}` is not understood")
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    return found


@dataclass(slots=True)
class _Reader:
    tokens: list[tuple[str, str]]
    here: Surroundings

    def takes(self, mark: str) -> bool:
        if self.tokens and self.tokens[0] == ("mark", mark):
            self.tokens.pop(0)
            return True
        return False

    def either(self) -> Value:
        found = self.both()
        while self.takes("||"):
            other = self.both()
            found = found if is_true(found) else other
        return found

    def both(self) -> Value:
        found = self.compared()
        while self.takes("&&"):
            other = self.compared()
            found = other if is_true(found) else found
        return found

    def compared(self) -> Value:
        found = self.single()
        for mark, wanted in (("==", True), ("!=", False)):
            if self.takes(mark):
                return _same(found, self.single()) is wanted
        return found

    def single(self) -> Value:
        if self.takes("!"):
            return not is_true(self.single())
        if self.takes("("):
            found = self.either()
            self.need(")")
            return found
        if not self.tokens:
            raise BadExpressionError("an expression ends too early")
        kind, text = self.tokens.pop(0)
        match kind:
            case "text":
                return text[1:-1].replace("''", "'")
            case "number":
                return float(text)
            case "name":
                return self.named(text)
            case _:
                raise BadExpressionError(f"unexpected `{text}`")

    def need(self, mark: str) -> None:
        if not self.takes(mark):
            raise BadExpressionError(f"`{mark}` is missing")

    def named(self, name: str) -> Value:
        if self.takes("("):
            return self.call(name)
        if name in WORDS:
            return WORDS[name]
        first, *rest = name.split(".")
        if first not in self.here.contexts:
            raise BadExpressionError(f"there is no context `{first}` here")
        found = self.here.contexts[first]
        for key in rest:
            found = _member(found, key)
        return found

    def call(self, name: str) -> Value:
        given: list[Value] = []
        while not self.takes(")"):
            given.append(self.either())
            if not self.takes(","):
                self.need(")")
                break
        known = {**FUNCTIONS, **self.here.functions}
        if name not in known:
            raise BadExpressionError(f"there is no function `{name}` here")
        return known[name](given)


def _member(found: Value, key: str) -> Value:
    if isinstance(found, list):  # after `*`, of each
        return [_member(each, key) for each in found]
    if not isinstance(found, Mapping):
        return None
    if key == "*":
        return list(found.values())
    lower = {str(name).lower(): each for name, each in found.items()}
    return lower.get(key.lower())


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return one == other
    return _number(one) == _number(other)


def _number(found: Value) -> float:
    match found:
        case None | "" | False:
            return 0.0
        case True:
            return 1.0
        case int() | float():
            return float(found)
        case str() if re.fullmatch(r"-?\d+(\.\d+)?", found):
            return float(found)
        case _:
            return float("nan")


def _format(given: Sequence[Value]) -> Value:
    return re.sub(r"\{(\d+)\}", lambda at: shown(given[int(at[1]) + 1]), shown(given[0]))


def _contains(given: Sequence[Value]) -> Value:
    whole, part = given
    if isinstance(whole, list):
        return any(_same(each, part) for each in whole)
    return shown(part).lower() in shown(whole).lower()


FUNCTIONS: Mapping[str, Function] = {
    "contains": _contains,
    "endsWith": lambda given: shown(given[0]).lower().endswith(shown(given[1]).lower()),
    "format": _format,
    "fromJSON": lambda given: json.loads(shown(given[0])),
    "join": lambda given: shown(given[1] if len(given) > 1 else ",").join(_shown_all(given[0])),
    "startsWith": lambda given: shown(given[0]).lower().startswith(shown(given[1]).lower()),
    "toJSON": lambda given: json.dumps(given[0], indent=2),
}


def _shown_all(found: Value) -> list[str]:
    return [shown(each) for each in found] if isinstance(found, list) else [shown(found)]
