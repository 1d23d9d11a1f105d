"""The line of a file on which the value of a JSON pointer stands."""

from __future__ import annotations

import re

from gates.formats.json_pointer import escape

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]', re.DOTALL)


def lines_of(text: str) -> dict[str, int]:
    """The line of every value of a JSON document, by its pointer; a member's is that of its key.

    Args:
        text: a document that was read without an error.
    """
    import json

    lines: dict[str, int] = {"": 1}
    above: list[str] = []  # pointers of the open containers
    steps: list[str | int] = []  # the key or the index that each is at
    key, line, at = "", 1, 0
    expects_key = False
    for token in _TOKENS.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        word = token.group()
        match word[0]:
            case '"' if expects_key:
                key = json.loads(word)
                steps[-1], expects_key = key, False
                lines[_pointer(above, steps)] = line
            case "{" | "[":
                above.append(_pointer(above, steps))
                steps.append("" if word == "{" else 0)
                expects_key = word == "{"
                if word == "[":
                    lines[_pointer(above, steps)] = line
            case "}" | "]":
                above.pop()
                steps.pop()
                expects_key = False
            case ",":
                step = steps[-1]
                expects_key = isinstance(step, str)
                if isinstance(step, int):
                    steps[-1] = step + 1
                    lines[_pointer(above, steps)] = line
            case _:
                pass  # a value, or the colon before it
    return lines


def _pointer(above: list[str], steps: list[str | int]) -> str:
    return f"{above[-1]}/{escape(str(steps[-1]))}" if steps else ""
