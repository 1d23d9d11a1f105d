"""`pylint`: lint of Python files with pylint, by the project's own configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import (
    given_parts,
    pylint_canary,
    pylint_config,
    pylint_given,
    pylint_json,
    pylint_result,
    pylint_witness,
)
from gates.formats.chosen_files import choose
from gates.formats.counts import counted
from gates.formats.pylint_canary import Planted
from gates.formats.pylint_config import NAMES
from gates.formats.pylint_json import Message
from gates.formats.pylint_result import SEVERITIES, SKIPPED
from gates.formats.pylint_witness import SUPPRESSED
from gates.formats.tool_paths import Tree, arguments, some
from gates.plugin import (
    EVERYWHERE,
    Completed,
    Context,
    Default,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit.files import write_atomic

WORST_EXIT = 31
ERRORS_ONLY = "errors-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class PylintOptions(ReportOptions):
    """Options of `pylint`."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={"help": "files and folders to lint; else `sources`", "stricter": "wider"},
    )
    log: str = field(
        default="",
        metadata={"help": "what the runs behind `report` wrote to standard output by `--verbose`"},
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
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "no file was linted",
        "a file or the configuration could not be read or parsed",
        "no rule is enabled, or nothing is reported of a planted file that breaks them",
        "pylint does not name the files that it examined",
        "the exit code, the counts and the messages contradict each other",
        "the log beside a given report does not name a source, or does not fit the report",
    )
    programs = ("pylint",)
    reports_may_repeat = True
    written_by = (
        "pylint --recursive=y --jobs=1 --verbose --enable=F,E0001,I0013 --output-format=json2"
        " --output=out/pylint.json src > out/pylint.log"
    )
    sample = Sample(
        files={
            "pylintrc": "[MAIN]\ndisable=C\n",
            "src/a.py": "import os\n\nprint(os.name)\n",
            "src/b.py": "print(1)\n",
        },
        faulty={"src/a.py": "import os\n", "src/b.py": "print(undefined_name)\n"},
        vital=("src/a.py", "src/b.py"),
    )

    def check(self) -> None:
        """Refuse a report without its log, and options of a run beside one.

        Raises:
            ValueError: one of the two stands without the other, or `paths` beside them.
        """
        given_parts.refuse_alone(self.given, self.options.log, written_by=self.written_by)
        given_parts.refuse_paths(self.given, is_set=bool(self.options.paths))

    def specs(self) -> tuple[MetricSpec, ...]:
        """The metrics; a given report does not tell what comments suppress."""
        return tuple(one for one in self.metrics if not self.given or one.name != "suppressed")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, since inference follows imports, and whatever configures pylint."""
        return ctx.files("**/*.py", "**/*.pyi", *NAMES)

    def run(self, ctx: Context) -> StageResult:
        """Lint each file by name, with a plugin that names what was examined.

        What `ignore` leaves out is only known afterwards, and then dropped.
        """
        tree = _tree(ctx)
        paths = self.options.paths
        chosen = choose(tree.files, paths) if paths else tuple(sorted(tree.sources))
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
        handed = tuple(
            path for path in chosen if not pylint_config.is_below_ignored(path, settings)
        )
        if pylint_config.asks_for_errors_only((ctx.root / path).read_bytes()):
            settings = {**settings, ERRORS_ONLY: True}
        canary = Planted(path=planted, rules=rules)
        return parse(done, data, tree, handed=handed, settings=settings, canary=canary)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports beside what the same runs said, which names what was linted."""
        tree = _tree(ctx)
        given_parts.refuse_unprovable(tree)
        log = self.options.log
        config = _config(ctx)
        told = pylint_given.merged(
            [(one.name, one.data) for one in reports],
            (log, ctx.given_report(log).data),
            tree,
            lambda path: (ctx.root / path).read_bytes(),
            ignores=pylint_config.ignores(config, (ctx.root / config).read_bytes()),
            written_by=self.written_by,
        )
        pylint_result.refuse_unknown(told.messages)
        pylint_json.refuse_unreadable(told.messages, tree)
        if not told.examined:
            summary = f"`skip-file` comments hide each file: {some(told.skipped)}"
            raise StageError("nothing-examined", summary, hint="take the comments out")
        ctx.note(pylint_given.UNKNOWN)
        tool = Tool(name="pylint", version="", how="a given report")
        return pylint_result.measured(told.messages, told.examined, told.skipped, tree, tool)


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
    pylint_json.refuse_unreadable(told, tree)
    examined = frozenset(
        tree.relative(message.path) for message in told if message.code == pylint_witness.EXAMINED
    )
    if not examined:
        raise _nothing(handed, settings)
    proved, doubts = canary.proved(messages, settings)
    skipped = frozenset(tree.relative(m.path) for m in told if m.code == SKIPPED)
    result = pylint_result.measured(told, examined, skipped, tree, done.tool)
    suppressed = count("suppressed", sum(map(pylint_witness.tells_suppression, told)))
    return replace(
        result,
        metrics=(*result.metrics, suppressed),
        examined=replace(result.examined, details=(("rules", len(canary.rules)),)),
        notes=(*result.notes, *doubts),
        canary=f"a file with {len(proved)} kinds of defects, found by their rules"
        if proved
        else "",
    )


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files("**/*.py")),
        sources=frozenset(ctx.sources(".py").files),
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


def _refuse_contradiction(
    done: Completed, messages: tuple[Message, ...], settings: Mapping[str, object]
) -> None:
    """Hold the bits of the exit code against the categories of the messages."""
    pylint_result.refuse_unknown(messages)
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
