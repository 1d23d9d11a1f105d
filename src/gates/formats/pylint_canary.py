"""A file full of defects, by which pylint shows that what it finds is also reported.

It is handed over in the same call as the project's files, so that whatever blinds pylint to them
(a filter, a plugin, a setting) blinds it to this file too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gates.domain.errors import StageError
from gates.formats.pylint_json import Message
from gates.formats.pylint_witness import EXAMINED
from gates.formats.tool_paths import some

MODULE = "gates_pylint_canary"
NAME = f"{MODULE}.py"

_LONG = "x" * 300

TEXT = f"""import sys, os
import re as re
def Near(One, two=[]):
    global nowhere
    unused = undefined_name
    if One == None:
        return True
    else:
        pass
    try:
        pass
    except:
        pass
    print("%s" % One)
    exec("1")
    for index in range(len(two)):
        print(two[index])
    assert (One, "always")
    return False
    print(1) \n\
class empty(object):
    def method():
        sys.path = lambda: os._inner
        return None
    def method(self):
        return f"nothing"
    def __init__(self):
        return 1
if (re): pass
empty == 1
"text"
eval("1");
# TODO
try:
    print(open("x").read(), type(1) == type(2))
except Exception:
    pass
LONG = "{_LONG}\"""".encode()
"""The file."""

PLANTED = frozenset({
    "C0103", "C0114", "C0115", "C0116", "C0121", "C0123", "C0200", "C0209", "C0301", "C0303",
    "C0304", "C0321", "C0325", "C0410", "C0414", "E0101", "E0102", "E0211", "E0602", "R0205",
    "R0903", "R1705", "R1711", "R1732", "W0101", "W0102", "W0104", "W0105", "W0122", "W0123",
    "W0125", "W0199", "W0212", "W0301", "W0511", "W0602", "W0612", "W0702", "W0718", "W1309",
    "W1514",
})  # fmt: skip
"""The rules that the file breaks, whatever Python it is read for."""

CROSS_FILE = frozenset({"R0401", "R0801"})
"""Messages about several files, which pylint gives for the one that it happens to read last."""

FEW = 4
"""So many rules, or fewer, are told."""

_KINDS = (frozenset("EF"), frozenset("CRW"))
"""Letters of the rules behind each metric; each of the two is proved by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The file where it lies.

    Attributes:
        path: its absolute path.
        rules: the rules that pylint calls enabled.
    """

    path: str
    rules: frozenset[str]

    def others(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """The messages about the project; one about several files of it may stand here."""
        kept = []
        for message in messages:
            if message.path != self.path:
                kept.append(message)
            elif message.code in CROSS_FILE and MODULE not in message.text:
                kept.append(replace(message, path="", line=0, column=0))
        return tuple(kept)

    def proved(
        self, messages: Iterable[Message], settings: Mapping[str, object]
    ) -> tuple[frozenset[str], tuple[str, ...]]:
        """The rules that showed in the file, and notes where they prove little.

        Args:
            messages: all of the run.
            settings: pylint's settings in force.

        Raises:
            StageError: errors, or all others, were found by none of the enabled rules for them.
        """
        codes = {message.code for message in messages if message.path == self.path}
        few = len(self.rules) <= FEW
        notes = (f"few rules are enabled: {some(self.rules, limit=FEW)}",) if few else ()
        if EXAMINED not in codes and _is_left_out(self.path, settings):
            note = "pylint's configuration leaves out planted files, so that none proves its work"
            return frozenset(), (*notes, note)
        found = PLANTED & codes
        for letters in _KINDS:
            due = sorted(code for code in PLANTED & self.rules if code[0] in letters)
            if due and not any(code[0] in letters for code in found):
                summary = (
                    "pylint reports nothing of a planted file full of defects, although"
                    f" {some(due)} are enabled"
                )
                hint = "see its plugins and what starts it: something filters its messages"
                raise StageError("canary-missed", summary, hint=hint, place="pylint")
        if not found:
            notes = (*notes, "no enabled rule finds a defect that was planted")
        return found, notes


def _is_left_out(path: str, settings: Mapping[str, object]) -> bool:
    """Whether the project's settings ignore the planted file, wherever it lies."""
    asked = (("ignore-paths", path), ("ignore-patterns", NAME))
    return any(_fits(settings.get(name), text) for name, text in asked)


def _fits(patterns: object, text: str) -> bool:
    if not isinstance(patterns, list):
        return False
    try:
        return any(re.match(str(one), text) for one in patterns if one)
    except re.error:
        return False
