"""`policy`: what a change takes from the gates, in gates.yaml and outside of it, by our own rules.

`check --policy-from` adds it: the policy is taken from a base, and this stage says what the change
would make of it. Loosening gates.yaml, a waiver or a baseline decides; what weakens a gate from
outside of that file is counted and told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gates import __version__
from gates.domain.weakening import Weakening, WeakeningItem, WeakeningKind
from gates.formats.counts import counted
from gates.plugin import (
    Context,
    Default,
    Examined,
    Finding,
    Options,
    OutputUnreadable,
    Role,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit.git import Git

_SEVERITIES: Mapping[WeakeningKind, Severity] = {
    WeakeningKind.SUPPRESSION: Severity.MEDIUM,
    WeakeningKind.SKIP: Severity.MEDIUM,
    WeakeningKind.DELETION: Severity.HIGH,
    WeakeningKind.OMIT: Severity.HIGH,
    WeakeningKind.SETTING: Severity.HIGH,
    WeakeningKind.CI_EDIT: Severity.LOW,
    WeakeningKind.CI_LOOSENED: Severity.HIGH,
}
_FIXES: Mapping[WeakeningKind, str] = {
    WeakeningKind.SUPPRESSION: "mend what it silences, or name the rule and the reason beside it",
    WeakeningKind.SKIP: "let the test run, or take it out in a change of its own",
    WeakeningKind.DELETION: "keep the test, or say in the change why it is needed no longer",
    WeakeningKind.OMIT: "leave nothing more out than before",
    WeakeningKind.SETTING: "let the tool demand what it demanded before",
    WeakeningKind.CI_EDIT: "let somebody who owns the pipeline look at it",
    WeakeningKind.CI_LOOSENED: "let the pipeline fail where it failed before",
}
_CHANGED = "changed"
_HARMLESS = frozenset({_CHANGED, "tightened", "added"})
_CALM = "def answer() -> int:\n    return 42\n"
_SILENCED = "import os  # noqa\n\n\ndef answer() -> int:\n    return 41  # type: ignore\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOptions(Options):
    """Options of `policy`; `check --policy-from` fills them in."""

    base: str = field(default="", metadata={"help": "the revision that the policy is taken from"})
    source: str = field(
        default="gates.yaml", metadata={"help": "the policy's file, as it is to be told"}
    )
    changes: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict,
        metadata={
            "help": "what the change makes of gates.yaml, the waivers and the baseline: by any"
            " name a mapping with `kind`, `what`, `before`, `after` and `place`"
        },
    )


class Policy(Stage[PolicyOptions]):
    """What a change loosens, silences, skips, deletes, leaves out, or edits of the pipeline."""

    uses = "policy"
    title = "what a change takes from the gates"
    options_type = PolicyOptions
    metrics = (
        counted("loosened", "what gates.yaml, waivers and baseline demand less", "loosenings"),
        counted("suppressions", "new suppressions without rule and reason", "suppressions"),
        counted("skips", "new places that keep tests from running", "skips"),
        counted("deletions", "tests that are deleted or assert nothing", "lost tests"),
        counted("omits", "files that tools leave out anew", "omissions"),
        counted("settings", "settings of tools that demand less", "weaker settings"),
        counted("ci_edits", "edited files that run the gates", "edited files"),
        counted("ci_loosened", "edits that plainly let failures through", "loosening edits"),
    )
    defaults = (
        Default(text="loosened == 0"),
        *(Default(text=f"{kind.value} == 0", role=Role.WARN) for kind in WeakeningKind),
    )
    examines = "files"
    errored_when = (
        "no base is named, or the base is not in this clone",
        "the project is not in git",
        "other files are changed at the end than at the beginning",
        "a changed file cannot be read, or is too large to be looked through",
    )
    programs = ("git",)
    # Compared with the tree that holds nothing, all that a project has is new.
    sample = Sample(
        files={"src/app.py": _CALM, "tests/test_app.py": "def test_answer():\n    assert True\n"},
        faulty={"src/app.py": _SILENCED},
        options={"base": "4b825dc642cb6eb9a060e54bf8d69288fbee4904"},  # pragma: allowlist secret
        require=("suppressions == 0",),
        vital=(".git",),
    )

    def run(self, ctx: Context) -> StageResult:
        """Compare the base with the files as they lie there."""
        from gates.formats import weakening

        tool = ctx.tool("git")
        base = self.options.base
        if not base or base.startswith("-"):
            raise StageError(
                "no-base",
                "`policy` compares with a base, and none is named",
                hint="gates check --policy-from REF",
            )
        git = Git(ctx.root)
        found = weakening.look(git, git.resolve(base) or base, ctx.root)
        _refuse_moved(ctx, tool, found)
        return measured(self.options, found, ctx.clean)


def _refuse_moved(ctx: Context, tool: Tool, found: Weakening) -> None:
    """Refuse what was found if git, asked again, names other files as changed."""
    again = ctx.run(
        tool, "-c", "core.fsmonitor=false", "diff", "--name-only", "-z", "--no-renames",
        "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--no-relative",
        found.base, "--",
    )  # fmt: skip
    names = frozenset(name for name in os.fsdecode(again.stdout).split("\0") if name)
    if names != found.compared:
        other = min(names ^ found.compared)
        raise OutputUnreadable(
            "tree-changed",
            f"git tells other changed files than a moment ago: `{ctx.clean(other)}`",
            hint="let nothing write into the checkout while the gates run",
            place=ctx.clean(other),
        )


def measured(options: PolicyOptions, found: Weakening, clean: Callable[[str], str]) -> StageResult:
    """Count what was found.

    Args:
        options: with what became of gates.yaml.
        found: what the change weakens outside of it.
        clean: makes foreign text fit to be shown.
    """
    loosened = tuple(_loosened(options, clean))
    told = sum(not item.is_counted for item in found.items)
    # The policy itself is always looked at, so a change of nothing is proved to be one.
    files = {options.source, *found.examined}
    return StageResult(
        metrics=(
            count("loosened", sum(bool(each.counts) for each in loosened)),
            *(count(kind.value, found.counted(kind)) for kind in WeakeningKind),
        ),
        examined=Examined(
            count=len(files),
            unit="files",
            details=(("told, not counted", told),) if told else (),
            note=f"what differs from {options.base}",
        ),
        findings=(*loosened, *(_finding(item, clean) for item in found.items)),
        tool=Tool(name="gates", version=__version__, how="its own rules"),
    )


def _loosened(options: PolicyOptions, clean: Callable[[str], str]) -> Iterator[Finding]:
    for change in options.changes.values():
        kind = change.get("kind", "")
        is_loosening = kind not in _HARMLESS  # what is not known may be anything
        if not is_loosening and kind != _CHANGED:
            continue  # what is tightened or added is nothing to mend
        path, line, column = _placed(change.get("place", ""), options.source)
        was, now = change.get("before") or "nothing", change.get("after") or "nothing"
        yield Finding(
            rule=f"policy-{kind or 'unknown'}",
            severity=Severity.CRITICAL if is_loosening else Severity.INFO,
            message=clean(f"{change.get('what', 'the policy')}: {now}, before {was}"),
            path=path,
            line=line,
            column=column,
            counts=("loosened",) if is_loosening else (),
            fix="leave the policy as strict as that of the base" if is_loosening else "",
        )


def _placed(place: str, source: str) -> tuple[str, int, int]:
    """The parts of `file:line:column`, as far as they are there."""
    path, *numbers = place.rsplit(":", 2) if place else (source,)
    if not all(number.isdecimal() for number in numbers):
        path, *numbers = place.rsplit(":", 1)
    if not all(number.isdecimal() for number in numbers):
        return place, 0, 0
    line, column = (*(int(number) for number in numbers), 0, 0)[:2]
    return path, line, column


def _finding(item: WeakeningItem, clean: Callable[[str], str]) -> Finding:
    reason = " (with rule and reason)" if item.has_reason and not item.is_counted else ""
    return Finding(
        rule=item.rule,
        severity=_SEVERITIES[item.kind] if item.is_counted else Severity.INFO,
        message=clean(f"{item.text}{reason}"),
        path=item.path,
        line=item.line,
        counts=(item.kind.value,) if item.is_counted else (),
        fix=_FIXES[item.kind] if item.is_counted else "",
    )
