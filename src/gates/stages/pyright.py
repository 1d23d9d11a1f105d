"""`pyright`: static types of Python with pyright, by the project's own configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import (
    pyright_comments,
    pyright_config,
    pyright_given,
    pyright_json,
    python_annotations,
)
from gates.formats.counts import TYPED, counted
from gates.formats.pyright_config import Layer, PyrightConfig
from gates.formats.pyright_result import Checked, Source, finding, measured
from gates.formats.tool_paths import Tree, arguments
from gates.plugin import (
    Completed,
    Context,
    Default,
    OutputUnreadable,
    Report,
    ReportOptions,
    Stage,
    StageError,
    StageResult,
    ToolMissing,
)
from gates.toolkit.files import write_atomic
from gates.toolkit.sources import matches

PYTHON = ("**/*.py", "**/*.pyi")
PACKAGES = ("**/*requirements*.txt", "**/pylock*.toml", "**/*.lock", "Pipfile*", "setup.py")
"""What says which packages are installed: types of what is imported come from them."""

ENVIRONMENT = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "npm_config_offline": "true"}
"""The package on PyPI is to tell nothing of newer versions, and to download none in a gate."""

CONFIGURATION_EXIT = 3
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PyrightOptions(ReportOptions):
    """Options of `pyright`."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={"help": "files, folders and globs to check; else `sources`", "stricter": "wider"},
    )
    log: str = field(
        default="",
        metadata={
            "help": "what `pyright --verbose --stats` printed in the step that wrote `report`: it"
            " names the files, of which the report only tells the number"
        },
    )


class Pyright(Stage[PyrightOptions]):
    """Types: errors, explicit `Any`, functions without types, and whether strict mode holds.

    Pyright reports neither `Any` nor, outside strict mode, functions without types: both are
    counted here, in each file's syntax tree, as mypy counts them.
    """

    uses = "pyright"
    title = "types"
    options_type = PyrightOptions
    metrics = (
        counted("errors", "type errors", "errors"),
        counted("warnings", "type warnings", "warnings"),
        *TYPED,
        counted("ignores", "`type: ignore` and `pyright: ignore` comments", "such comments"),
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
        "no file was checked, or no source among them",
        "a file could not be parsed",
        "a file that was handed over was not checked",
        "the configuration could not be understood, or lies above the repository",
        "the exit code, the sums and the diagnostics contradict each other",
        "a given report does not count the files that the configuration includes",
        "the log of a given report does not name a source",
        "a given report, or its log, names what is no file of the project",
    )
    programs = ("pyright",)
    written_by = "pyright --outputjson > pyright.json"

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            ValueError: `paths` is given with `report`, or `log` without it.
        """
        if self.given and self.options.paths:
            raise ValueError("`paths` is for a run, and `report` takes its place")
        if self.options.log and not self.given:
            raise ValueError("`log` belongs to a `report`, and none is named")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, since types follow imports, and whatever configures pyright."""
        names = (f"**/{name}" for name in pyright_config.NAMES)
        found = ctx.files(*PYTHON, *names, "**/py.typed", *PACKAGES)
        chain = (os.path.relpath(path, ctx.root) for path, _ in _chain(ctx))
        return tuple(sorted({*found, *(path for path in chain if not path.startswith("../"))}))

    def run(self, ctx: Context) -> StageResult:
        """Check each file by name, after reading what it says by itself."""
        tree, chain = _tree(ctx), _chain(ctx)
        config = pyright_config.merged([layer for _, layer in reversed(chain)])
        sources = _sources(ctx, self._paths(tree), tree, config)
        if not sources:
            raise StageError("nothing-examined", "there is no Python source to check")
        options = (
            *((f"--project={chain[0][0]}",) if chain else ()),
            *(() if config.names_environment else _interpreter(ctx)),
        )
        done = _checked(ctx, *options, *arguments(tuple(sources)))
        if done.stdout:
            report = ctx.out / pyright_json.NAME
            write_atomic(report, done.stdout)
            ctx.report(report)
        own = 0
        if done.exit_code != CONFIGURATION_EXIT and pyright_json.parse(done.stdout).counts_its_own:
            alone = _checked(ctx, *options, str(ctx.plant("plain.py", b"X: int = 1\n")))
            own = pyright_json.parse(alone.stdout).files - 1
        return parse(done, tree, sources=sources, config=config, own=own)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports, beside the log that names the files where there is one."""
        tree = _tree(ctx)
        config = pyright_config.merged([layer for _, layer in reversed(_chain(ctx))])
        name = self.options.log
        log = (name, ctx.given_report(name).data) if name else None
        project = pyright_given.Project(
            tree=tree, config=config, is_there=lambda path: (ctx.root / path).is_file()
        )
        told = [(one.name, one.data) for one in reports]
        checked = pyright_given.merged(told, log, project)
        ctx.note(pyright_given.UNTOLD)
        if log is None:
            ctx.note(pyright_given.UNNAMED)
        sources = _sources(ctx, checked.files & tree.sources, tree, config)
        return measured(checked, tree, sources=sources, config=config)

    def _paths(self, tree: Tree) -> frozenset[str]:
        """The files to check: the sources, or what `paths` names among the project's files."""
        if not self.options.paths:
            return tree.sources
        found: set[str] = set()
        for given in self.options.paths:
            pattern = given.removeprefix("./").rstrip("/") or "."
            named = {path for path in tree.files if matches(path, pattern)}
            if not named:
                summary = f"`{given}`: no Python file of the project is there"
                raise StageError("path-missing", summary, hint="see `paths`", place=given)
            found |= named
        return frozenset(found)


def _checked(ctx: Context, *more: str) -> Completed:
    tool, ok = ctx.tool("pyright"), (0, 1, CONFIGURATION_EXIT)
    return ctx.run(tool, "--outputjson", *more, ok=ok, env=ENVIRONMENT)


def parse(
    done: Completed, tree: Tree, *, sources: dict[str, Source], config: PyrightConfig, own: int = 0
) -> StageResult:
    """Read pyright's JSON beside what the files say by themselves.

    Args:
        done: the run; exit code 0, 1 or 3.
        tree: the project's Python files.
        sources: the files that were handed over.
        config: the project's configuration of pyright.
        own: how many files of its own it counts as checked.

    Raises:
        OutputUnreadable: the report, the exit code and the files do not tell one story.
        StageError: pyright could not read its configuration, or no source was checked.
    """
    if done.exit_code == CONFIGURATION_EXIT:
        first = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:200]
        summary = (
            f"pyright ended with exit code {CONFIGURATION_EXIT}, and says: {first or 'nothing'}"
        )
        raise StageError(
            "bad-configuration", summary, hint="mend its configuration", place="pyright"
        )
    report = pyright_json.parse(done.stdout)
    told = tuple(finding(one, tree.relative(one.path)) for one in report.diagnostics)
    if (done.exit_code == 1) != any("errors" in one.counts for one in told):
        summary = f"pyright ended with exit code {done.exit_code} and {len(told)} diagnostics"
        raise OutputUnreadable("contradiction", summary, place="pyright")
    if report.files - own != len(sources):
        summary = f"pyright was given {len(sources)} files and checked {report.files - own}"
        hint = "see `exclude` and `ignore` in its configuration, or name the files by `sources`"
        raise OutputUnreadable("contradiction", summary, hint=hint, place="pyright")
    if not tree.sources & sources.keys():
        raise StageError("nothing-examined", "pyright checked none of the project's sources")
    checked = Checked(
        diagnostics=told,
        files=frozenset(sources),
        tool=replace(done.tool, version=report.version),
        notes=_complaints(done.stderr),
    )
    return measured(checked, tree, sources=sources, config=config)


def _chain(ctx: Context) -> tuple[tuple[str, Layer], ...]:
    """The project's configuration with those that it extends, each with its path, its own first."""
    path = _found(ctx.root)
    chain: list[tuple[str, Layer]] = []
    while path is not None and all(path != known for known, _ in chain):
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            summary = f"pyright's configuration cannot be read: {error.strerror}"
            raise StageError("bad-configuration", summary, place=path) from None
        settings = pyright_config.parse(data, name=path) or {}
        chain.append((path, Layer(folder=str(Path(path).parent), settings=settings)))
        path = pyright_config.extended(chain[-1][1])
    return tuple(chain)


def _found(root: Path) -> str | None:
    """The configuration as pyright finds it; one above the repository is refused."""
    folders = (root, *root.parents)
    top = next((folder for folder in folders if (folder / ".git").exists()), root)
    plain, toml = (
        next((folder / name for folder in folders if (folder / name).is_file()), None)
        for name in pyright_config.NAMES
    )
    if toml and pyright_config.parse(toml.read_bytes(), name=str(toml)) is None:
        toml = None
    own = next((one for one in (plain, toml) if one and one.is_relative_to(top)), None)
    foreign = plain or toml
    if own is None and foreign is not None:
        raise StageError(
            "foreign-configuration",
            f"pyright would obey `{foreign}`, which is no part of the project",
            hint="give the project its own: an empty `[tool.pyright]` in pyproject.toml will do",
            place=str(foreign),
        )
    return str(own) if own is not None else None


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files(*PYTHON)),
        sources=frozenset(ctx.sources(".py", ".pyi").files),
    )


def _sources(
    ctx: Context, paths: frozenset[str], tree: Tree, config: PyrightConfig
) -> dict[str, Source]:
    """What those of the files say by themselves about which pyright does."""
    texts = {path: (ctx.root / path).read_bytes() for path in tree.files}
    among = python_annotations.project(iter(texts.items()))
    return {
        path: Source(
            comments=pyright_comments.read(texts[path], name=path),
            annotations=python_annotations.read(texts[path], name=path, among=among),
        )
        for path in sorted(paths)
        if not config.excludes(f"{ctx.root}/{path}") and not config.ignores(f"{ctx.root}/{path}")
    }


def _interpreter(ctx: Context) -> tuple[str, ...]:
    """The project's interpreter, in whose packages imports are looked up."""
    try:
        return (f"--pythonpath={ctx.tool('python').path}",)
    except ToolMissing:
        return ()


def _complaints(log: bytes) -> tuple[str, ...]:
    lines = log.decode("utf-8", "replace").splitlines()
    complaints = [line[:200] for line in lines if line.startswith(("Config", "venv", "stubPath"))]
    return tuple(f"pyright says: {complaint}" for complaint in complaints[:SHOWN])
