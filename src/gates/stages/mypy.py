"""`mypy`: static types of Python with mypy, by the project's own configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from gates.domain.errors import ToolCrashed
from gates.formats import mypy_comments, mypy_config, mypy_json
from gates.formats.counts import TYPED, counted
from gates.formats.mypy_comments import Comments
from gates.formats.mypy_config import MypyConfig
from gates.formats.mypy_json import Log, Message
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

SEVERITIES: dict[str, Severity] = {"error": Severity.HIGH, "note": Severity.INFO}
"""Mypy's words; only errors are counted."""

ASKED: dict[str, tuple[str, str]] = {
    "explicit-any": ("any", "disallow_any_explicit"),
    "no-untyped-def": ("untyped", "disallow_untyped_defs"),
}
"""Codes of errors that we ask for: the metric, and the flag by which the project asks for them."""

PACKAGES = ("**/*requirements*.txt", "**/pylock*.toml", "**/*.lock", "Pipfile*", "setup.py")
"""What says which packages are installed: types of what is imported come from them."""

BLOCKING_EXIT = 2
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MypyOptions(Options):
    """Options of `mypy`."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={"help": "what is checked; else what mypy's configuration names, else `sources`"},
    )
    strict: bool = field(
        default=False, metadata={"help": "add `--strict` to the project's configuration"}
    )


class Mypy(Stage[MypyOptions]):
    """Types: errors, explicit `Any`, functions without types, and whether strict mode holds."""

    uses = "mypy"
    title = "types"
    options_type = MypyOptions
    metrics = (
        counted("errors", "type errors", "errors"),
        *TYPED,
        counted("ignores", "`type: ignore` comments", "`type: ignore` comments"),
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
        "mypy does not say that it checked to the end",
        "the exit code and the messages contradict each other",
    )
    programs = ("mypy",)

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, since types follow imports, and whatever configures mypy."""
        return ctx.files("**/*.py", "**/*.pyi", *mypy_config.NAMES, "**/py.typed", *PACKAGES)

    def run(self, ctx: Context) -> StageResult:
        """Check, with the two questions of the criterion added to the project's own."""
        config = _config(ctx)
        tree = Tree(
            roots=(str(ctx.root), os.path.realpath(ctx.root)),
            files=frozenset(ctx.files("**/*.py", "**/*.pyi")),
            sources=frozenset(ctx.sources(".py", ".pyi").files),
        )
        paths = self._paths(config, tree)
        done = ctx.run(
            ctx.tool("mypy"),
            *self._arguments(ctx, config),
            *(("--", *arguments(paths)) if paths else ()),
            ok=(0, 1, BLOCKING_EXIT),
        )
        # The log goes with it: without an error, mypy prints nothing.
        report = ctx.out / "mypy.log"
        write_atomic(report, done.stdout + done.stderr)
        ctx.report(report)
        comments = _comments(ctx, done, tree)
        handed = () if self.options.paths else paths
        return parse(
            done, tree, comments=comments, config=config, strict=self.options.strict, handed=handed
        )

    def _paths(self, config: MypyConfig, tree: Tree) -> tuple[str, ...]:
        """What is handed over; empty where mypy's configuration names it by itself."""
        if self.options.paths:
            return self.options.paths
        if config.names_files and "/" not in config.name:
            return ()
        handed = tuple(sorted(path for path in tree.sources if not config.excludes(path)))
        if not handed:
            raise StageError("nothing-examined", "there is no Python source to check")
        return handed

    def _arguments(self, ctx: Context, config: MypyConfig) -> tuple[str, ...]:
        cache = ctx.kept_cache("mypy", ctx.files("**/*.py", "**/*.pyi"))
        added = (
            "--verbose",
            "--output=json",
            f"--config-file={config.name}",
            f"--cache-dir={cache}",
            "--disallow-any-explicit",
            "--disallow-untyped-defs",
            "--disallow-incomplete-defs",
            *(f"--enable-error-code={code}" for code in ASKED),
        )
        strict = ("--strict",) if self.options.strict else ()
        if "python_executable" in config.whole.texts:
            return (*added, *strict)
        return (*added, *strict, *_interpreter(ctx))


def parse(
    done: Completed,
    tree: Tree,
    *,
    comments: dict[str, Comments],
    config: MypyConfig,
    strict: bool = False,
    handed: tuple[str, ...] = (),
) -> StageResult:
    """Read mypy's JSON lines beside its log.

    Args:
        done: the verbose run; exit code 0, 1 or 2.
        tree: the project's Python files.
        comments: comments of each source file that was checked.
        config: the project's configuration of mypy.
        strict: the command line asked for strict mode.
        handed: the source files that were handed over one by one.

    Raises:
        ToolCrashed: exit code 2 without a file that is to blame.
        OutputUnreadable: the messages, the log and the exit code do not tell one story.
        StageError: a file was not Python, or no source was checked.
    """
    log = mypy_json.read_log(done.stderr)
    if done.exit_code == BLOCKING_EXIT:
        raise _blocked(done, log, tree)
    messages = mypy_json.parse(done.stdout)
    findings = tuple(_finding(message, tree, config, strict=strict) for message in messages)
    errors = sum(bool(finding.counts) for finding in findings)
    if (done.exit_code == 1) != bool(errors) or not log.is_finished:
        end = "its log has an end" if log.is_finished else "its log has no end"
        summary = f"mypy ended with exit code {done.exit_code} and {errors} errors, and {end}"
        raise OutputUnreadable("contradiction", summary, place="mypy")
    modules = {tree.relative(path): module for path, module in log.modules}
    lost = set(handed) - modules.keys()
    if lost:
        summary = f"mypy did not look at {some(lost)}, which it was given"
        raise OutputUnreadable("contradiction", summary, place="mypy")
    checked = tree.sources & modules.keys()
    if not checked:
        raise StageError("nothing-examined", "mypy checked none of the project's sources")
    lax = _laxities(config, comments, {modules[path] for path in checked}, strict=strict)
    return StageResult(
        metrics=(
            *(count(n, sum(n in f.counts for f in findings)) for n in ("errors", "any", "untyped")),
            flag("strict", holds=not lax and checked == tree.sources),
            count("ignores", sum(one.ignores for one in comments.values())),
        ),
        examined=Examined(
            count=len(modules), unit="files", excluded=len(tree.files - modules.keys())
        ),
        findings=findings,
        tool=done.tool,
        notes=_notes(log, lax, tree.sources - checked, config),
    )


def _config(ctx: Context) -> MypyConfig:
    """The configuration as mypy finds it: in the project's folder, else above it up to git's."""
    for folder in (ctx.root, *ctx.root.parents):
        for name in mypy_config.NAMES:
            path = folder / name
            if path.is_file():
                shown = name if folder == ctx.root else str(path)
                config = mypy_config.parse(path.read_bytes(), name=shown)
                if config is not None:
                    return config
        if (folder / ".git").exists():
            break
    return MypyConfig()


def _comments(ctx: Context, done: Completed, tree: Tree) -> dict[str, Comments]:
    """The comments of each source that was checked; none where mypy could not check."""
    if done.exit_code == BLOCKING_EXIT:
        return {}
    checked = {tree.relative(path) for path, _ in mypy_json.read_log(done.stderr).modules}
    return {
        path: mypy_comments.read((ctx.root / path).read_bytes(), name=path)
        for path in sorted(checked & tree.sources)
    }


def _interpreter(ctx: Context) -> tuple[str, ...]:
    """The project's interpreter, in whose packages imports are looked up."""
    try:
        return (f"--python-executable={ctx.tool('python').path}",)
    except ToolMissing:
        return ()


def _blocked(done: Completed, log: Log, tree: Tree) -> StageError:
    """What to raise for exit code 2: a file that could not be checked, else a crash."""
    try:
        messages = mypy_json.parse(done.stdout)
    except OutputUnreadable:  # a path or an option that it refuses is told in plain text
        messages = ()
    if messages:
        place = tree.relative(messages[0].path)
        return StageError(
            "file-unreadable",
            f"mypy could not check `{place}`: {messages[0].text}",
            hint="mend it, or leave it out of `sources`",
            place=f"{place}:{messages[0].line}:{messages[0].column}",
        )
    told = log.last or done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2]
    words = f": {told}" if told else ""
    return ToolCrashed("tool-crashed", f"`mypy` ended with exit code 2{words}", place="mypy")


def _finding(message: Message, tree: Tree, config: MypyConfig, *, strict: bool) -> Finding:
    if message.severity not in SEVERITIES:
        summary = f"mypy calls a message `{message.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="mypy")
    counts: tuple[str, ...] = ("errors",) if message.severity == "error" else ()
    if counts and message.code in ASKED:
        metric, asks = ASKED[message.code]
        is_own = config.is_on(asks) or (strict and mypy_config.STRICT.get(asks, False))
        counts = ("errors", metric) if is_own else (metric,)
    return Finding(
        rule=message.code or "mypy",
        severity=SEVERITIES[message.severity],
        message=message.text,
        path=tree.relative(message.path),
        line=message.line,
        column=message.column,
        counts=counts,
    )


def _laxities(
    config: MypyConfig, comments: dict[str, Comments], modules: set[str], *, strict: bool
) -> tuple[str, ...]:
    """Say what keeps strict mode from holding for every source."""
    lax = list(config.laxities(modules, strict=strict))
    for path, found in comments.items():
        if found.is_ignored:
            lax.append(f"a `type: ignore` hides all of `{path}`")
        if found.unchecked:
            lax.append(f"`no_type_check` hides a part of `{path}`")
        for setting in found.inline:
            weak = mypy_config.weakenings(mypy_config.inline(setting))
            lax += [f"{one} in `{path}`" for one in weak]
    return tuple(lax)


def _notes(
    log: Log, lax: tuple[str, ...], left_out: frozenset[str], config: MypyConfig
) -> tuple[str, ...]:
    notes = [f"mypy says: {complaint}" for complaint in log.complaints]
    if lax:
        rest = len(lax) - SHOWN
        more = f" and {rest} more" if rest > 0 else ""
        next_step = f"; set it in {_section(config)}" if mypy_config.NOT_SET in lax else ""
        notes.append(f"not strict: {'; '.join(lax[:SHOWN])}{more}{next_step}")
    if left_out:
        notes.append(f"not strict: mypy does not check {some(left_out)}, by configuration")
    return tuple(notes)


def _section(config: MypyConfig) -> str:
    """Where a setting for all modules stands, or would."""
    is_toml = not config.name or config.name.endswith(".toml")
    section = "[tool.mypy]" if is_toml else "[mypy]"
    return f"`{section}` of {config.name or 'pyproject.toml'}"
