"""What a run of import-linter that an earlier step made left behind: its text and its exit code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from gates.domain.errors import OutputUnreadable
from gates.formats import import_linter_text
from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_result import not_checked
from gates.formats.import_linter_text import Outcome

UNTOLD = (
    "a report of import-linter does not tell where it found the packages, by which configuration:"
    " an installed copy may have been analysed"
)
"""What every output must tell of a given report."""

_EXIT = re.compile(r"exit code (\d{1,3})")
_MARKUP = re.compile(r":[^:\s]+:|\[[^\[\]]*\]")
"""What import-linter prints in another way than it is written: names of signs, and styles."""

_HINT = "write it as this stage's `written_by` says, whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One run.

    Attributes:
        outcome: what it found.
        exit_code: what it ended with.
    """

    outcome: Outcome
    exit_code: int


def parse(data: bytes, config: ImportLinterConfig, *, what: str) -> Given:
    """Read what a run left, whose last line is `exit code N`.

    Args:
        data: the report.
        config: the project's configuration; the run must have checked its contracts.
        what: the report's name, for the message.

    Raises:
        OutputUnreadable: it is cut off, does not add up, or is of other contracts.
        StageError: import-linter could not check.
    """
    body, _, last = data.rstrip().rpartition(b"\n")
    end = _EXIT.fullmatch(last.decode("utf-8", "replace").strip())
    if end is None:
        summary = f"`{what}` does not end with the line `exit code N`"
        raise OutputUnreadable("import-linter-report", summary, hint=_HINT, place=what)
    exit_code = int(end[1])
    if exit_code > 1:
        summary = f"by `{what}`, import-linter ended with exit code {exit_code}"
        raise OutputUnreadable("tool-crashed", summary, place=what)
    outcome = import_linter_text.parse(body)
    if outcome is None:
        raise not_checked(body, b"")
    pairs = zip_longest(outcome.names, config.contracts, fillvalue="")
    other = next(((there, ours) for there, ours in pairs if not _is_of(there, ours)), None)
    if other is not None:
        there, ours = (f"`{' '.join(name.split())}`" if name else "no more" for name in other)
        raise OutputUnreadable(
            "foreign-report",
            f"`{what}` tells of the contract {there} where `{config.name}` holds {ours}",
            hint="write it from this very tree, with all contracts",
            place=what,
        )
    return Given(outcome=outcome, exit_code=exit_code)


def _is_of(shown: str, name: str) -> bool:
    """Whether what is printed is the name of a contract."""
    parts = _MARKUP.split(" ".join(name.split()))
    form = ".*".join(re.escape(part.strip()) for part in parts)
    return bool(name) and re.fullmatch(form, shown) is not None
