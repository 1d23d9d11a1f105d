"""The door in front of a CI system, which obeys commands that it finds in what a step prints.

Whoever writes a test, a path or a version could otherwise set an output of our step, silence our
annotations or forge a verdict. The protocols: GitHub's `::name::` at the start of a line, behind
blanks too, and `##[name]` anywhere in one; Azure's `##vso[` and `##[`; TeamCity's `##teamcity[`.
Each is broken by a blank within its signs, so that the line is still read by a person. Control
sequences of terminals are the other door's matter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

SYSTEMS = (
    "CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION", "JENKINS_URL", "BUILDKITE",
    "BITBUCKET_BUILD_NUMBER", "CODEBUILD_BUILD_ID", "FORGEJO_ACTIONS", "GITEA_ACTIONS",
)  # fmt: skip
"""Environment variables by which CI systems say that they are there."""

_OFF = frozenset({"", "0", "false", "no", "off"})
_COLOUR = r"\x1b\[[0-9;]*m"
_KEPT = 64
_JSON = str.maketrans({"#": "\\u0023", ":": "\\u003a"})
_MARKUP = str.maketrans({"#": "&#35;", ":": "&#58;"})


def is_ci(environ: Mapping[str, str]) -> bool:
    """Whether a CI system reads what is printed."""
    return any(environ.get(name, "").strip().casefold() not in _OFF for name in SYSTEMS)


def disarmed(text: str) -> str:
    """The text without any command: a blank stands within the signs that would begin one."""
    return _replaced(text, lambda signs: f"{signs[0]} {signs[1:]}")


def disarmed_json(text: str) -> str:
    """JSON that means the same and holds no command: its signs stand as escapes."""
    return _replaced(text, lambda signs: signs.translate(_JSON))


def disarmed_markup(text: str) -> str:
    """XML or HTML that means the same and holds no command: its signs stand as references."""
    return _replaced(text, lambda signs: signs.translate(_MARKUP))


class LineDoor:
    """Disarms text that comes in pieces, as a stream is written.

    A line may be written in several pieces, so what stands in it already is remembered.
    """

    def __init__(self) -> None:
        self._begun = ""

    @property
    def is_at_start(self) -> bool:
        """Whether nothing that can be seen stands in the line so far."""
        return not self._begun

    def passed(self, piece: str) -> str:
        """The next piece, such that no line is a command whatever was written before."""
        whole = disarmed(self._begun + piece)
        # Where a command would begin within what is written already, it is broken here.
        is_after = whole.startswith(self._begun)
        done = whole[len(self._begun) :] if is_after else f" {disarmed(piece)}"
        self._begun = _kept((self._begun + done).replace("\r", "\n").rpartition("\n")[2])
        return done


def _kept(line: str) -> str:
    """What of a begun line decides on its next piece, so that a long line costs no more."""
    if not any("!" <= char <= "~" for char in _colour_pattern().sub("", line)):
        return ""
    return line if len(line) <= _KEPT else f"-{line[-_KEPT:]}"


def _replaced(text: str, change: Callable[[str], str]) -> str:
    if "#" not in text and ":" not in text:
        return text

    def replacement(match: re.Match[str]) -> str:
        signs = match["today"] or match["old"]
        return match[0][: -len(signs)] + change(signs)

    return _command_pattern().sub(replacement, text)


@functools.cache
def _command_pattern() -> re.Pattern[str]:
    """What begins a command; the groups are its signs, in the form of today or the old one.

    What is no visible sign of ASCII counts as a blank at the start of a line, colours too: each
    system has its own idea of a blank, and some drop colours before they look.
    """
    return re.compile(
        rf"(?:^|(?<=\r))(?:{_COLOUR}|[^\x21-\x7e\n\r])*+(?P<today>:(?:{_COLOUR})*+:)"
        rf"|(?P<old>#(?:{_COLOUR})*+#)(?=(?:{_COLOUR})*+(?i:[a-z]{{0,20}}+)(?:{_COLOUR})*+\[)",
        re.MULTILINE,
    )


@functools.cache
def _colour_pattern() -> re.Pattern[str]:
    return re.compile(_COLOUR)
