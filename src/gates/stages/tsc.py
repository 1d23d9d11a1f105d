"""`tsc`: static types of TypeScript with its compiler, by the project's own configuration."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.domain.errors import OutputUnreadable
from gates.formats import (
    given_parts,
    tsc_built,
    tsc_measured,
    tsc_text,
    typescript_comments,
    typescript_survey,
)
from gates.formats.counts import TYPED, counted
from gates.formats.tool_paths import Tree, some
from gates.formats.tsc_measured import Run, Said
from gates.formats.tsc_text import Checked
from gates.formats.typescript_config import JAVASCRIPT, TYPESCRIPT
from gates.formats.typescript_survey import Surveyed
from gates.plugin import (
    Context,
    Default,
    MetricSpec,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.files import write_atomic
from gates.toolkit.git import Git
from gates.toolkit.node_programs import package_version, started_file
from gates.toolkit.sources import matches
from gates.toolkit.told_folder import Here
from gates.toolkit.unlisted import unlisted

SUFFIXES = (*TYPESCRIPT, *JAVASCRIPT)
PATTERNS = tuple(f"**/*{suffix}" for suffix in SUFFIXES)
PACKAGES = ("**/*.json", "**/pnpm-lock.yaml", "**/yarn.lock", "**/bun.lock")
"""What configures tsc, what may be imported, and what says which packages are installed."""

PRINTING = ("--noEmit", "--pretty", "false", "--listFiles", "--diagnostics")
QUIET = (
    *("--explainFiles", "false"),
    *("--traceResolution", "false"),
    *("--extendedDiagnostics", "false"),
)
"""What a configuration may ask to be printed besides, in forms of their own."""

FOUND = (0, 1, 2)
"""Exit codes of a run that checked: version 5 ends with 2 where it found errors, version 7 with 1;
each ends with the other one where it could not read its configuration."""

_SAMPLE = """\
Version 5.9.3
{{
    "compilerOptions": {{
        "strict": true
    }},
    "files": [
        "./src/a.ts",
        "./src/b.ts"
    ]
}}
{errors}/project/node_modules/typescript/lib/lib.d.ts
/project/src/a.ts
/project/src/b.ts
Files:             3
Total time:    0.75s
"""
_SAMPLED = "src/{}.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.\n"

BY_ANNOTATIONS = frozenset({"any", "untyped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TscOptions(ReportOptions):
    """Options of `tsc`."""

    project: tuple[str, ...] = field(
        default=("tsconfig.json",),
        metadata={
            "help": "the configuration, or several that together include every source",
            "or_text": True,
        },
    )
    annotations: bool = field(
        default=True,
        metadata={
            "help": "count `any` and missing types, which the project's own TypeScript tells, run"
            " by node; `false`: neither is counted, which every output repeats",
            "stricter": "on",
        },
    )
    generated: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "files, folders and globs that git ignores, from which types may be taken all"
            " the same since an earlier step makes them anew; every output repeats it",
            "stricter": "fewer",
        },
    )


class Tsc(Stage[TscOptions]):
    """Types: errors, explicit `any`, functions without types, and whether strict mode holds.

    The compiler reports no `any` that is written, and takes the type of a result that is not. Both
    are counted in each file's syntax tree, by the project's own TypeScript: each `any` in a type,
    and each function, method, getter and signature that declares no type of its result, or has a
    parameter with neither a type nor a default value. A function that takes its types from where it
    stands, as an argument does, is not counted.
    """

    uses = "tsc"
    title = "types"
    options_type = TscOptions
    metrics = (
        counted("errors", "type errors", "errors"),
        *TYPED,
        counted("ignores", "`@ts-ignore`, `@ts-expect-error` and `@ts-nocheck`", "such comments"),
    )
    defaults = (
        Default(text="errors == 0"),
        Default(text="any == 0"),
        Default(text="untyped == 0"),
        Default(text="strict == 1"),
    )
    criteria = ("L1-TYPES",)
    examines = "files"
    errored_when = (
        "no source was checked, as by a configuration that only names other projects",
        "the configuration is not there, cannot be understood, or has `noCheck`",
        "a source could not be parsed",
        "the list of files, its number, the messages and the exit code contradict each other",
        "a given report was made in another folder of this machine or repository",
        "types were taken from files that git ignores, or a referenced project is not built",
        "the project's TypeScript was brought by the checkout",
    )
    programs = ("tsc", "node")
    written_by = (
        "(npx tsc --version; npx tsc --showConfig;"
        " npx tsc --noEmit --pretty false --listFiles --diagnostics) > out/tsc.txt"
    )
    sample = Sample(
        files={
            "src/a.ts": "export const a: number = 1;\n",
            "src/b.ts": "export const b: number = 2;\n",
            "out/tsc.txt": _SAMPLE.format(errors=""),
        },
        faulty={"out/tsc.txt": _SAMPLE.format(errors=_SAMPLED.format("a") + _SAMPLED.format("b"))},
        options={"report": "out/tsc.txt", "annotations": False},
        sources=("src",),
        reports=("out/tsc.txt",),
    )

    def specs(self) -> tuple[MetricSpec, ...]:
        """All metrics, or those that need no parser."""
        return tuple(each for each in self.metrics if self._reports(each.name))

    def conditions(self) -> tuple[Default, ...]:
        """The default conditions on what is reported."""
        return tuple(each for each in self.defaults if self._reports(each.text.split()[0]))

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All sources, since types follow imports, and whatever configures tsc.

        Nobody can tell which change leads to other generated files: with these it always runs.
        """
        if self.options.generated:
            return ()
        return ctx.files(*PATTERNS, *PACKAGES)

    def run(self, ctx: Context) -> StageResult:
        """Check each project with a fresh memory, then read the sources themselves."""
        tree = _tree(ctx)
        tool = ctx.tool("tsc")
        texts = [_text(ctx, tool, self._project(ctx, each)) for each in self.options.project]
        report = ctx.out / "tsc.txt"
        write_atomic(report, b"".join(texts))
        checked = tsc_text.parse(ctx.report(report).data, what=report.name)
        return self._measured(ctx, tree, checked, tool=tool, here=None)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Read the texts that `written_by` writes."""
        tree = _tree(ctx)
        checked = tuple(each for one in reports for each in tsc_text.parse(one.data, what=one.name))
        versions = sorted({each.version for each in checked})
        if len(versions) > 1:
            summary = f"the reports are of different versions of tsc: {', '.join(versions)}"
            raise OutputUnreadable("contradiction", summary, place="tsc")
        if self.options.annotations:
            parser = _version(ctx.tool("tsc"))
            if parser != versions[0]:
                ctx.note(
                    f"the report is of tsc {versions[0]}, and the sources were parsed by {parser}"
                )
        ctx.note(
            "only a report was judged: that the files were checked with the options it shows, and"
            " with the packages that are installed here, is not told"
        )
        tool = Tool(name="tsc", version=versions[0], how="a given report")
        return self._measured(ctx, tree, checked, tool=tool, here=Here.of(ctx.root))

    def _reports(self, metric: str) -> bool:
        return self.options.annotations or metric not in BY_ANNOTATIONS

    def _project(self, ctx: Context, given: str) -> str:
        """The path of a configuration, which must be one of the project's files."""
        path = os.path.normpath(given)
        if not path.endswith(".json"):
            path = os.path.normpath(f"{path}/tsconfig.json")
        if path not in ctx.files(path):
            raise StageError(
                "config-missing",
                f"`{path}` is no file of the project",
                hint="add it, or name the configuration: `with: {project: PATH}`",
                place=path,
            )
        return path

    def _refuse_built(self, ctx: Context, tree: Tree, runs: Collection[Run]) -> None:
        ignored = unlisted(ctx.root, tsc_measured.own(runs) - tree.files)
        wanted = [os.path.normpath(one) for one in self.options.generated]
        named = {path for path in ignored if any(matches(path, one) for one in wanted)}
        tsc_built.refuse_built(ignored - named)
        if named:
            ctx.note(
                "types were taken from generated files, and nothing proves that they are made from"
                f" this tree: {some(named)}"
            )

    def _measured(
        self,
        ctx: Context,
        tree: Tree,
        checked: tuple[Checked, ...],
        *,
        tool: Tool,
        here: Here | None,
    ) -> StageResult:
        runs = tsc_measured.related(checked, tree, here)
        self._refuse_built(ctx, tree, runs)
        files = tree.sources.union(*(run.files & tree.files for run in runs))
        told: Mapping[str, Surveyed] = {}
        if self.options.annotations:
            told = _surveyed(ctx, files)
        else:
            ctx.note("`annotations: false`: neither `any` nor functions without types are counted")
        said = {
            path: Said(
                comments=typescript_comments.read((ctx.root / path).read_bytes()),
                surveyed=told.get(path),
            )
            for path in sorted(files)
        }
        return tsc_measured.measured(runs, tree, said=said, tool=tool)


def _tree(ctx: Context) -> Tree:
    tree = Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files(*PATTERNS)),
        sources=frozenset(ctx.sources(*SUFFIXES).files),
    )
    given_parts.refuse_unprovable(tree)
    return tree


def _text(ctx: Context, tool: Tool, project: str) -> bytes:
    """What `written_by` would have written of a project.

    Results that an earlier run left are not taken: where they would be kept there are none.
    """
    memory = ctx.out / f"{project.replace('/', '-')}.tsbuildinfo"
    fresh = ("--incremental", "--tsBuildInfoFile", str(memory))
    done = ctx.run(tool, *PRINTING, *QUIET, *fresh, "--project", project, ok=FOUND)
    shown = ctx.run(tool, "--showConfig", "--project", project, ok=FOUND)
    if not shown.stdout.startswith(b"{"):
        tsc_measured.refuse_configuration(tsc_text.messages(shown.stdout, what="tsc"))
    version = f"Version {_version(tool)}".encode()
    text = b"\n".join((version, shown.stdout.strip(), done.stdout, b""))
    told = sum(len(one.messages) for one in tsc_text.parse(text, what="tsc"))
    if bool(done.exit_code) != bool(told):
        summary = f"tsc ended with exit code {done.exit_code} and {told} messages"
        raise OutputUnreadable("contradiction", summary, place="tsc")
    return text


def _surveyed(ctx: Context, files: frozenset[str]) -> Mapping[str, Surveyed]:
    """What the project's own TypeScript tells of these files."""
    tool = ctx.tool("tsc")
    folder = _package(tool)
    if Git(ctx.root).is_tracked(folder):
        raise StageError(
            "tool-in-checkout",
            f"the TypeScript in `{folder}` was brought by the checkout, so it proves nothing",
            hint="install typescript from its registry",
            place=str(folder),
        )
    which = typescript_survey.compiler(str(folder), _version(tool))
    program, asked, answer = (
        ctx.out / name for name in (typescript_survey.NAME, "survey-asked.json", "survey.json")
    )
    root = str(ctx.root)
    write_atomic(program, typescript_survey.PROGRAM)
    write_atomic(
        asked, typescript_survey.request(which, root=root, folder=str(ctx.out), files=files)
    )
    done = ctx.run(ctx.tool("node"), str(program), str(asked))
    write_atomic(answer, done.stdout)
    data = ctx.report(answer).data
    return typescript_survey.parse(data, which=which, root=root, files=files)


def _package(tool: Tool) -> Path:
    """The folder of the package that the program is of: it lies in its `bin`."""
    return Path(_started(tool)).parent.parent


def _version(tool: Tool) -> str:
    return tool.version or package_version(_started(tool)) or "unknown"


def _started(tool: Tool) -> str:
    return started_file(tool.path) if os.path.lexists(tool.path) else tool.path
