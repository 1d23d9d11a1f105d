"""What runs of tsc and the sources themselves tell, as a stage hands it over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count, flag
from gates.domain.stage_result import StageResult, Tool
from gates.formats import tsc_built
from gates.formats.tool_paths import Tree, relative, some
from gates.formats.tsc_text import Checked, Message, roots_of
from gates.formats.typescript_comments import Comments
from gates.formats.typescript_config import TypeScriptConfig
from gates.formats.typescript_survey import Surveyed
from gates.toolkit.told_folder import Here

SEVERITIES: dict[str, Severity] = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "message": Severity.INFO,
    "suggestion": Severity.INFO,
}
"""The compiler's words; only errors are counted, and with `--noEmit` it prints nothing else."""

SHOWN = 3

_ABOVE = re.compile(r"^(?:\.{0,2}/)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run over one project.

    Attributes:
        config: the options.
        messages: all messages, paths relative.
        files: what was read, relative where it is in the project.
        note: what is to be told of where it ran, or empty.
    """

    config: TypeScriptConfig
    messages: tuple[Message, ...]
    files: frozenset[str]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a file says by itself.

    Attributes:
        comments: what its comments tell the compiler.
        surveyed: what its types lack or give away; None where nobody asked.
    """

    comments: Comments
    surveyed: Surveyed | None


def related(checked: Collection[Checked], tree: Tree, here: Here | None = None) -> tuple[Run, ...]:
    """The runs with paths as the project knows them.

    Args:
        checked: the runs.
        tree: the project's TypeScript and JavaScript files.
        here: where the project lies, if the runs may have been elsewhere: reports are given.

    Raises:
        StageError: a configuration could not be understood or checks nothing, or no run read one of
            the sources.
        OutputUnreadable: a run did not read a file that its options name, or was in a folder of
            this machine or repository that is another one.
    """
    runs = tuple(_related(each, tree, here) for each in checked)
    if not any(run.files & tree.sources for run in runs):
        named = any(run.config.has_references for run in runs)
        raise StageError(
            "nothing-examined",
            "tsc checked none of the project's sources",
            hint="the configuration names other projects, and their files are theirs: name these,"
            " `with: {project: [PATH, PATH]}`"
            if named
            else "see `include` and `files` of its configuration, and where the report was written",
            place="tsc",
        )
    return runs


def own(runs: Collection[Run]) -> frozenset[str]:
    """What was read and lies in no installed package; a linked one may be the project's own."""
    return frozenset(
        path
        for run in runs
        for path in run.files
        if run.config.flags.get("preserveSymlinks", False) or "node_modules" not in path.split("/")
    )


def refuse_configuration(messages: Collection[Message]) -> None:
    """Refuse messages that are about the configuration and no source: then little was checked.

    So was it where a project that the configuration refers to was not built.

    Raises:
        StageError: with the first.
    """
    tsc_built.refuse_unbuilt(messages)
    for one in messages:
        if not one.path or one.path.endswith(".json"):
            place = f"{one.path}:{one.line}:{one.column}" if one.path else "tsconfig.json"
            summary = f"tsc could not check by its configuration: {one.code}: {one.text}"
            raise StageError(
                "bad-configuration", summary, hint="mend the configuration", place=place
            )


def measured(
    runs: Collection[Run], tree: Tree, *, said: Mapping[str, Said], tool: Tool
) -> StageResult:
    """Put together what the runs and the files tell.

    Args:
        runs: from `related`.
        tree: the project's TypeScript and JavaScript files.
        said: what each source, and each file of the project that was read, says by itself.
        tool: the compiler.

    Raises:
        OutputUnreadable: the compiler uses a word that is unknown.
    """
    merged: Counter[Message] = Counter()
    for run in runs:  # a file that two projects include has its errors once
        merged |= Counter(run.messages)
    findings = (*(_finding(one) for one in merged.elements()), *_own_findings(said))
    examined = {path for run in runs for path in run.files & tree.files}
    lax = tuple(dict.fromkeys(_laxities(runs, tree, said)))
    names = ["errors"]
    if all(each.surveyed is not None for each in said.values()):
        names += ["any", "untyped"]
    return StageResult(
        metrics=(
            *(count(name, sum(name in each.counts for each in findings)) for name in names),
            flag("strict", holds=not lax),
            count("ignores", sum(each.comments.ignores for each in said.values())),
        ),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=tool,
        notes=(*_notes(lax), *dict.fromkeys(run.note for run in runs if run.note)),
    )


def _related(checked: Checked, tree: Tree, here: Here | None) -> Run:
    refuse_configuration(checked.messages)
    checked.config.refuse_unchecking()
    known = _endings(checked.files)
    absent = {root for root in checked.config.roots if _ABOVE.sub("", root) not in known}
    if absent:
        summary = f"tsc's options name {some(absent)}, which is not among the files that it read"
        raise OutputUnreadable("contradiction", summary, place="tsc")
    folders = _folders(checked, tree, here) if here is not None else ()
    roots = (*tree.roots, *folders)
    return Run(
        config=checked.config,
        messages=tuple(
            Message(
                path=relative(one.path, *roots),
                line=one.line,
                column=one.column,
                severity=one.severity,
                code=one.code,
                text=one.text,
            )
            for one in checked.messages
        ),
        files=frozenset(relative(path, *roots) for path in checked.files),
        note=here.note(folders[0]) if here is not None and folders else "",
    )


def _folders(checked: Checked, tree: Tree, here: Here) -> tuple[str, ...]:
    """The folders that may stand for the project's; none where the run read files of it."""
    if any(not tree.relative(path).startswith("/") for path in checked.files):
        return ()
    told = tuple(roots_of(checked))
    named = [_ABOVE.sub("", root) for root in checked.config.roots]
    folders = tuple(folder for folder in told if here.stands_for(folder, named))
    if told and not folders:
        raise here.refused(told[0], what="tsc")
    return folders


def _endings(paths: Collection[str]) -> set[str]:
    """Each path, and each of its endings that begins with a whole name."""
    found: set[str] = set()
    for path in paths:
        parts = path.strip("/").split("/")
        found.update("/".join(parts[at:]) for at in range(len(parts)))
    return found


def _finding(one: Message) -> Finding:
    if one.severity not in SEVERITIES:
        summary = f"tsc calls a message `{one.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="tsc")
    return Finding(
        rule=one.code,
        severity=SEVERITIES[one.severity],
        message=one.text,
        path=one.path,
        line=one.line,
        column=one.column,
        counts=("errors",) if one.severity == "error" else (),
    )


def _own_findings(said: Mapping[str, Said]) -> Iterator[Finding]:
    """What is counted in the files, by the names of typescript-eslint's rules for it."""
    for path, each in said.items():
        if each.surveyed is None:
            continue
        for rule, metric, places in (
            ("no-explicit-any", "any", each.surveyed.anys),
            ("explicit-function-return-type", "untyped", each.surveyed.untyped),
        ):
            for place in places:
                yield Finding(
                    rule=rule,
                    severity=Severity.HIGH,
                    message=place.text,
                    path=path,
                    line=place.line,
                    column=place.column,
                    counts=(metric,),
                )


def _laxities(runs: Collection[Run], tree: Tree, said: Mapping[str, Said]) -> Iterator[str]:
    """Say what keeps strict mode from holding for every source; one run that holds it is enough."""
    strict = {path for run in runs if not run.config.laxities() for path in run.files}
    lax = tree.sources - strict
    unread = {path for path in lax if not any(path in run.files for run in runs)}
    if lax - unread:
        for run in runs:
            if run.files & lax:
                yield from run.config.laxities()
    if unread:
        yield f"no configuration includes {some(unread)}"
    for path in sorted(tree.sources - unread):
        reasons = [run.config.passes_over(path) for run in runs if path in run.files]
        if all(reasons):
            yield f"`{path}` is passed over: {reasons[0]}"
    for path, each in said.items():
        if each.comments.is_unchecked:
            yield f"`@ts-nocheck` hides all of `{path}`"


def _notes(lax: tuple[str, ...]) -> tuple[str, ...]:
    if not lax:
        return ()
    rest = len(lax) - SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    return (f"not strict: {'; '.join(lax[:SHOWN])}{more}",)
