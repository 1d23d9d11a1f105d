"""What runs of mypy that an earlier step made left behind: JSON lines, log and exit code as one.

The log of `--verbose` names the files, the configuration and the version; the messages stand
between its lines; and the last line of all, `exit code N`, shows that nothing is cut off, and what
the run came to. Without the log nobody knows what was checked: a clean run prints nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding
from gates.domain.stage_result import Tool
from gates.formats import mypy_json
from gates.formats.annotation_findings import findings_of
from gates.formats.mypy_config import MypyConfig
from gates.formats.mypy_json import Log, Message
from gates.formats.mypy_result import BLOCKING_EXIT, Checked, blocked, finding
from gates.formats.python_annotations import Annotations
from gates.formats.report_folder import folder_of
from gates.formats.tool_paths import Tree, relative, some

UNTOLD = (
    "a report of mypy does not tell its command line: whether options there left errors out, as"
    " `--disable-error-code` does, is not known"
)
"""What every output must tell of a given report."""

_EXIT = re.compile(r"exit code (\d{1,3})")
_TOLD = re.compile(r"LOG:  (Mypy Version|Config File): +(\S.*)")
_HINT = "write it as this stage's `written_by` says, one file for each run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run.

    Attributes:
        version: mypy's.
        config: its configuration file, absolute; empty where it had none.
        modules: the files that it checked, absolute where that is told, with their modules' names.
        messages: all messages, their paths likewise.
        complaints: what mypy says about its configuration.
    """

    version: str
    config: str
    modules: tuple[tuple[str, str], ...]
    messages: tuple[Message, ...]
    complaints: tuple[str, ...]


def parse(data: bytes, *, what: str) -> Run:
    """Read what one run left.

    Raises:
        OutputUnreadable: it is cut off, of several runs, or does not add up.
        StageError: a file could not be checked.
        ToolCrashed: mypy did not check at all.
    """
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise OutputUnreadable("mypy-report", f"`{what}` is not UTF-8", place=what) from None
    ends = [found for line in lines if (found := _EXIT.fullmatch(line.rstrip()))]
    if len(ends) != 1 or "".join(lines).rstrip()[-len(ends[0][0]) :] != ends[0][0]:
        problem = "does not end with its one line `exit code N`: it is cut off, or of several runs"
        raise _unreadable(problem, what)
    numbered = tuple((n, line) for n, line in enumerate(lines, start=1) if line.startswith("{"))
    messages = tuple(mypy_json.message(line.encode(), f"{what}:{n}") for n, line in numbered)
    plain = (line for line in lines if not line.startswith("{") and not _EXIT.match(line))
    log = mypy_json.read_log("\n".join(plain).encode())
    exit_code = int(ends[0][1])
    if exit_code not in {0, 1}:
        raise blocked(messages if exit_code == BLOCKING_EXIT else (), log.last, exit_code=exit_code)
    _refuse_contradiction(exit_code, messages, log, what)
    return _run(lines, log, messages, what)


def merged(
    reports: Iterable[tuple[str, bytes]],
    tree: Tree,
    config: MypyConfig,
    is_there: Callable[[str], bool],
) -> Checked:
    """What all reports, each a name and its bytes, found; a message that two of them hold is one.

    Args:
        reports: parts of one whole.
        tree: the project's Python files.
        config: the project's configuration of mypy.
        is_there: whether a path, relative to the project's folder, is a file.

    Raises:
        OutputUnreadable: one is unreadable, of another project, of another configuration, or two
            contradict each other.
        StageError: a source was not checked, or no file at all.
    """
    modules: dict[str, str] = {}
    told: Counter[Message] = Counter()
    complaints: dict[str, None] = {}
    versions: set[str] = set()
    for name, data in reports:
        run = _placed(parse(data, what=name), tree, config, is_there, what=name)
        _refuse_difference(run, modules, told, name)
        modules |= dict(run.modules)
        told |= Counter(run.messages)
        complaints |= dict.fromkeys(run.complaints)
        versions.add(run.version)
    if len(versions) > 1:
        summary = f"the reports are of different versions of mypy: {', '.join(sorted(versions))}"
        raise OutputUnreadable("contradiction", summary, place="mypy")
    _refuse_missing({one for one in tree.sources - modules.keys() if not config.excludes(one)})
    if not tree.sources & modules.keys():
        raise StageError("nothing-examined", "mypy checked none of the project's sources")
    return Checked(
        modules=modules,
        findings=tuple(finding(message, message.path, config) for message in told.elements()),
        complaints=tuple(complaints),
        tool=Tool(name="mypy", version=min(versions), how="told by the report"),
    )


def with_annotations(checked: Checked, files: Mapping[str, Annotations]) -> Checked:
    """Add what the files' own annotations lack or give away, where mypy does not tell it.

    A run tells it only where it was asked to.

    Args:
        checked: what was found.
        files: the annotations of each file of the project that was checked.
    """
    known = {(one.path, one.line, metric) for one in checked.findings for metric in one.counts}
    own = tuple(one for one in findings_of(files) if not _keys(one) & known)
    return replace(checked, findings=(*checked.findings, *own))


def _keys(one: Finding) -> set[tuple[str, int, str]]:
    return {(one.path, one.line, metric) for metric in one.counts}


def _refuse_contradiction(
    exit_code: int, messages: Collection[Message], log: Log, what: str
) -> None:
    errors = sum(one.severity != "note" for one in messages)
    if (exit_code == 1) != bool(errors):
        problem = f"tells of exit code {exit_code} and holds {errors} errors"
        raise _unreadable(problem, what, slug="contradiction")
    if not log.is_finished:
        raise _unreadable("holds no log of `--verbose` with an end", what)


def _run(lines: list[str], log: Log, messages: tuple[Message, ...], what: str) -> Run:
    told = [found.groups() for line in lines if (found := _TOLD.fullmatch(line.rstrip()))]
    facts = {str(name): str(value) for name, value in told}
    if len(told) != len(facts) or len(facts) != 2:  # noqa: PLR2004 - the version and the file
        raise _unreadable("does not tell once its version and its configuration", what)
    if len(log.modules) != len(log.folders):
        raise _unreadable("names its sources in a form that is not known", what)
    modules = tuple(
        (_absolute(path, module, folder), module)
        for (path, module), folder in zip(log.modules, log.folders, strict=True)
    )
    starts = (
        whole[: -len(posixpath.normpath(path)) - 1]
        for (whole, _), (path, _) in zip(modules, log.modules, strict=True)
        if whole.endswith(f"/{posixpath.normpath(path)}")
    )
    start = next(starts, "")
    config = facts["Config File"]
    return Run(
        version=facts["Mypy Version"],
        config="" if config == "Default" else posixpath.join(start, config),
        modules=modules,
        messages=tuple(replace(one, path=posixpath.join(start, one.path)) for one in messages),
        complaints=log.complaints,
    )


def _absolute(path: str, module: str, folder: str) -> str:
    """A source's path, absolute where mypy tells the folder from which its module is named."""
    if path.startswith("/") or not folder:
        return path
    parts = posixpath.normpath(path).split("/")
    depth = module.count(".") + 1 + parts[-1].startswith("__init__.")
    return posixpath.join(folder, *parts[-depth:])


def _placed(
    run: Run, tree: Tree, config: MypyConfig, is_there: Callable[[str], bool], *, what: str
) -> Run:
    """The run with paths as the project knows them."""
    if not run.modules:
        raise StageError("nothing-examined", f"by `{what}`, mypy checked no file", place=what)
    folder = folder_of([path for path, _ in run.modules], tree, is_there, what=what)
    ours = _from(tree.roots[0], config.name)
    if _from(folder, run.config) != ours:
        summary = (
            f"by `{what}`, mypy was configured by {_shown(run.config)}, and the project's"
            f" configuration is {_shown(config.name)}"
        )
        hint = "let mypy find its configuration, in this very folder"
        raise OutputUnreadable("other-configuration", summary, hint=hint, place=what)
    roots = (*tree.roots, folder)
    return replace(
        run,
        modules=tuple((relative(path, *roots), module) for path, module in run.modules),
        messages=tuple(replace(one, path=relative(one.path, *roots)) for one in run.messages),
    )


def _from(folder: str, path: str) -> str:
    return posixpath.relpath(path, folder) if path.startswith("/") else path


def _shown(path: str) -> str:
    return f"`{path}`" if path else "no file"


def _refuse_difference(
    run: Run, modules: Mapping[str, str], told: Iterable[Message], what: str
) -> None:
    """Refuse a report that tells something else of a file than those before it."""
    both = dict(run.modules).keys() & modules.keys()
    before = {one for one in told if one.path in both}
    now = {one for one in run.messages if one.path in both}
    if before != now:
        path = min(one.path for one in before ^ now)
        summary = f"`{what}` and another report tell different things of `{path}`"
        raise OutputUnreadable("contradiction", summary, place=what)


def _refuse_missing(missing: Collection[str]) -> None:
    if missing:
        raise StageError(
            "source-not-examined",
            f"mypy did not look at {some(missing)}",
            hint="let it check every source, or leave these out of `sources`",
            place=min(missing),
        )


def _unreadable(problem: str, what: str, *, slug: str = "mypy-report") -> OutputUnreadable:
    return OutputUnreadable(slug, f"`{what}` {problem}", hint=_HINT, place=what)
