"""What ruff's security rules (`S...`) examined under one configuration, and what it took away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import insecure_samples
from gates.formats.bandit_ratings import TESTS
from gates.formats.insecure_samples import SAMPLES
from gates.formats.ruff_config import Choices
from gates.formats.ruff_json import Diagnostic
from gates.formats.tool_paths import Tree, some

_SHOWN = 5
_CODE = re.compile(r"S\d+")
_WHOLE_FILE = re.compile(
    rb"^[ \t]*#[ \t]*(?:flake8|ruff)[ \t]*:[ \t]*noqa(?![ \t]*:)"
    rb"|^[ \t]*#[ \t]*(?:flake8|ruff)[ \t]*:[ \t]*noqa[ \t]*:[^\n]*\bS\d*\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Sources that one configuration governs.

    Attributes:
        config: the configuration file, absolute; empty where there is none.
        files: the sources, relative.
        choices: what the configuration selects and ignores of the security rules.
        known: every security rule that this ruff has: code by plain name.
        rules: those of them that are enabled.
    """

    config: str
    files: tuple[str, ...]
    choices: Choices
    known: Mapping[str, str]
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one run found in the sources of a group.

    Attributes:
        examined: the files, relative.
        entries: what it reported.
        ignored: plain names of the rules that the settings ignore for a file, by file.
    """

    examined: frozenset[str]
    entries: tuple[Diagnostic, ...]
    ignored: Mapping[str, frozenset[str]]

    def in_force(self, path: str, rules: Mapping[str, str]) -> frozenset[str]:
        """The codes of those rules that are not ignored for a file."""
        left = self.ignored.get(path, frozenset())
        return frozenset(code for name, code in rules.items() if name not in left)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many findings were taken away: by comments, and by the configuration."""

    suppressed: int
    ignored: int


def security_rules(enabled: Mapping[str, str]) -> dict[str, str]:
    """The security rules among those that are enabled: code by plain name."""
    return {name: code for name, code in enabled.items() if _CODE.fullmatch(code)}


def arguments(choices: Choices) -> tuple[str, ...]:
    """Arguments that select the security rules and keep a configuration's own choices.

    Some rules are in preview, and E902 makes an unreadable file a diagnostic.
    """
    ignored = (f"--ignore={','.join(choices.ignored)}",) if choices.ignored else ()
    selected = ",".join(("S", "E902", *choices.selected))
    preview = ("--preview", "--config=lint.explicit-preview-rules=false")
    return (*preview, f"--select={selected}", *ignored)


def refuse_unknown(entries: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The entries, each of a security rule: no other was selected.

    Raises:
        OutputUnreadable: `unknown-rule`.
    """
    for entry in entries:
        if not _CODE.fullmatch(entry.code):
            summary = f"ruff reports the rule `{entry.code}`, which was not selected"
            raise OutputUnreadable("unknown-rule", summary, place="ruff")
    return entries


def fewest(group: Group, part: Part) -> int:
    """The number of rules in force for a source where they are fewest.

    Raises:
        StageError: `no-rule`: none is, so that source was not examined.
    """
    numbers = []
    for path in sorted(part.examined):
        left = part.in_force(path, group.rules)
        if not left:
            raise StageError(
                "no-rule",
                f"ruff enables no security rule for `{path}`",
                hint="see `ignore` and `per-file-ignores` in its configuration",
                place=path,
            )
        numbers.append(len(left))
    return min(numbers)


def sample_for(group: Group, part: Part) -> str:
    """The number of the sample that the configuration must find: one whose rule is in force.

    Raises:
        StageError: `scanner-blind`: there is none.
    """
    codes = {code for path in part.examined for code in part.in_force(path, group.rules)}
    chosen = next((number for number in SAMPLES if f"S{number}" in codes), None)
    if chosen is None:
        listed = insecure_samples.listed(SAMPLES, "S")
        raise insecure_samples.blind(
            f"ruff's configuration enables no rule that a canary is known for ({listed})",
            hint="see `ignore` and `per-file-ignores` in its configuration",
            place=group.config or "ruff",
        )
    return chosen


def taken(group: Group, part: Part, everything: Part, tree: Tree) -> Taken:
    """Count the findings that comments suppress, and those that the configuration ignores.

    Args:
        group: the sources.
        part: the plain run over them.
        everything: a run that obeys neither comments nor the configuration.
        tree: the project's files.

    Raises:
        OutputUnreadable: `contradiction`: that run misses what the plain one has.
    """
    names = {code: name for name, code in group.known.items()}
    plain = Counter(map(_place, part.entries))
    whole = Counter(map(_place, everything.entries))
    if plain - whole or part.examined - everything.examined:
        summary = "ruff finds or examines less where nothing is ignored"
        raise OutputUnreadable("contradiction", summary, place="ruff")
    suppressed = ignored = 0
    for (path, code, _, _), number in (whole - plain).items():
        name = names.get(code, "")
        is_ignored = name not in group.rules or name in part.ignored.get(
            tree.relative(path), frozenset()
        )
        ignored += number if is_ignored else 0
        suppressed += 0 if is_ignored else number
    return Taken(suppressed, ignored)


def notes(looked: Collection[tuple[Group, Part]]) -> tuple[str, ...]:
    """Tell how much of bandit's tests the rules stand for, and which the configuration ignores."""
    common = frozenset.intersection(*(frozenset(of.rules.values()) for of, _ in looked))
    covered = sum(f"S{number}" in common for number in TESTS)
    told = [f"covers {covered} of bandit's {len(TESTS)} tests"]
    off = {code for of, _ in looked for name, code in of.known.items() if name not in of.rules}
    if off:
        told.append(f"ignored by configuration: {some(off, limit=_SHOWN)}")
    files = {
        path
        for of, part in looked
        for path in part.examined
        if part.in_force(path, of.rules) != frozenset(of.rules.values())
    }
    if files:
        told.append(f"security rules are ignored in part, by configuration, for {some(files)}")
    return tuple(told)


def silenced(examined: Iterable[str], read: Callable[[str], bytes]) -> tuple[str, ...]:
    """Tell of sources in which one comment takes security rules from the whole file.

    Args:
        examined: the sources, relative.
        read: gives a file's bytes.
    """
    found = [path for path in examined if _WHOLE_FILE.search(read(path))]
    return (f"a comment switches security rules off in all of {some(found)}",) if found else ()


def _place(entry: Diagnostic) -> tuple[str, str, int, int]:
    return entry.path, entry.code, entry.line, entry.column
