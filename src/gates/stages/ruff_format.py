"""`ruff-format`: formatting of Python files with ruff, by the project's own configuration."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from gates.domain.errors import ToolCrashed
from gates.formats import ruff_config, ruff_json, ruff_log
from gates.formats.tool_paths import Tree, arguments, left_out
from gates.plugin import (
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    Options,
    OutputUnreadable,
    Severity,
    Stage,
    StageError,
    StageResult,
    Unit,
    count,
)
from gates.toolkit.files import write_atomic

RULES = frozenset({"unformatted"})
"""Codes that say that a file would be reformatted; any other is unknown."""

CONFIGURATION = ("**/pyproject.toml", "**/ruff.toml", "**/.ruff.toml", "**/.gitignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuffFormatOptions(Options):
    """Options of `ruff-format`."""

    paths: tuple[str, ...] = field(default=(".",), metadata={"help": "files and folders to judge"})


class RuffFormat(Stage[RuffFormatOptions]):
    """Formatting: files that `ruff format` would change."""

    uses = "ruff-format"
    title = "format"
    options_type = RuffFormatOptions
    metrics = (
        MetricSpec(
            name="unformatted",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="files to reformat",
            noun="files to reformat",
        ),
    )
    defaults = (Default(text="unformatted == 0"),)
    criteria = ("L1-FORMAT",)
    examines = "files"
    errored_when = (
        "no file was looked at",
        "a file could not be read or parsed",
        "ruff does not say which files it looked at",
        "the exit code, the sums and the files contradict each other",
    )
    programs = ("ruff",)

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All files that ruff may format, and whatever configures it."""
        extended = ruff_config.extended(_configuration(ctx))
        return ctx.files("**/*.py", "**/*.pyi", "**/*.ipynb", "**/*.md", *CONFIGURATION, *extended)

    def run(self, ctx: Context) -> StageResult:
        """Ask ruff what it would change, without its cache and without changing anything."""
        for path in self.options.paths:
            if not os.path.lexists(ctx.root / path):
                summary = f"`{path}`: no such file or folder"
                raise StageError("path-missing", summary, hint="see `paths`", place=path)
        tree = Tree(
            roots=(str(ctx.root), os.path.realpath(ctx.root)),
            files=frozenset(ctx.files("**/*.py", "**/*.pyi")),
            sources=frozenset(ctx.sources(".py", ".pyi").files),
        )
        isolation = ruff_config.isolation(_configuration(ctx))
        done = self._check(ctx, *isolation, "--", *arguments(self.options.paths))
        missing = tree.sources - _examined(done, tree)
        if missing and self.options.paths == (".",):
            # A file that is tracked although .gitignore names it is only judged where it is named.
            paths = arguments((".", *sorted(missing)))
            done = self._check(ctx, *isolation, "--force-exclude", "--", *paths)
        log = ctx.out / "ruff-format.log"
        write_atomic(log, done.stdout + done.stderr)
        ctx.report(log)
        return parse(done, tree)

    def _check(self, ctx: Context, *more: str) -> Completed:
        return ctx.run(
            ctx.tool("ruff"),
            "format",
            "--check",
            "--verbose",
            "--no-cache",
            "--extend-exclude=.gates",
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
    """The files that may configure ruff: the project's, and those above it up to git's folder."""
    names = (name for name in ctx.files(*CONFIGURATION) if name.endswith(".toml"))
    found = {name: (ctx.root / name).read_bytes() for name in names}
    folders = (ctx.root, *ctx.root.parents)
    top = next((folder for folder in folders if (folder / ".git").exists()), ctx.root)
    for folder in folders[1 : folders.index(top) + 1]:
        paths = (folder / name for name in ruff_config.NAMES)
        found |= {str(path): path.read_bytes() for path in paths if path.is_file()}
    return found


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
    findings = _json(done, tree) if done.stdout.lstrip()[:1] == b"[" else _text(done, tree)
    if done.exit_code not in {0, 1}:
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ToolCrashed("tool-crashed", f"`ruff` ended with exit code 2: {words}", place="ruff")
    examined = {tree.relative(path) for path in ruff_log.files_in(done.stderr, ruff_log.FORMATTED)}
    unformatted = {finding.path for finding in findings}
    if (done.exit_code == 1) != bool(unformatted) or not unformatted <= examined:
        summary = (
            f"ruff ended with exit code {done.exit_code}, named {len(unformatted)} files to"
            f" reformat, and looked at {len(examined)}"
        )
        raise OutputUnreadable("contradiction", summary, place="ruff")
    if not examined:
        raise StageError("nothing-examined", "ruff found no file to format")
    return StageResult(
        metrics=(count("unformatted", len(unformatted)),),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=done.tool,
        notes=left_out(tree.sources - examined, did="formatted"),
    )


def _json(done: Completed, tree: Tree) -> tuple[Finding, ...]:
    """The first place of each file that would change."""
    entries = ruff_json.parse(done.stdout, what="ruff format")
    bad = ruff_json.unreadable(entries)
    if bad is not None:
        place = tree.relative(bad.path)
        raise StageError(
            "file-unreadable",
            f"`{place}` could not be read as Python: {bad.message}",
            hint="mend it, or leave it out by `exclude` in ruff's configuration",
            place=f"{place}:{bad.line}:{bad.column}" if bad.line else place,
        )
    first: dict[str, Finding] = {}
    for entry in entries:
        if entry.code not in RULES:
            summary = f"ruff format reported `{entry.code}`, which is unknown"
            raise OutputUnreadable("unknown-rule", summary, place="ruff")
        path = tree.relative(entry.path)
        first.setdefault(path, _finding(path, entry.line, entry.column))
    return tuple(first.values())


def _text(done: Completed, tree: Tree) -> tuple[Finding, ...]:
    """The same of versions that print one line for each file that would change, and a sum."""
    text = done.stdout.decode("utf-8", "replace")
    named = re.findall(r"^Would reformat: (.+)$", text, re.MULTILINE)
    found = re.search(r"^(\d+) files? would be reformatted", text, re.MULTILINE)
    if len(named) != (int(found[1]) if found is not None else 0):
        summary = f"ruff named {len(named)} files to reformat, and its sum differs"
        raise OutputUnreadable("contradiction", summary, place="ruff")
    return tuple(_finding(tree.relative(path)) for path in named)


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
