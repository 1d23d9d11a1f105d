"""`pyright`: static types of Python with pyright, by the project's own configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import pyright_comments, pyright_config, pyright_json, python_annotations
from gates.formats.counts import TYPED, counted
from gates.formats.pyright_comments import Comments
from gates.formats.pyright_config import Layer, PyrightConfig
from gates.formats.pyright_json import Diagnostic
from gates.formats.python_annotations import Annotations, Project
from gates.formats.tool_paths import Tree, arguments, some
from gates.plugin import (
    Completed,
    Context,
    Default,
    Examined,
    Finding,
    Options,
    OutputUnreadable,
    Severity,
    Stage,
    StageError,
    StageResult,
    ToolMissing,
    count,
    flag,
)
from gates.toolkit.files import write_atomic
from gates.toolkit.sources import matches

SEVERITIES: dict[str, tuple[Severity, tuple[str, ...]]] = {
    "error": (Severity.HIGH, ("errors",)),
    "warning": (Severity.MEDIUM, ("warnings",)),
    "information": (Severity.INFO, ()),
}
"""Pyright's words, and the metric that counts them."""

PYTHON = ("**/*.py", "**/*.pyi")
PACKAGES = ("**/*requirements*.txt", "**/pylock*.toml", "**/*.lock", "Pipfile*", "setup.py")
"""What says which packages are installed: types of what is imported come from them."""

ENVIRONMENT = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "npm_config_offline": "true"}
"""The package on PyPI is to tell nothing of newer versions, and to download none in a gate."""

CONFIGURATION_EXIT = 3
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PyrightOptions(Options):
    """Options of `pyright`."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={"help": "files, folders and globs to check; else `sources`"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a file says by itself, beside what pyright says about it.

    Attributes:
        comments: what its comments tell pyright.
        annotations: what its annotations lack or give away.
    """

    comments: Comments
    annotations: Annotations


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
    )
    programs = ("pyright",)

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, since types follow imports, and whatever configures pyright."""
        names = (f"**/{name}" for name in pyright_config.NAMES)
        found = ctx.files(*PYTHON, *names, "**/py.typed", *PACKAGES)
        chain = (os.path.relpath(path, ctx.root) for path, _ in _chain(ctx))
        return tuple(sorted({*found, *(path for path in chain if not path.startswith("../"))}))

    def run(self, ctx: Context) -> StageResult:
        """Check each file by name, after reading what it says by itself."""
        tree = Tree(
            roots=(str(ctx.root), os.path.realpath(ctx.root)),
            files=frozenset(ctx.files(*PYTHON)),
            sources=frozenset(ctx.sources(".py", ".pyi").files),
        )
        chain = _chain(ctx)
        config = pyright_config.merged([layer for _, layer in reversed(chain)])
        among = python_annotations.project(
            (one, (ctx.root / one).read_bytes()) for one in tree.files
        )
        sources = {
            path: _source(ctx.root, path, among)
            for path in sorted(self._paths(tree))
            if not config.excludes(f"{ctx.root}/{path}")
            and not config.ignores(f"{ctx.root}/{path}")
        }
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
    told = tuple(_finding(one, tree) for one in report.diagnostics)
    if (done.exit_code == 1) != any("errors" in one.counts for one in told):
        summary = f"pyright ended with exit code {done.exit_code} and {len(told)} diagnostics"
        raise OutputUnreadable("contradiction", summary, place="pyright")
    if report.files - own != len(sources):
        summary = f"pyright was given {len(sources)} files and checked {report.files - own}"
        hint = "see `exclude` and `ignore` in its configuration, or name the files by `sources`"
        raise OutputUnreadable("contradiction", summary, hint=hint, place="pyright")
    checked = tree.sources & sources.keys()
    if not checked:
        raise StageError("nothing-examined", "pyright checked none of the project's sources")
    findings = (*told, *_own_findings(sources))
    root = tree.roots[0]
    lax = config.laxities((f"{root}/{one}", one, sources[one].comments) for one in sorted(checked))
    return StageResult(
        metrics=(
            *(
                count(name, sum(name in one.counts for one in findings))
                for name in ("errors", "warnings", "any", "untyped")
            ),
            flag("strict", holds=not lax and checked == tree.sources),
            count("ignores", sum(one.comments.ignores for one in sources.values())),
        ),
        examined=Examined(
            count=len(sources), unit="files", excluded=len(tree.files - sources.keys())
        ),
        findings=findings,
        tool=replace(done.tool, version=report.version),
        notes=_notes(done.stderr, lax, tree.sources - checked),
    )


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


def _source(root: Path, path: str, among: Project) -> Source:
    data = (root / path).read_bytes()
    return Source(
        comments=pyright_comments.read(data, name=path),
        annotations=python_annotations.read(data, name=path, among=among),
    )


def _interpreter(ctx: Context) -> tuple[str, ...]:
    """The project's interpreter, in whose packages imports are looked up."""
    try:
        return (f"--pythonpath={ctx.tool('python').path}",)
    except ToolMissing:
        return ()


def _finding(entry: Diagnostic, tree: Tree) -> Finding:
    if entry.severity not in SEVERITIES:
        summary = f"pyright calls a diagnostic `{entry.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="pyright")
    severity, counts = SEVERITIES[entry.severity]
    return Finding(
        rule=entry.rule or "pyright",
        severity=severity,
        message=entry.text,
        path=tree.relative(entry.path),
        line=entry.line,
        column=entry.column,
        counts=counts,
    )


def _own_findings(sources: dict[str, Source]) -> tuple[Finding, ...]:
    """What we count in the files, by the names of mypy's rules for it."""
    return tuple(
        Finding(
            rule=rule,
            severity=Severity.HIGH,
            message=message.format(place.text),
            path=path,
            line=place.line,
            column=place.column,
            counts=(metric,),
        )
        for path, source in sources.items()
        for rule, metric, message, places in (
            ("explicit-any", "any", "`{}` is an explicit Any", source.annotations.anys),
            ("no-untyped-def", "untyped", "{}", source.annotations.untyped),
        )
        for place in places
    )


def _notes(log: bytes, lax: tuple[str, ...], left_out: frozenset[str]) -> tuple[str, ...]:
    lines = log.decode("utf-8", "replace").splitlines()
    complaints = [line[:200] for line in lines if line.startswith(("Config", "venv", "stubPath"))]
    notes = [f"pyright says: {complaint}" for complaint in complaints[:SHOWN]]
    if lax:
        rest = len(lax) - SHOWN
        more = f" and {rest} more" if rest > 0 else ""
        notes.append(f"not strict: {'; '.join(lax[:SHOWN])}{more}")
    if left_out:
        notes.append(f"not strict: pyright does not check {some(left_out)}, by configuration")
    return tuple(notes)
