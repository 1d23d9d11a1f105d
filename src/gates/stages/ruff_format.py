"""`ruff-format`: formatting of Python files with ruff, by the project's own configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gates.domain.errors import ToolCrashed
from gates.formats import (
    given_parts,
    ruff_config,
    ruff_format_given,
    ruff_json,
    ruff_log,
    ruff_settings,
)
from gates.formats.counts import counted
from gates.formats.ruff_settings import Settings
from gates.formats.tool_paths import Tree, arguments, left_out
from gates.plugin import (
    EVERYWHERE,
    Completed,
    Context,
    Default,
    Examined,
    Finding,
    OutputUnreadable,
    Report,
    ReportOptions,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit import ruff_files
from gates.toolkit.files import write_atomic
from gates.toolkit.ruff_files import CONFIGURATION

RULES = frozenset({"unformatted"})
"""Codes that say that a file would be reformatted; any other is unknown."""

JUDGED = ("**/*.py", "**/*.pyi", "**/*.ipynb", "**/*.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuffFormatOptions(ReportOptions):
    """Options of `ruff-format`."""

    paths: tuple[str, ...] = field(
        default=(".",), metadata={"help": "files and folders to judge", "stricter": "wider"}
    )


class RuffFormat(Stage[RuffFormatOptions]):
    """Formatting: files that `ruff format` would change."""

    uses = "ruff-format"
    title = "format"
    options_type = RuffFormatOptions
    metrics = (counted("unformatted", "files to reformat", "files to reformat"),)
    defaults = (Default(text="unformatted == 0"),)
    criteria = ("L1-FORMAT",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "no file was looked at",
        "a file could not be read or parsed",
        "ruff's configuration has it take Python for another language",
        "the name of a source holds a line break, so that ruff's log proves nothing of it",
        "ruff does not say which files it looked at, or passes one over that it would format",
        "the exit code, the sums and the files contradict each other",
        "a given report does not name a source, or has no sum at its end",
    )
    programs = ("ruff",)
    written_by = (
        "ruff format --check --no-cache --verbose --output-format concise ."
        " > out/ruff-format.txt 2>&1"
    )

    def check(self) -> None:
        """Refuse options of a run beside a report.

        Raises:
            ValueError: `paths` is given with `report`.
        """
        given_parts.refuse_paths(self.given, is_set=self.options.paths != (".",))

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All files that ruff may format, and whatever configures it."""
        extended = ruff_config.extended(_configuration(ctx))
        return ctx.files(*JUDGED, *CONFIGURATION, "**/.gitignore", *extended)

    def run(self, ctx: Context) -> StageResult:
        """Ask ruff what it would change, without its cache and without changing anything."""
        ruff_files.refuse_missing(ctx.root, self.options.paths)
        tree = _tree(ctx)
        isolation = ruff_config.isolation(_configuration(ctx))
        paths = self.options.paths
        done = self._check(ctx, *isolation, "--", *arguments(paths))
        missing = tree.sources - _examined(done, tree)
        if missing and paths == (".",):
            # A file that is tracked although .gitignore names it is only judged where it is named.
            paths = (".", *sorted(missing))
            isolation = (*isolation, "--force-exclude")
            done = self._check(ctx, *isolation, "--", *arguments(paths))
        log = ctx.out / "ruff-format.log"
        write_atomic(log, done.stdout + done.stderr)
        ctx.report(log)
        result = parse(done, tree)
        _refuse_unlooked_at(ctx, tree, _examined(done, tree), (isolation, paths))
        return result

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge kept output, which names all files that were looked at."""
        tree = _tree(ctx)
        named = [(one.name, one.data) for one in reports]
        told = ruff_format_given.merged(named, tree, written_by=self.written_by)
        ctx.note(ruff_format_given.UNKNOWN)
        findings = tuple(_finding(one.path, one.line, one.column) for one in told.unformatted)
        tool = Tool(name="ruff", version="", how="a given report")
        return _result(findings, told.examined, tree, tool)

    def _check(self, ctx: Context, *more: str) -> Completed:
        return ctx.run(
            ctx.tool("ruff"),
            "format",
            "--check",
            "--verbose",
            "--no-cache",
            # Of its own option for this, versions before 0.15 know nothing.
            '--config=extend-exclude=[".gates"]',
            *more,
            ok=(0, 1, 2),
            # Versions without `--output-format` here ignore this, and print one line a file.
            env={"RUFF_OUTPUT_FORMAT": "json"},
        )


def _examined(done: Completed, tree: Tree) -> frozenset[str]:
    """The files that were looked at; all, where a failed run is `parse`'s to explain."""
    if done.exit_code not in (0, 1):
        return tree.sources
    return frozenset(map(tree.relative, ruff_log.files_in(done.stderr, ruff_log.FORMATTED)))


def _configuration(ctx: Context) -> dict[str, bytes]:
    return ruff_files.configuration(ctx.root, ctx.files(*CONFIGURATION))


def _refuse_unlooked_at(
    ctx: Context,
    tree: Tree,
    examined: frozenset[str],
    called: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    """Hold the log against what `ruff check` would look at, whose choice of files is the same.

    So is the language for which it takes each of them.
    """
    isolation, paths = called
    names = ruff_files.beside(ctx.root, tree.files, known=ctx.files(*CONFIGURATION))

    def ask(*more: str) -> bytes:
        options = ("--no-cache", "--extend-exclude=.gates", *isolation)
        return ctx.run(ctx.tool("ruff"), "check", *options, *more).stdout

    settings = Settings(lambda path: ask("--show-settings", "--", *arguments((path,))), names)
    settings.refuse_foreign(examined & tree.files)
    missing = tree.files - examined
    if missing:
        shown = ask("--show-files", "--", *arguments(paths))
        ruff_settings.refuse_passed_over(missing, shown, tree, settings, of=ruff_settings.FORMATTER)


def parse(done: Completed, tree: Tree) -> StageResult:
    """Read what a verbose `ruff format --check` printed.

    Args:
        done: the run; exit code 0, 1 or 2.
        tree: the project's Python files.

    Raises:
        ToolCrashed: exit code 2 without a file that is to blame.
        OutputUnreadable: the files, the sums and the exit code do not tell one story.
        StageError: a file was not readable or not Python, or there was none.
    """
    is_json = done.stdout.lstrip()[:1] == b"["
    findings = _json(done, tree) if is_json else _text(done, tree)
    if done.exit_code not in {0, 1}:
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ToolCrashed("tool-crashed", f"`ruff` ended with exit code 2: {words}", place="ruff")
    examined = {tree.relative(path) for path in ruff_log.files_in(done.stderr, ruff_log.FORMATTED)}
    unformatted = {finding.path for finding in findings}
    sums = (len(unformatted), len(examined)) if is_json else _sums(done.stdout)
    if (
        (done.exit_code == 1) != bool(unformatted)
        or not unformatted <= examined
        or sums != (len(unformatted), len(examined))
    ):
        summary = (
            f"ruff ended with exit code {done.exit_code}, named {len(unformatted)} files to"
            f" reformat, and looked at {len(examined)}"
        )
        raise OutputUnreadable("contradiction", summary, place="ruff")
    if not examined:
        raise StageError("nothing-examined", "ruff found no file to format")
    return _result(findings, frozenset(examined), tree, done.tool)


def _tree(ctx: Context) -> Tree:
    tree = Tree(
        roots=ruff_files.roots(ctx.root),
        files=frozenset(ctx.files("**/*.py", "**/*.pyi")),
        sources=frozenset(ctx.sources(".py", ".pyi").files),
    )
    ruff_log.refuse_unprovable(tree)
    return tree


def _result(
    findings: tuple[Finding, ...], examined: frozenset[str], tree: Tree, tool: Tool
) -> StageResult:
    return StageResult(
        metrics=(count("unformatted", len({finding.path for finding in findings})),),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=tool,
        notes=left_out(tree.sources - examined, did="formatted"),
    )


def _json(done: Completed, tree: Tree) -> tuple[Finding, ...]:
    """The first place of each file that would change."""
    entries = ruff_json.parse(done.stdout, what="ruff format")
    ruff_json.refuse_unreadable(entries, tree)
    first: dict[str, Finding] = {}
    for entry in entries:
        if entry.code not in RULES:
            summary = f"ruff format reported `{entry.code}`, which is unknown"
            raise OutputUnreadable("unknown-rule", summary, place="ruff")
        path = tree.relative(entry.path)
        first.setdefault(path, _finding(path, entry.line, entry.column))
    return tuple(first.values())


def _text(done: Completed, tree: Tree) -> tuple[Finding, ...]:
    """The same of versions that print one line for each file that would change."""
    text = done.stdout.decode("utf-8", "replace")
    named = re.findall(r"^Would reformat: (.+)$", text, re.MULTILINE)
    return tuple(_finding(tree.relative(path)) for path in named)


def _sums(stdout: bytes) -> tuple[int, int]:
    """How many files such a version says that it would change, and how many it looked at.

    Of no file at all it says nothing.
    """
    last = stdout.decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2]
    change, keep = r"(\d+) files? would be reformatted", r"(\d+) files? already formatted"
    found = re.fullmatch(f"(?:{change})?(?:, )?(?:{keep})?", last)
    if found is None:
        summary = "ruff did not sum up the files that it looked at"
        raise OutputUnreadable("ruff-unproved", summary, place="ruff")
    changed, kept = (int(number or 0) for number in found.groups())
    return changed, changed + kept


def _finding(path: str, line: int = 0, column: int = 0) -> Finding:
    return Finding(
        rule="unformatted",
        severity=Severity.LOW,
        message="would be reformatted",
        path=path,
        line=line,
        column=column,
        counts=("unformatted",),
        fix="`ruff format` mends it",
    )
