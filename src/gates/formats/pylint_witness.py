"""The plugin by which pylint names each module that it examined, and what pylint says of itself.

Pylint's own count of modules is no proof: it also counts the packages around them. The plugin gives
a message of no weight for each module, with pylint 3 as with 4, in one process as in several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gates.domain.errors import OutputUnreadable
from gates.formats.pylint_json import Message

MODULE = "gates_pylint_witness"
EXAMINED = "I9873"
"""The message for each module; a project's own checkers take other numbers."""

SUPPRESSED = "I0020"
"""Pylint's message for each that a comment suppresses; a comment can suppress this one too."""

_INFORMATION = re.compile(r"Suppressed '?(?:locally-disabled|useless-suppression)\b")

CONFIDENCE = "HIGH,CONTROL_FLOW,INFERENCE,INFERENCE_FAILURE,UNDEFINED"
"""Every level of confidence, so that none is filtered out."""

TEXT = f'''"""Name each module that was examined."""

from pylint.checkers import BaseRawFileChecker


class Witness(BaseRawFileChecker):
    """Give one message for each module, and let no comment hide what comments hide."""

    name = "gates-witness"
    msgs = {{"{EXAMINED}": ("examined", "gates-examined", "A module was examined.")}}

    def process_module(self, node):
        """Examine a module."""
        self.add_message("gates-examined", line=0)
        with node.stream() as stream:
            data = stream.read()
        if b"pylint" in data or b"coding" in data:
            for line in range(1, len(data.splitlines()) + 2):
                self.linter.enable("{SUPPRESSED}", scope="line", line=line)


def register(linter):
    """Add the checker."""
    linter.register_checker(Witness(linter))


def load_configuration(linter):
    """Read the files that are named, never standard input in their place."""
    linter.config.from_stdin = False
'''
"""The plugin."""


def tells_suppression(message: Message) -> bool:
    """Whether it says that a comment hides a message that would count; information never does."""
    return message.code == SUPPRESSED and _INFORMATION.search(message.text) is None


def enabled_rules(listing: bytes) -> frozenset[str]:
    """The rules that `pylint --list-msgs-enabled` names as enabled, by their numbers.

    What pylint says about itself and its configuration (`E0001`, `W0012`), what is fatal and what
    is only information is no rule.

    Raises:
        OutputUnreadable: the list is not there.
    """
    text = listing.decode("utf-8", "replace")
    found = re.search(
        r"^Enabled messages:$(.*?)^Disabled messages:$", text, re.MULTILINE | re.DOTALL
    )
    if found is None:
        summary = "pylint did not say which rules are enabled"
        raise OutputUnreadable("pylint-unproved", summary, place="pylint")
    numbers = re.findall(r"^  .+ \(([CREW]\d{4})\)$", found[1], re.MULTILINE)
    return frozenset(number for number in numbers if number[1:3] != "00")


def settings(generated: bytes) -> Mapping[str, object]:
    """The settings in force, by what `pylint --generate-toml-config` prints, of all sections.

    Raises:
        OutputUnreadable: it is not TOML, or has no section for pylint.
    """
    import tomllib

    try:
        tool: object = tomllib.loads(generated.decode()).get("tool")
    except ValueError as error:
        summary = f"pylint did not print its configuration: {error}"
        raise OutputUnreadable("pylint-unproved", summary, place="pylint") from None
    sections = tool.get("pylint") if isinstance(tool, dict) else None
    if not isinstance(sections, dict):
        summary = "pylint did not print its configuration"
        raise OutputUnreadable("pylint-unproved", summary, place="pylint")
    tables = (table for table in sections.values() if isinstance(table, dict))
    return {str(key): value for table in tables for key, value in table.items()}
