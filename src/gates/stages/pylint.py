"""`pylint`: lint of Python files with pylint, by the project's own configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import pylint_canary, pylint_config, pylint_json, pylint_witness
from gates.formats.chosen_files import choose
from gates.formats.counts import counted
from gates.formats.pylint_canary import Planted
from gates.formats.pylint_config import NAMES
from gates.formats.pylint_json import Message
from gates.formats.tool_paths import Tree, arguments, left_out, some
from gates.plugin import (
    Completed,
    Context,
    Default,
    Examined,
    Finding,
    Options,
    OutputUnreadable,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    count,
)
from gates.toolkit.files import write_atomic

SEVERITIES: dict[str, tuple[Severity, tuple[str, ...], int]] = {
    "fatal": (Severity.HIGH, ("errors",), 1),
    "error": (Severity.HIGH, ("errors",), 2),
    "warning": (Severity.MEDIUM, ("warnings",), 4),
    "refactor": (Severity.LOW, ("warnings",), 8),
    "convention": (Severity.LOW, ("warnings",), 16),
    "info": (Severity.INFO, (), 0),
}
"""Pylint's words, the metric that counts them, and their bit in its exit code."""

UNREADABLE = frozenset({"E0001", "F0001", "F0002", "F0010", "F0011"})
"""Messages that say that a file or the configuration could not be read: it was not examined."""

SUPPRESSED, SKIPPED = pylint_witness.SUPPRESSED, "I0013"
WORST_EXIT = 31
ERRORS_ONLY = "errors-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class PylintOptions(Options):
    """Options of `pylint`."""

    paths: tuple[str, ...] = field(
        default=(), metadata={"help": "files and folders to lint; else `sources`"}
    )


class Pylint(Stage[PylintOptions]):
    """Lint: every message counts by its category; the score is not used."""

    uses = "pylint"
    title = "lint"
    options_type = PylintOptions
    metrics = (
        counted("errors", "lint errors", "errors"),
        counted("warnings", "lint warnings, conventions and refactorings", "warnings"),
        counted("suppressed", "messages that comments suppress", "suppressed messages"),
    )
    defaults = (Default(text="errors == 0"), Default(text="warnings == 0"))
    criteria = ("L1-LINT",)
    examines = "files"
    errored_when = (
        "no file was linted",
        "a file or the configuration could not be read or parsed",
        "no rule is enabled, or nothing is reported of a planted file that breaks them",
        "pylint does not name the files that it examined",
        "the exit code, the counts and the messages contradict each other",
    )
    programs = ("pylint",)
    sample = Sample(
        files={
            "pylintrc": "[MAIN]\ndisable=C\n",
            "src/a.py": "import os\n\nprint(os.name)\n",
            "src/b.py": "print(1)\n",
        },
        faulty={"src/a.py": "import os\n", "src/b.py": "print(undefined_name)\n"},
        vital=("src/a.py", "src/b.py"),
    )

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, since inference follows imports, and whatever configures pylint."""
        return ctx.files("**/*.py", "**/*.pyi", *NAMES)

    def run(self, ctx: Context) -> StageResult:
        """Lint each file by name, with a plugin that names what was examined.

        What `ignore` leaves out is only known afterwards, and then dropped.
        """
        sources = ctx.sources(".py").files
        tree = Tree(
            roots=(str(ctx.root), os.path.realpath(ctx.root)),
            files=frozenset(ctx.files("**/*.py")),
            sources=frozenset(sources),
        )
        chosen = choose(tree.files, self.options.paths) if self.options.paths else sources
        if not chosen:
            raise StageError("nothing-examined", "there is no Python file to lint")
        path = _config(ctx)
        config = f"--rcfile={path}"
        tool = ctx.tool("pylint")
        planted = str(ctx.plant(pylint_canary.NAME, pylint_canary.TEXT))
        done, data = _lint(ctx, config, (planted, *chosen))
        rules = pylint_witness.enabled_rules(ctx.run(tool, config, "--list-msgs-enabled").stdout)
        if not rules:
            raise StageError(
                "no-rule",
                "pylint enables no rule",
                hint="see `disable` and `enable` in its configuration",
                place="pylint",
            )
        generated = ctx.run(tool, config, "--generate-toml-config").stdout
        settings = pylint_witness.settings(generated)
        handed = tuple(path for path in chosen if not _below_ignored(path, settings))
        if pylint_config.asks_for_errors_only((ctx.root / path).read_bytes()):
            settings = {**settings, ERRORS_ONLY: True}
        canary = Planted(path=planted, rules=rules)
        return parse(done, data, tree, handed=handed, settings=settings, canary=canary)


def parse(
    done: Completed,
    data: bytes,
    tree: Tree,
    *,
    handed: tuple[str, ...],
    settings: Mapping[str, object],
    canary: Planted,
) -> StageResult:
    """Read pylint's JSON with the witness's messages in it.

    Args:
        done: the run; exit code 0 to 31.
        data: its report.
        tree: the project's Python files.
        handed: the files that were handed over, without those that are to be dropped.
        settings: pylint's settings in force.
        canary: the planted file, which was handed over too.

    Raises:
        OutputUnreadable: the messages, the counts and the exit code do not tell one story.
        StageError: a file was not readable or not Python, none was linted, or nothing was reported
            of the planted one.
    """
    messages = pylint_json.parse(data, what="pylint.json")
    _refuse_contradiction(done, messages, settings)
    asked = frozenset(handed)
    # A package that is handed over brings its other modules, which nobody asked for.
    told = tuple(one for one in canary.others(messages) if _is_asked_for(one, tree, asked))
    _refuse_unreadable(told, tree)
    examined = frozenset(
        tree.relative(message.path) for message in told if message.code == pylint_witness.EXAMINED
    )
    if not examined:
        raise _nothing(handed, settings)
    proved, doubts = canary.proved(messages, settings)
    skipped = frozenset(tree.relative(m.path) for m in told if m.code == SKIPPED)
    own = {pylint_witness.EXAMINED, SKIPPED, SUPPRESSED}
    findings = tuple(_finding(message, tree) for message in told if message.code not in own)
    hidden = skipped & tree.sources
    notes = (f"hidden by a `skip-file` comment: {some(hidden)}",) if hidden else ()
    return StageResult(
        metrics=(
            *(count(n, sum(n in f.counts for f in findings)) for n in ("errors", "warnings")),
            count("suppressed", sum(map(pylint_witness.tells_suppression, told))),
        ),
        examined=Examined(
            count=len(examined),
            unit="files",
            excluded=len(tree.files - examined),
            details=(("rules", len(canary.rules)),),
        ),
        findings=findings,
        tool=done.tool,
        notes=(*left_out(tree.sources - examined - hidden, did="linted"), *notes, *doubts),
        canary=f"a file with {len(proved)} kinds of defects, found by their rules"
        if proved
        else "",
    )


def _config(ctx: Context) -> str:
    """The configuration as pylint finds it: the project's, else a pyproject.toml up to git's.

    An empty one in its place keeps those of the user and of the machine away.
    """
    for name in NAMES:
        if _is_for_pylint(ctx.root / name):
            return name
    for folder in (ctx.root, *ctx.root.parents):
        path = folder / "pyproject.toml"
        if _is_for_pylint(path):
            return str(path)
        if (folder / ".git").exists():
            break
    empty = ctx.out / "pylintrc"
    write_atomic(empty, b"")
    return str(empty)


def _is_for_pylint(path: Path) -> bool:
    return path.is_file() and pylint_config.is_for_pylint(path.name, path.read_bytes())


def _below_ignored(path: str, settings: Mapping[str, object]) -> bool:
    """Whether `ignore` names a folder above the file; pylint only asks that where it walks."""
    ignored = settings.get("ignore")
    return isinstance(ignored, list) and any(part in ignored for part in path.split("/")[:-1])


def _lint(ctx: Context, config: str, handed: tuple[str, ...]) -> tuple[Completed, bytes]:
    """One run that keeps no statistics, and its report.

    The evaluation makes the exit code say what was found, whatever score the project asks for.
    """
    path = ctx.out / "pylint.json"
    plugin = ctx.plant(f"{pylint_witness.MODULE}.py", pylint_witness.TEXT.encode())
    done = ctx.run(
        ctx.tool("pylint"),
        config,
        f"--load-plugins={pylint_witness.MODULE}",
        f"--confidence={pylint_witness.CONFIDENCE}",
        f"--enable=F,E0001,{pylint_witness.EXAMINED},{SUPPRESSED},{SKIPPED}",
        "--output-format=json2",
        f"--output={path}",
        "--persistent=n",
        "--reports=n",
        "--fail-under=10",
        "--evaluation=0 if fatal + error + warning + refactor + convention else 10",
        "--",
        *arguments(handed),
        ok=tuple(range(WORST_EXIT + 1)),
        env={"PYTHONPATH": str(plugin.parent)},
    )
    return done, ctx.report(path).data


def _is_asked_for(message: Message, tree: Tree, handed: frozenset[str]) -> bool:
    """Whether it is about a file that was handed over, or about none, or about several."""
    path = tree.relative(message.path)
    is_of_none = not path.endswith((".py", ".pyi"))
    return path in handed or is_of_none or message.code in pylint_canary.CROSS_FILE


def _refuse_unreadable(messages: tuple[Message, ...], tree: Tree) -> None:
    bad = [message for message in messages if message.code in UNREADABLE]
    if bad:
        first = bad[0]
        place = tree.relative(first.path)
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise StageError(
            "file-unreadable",
            f"pylint could not examine `{place}`: {first.text}{more}",
            hint="mend it, or leave it out by `ignore-paths` in pylint's configuration",
            place=f"{place}:{first.line}" if first.line else place,
        )


def _refuse_contradiction(
    done: Completed, messages: tuple[Message, ...], settings: Mapping[str, object]
) -> None:
    """Hold the bits of the exit code against the categories of the messages."""
    unknown = {message.category for message in messages} - SEVERITIES.keys()
    if unknown:
        summary = f"pylint calls a message `{min(unknown)}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="pylint")
    bits = 0
    for message in messages:
        bits |= SEVERITIES[message.category][2]
    allowed = {bits}
    if settings.get("exit-zero") is True:
        allowed = {0}
    elif settings.get("fail-on") and not bits:
        allowed = {0, 1}  # a message that is only information fails the run by 1 then
    if done.exit_code not in allowed:
        summary = f"pylint ended with exit code {done.exit_code}, and its messages mean {bits}"
        raise OutputUnreadable("contradiction", summary, place="pylint")


def _nothing(paths: tuple[str, ...], settings: Mapping[str, object]) -> StageError:
    if settings.get(ERRORS_ONLY):
        return StageError(
            "nothing-examined",
            "`errors-only` in pylint's configuration also switches off what proves its work",
            hint="write `disable=all` and `enable=E,F` in its place",
            place="pylint",
        )
    return StageError(
        "nothing-examined",
        f"pylint linted none of the files: {some(paths)}",
        hint="see `ignore`, `ignore-paths` and `ignore-patterns` in its configuration, and"
        " `skip-file` comments",
        place="pylint",
    )


def _finding(message: Message, tree: Tree) -> Finding:
    severity, counts, _ = SEVERITIES[message.category]
    return Finding(
        rule=message.code,
        severity=severity,
        message=message.text,
        path=tree.relative(message.path) if message.path else "",
        line=message.line,
        column=message.column,
        counts=counts,
        aliases=(message.symbol,),
        confidence=message.confidence.lower(),
    )
