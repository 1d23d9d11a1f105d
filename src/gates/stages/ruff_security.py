"""`ruff-security`: insecure Python code, found by the `S` rules of ruff: bandit's tests, fast."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from gates.formats import (
    insecure_samples,
    ruff_config,
    ruff_json,
    ruff_log,
    ruff_security,
    ruff_security_report,
    ruff_security_result,
)
from gates.formats import ruff_settings as settings_of
from gates.formats.counts import BY_SEVERITY, counted
from gates.formats.ruff_config import Choices
from gates.formats.ruff_security import Group, Part
from gates.formats.ruff_settings import Settings
from gates.formats.tool_paths import Tree, arguments, left_out
from gates.plugin import (
    Completed,
    Context,
    Default,
    MetricSpec,
    Report,
    ReportOptions,
    Role,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit import ruff_files
from gates.toolkit.ruff_files import CONFIGURATION

PLANTED = "planted.py"
"""Name of a file of known-bad code, alone in a folder outside the checkout."""

NO_FILE_IGNORES = "--config=lint.per-file-ignores={}"


TAKEN = frozenset({"suppressed", "ignored"})
"""Metrics of what is taken away, which a given report does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuffSecurityOptions(ReportOptions):
    """Options of `ruff-security`."""

    log: str = field(
        default="",
        metadata={"help": "what the runs behind `report` wrote to standard error with `--verbose`"},
    )


class RuffSecurity(Stage[RuffSecurityOptions]):
    """Insecure code by severity: those tests of bandit that ruff redoes, in a fraction of its time.

    Each source is named to ruff, so that what the lint leaves out by `exclude` is examined here;
    `sources: {exclude}` leaves out. What the project's `ignore` and `per-file-ignores` take away
    stays away, is told, and is counted.
    """

    uses = "ruff-security"
    title = "insecure code, by ruff"
    options_type = RuffSecurityOptions
    metrics = (
        *BY_SEVERITY,
        counted("suppressed", "findings that comments suppress", "suppressed findings"),
        counted("ignored", "findings that ruff's configuration ignores", "ignored findings"),
    )
    defaults = (
        Default(text="high == 0"),
        Default(text="unknown == 0"),
        Default(text="medium == 0", role=Role.WARN),
    )
    criteria = ("L1-SAST",)
    examines = "files"
    errored_when = (
        "no source file was examined",
        "a file could not be read or parsed",
        "no security rule is enabled for a source, or all are ignored for it",
        "ruff's configuration has it take Python for another language",
        "the name of a source holds a line break, so that ruff's log proves nothing of it",
        "ruff does not say which files it examined, or passes one over that it would examine",
        "the exit code and the diagnostics contradict each other",
        "it does not find the insecure code that is planted for it, as where no known rule is on",
        "the log beside a given report does not name a source, or does not fit the report",
    )
    programs = ("ruff",)
    reports_may_repeat = True
    written_by = (
        "ruff check --select S,E902 --no-cache --verbose --output-format json"
        " --output-file out/ruff-security.json . 2> out/ruff-security.log"
    )

    def check(self) -> None:
        """Refuse a report without its log: its JSON does not tell which files were examined.

        Raises:
            ValueError: one of the two stands without the other.
        """
        if bool(self.given) != bool(self.options.log):
            raise ValueError(
                f"`report` and `log` need each other; both are written by `{self.written_by}`"
            )

    def specs(self) -> tuple[MetricSpec, ...]:
        """The metrics; those of what is taken away only where it runs."""
        return tuple(of for of in self.metrics if not (self.given and of.name in TAKEN))

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """The sources, and whatever configures ruff."""
        extended = ruff_config.extended(_configuration(ctx))
        return (*ctx.sources(".py").files, *ctx.files(*CONFIGURATION, *extended))

    def run(self, ctx: Context) -> StageResult:
        """Examine all sources, and have each configuration find what is planted for it."""
        tree = _tree(ctx)
        files = tuple(sorted(tree.sources))
        ruff = _Calls(ctx, ctx.tool("ruff"), ruff_config.isolation(_configuration(ctx)))
        settings = _settings(ctx, ruff, tree)
        runs = []
        for at, group in enumerate(ruff.groups(files, settings), 1):
            done, data = ruff.report(f"ruff-security-{at}", group.choices, paths=group.files)
            runs.append((group, parse(done, data, tree)))
        missing = tree.sources.difference(*(part.examined for _, part in runs))
        if missing:
            shown = ruff.shown(files)
            settings_of.refuse_passed_over(missing, shown, tree, settings, of=settings_of.LINTER)
        looked = [(group, part) for group, part in runs if part.examined]
        if not looked:
            raise StageError("nothing-examined", "ruff examined no source", hint="see `exclude`")
        fewest = min(ruff_security.fewest(*each) for each in looked)
        canaries = [ruff.sees(*each) for each in looked]
        taken = [
            ruff_security.taken(group, part, ruff.everything(group, tree), tree)
            for group, part in looked
        ]
        examined = frozenset(path for _, part in looked for path in part.examined)
        entries = tuple(entry for _, part in looked for entry in part.entries)
        told = (
            *ruff_security.notes(looked),
            *ruff_security.silenced(examined, partial(_text, ctx)),
            *left_out(tree.sources - examined, did="examined"),
        )
        result = ruff_security_result.measured(examined, entries, tree, ruff.tool, notes=told)
        return replace(
            result,
            metrics=(
                *result.metrics,
                count("suppressed", sum(of.suppressed for of in taken)),
                count("ignored", sum(of.ignored for of in taken)),
            ),
            examined=replace(result.examined, details=(("rules", fewest),)),
            canary=canaries[0],
        )

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports beside the log of the same runs, which names what was examined."""
        tree = _tree(ctx)
        log = ctx.given_report(self.options.log)
        named = [(of.name, of.data) for of in reports]
        part = ruff_security_report.merged(named, log.data, tree, what=self.options.log)
        told = (
            *ruff_security_report.notes(part, tree),
            *ruff_security.silenced(part.examined, partial(_text, ctx)),
        )
        tool = Tool(name="ruff", version="", how="told by the report")
        return ruff_security_result.measured(part.examined, part.entries, tree, tool, notes=told)


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls of ruff, which change and cache nothing."""

    ctx: Context
    tool: Tool
    isolation: tuple[str, ...]

    def settings(self, path: str, choices: Choices | None = None) -> bytes:
        """The settings that govern a file, with all security rules selected."""
        own = ruff_security.arguments(choices or Choices())
        # An excluded file has settings too, which only an exclusion in force keeps ruff from.
        show = ("check", "--show-settings", "--no-force-exclude", *own, *self.isolation)
        return self.ctx.run(self.tool, *show, "--", *arguments((path,))).stdout

    def shown(self, paths: tuple[str, ...]) -> bytes:
        """Which of these files ruff says it would lint."""
        command = ("check", "--show-files", "--no-cache", *self.isolation, "--", *arguments(paths))
        return self.ctx.run(self.tool, *command).stdout

    def groups(self, files: tuple[str, ...], settings: Settings) -> list[Group]:
        """The sources by the configuration that governs them."""
        governed: dict[str, list[str]] = {}
        for path in files:
            governed.setdefault(settings_of.path(settings.of(path)), []).append(path)
        groups = []
        for config, paths in governed.items():
            known = settings.rules(paths[0])
            security = ruff_security.security_rules(known)
            choices = ruff_config.choices(config, ruff_files.read_or_empty, names=security)
            own = self.settings(paths[0], choices) if choices != Choices() else b""
            rules = settings_of.enabled(own) if own else known
            groups.append(
                Group(
                    config=config,
                    files=tuple(paths),
                    choices=choices,
                    known=security,
                    rules=ruff_security.security_rules(rules),
                )
            )
        return groups

    def report(
        self, name: str, choices: Choices, *more: str, paths: tuple[str, ...]
    ) -> tuple[Completed, bytes]:
        """One run that selects the security rules, and its report."""
        report = self.ctx.out / f"{name}.json"
        done = self.ctx.run(
            self.tool,
            "check",
            "--verbose",
            "--no-cache",
            "--no-fix",
            "--no-fix-only",
            "--output-format=json",
            f"--output-file={report}",
            *ruff_security.arguments(choices),
            *(more or self.isolation),
            "--",
            *arguments(paths),
            ok=(0, 1),
        )
        return done, self.ctx.report(report).data

    def everything(self, group: Group, tree: Tree) -> Part:
        """The same where neither comments nor the configuration take anything away."""
        name = f"everything-{self._number()}"
        more = ("--ignore-noqa", NO_FILE_IGNORES, *self.isolation)
        return parse(*self.report(name, Choices(), *more, paths=group.files), tree)

    def sees(self, group: Group, part: Part) -> str:
        """Have the configuration find what is planted for it, and say what that was.

        What it ignores by paths is no matter here: a rule is taken that is in force for a source.
        Where that cannot be switched off, the same rule goes without any configuration.

        Raises:
            StageError: `scanner-blind`.
        """
        number = ruff_security.sample_for(group, part)
        planted = str(self.ctx.plant(PLANTED, insecure_samples.text((number,))))
        own = (f"--config={group.config}",) if group.config else self.isolation
        ways = (
            (group.choices, (*own, NO_FILE_IGNORES, "--no-force-exclude")),
            (Choices(), ("--isolated",)),
        )
        for choices, more in ways:
            name = f"planted-{self._number()}"
            done, data = self.report(name, choices, *more, paths=(planted,))
            entries = ruff_json.parse(data, what="ruff.json")
            found = {(entry.code.removeprefix("S"), entry.line) for entry in entries}
            if done.exit_code == 1 and insecure_samples.seen((number,), found):
                return insecure_samples.told((f"S{number}",))
            if planted not in ruff_log.ignored_rules(done.stderr):
                break
        raise insecure_samples.blind(
            f"ruff does not find `{insecure_samples.SAMPLES[number]}`, which S{number} must find",
            hint="its silence proves nothing: is it really ruff? else see its configuration",
            place=group.config or "ruff",
        )

    def _number(self) -> int:
        return sum(1 for _ in self.ctx.out.iterdir())


def parse(done: Completed, data: bytes, tree: Tree) -> Part:
    """Read one run's report beside its log.

    Args:
        done: the verbose run; exit code 0 or 1.
        data: its report, as JSON.
        tree: the project's sources.

    Raises:
        OutputUnreadable: the report, the log and the exit code do not tell one story.
        StageError: a file was not readable or not Python.
    """
    entries = ruff_json.parse(data, what="ruff.json")
    ruff_json.refuse_contradiction(entries, done.exit_code)
    ruff_json.refuse_unreadable(entries, tree)
    ignored = ruff_log.ignored_rules(done.stderr)
    examined = frozenset() if _found_none(done) else ruff_log.linted(done.stderr, tree)
    return Part(
        examined=examined,
        entries=ruff_security.refuse_unknown(entries),
        ignored={tree.relative(path): names for path, names in ignored.items()},
    )


def _found_none(done: Completed) -> bool:
    """Whether ruff says that exclusions took every file, in place of how many it checked."""
    return done.exit_code == 0 and b"warning: No Python files found" in done.stderr


def _settings(ctx: Context, ruff: _Calls, tree: Tree) -> Settings:
    """The settings of the sources, by each of which they are Python.

    Raises:
        StageError: `not-python`.
    """
    names = ruff_files.beside(ctx.root, tree.sources, known=ctx.files(*CONFIGURATION))
    settings = Settings(ruff.settings, names)
    settings.refuse_foreign(tree.sources)
    return settings


def _tree(ctx: Context) -> Tree:
    sources = ctx.sources(".py")
    if not sources.files:
        raise StageError("nothing-examined", "there is no Python source to examine")
    tree = Tree(
        roots=ruff_files.roots(ctx.root),
        files=frozenset((*sources.files, *sources.excluded)),
        sources=frozenset(sources.files),
    )
    ruff_log.refuse_unprovable(tree)
    return tree


def _text(ctx: Context, path: str) -> bytes:
    """What is in a source."""
    return ruff_files.read_or_empty(str(ctx.root / path))


def _configuration(ctx: Context) -> dict[str, bytes]:
    return ruff_files.configuration(ctx.root, ctx.files(*CONFIGURATION))
