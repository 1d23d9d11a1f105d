"""`prettier`: formatting of JavaScript, TypeScript and more, by the project's configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import prettier_log
from gates.formats.counts import counted
from gates.formats.prettier_log import Looked
from gates.formats.tool_paths import Tree, arguments, left_out, some
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
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
    read_json,
)
from gates.toolkit.files import write_atomic
from gates.toolkit.node_sources import NODE_SUFFIXES

ENDINGS = (
    *NODE_SUFFIXES,
    *(".json", ".jsonc", ".json5", ".css", ".scss", ".less", ".html", ".vue", ".hbs"),
    *(".graphql", ".gql", ".md", ".mdx", ".yaml", ".yml"),
)
"""Endings of what Prettier formats without a plugin."""

FILES = tuple(f"**/*{ending}" for ending in ENDINGS)

CONFIGURATION = (
    "**/.prettierrc*",
    "**/prettier.config.*",
    "**/.editorconfig",
    "**/.prettierignore",
    "**/.gitignore",
)
"""Patterns of what else decides what Prettier does."""

NAMES = (
    ".prettierrc",
    *(f".prettierrc.{ending}" for ending in ("json", "yaml", "yml", "json5", "toml")),
    *(
        f"{stem}.{ending}"
        for stem in (".prettierrc", "prettier.config")
        for ending in ("js", "ts", "mjs", "mts", "cjs", "cts")
    ),
)
"""Files that configure Prettier, also from above the project."""

CANARY = ("canary.ts", b"const planted   = {by:1}\n")

FAILED_EXIT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PrettierOptions(ReportOptions):
    """Options of `prettier`."""

    paths: tuple[str, ...] = field(
        default=(".",), metadata={"help": "files, folders and globs to judge", "stricter": "wider"}
    )


class Prettier(Stage[PrettierOptions]):
    """Formatting: files that `prettier` would change."""

    uses = "prettier"
    title = "format"
    options_type = PrettierOptions
    metrics = (counted("unformatted", "files to reformat", "files to reformat"),)
    defaults = (Default(text="unformatted == 0"),)
    criteria = ("L1-FORMAT",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "no file was looked at, or no source was",
        "a file could not be read or parsed",
        "prettier does not say which files it looked at",
        "options have it look away from every source (`requirePragma`, `rangeEnd` and the like)",
        "it is configured from outside of the repository",
        "a planted file is not found to be unformatted, or a given report does not name a source",
        "the exit code, the sum and the files contradict each other",
    )
    programs = ("prettier",)
    written_by = "prettier --check . --log-level debug > out/prettier.txt 2>&1"
    sample = Sample(
        files={
            "src/a.ts": "export const a = 1;\n",
            "src/b.ts": "export const b = 2;\n",
            "out/prettier.txt": "Checking formatting...\n"
            "[debug] resolve config from 'src/a.ts'\n"
            "[debug] applied config-precedence (cli-override): {}\n"
            "[debug] resolve config from 'src/b.ts'\n"
            "[debug] applied config-precedence (cli-override): {}\n"
            "All matched files use Prettier code style!\n",
        },
        faulty={
            "out/prettier.txt": "Checking formatting...\n"
            "[debug] resolve config from 'src/a.ts'\n"
            "[debug] applied config-precedence (cli-override): {}\n"
            "[warn] src/a.ts\n"
            "[debug] resolve config from 'src/b.ts'\n"
            "[debug] applied config-precedence (cli-override): {}\n"
            "[warn] src/b.ts\n"
            "[warn] Code style issues found in 2 files. Run Prettier with --write to fix.\n",
        },
        options={"report": "out/prettier.txt"},
        sources=("src",),
        reports=("out/prettier.txt",),
    )

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All files that may be formatted, and whatever configures Prettier."""
        return ctx.files(*FILES, *CONFIGURATION)

    def run(self, ctx: Context) -> StageResult:
        """Ask prettier what it would change beside a planted file, and change nothing."""
        tree = _tree(ctx)
        _refuse_outside(ctx)
        planted = ctx.plant(*CANARY)
        done = ctx.run(
            ctx.tool("prettier"),
            "--check",
            "--no-color",
            "--log-level=debug",
            # Without a cache it removes the one that is there: so this names another.
            f"--cache-location={ctx.out / 'cache'}",
            "--",
            *arguments(self.options.paths),
            "!**/.gates/**",
            str(planted),
            ok=(0, 1, FAILED_EXIT),
        )
        log = ctx.out / "prettier.log"
        write_atomic(log, done.stdout + done.stderr)
        ctx.report(log)
        return parse(done, tree, planted=str(planted), is_whole=self.options.paths == (".",))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge saved logs; each names all files that it looked at."""
        tree = _tree(ctx)
        files: dict[str, Looked] = {}
        for report in reports:
            name = report.name
            hint = f"write it so: {self.written_by}"
            for one in prettier_log.parse(report.data, what=name, hint=hint):
                path = tree.relative(one.path)
                if ".gates" in path.split("/"):
                    continue
                if path in files and files[path].is_formatted != one.is_formatted:
                    summary = f"two reports tell different things of `{path}`"
                    raise OutputUnreadable("contradiction", summary, place=name)
                files[path] = one
        missing = tree.sources - files.keys()
        if missing:
            raise StageError(
                "source-not-examined",
                f"the report tells nothing of {some(missing)}",
                hint=f"judge every source in this folder: {self.written_by}; or leave them out of"
                " `sources`",
                place=min(missing),
            )
        ctx.note("the report does not tell which version of prettier wrote it")
        tool = Tool(name="prettier", version="", how="a given report")
        return _result(tuple(files.values()), tree, tool=tool, is_whole=True)


def parse(done: Completed, tree: Tree, *, planted: str, is_whole: bool = True) -> StageResult:
    """Read what `prettier --check --log-level debug` wrote.

    Args:
        done: the run; exit code 0, 1 or 2.
        tree: the project's files of kinds that prettier knows.
        planted: the path of the planted file, which was handed over too.
        is_whole: whether the whole project was handed over, so that sources must be among it.

    Raises:
        OutputUnreadable: the files, the sum and the exit code do not tell one story.
        StageError: a file was not readable, or there was none.
    """
    hint = "this needs Prettier 3; is it really prettier?"
    files = prettier_log.parse(done.stdout + done.stderr, what="prettier", hint=hint)
    if done.exit_code != (0 if all(one.is_formatted for one in files) else 1):
        summary = f"prettier ended with exit code {done.exit_code}, which its log belies"
        raise OutputUnreadable("contradiction", summary, place="prettier")
    if all(one.is_formatted for one in files if one.path == planted):
        raise StageError(
            "canary-missed",
            "prettier did not find a planted file to be unformatted",
            hint="is it really prettier?",
            place="prettier",
        )
    return _result(
        tuple(one for one in files if one.path != planted),
        tree,
        tool=done.tool,
        is_whole=is_whole,
        canary="an unformatted file, found",
    )


def _tree(ctx: Context) -> Tree:
    tree = Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files(*FILES)),
        sources=frozenset(ctx.sources(*NODE_SUFFIXES).files),
    )
    prettier_log.refuse_unprovable(tree)
    return tree


def _refuse_outside(ctx: Context) -> None:
    """Refuse configuration from above the repository: the machine would decide then."""
    folders = (ctx.root, *ctx.root.parents)
    top = next((one for one in folders if (one / ".git").exists()), ctx.root)
    above = folders[folders.index(top) + 1 :]
    if any(_configures(one) for one in folders[: len(folders) - len(above)]):
        return
    found = next((one for one in above if _configures(one)), None)
    if found is not None:
        raise StageError(
            "configuration-outside",
            f"prettier is configured in `{found}`, outside of the repository",
            hint="write a `.prettierrc.json` into the project; `{}` will do",
            place="prettier",
        )


def _configures(folder: Path) -> bool:
    """Whether a file there may configure Prettier; package.json does where it has its key."""
    if any(os.path.lexists(folder / name) for name in NAMES):
        return True
    package = folder / "package.json"
    if not os.path.lexists(package):
        return False
    try:
        return read_json(package.read_bytes(), what="").find("prettier") is not None
    except (OSError, OutputUnreadable):
        return True


def _result(
    files: tuple[Looked, ...], tree: Tree, *, tool: Tool, is_whole: bool, canary: str = ""
) -> StageResult:
    examined = frozenset(
        path for path in prettier_log.judged(files, tree) if path.endswith(ENDINGS)
    )
    if not (examined & tree.sources if is_whole else examined):
        raise StageError(
            "nothing-examined",
            "prettier is left no source to look at",
            hint="see .prettierignore, and `requirePragma` or `rangeEnd` in its configuration",
        )
    unformatted = sorted(tree.relative(one.path) for one in files if not one.is_formatted)
    return StageResult(
        metrics=(count("unformatted", len(unformatted)),),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=tuple(_finding(path) for path in unformatted),
        tool=tool,
        notes=(
            *left_out(tree.sources - _paths(files, tree), did="formatted"),
            *prettier_log.remarks(files, tree),
        ),
        canary=canary,
    )


def _paths(files: tuple[Looked, ...], tree: Tree) -> frozenset[str]:
    return frozenset(tree.relative(one.path) for one in files)


def _finding(path: str) -> Finding:
    return Finding(
        rule="unformatted",
        severity=Severity.LOW,
        message="would be reformatted",
        path=path,
        counts=("unformatted",),
        fix="`prettier --write` mends it",
    )
