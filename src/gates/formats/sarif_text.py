"""Messages of SARIF: plain text, or an id into the strings of a rule, with placeholders.

Section 3.11 of SARIF 2.1.0: `{0}` stands for the first argument, `{{` for a brace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gates.formats.strict_json import Value

_SIGN = re.compile(r"\{\{|\}\}|\{(\d{1,4})\}")


def message(entry: Value, own: Mapping[str, str], shared: Mapping[str, str]) -> str:
    """What a result says.

    Args:
        entry: the result.
        own: the strings of its rule by id.
        shared: those of the tool.

    Raises:
        OutputUnreadable: it says nothing, or by an id that is not there.
    """
    found = entry.member("message")
    text = found.find("text")
    if text is not None:
        return filled(text.text(), found)
    name = found.find("id")
    if name is None:
        raise found.unreadable("has neither text nor id")
    for known in (own, shared):
        if name.text() in known:
            return filled(known[name.text()], found)
    raise name.unreadable(f"is `{name.text()}`, and the rule has no such message")


def filled(text: str, holder: Value) -> str:
    """The text with the arguments of a message in it; a placeholder without one stays.

    Text without arguments is taken as it stands: many tools write braces into it.
    """
    listed = holder.find("arguments")
    if listed is None or not listed.array():
        return text
    arguments = [each.text() for each in listed.items()]

    def one(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        at = int(found[1])
        return arguments[at] if at < len(arguments) else found[0]

    return _SIGN.sub(one, text)


def strings(value: Value, key: str) -> dict[str, str]:
    """Message strings by id."""
    found = value.find(key)
    if found is None:
        return {}
    return {name: each.member("text").text() for name, each in found.entries()}
