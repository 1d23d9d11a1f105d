"""What a verbose run of ruff (`-v`) says about itself: the files that it really looked at.

`ruff check --show-files` is no proof: it also lists files that `lint.exclude` then leaves out. The
lines read here were the same from ruff 0.4 to 0.17; where they are missing, nothing is proved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.tool_paths import Tree, some

CHECKED = (r"\[DEBUG\] Checking: (.+)", r"\[DEBUG\] Checked (\d+) files in")
"""How `ruff check` names a file, and how it sums up."""

FORMATTED = (r"\[DEBUG\] format_path; path=(.+)", r"\[DEBUG\] Formatted (\d+) files in")
"""How `ruff format` names a file, and how it sums up."""

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_FAILED = re.compile(r"^(?:error: |warning: Failed to (?:lint|format) )[^\n]*", re.MULTILINE)
_INCLUDED = re.compile(r'Included path via `include`: "((?:[^"\\\n]|\\.)*)"$', re.MULTILINE)
_EXCLUDED = re.compile(
    r'Ignored path via `(?:extend-)?exclude`: "((?:[^"\\\n]|\\.)*)"$', re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the log of runs that ended tells, paths as ruff writes them.

    Attributes:
        named: the files that were looked at, once for each run.
        included: the files that were chosen.
        excluded: files and folders that settings exclude.
    """

    named: tuple[str, ...]
    included: frozenset[str]
    excluded: frozenset[str]

    def left_out(self, tree: Tree) -> frozenset[str]:
        """The project's files that settings kept from being looked at, relative.

        What was chosen and then not looked at is excluded for the linter or the formatter alone.
        """
        looked = frozenset(map(tree.relative, self.named))
        chosen = frozenset(map(tree.relative, self.included))
        above = frozenset(map(tree.relative, self.excluded))
        return frozenset(
            path
            for path in tree.files - looked
            if path in chosen or not above.isdisjoint((path, *_folders(path)))
        )


def refuse_unprovable(tree: Tree) -> None:
    """Refuse sources whose names no line of a log can hold: nothing proves that they are examined.

    Refused too is a file beside them whose name up to its line break is a source's.

    Args:
        tree: the project's files.

    Raises:
        StageError: `name-unprovable`.
    """
    odd = {path for path in tree.sources if not _fits_a_line(path)}
    odd |= {path for path in tree.files if _first_line(path) in tree.sources - {path}}
    if not odd and all(map(_fits_a_line, tree.roots)):
        return
    shown = [ascii(path)[1:-1] for path in odd or tree.roots[:1]]
    raise StageError(
        "name-unprovable",
        f"that ruff examines {some(shown)} cannot be proved: the name holds a line break, or is"
        " not UTF-8",
        hint="rename it",
        place=min(shown),
    )


def files_in(log: bytes, lines: tuple[str, str]) -> tuple[str, ...]:
    """The files that a run says it looked at, as it writes them, sorted.

    Args:
        log: its standard error.
        lines: `CHECKED` or `FORMATTED`.

    Raises:
        OutputUnreadable: the sum is missing, or is not the number of files named.
    """
    text = log.decode("utf-8", "replace")
    one, total = lines
    named = re.findall(f"{one}$", text, re.MULTILINE)
    sums = re.findall(total, text)
    if len(sums) != 1:
        raise OutputUnreadable(
            "ruff-unproved",
            "ruff did not say which files it looked at",
            hint="this needs ruff 0.4 or newer; is it really ruff?",
            place="ruff",
        )
    if int(sums[0]) != len(named):
        summary = f"ruff named {len(named)} files and counted {sums[0]}"
        raise OutputUnreadable("contradiction", summary, place="ruff")
    return tuple(sorted(named))


def told(log: bytes, lines: tuple[str, str], *, runs: int, what: str) -> Told:
    """Read a log that earlier steps kept, of one run or of several, one after the other.

    Args:
        log: what the runs wrote to standard error.
        lines: `CHECKED` or `FORMATTED`.
        runs: their number.
        what: the log's name.

    Raises:
        OutputUnreadable: it does not tell the end of each run, or ruff counted other files.
        StageError: ruff could not look at a file.
    """
    text = log.decode("utf-8", "replace")
    failed = _FAILED.search(text)
    if failed is not None:
        hint = "mend it, or leave it out by `exclude` in ruff's configuration"
        raise StageError("file-unreadable", f"ruff says `{failed[0]}`", hint=hint, place=what)
    one, total = lines
    named = tuple(re.findall(f"{one}$", text, re.MULTILINE))
    sums = [int(number) for number in re.findall(total, text)]
    if len(sums) != runs:
        raise OutputUnreadable(
            "ruff-unproved",
            f"`{what}` tells the end of {len(sums)} runs that looked at files, and not of {runs}",
            hint="keep what `--verbose` writes to standard error, of each run that wrote a report",
            place=what,
        )
    if sum(sums) != len(named):
        summary = f"ruff named {len(named)} files and counted {sum(sums)}"
        hint = "run it with `--no-cache`: a file for which its cache answers is not named"
        raise OutputUnreadable("contradiction", summary, hint=hint, place=what)
    return Told(
        named=named,
        included=frozenset(map(_unescaped, _INCLUDED.findall(text))),
        excluded=frozenset(map(_unescaped, _EXCLUDED.findall(text))),
    )


def linted(log: bytes, tree: Tree) -> frozenset[str]:
    """The files that `ruff check` linted, relative; without configuration, which it also reads.

    Raises:
        OutputUnreadable: see `files_in`.
    """
    named = (tree.relative(path) for path in files_in(log, CHECKED))
    return frozenset(path for path in named if not path.endswith(".toml"))


def ignored_rules(log: bytes) -> dict[str, frozenset[str]]:
    """By file, as ruff writes it: the plain names of the rules that its settings ignore there."""
    ignored: dict[str, frozenset[str]] = {}
    text = log.decode("utf-8", "replace")
    line = r'Adding per-file ignores for "((?:[^"\\]|\\.)*)" due to .*: \{(.*)\}$'
    for path, rules in re.findall(line, text, re.MULTILINE):
        plain = _unescaped(path)
        names = frozenset(plain_name(rule) for rule in rules.split(",") if rule.strip())
        ignored[plain] = ignored.get(plain, frozenset()) | names
    return ignored


def _unescaped(path: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), path)


def _folders(path: str) -> tuple[str, ...]:
    """The folders above a file, relative as it is."""
    parts = path.split("/")
    return tuple("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _fits_a_line(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return "\n" not in path


def _first_line(path: str) -> str:
    return path.partition("\n")[0]


def plain_name(rule: str) -> str:
    """A rule's name without the difference between `UnusedImport` and `unused-import`."""
    return re.sub(r"[^a-z0-9]", "", rule.lower())
