"""Commit messages by Conventional Commits 1.0.0.

Specification: https://www.conventionalcommits.org/en/v1.0.0/#specification. Type and scope are
read without regard to case, as it demands; `BREAKING CHANGE` must be in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FORM = "type(scope): description"

_SCISSORS = "------------------------ >8 ------------------------"
_BREAKING = ("BREAKING CHANGE", "BREAKING-CHANGE")
_UNDOING = ('Revert "', 'Reapply "')
_MERGE = re.compile(
    r"Merge (?:(?:remote-tracking )?branch(?:es)? '|tags? '|commits? '|pull request #\d+ from \S"
    r"|[0-9a-f]{40,64} into [0-9a-f]{40,64}$)"
)
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that show nothing
_AUTOSQUASH = ("fixup! ", "squash! ", "amend! ")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a message is not of the form.

    Attributes:
        rule: short name.
        message: what is wrong, one line.
        line: 1-based line of the message.
    """

    rule: str
    message: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class CommitMessage:
    """A message, read.

    Attributes:
        type: in small letters; empty where there is none.
        scope: as written, or empty.
        is_breaking: `!` before the colon, or a footer, says so.
        faults: in the order of the lines; none in a message of the form.
    """

    type: str
    scope: str
    is_breaking: bool
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a team allows.

    Attributes:
        types: allowed types, in small letters.
        scopes: allowed scopes; any where empty.
        longest_header: characters that the first line may have.
    """

    types: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    longest_header: int = 100


def read(text: str, rules: Rules) -> CommitMessage:
    """Read one message, from which git's comments are gone.

    `Revert "..."` and `Reapply "..."`, which git writes itself, are of type `revert`.
    """
    lines = text.rstrip().split("\n")
    header = lines[0]
    quoted = next((header[len(word) : -1] for word in _UNDOING if _is_quoted(header, word)), None)
    if quoted is not None and "revert" in rules.types:
        faults = (*_length(quoted, rules), *_below(lines))
        return CommitMessage("revert", "", is_breaking=False, faults=faults)
    if header.startswith(_AUTOSQUASH):
        word = header.split("!", 1)[0]
        told = f"`{word}!` is to be squashed: git rebase --interactive --autosquash"
        return CommitMessage("", "", is_breaking=False, faults=(Fault("not-squashed", told),))
    kind, scope, is_marked, faults = _header(header, rules)
    below = tuple(_below(lines))
    return CommitMessage(
        type=kind,
        scope=scope,
        is_breaking=is_marked or any(map(_announces, lines[1:])),
        faults=(*faults, *below),
    )


def is_gits_merge(text: str) -> bool:
    """Whether git, or a forge in its name, worded the message of a merge."""
    return _MERGE.match(text.partition("\n")[0]) is not None


def cleaned(text: str, comment: str = "#") -> str:
    """The message that git makes of an edited file: no comments, nothing below the scissors.

    As `git commit` does by default, see its `--cleanup`: lines that begin with the comment sign
    go, and so do trailing spaces, empty lines at both ends, and all but one of several empty lines.

    Args:
        text: the file.
        comment: `core.commentString`.
    """
    kept: list[str] = []
    for line in text.splitlines():
        if line.startswith(comment) and line.removeprefix(comment).strip() == _SCISSORS:
            break
        if not line.startswith(comment) and (line.strip() or (kept and kept[-1])):
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")


def _header(header: str, rules: Rules) -> tuple[str, str, bool, tuple[Fault, ...]]:
    """Type, scope, whether it is marked as breaking, and what is wrong with the first line."""
    prefix, colon, description = header.partition(":")
    is_marked = prefix.endswith("!")
    kind, bracket, rest = prefix.removesuffix("!").partition("(")
    scope = rest.removesuffix(")")
    faults: list[Fault] = []
    if not colon or not _is_word(kind):
        faults.append(Fault("no-type", f"the first line is not of the form `{FORM}`"))
        return "", "", False, (*faults, *_length(header, rules))
    if bracket and (not rest.endswith(")") or not scope.strip() or set(scope) & set("()\r\n")):
        faults.append(Fault("bad-scope", "the scope is not a word in brackets"))
    elif bracket and rules.scopes and scope.lower() not in {of.lower() for of in rules.scopes}:
        known = ", ".join(rules.scopes)
        faults.append(Fault("unknown-scope", f"`{scope}` is none of the scopes: {known}"))
    if kind.lower() not in rules.types:
        known = ", ".join(rules.types)
        faults.append(Fault("unknown-type", f"`{kind}` is none of the types: {known}"))
    if not _is_visible(description):
        faults.append(Fault("no-description", "nothing is said after the colon"))
    elif not description.startswith(" ") or description.startswith("  "):
        faults.append(Fault("no-space", "one space must follow the colon"))
    return kind.lower(), scope, is_marked, (*faults, *_length(header, rules))


def _length(header: str, rules: Rules) -> Iterator[Fault]:
    if len(header) > rules.longest_header:
        most = f"{rules.longest_header} are allowed"
        yield Fault("header-too-long", f"the first line has {len(header)} characters, {most}")


def _below(lines: list[str]) -> Iterator[Fault]:
    """What is wrong below the first line."""
    if len(lines) > 1 and lines[1].strip():
        yield Fault("no-blank-line", "no blank line follows the first line", 2)
    for number, line in enumerate(lines[1:], 2):
        name = line[: len(_BREAKING[0])]
        rest = line[len(name) :]
        if name in _BREAKING and not (rest.startswith(": ") and rest[2:].strip()):
            if rest.startswith((":", " #")) or not rest.strip():
                yield Fault("bad-footer", f"`{name}` must be followed by `: ` and what", number)
        elif name.upper() in _BREAKING and name not in _BREAKING and rest.startswith(":"):
            yield Fault("bad-footer", f"`{name}` must be written in capitals", number)


def _announces(line: str) -> bool:
    """Whether a line is the footer of a breaking change."""
    return line.startswith(tuple(f"{name}: " for name in _BREAKING))


def _is_word(text: str) -> bool:
    return bool(text) and text[0].isalpha() and all(sign.isalnum() or sign in "-_" for sign in text)


def _is_quoted(header: str, word: str) -> bool:
    return header.startswith(word) and header.endswith('"') and len(header) > len(word) + 1


def _is_visible(text: str) -> bool:
    """Whether a reader sees anything of it."""
    from unicodedata import category

    return any(category(sign)[0] not in "CZ" and sign not in _INVISIBLE for sign in text)
