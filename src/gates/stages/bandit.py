"""`bandit`: insecure Python code, found by bandit and named by OWASP Top 10:2025."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from gates.formats import (
    bandit_config,
    bandit_json,
    bandit_parts,
    bandit_result,
    insecure_samples,
)
from gates.formats.counts import BY_SEVERITY, counted
from gates.formats.tool_paths import Tree, arguments, some
from gates.plugin import (
    Completed,
    Context,
    Default,
    OutputUnreadable,
    Report,
    ReportOptions,
    Role,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.files import folder_stamp_ns, read_report, write_atomic

PLANTED = "planted.py"
"""Name of the file of known-bad code, alone in a folder outside the checkout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditOptions(ReportOptions):
    """Options of `bandit`."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "files and folders to examine; else all of `sources`",
            "stricter": "wider",
        },
    )
    config: str = field(
        default="",
        metadata={"help": "bandit's configuration; else pyproject.toml with [tool.bandit]"},
    )
    ini: str = field(
        default="", metadata={"help": "a `.bandit` file to obey; none is obeyed unnamed"}
    )


class Bandit(Stage[BanditOptions]):
    """Insecure code by severity, each finding with confidence, CWE and OWASP category."""

    uses = "bandit"
    title = "insecure code"
    options_type = BanditOptions
    metrics = (
        *BY_SEVERITY,
        counted("nosec", "findings that a bare `nosec` silences", "silenced findings"),
        counted("skipped_tests", "findings that `nosec` with an id silences", "silenced findings"),
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
        "a source file is neither examined nor left out by bandit's configuration",
        "the results are filtered: they are not those that bandit counted",
        "the exit code and the results contradict each other",
        "it does not find the insecure code that is planted for it, as where no known test is on",
        "a given report does not name a source, or its sums are not those of its results",
    )
    programs = ("bandit",)
    written_by = "bandit --recursive src --format json --output out/bandit.json"

    def check(self) -> None:
        """Refuse options of a run beside a report.

        Raises:
            ValueError: `config` or `ini` is given with `report`.
        """
        for name in ("config", "ini"):
            if self.given and getattr(self.options, name):
                raise ValueError(f"`{name}` configures a run, and `report` takes its place")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """The sources, and whatever configures bandit."""
        named = [name for name in (self.options.config, self.options.ini) if name]
        examined = ctx.files(*self.options.paths) if self.options.paths else ()
        files = examined or ctx.sources(".py").files
        return (*files, *ctx.files("pyproject.toml", "**/.bandit", *named))

    def run(self, ctx: Context) -> StageResult:
        """Examine the sources file by file, so that bandit cannot pass over one unseen.

        Among them is a planted file of known-bad code, which bandit must find in the same run.
        """
        handed, tree = self._handed(ctx)
        config, excluding = self._config(ctx)
        planted = ctx.plant(PLANTED, insecure_samples.text(insecure_samples.SAMPLES))
        bandit = _Calls(ctx, ctx.tool("bandit"), str(planted))
        done, data = bandit.report("bandit.json", self._ini(ctx), config, handed)
        others = tuple(
            f"`{name}` is not obeyed; `with: {{ini: {name}}}` obeys it"
            for name in ctx.files("**/.bandit")
            if name != self.options.ini
        )
        result = parse(done, data, tree, excluding=excluding, notes=others, planted=bandit.planted)
        ids = self._sight(ctx, bandit, data, config)
        choices = self._choices(ctx, config)
        unseen = insecure_samples.unseen((*ids, *choices.off), "B", by="bandit")
        return replace(
            result,
            notes=(*result.notes, *choices.notes(), *unseen),
            canary=insecure_samples.told(ids),
        )

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports that together name every source as examined."""
        _, tree = self._handed(ctx)
        report = bandit_parts.merged([(of.name, of.data) for of in reports], tree)
        tool = Tool(name="bandit", version="", how="told by the report")
        notes = bandit_parts.notes(report, tree)
        return bandit_result.measured(report, tree, tool, notes=notes)

    def _sight(self, ctx: Context, bandit: _Calls, data: bytes, config: str) -> tuple[str, ...]:
        """The tests that found what is planted for them.

        Where an exclusion takes the planted file's path, as `tmp` does, a second call goes without
        exclusions: they are about paths, and say nothing about what bandit sees.

        Raises:
            StageError: `scanner-blind`: it is none.
        """
        found = bandit.found(data)
        if found is None:
            named = config or self._named_by_ini(ctx)
            found = bandit.found_unexcluded(self._ini(ctx), named)
        if not found:
            empty = _empty_ini(ctx)
            _, plain = bandit.report("bandit-unconfigured.json", empty, "", ())
            sees = bool(bandit.found(plain))
            raise bandit_config.blind(bandit.planted, excluded=found is None, sees_otherwise=sees)
        return found

    def _named_by_ini(self, ctx: Context) -> str:
        if not self.options.ini:
            return ""
        return bandit_config.named_by_ini((ctx.root / self.options.ini).read_bytes())

    def _choices(self, ctx: Context, config: str) -> bandit_config.Choices:
        name = config or self._named_by_ini(ctx)
        data = (ctx.root / name).read_bytes() if name else b""
        ini = (ctx.root / self.options.ini).read_bytes() if self.options.ini else b""
        return bandit_config.choices(data, name=name, ini=ini)

    def _handed(self, ctx: Context) -> tuple[tuple[str, ...], Tree]:
        """The files to examine, beside those that `sources` excludes."""
        if not self.options.paths:
            sources = ctx.sources(".py")
            if not sources.files:
                raise StageError("nothing-examined", "there is no Python source to examine")
            return sources.files, _tree(ctx, sources.files, sources.excluded)
        handed: set[str] = set()
        for path in self.options.paths:
            found = [name for name in ctx.files(path) if name.endswith(".py")]
            if not found:
                raise StageError("path-missing", f"`{path}` holds no Python file", place=path)
            handed.update(found)
        return tuple(sorted(handed)), _tree(ctx, tuple(handed), ())

    def _config(self, ctx: Context) -> tuple[str, bool]:
        """The configuration file to name, if any, and whether it may leave files out."""
        ini = bool(self.options.ini)
        if self.options.config:
            if not (ctx.root / self.options.config).is_file():
                summary = f"`{self.options.config}` is not there"
                raise StageError("config-missing", summary, place=self.options.config)
            return self.options.config, True
        path = ctx.root / "pyproject.toml"
        table = bandit_config.table(path.read_bytes()) if path.is_file() else None
        if table is None:
            return "", ini
        return "pyproject.toml", ini or bandit_config.EXCLUSIONS in table

    def _ini(self, ctx: Context) -> tuple[str, ...]:
        """Which `.bandit` to obey: the named one, else an empty one, or bandit looks for its own.

        Without a named one, bandit's default exclusions go too: they are looked for anywhere in a
        path, so that `.tox` would leave out `src/a.toxic.py`.
        """
        if self.options.ini:
            if not (ctx.root / self.options.ini).is_file():
                summary = f"`{self.options.ini}` is not there"
                raise StageError("config-missing", summary, place=self.options.ini)
            return (f"--ini={self.options.ini}",)
        return _empty_ini(ctx)


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls of bandit, each of which also examines what is planted."""

    ctx: Context
    tool: Tool
    planted: str

    def report(
        self, name: str, ini: tuple[str, ...], config: str, files: tuple[str, ...]
    ) -> tuple[Completed, bytes]:
        """One call, and its report without what may be a secret."""
        path = self.ctx.out / name
        since_ns = folder_stamp_ns(self.ctx.out)
        words = ("--quiet", "--format=json", f"--output={path}", *ini)
        named = (f"--configfile={config}",) if config else ()
        handed = (*arguments(files), self.planted)
        try:
            done = self.ctx.run(self.tool, *words, *named, "--", *handed, ok=(0, 1))
            data = read_report(path, since_ns=since_ns).data
        finally:
            # Lines of source code stand in it, and the passwords in them.
            path.unlink(missing_ok=True)
        write_atomic(path, bandit_json.without_secrets(data, what=name), mode=0o600)
        return done, self.ctx.report(path).data

    def found(self, data: bytes) -> tuple[str, ...] | None:
        """The tests that found what is planted; None where it was not examined."""
        report = bandit_json.parse(data, what="bandit.json")
        _, issues = bandit_json.apart(report, self.planted)
        if issues is None:
            return None
        places = {(issue.test.removeprefix("B"), issue.line) for issue in issues}
        samples = insecure_samples.SAMPLES
        return tuple(f"B{number}" for number in insecure_samples.seen(samples, places))

    def found_unexcluded(self, ini: tuple[str, ...], config: str) -> tuple[str, ...] | None:
        """The same by a configuration that differs in exclusions alone."""
        named = ""
        if config:
            data = bandit_config.without_exclusions(
                (self.ctx.root / config).read_bytes(), name=config
            )
            if data is None:
                return None
            path = self.ctx.out / "bandit-without-exclusions.yaml"
            write_atomic(path, data)
            named = str(path)
        nothing = _empty_ini(self.ctx)[1]
        _, data = self.report("bandit-unexcluded.json", (ini[0], nothing), named, ())
        return self.found(data)


def parse(
    done: Completed,
    data: bytes,
    tree: Tree,
    *,
    excluding: bool = False,
    notes: tuple[str, ...] = (),
    planted: str = "",
) -> StageResult:
    """Read bandit's report beside the files that it was given.

    Args:
        done: the run; exit code 0 or 1.
        data: its report.
        tree: the files that were handed over (`sources`), and those that were left out before.
        excluding: bandit's configuration may leave files out.
        notes: what to tell besides.
        planted: absolute path of a file that was handed over and is none of the project's.

    Raises:
        OutputUnreadable: the results and the exit code do not tell one story.
        StageError: a file was not readable, not Python, or passed over without a reason.
    """
    whole = bandit_json.parse(data, what="bandit.json")
    bandit_result.refuse_unexamined(whole, tree)
    if (done.exit_code == 1) != bool(whole.issues):
        summary = f"bandit ended with exit code {done.exit_code} and {len(whole.issues)} results"
        raise OutputUnreadable("contradiction", summary, place="bandit")
    report, _ = bandit_json.apart(whole, planted)
    examined = {tree.relative(path) for path in report.examined}
    left_out = tree.sources - examined
    if left_out and (not excluding or not examined):
        raise StageError(
            "sources-not-examined",
            f"bandit did not examine {some(left_out)}",
            hint="see the exclusions in its configuration",
            place="bandit",
        )
    told = (f"not examined, by configuration: {some(left_out)}",) if left_out else ()
    return bandit_result.measured(report, tree, done.tool, notes=(*told, *notes))


def _empty_ini(ctx: Context) -> tuple[str, str]:
    """Arguments that name a `.bandit` and exclusions that say nothing."""
    empty = ctx.out / "bandit.ini"
    write_atomic(empty, b"[bandit]\n")
    return (f"--ini={empty}", f"--exclude={empty}")


def _tree(ctx: Context, handed: tuple[str, ...], excluded: tuple[str, ...]) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(handed) | frozenset(excluded),
        sources=frozenset(handed),
    )
