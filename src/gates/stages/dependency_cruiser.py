"""`dependency-cruiser`: rules about imports of JavaScript and TypeScript, by its configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from gates.formats import (
    dependency_cruiser_json,
    dependency_cruiser_paths,
    dependency_cruiser_rules,
)
from gates.formats.counts import counted
from gates.formats.dependency_cruiser_json import Breach, Cruise, Rule
from gates.formats.tool_paths import Tree, arguments, left_out, some
from gates.plugin import (
    EVERYWHERE,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    count,
)
from gates.toolkit.node_sources import NODE_SUFFIXES

SEVERITIES: dict[str, tuple[Severity, str]] = {
    "error": (Severity.HIGH, "broken"),
    "warn": (Severity.MEDIUM, "warnings"),
    "info": (Severity.INFO, "warnings"),
    "ignore": (Severity.INFO, "suppressed"),
}
"""Its words for a rule's severity, and the metric that counts its breaches."""

CODE = tuple(f"**/*{suffix}" for suffix in NODE_SUFFIXES)

COMPONENTS = ("**/*.vue", "**/*.svelte", "**/*.astro")
"""Patterns of files with code among other things, which need a compiler to be read."""

TYPESCRIPT = (".ts", ".tsx", ".mts", ".cts")

CONFIGURATION = (
    "**/.dependency-cruiser*",
    "**/*.json",
    "**/package-lock.json",
    "**/*.lock",
    "**/pnpm-lock.yaml",
)
"""Patterns of what else decides where an import leads."""

REPORT = "dependencies.json"
FAILED_EXIT = 1

SAMPLE = """\
{"modules": [
  {"source": "src/a.ts", "valid": true, "dependencies": [%s]},
  {"source": "src/b.ts", "valid": true, "dependencies": []}],
 "summary": {"violations": [%s], "error": %d, "warn": 0, "info": 0, "totalCruised": 2,
  "optionsUsed": {"moduleSystems": ["es6"], "tsPreCompilationDeps": true},
  "ruleSetUsed": {"forbidden": [{"name": "no-b", "severity": "error", "from": {}}]}}}
"""
"""A report, for the conformance kit."""

IMPORT = """\
{"module": "./b.js", "resolved": "src/b.ts", "couldNotResolve": false, "valid": false,
 "rules": [{"name": "no-b", "severity": "error"}]}"""

BREACH = """\
{"from": "src/a.ts", "to": "src/b.ts", "rule": {"name": "no-b", "severity": "error"}}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyCruiserOptions(ReportOptions):
    """Options of `dependency-cruiser`."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "files and folders to cruise; else those of `sources`",
            "stricter": "wider",
        },
    )
    config: str = field(
        default="",
        metadata={"help": "its configuration file; else as dependency-cruiser finds it"},
    )


class DependencyCruiser(Stage[DependencyCruiserOptions]):
    """Architecture: rules about which module may import which."""

    uses = "dependency-cruiser"
    title = "architecture"
    options_type = DependencyCruiserOptions
    metrics = (
        counted("broken", "breaches of rules", "breaches of rules"),
        MetricSpec(
            name="kept",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="rules of severity `error` that are kept",
            noun="rules",
        ),
        counted("warnings", "breaches of rules that only warn", "warnings"),
        counted("suppressed", "breaches that are known and ignored", "ignored breaches"),
    )
    defaults = (Default(text="broken == 0"),)
    criteria = ("L1-ARCH",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "there is no rule of severity `error`",
        "no source was cruised, or none of those in TypeScript",
        "an import leads to what was not found, and is no package of package.json",
        "imports of ES modules are left out by `moduleSystems`, or dynamic ones by `exclude`",
        "a given report does not name a source",
        "the summary and the modules contradict each other",
    )
    programs = ("depcruise",)
    written_by = "depcruise --no-cache --output-type json --output-to out/dependencies.json src"

    sample = Sample(
        files={
            "src/a.ts": "export const a = 1;\n",
            "src/b.ts": "export const b = 2;\n",
            "out/dependencies.json": SAMPLE % ("", "", 0),
        },
        faulty={
            "src/a.ts": 'export * from "./b.js";\n',
            "out/dependencies.json": SAMPLE % (IMPORT, BREACH, 1),
        },
        options={"report": "out/dependencies.json"},
        sources=("src",),
        reports=("out/dependencies.json",),
    )

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All code, and whatever configures dependency-cruiser or says where imports lead."""
        own = (self.options.config,) if self.options.config else ()
        return ctx.files(*CODE, *COMPONENTS, *CONFIGURATION, *own)

    def run(self, ctx: Context) -> StageResult:
        """Cruise the folders of the sources, without a cache."""
        tree = _tree(ctx)
        path = ctx.out / REPORT
        tool = ctx.tool("depcruise")
        done = ctx.run(
            tool,
            "--no-cache",
            *((f"--config={self.options.config}",) if self.options.config else ()),
            "--output-type=json",
            f"--output-to={path}",
            "--",
            *arguments(self.options.paths or dependency_cruiser_paths.handed(tree.sources)),
            ok=(0, FAILED_EXIT),
        )
        if done.exit_code == FAILED_EXIT:
            raise StageError(
                "not-cruised",
                f"dependency-cruiser could not cruise; it says: {_words(done.stderr)}",
                hint="mend its configuration, or `paths`",
                place="depcruise",
            )
        cruise = dependency_cruiser_json.parse(ctx.report(path).data, what=REPORT)
        _tell_components(ctx, (cruise,), tree)
        return parse((cruise,), tree, packages=_packages(ctx), tool=tool)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports of parts of the project; each source must stand in one of them."""
        tree = _tree(ctx)
        cruises = tuple(dependency_cruiser_json.parse(one.data, what=one.name) for one in reports)
        if any(one.rules != cruises[0].rules for one in cruises):
            summary = "the reports were made by different rules"
            raise OutputUnreadable("contradiction", summary, place=reports[0].name)
        missing = tree.sources - dependency_cruiser_paths.cruised(cruises, tree)
        if missing:
            raise StageError(
                "source-not-examined",
                f"the report tells nothing of {some(missing)}",
                hint=f"cruise every source in this folder: {self.written_by}; or leave them out of"
                " `sources`",
                place=min(missing),
            )
        _tell_components(ctx, cruises, tree)
        if any(one.is_cached for one in cruises):
            ctx.note("the report comes out of dependency-cruiser's cache")
        tool = Tool(name="dependency-cruiser", version="", how="a given report")
        return parse(cruises, tree, packages=_packages(ctx), tool=tool)


def parse(
    cruises: tuple[Cruise, ...], tree: Tree, *, packages: frozenset[str], tool: Tool
) -> StageResult:
    """Measure by what was cruised, in one run or in parts by the same rules.

    Args:
        cruises: at least one.
        tree: the project's JavaScript and TypeScript.
        packages: what the project's package.json files ask for.
        tool: what wrote the reports.

    Raises:
        StageError: no rule can fail, or the sources were not seen.
    """
    rules = cruises[0].rules
    strict = [one.name for one in rules if one.severity == "error"]
    if not strict:
        raise StageError(
            "no-rule",
            "dependency-cruiser has no rule of severity `error`, so that nothing could fail",
            hint='write rules with `severity: "error"` into .dependency-cruiser.cjs',
            place="depcruise",
        )
    seen = dependency_cruiser_paths.cruised(cruises, tree)
    _refuse_unseen(seen, tree)
    _refuse_blind(cruises, tree, packages)
    breaches = {
        one: None for each in cruises for one in dependency_cruiser_paths.placed(each, tree)
    }
    findings = tuple(_finding(one, rules) for one in breaches if one.severity != "ignore")
    broken = {one.rule for one in breaches if one.severity == "error"}
    examined = seen & tree.files
    return StageResult(
        metrics=(
            count("broken", _counted(findings, "broken")),
            count("kept", len(set(strict) - broken)),
            count("warnings", _counted(findings, "warnings")),
            count("suppressed", sum(one.severity == "ignore" for one in breaches)),
        ),
        examined=Examined(
            count=len(examined),
            unit="files",
            excluded=len(tree.files - examined),
            details=(("rules", len(rules)), ("imports", sum(one.imports for one in cruises))),
        ),
        findings=findings,
        tool=tool,
        notes=(
            *left_out(tree.sources - seen, did="checked"),
            *dependency_cruiser_rules.remarks(cruises, packages),
        ),
    )


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files(*CODE)),
        sources=frozenset(ctx.sources(*NODE_SUFFIXES).files),
    )


def _packages(ctx: Context) -> frozenset[str]:
    names = ctx.files("**/package.json")
    return dependency_cruiser_rules.read_packages(
        (name, (ctx.root / name).read_bytes()) for name in names
    )


def _words(log: bytes) -> str:
    """The first line in which it says something."""
    lines = (line.strip() for line in log.decode("utf-8", "replace").split("\n"))
    return next((line for line in lines if line), "nothing")[:300]


def _refuse_unseen(seen: frozenset[str], tree: Tree) -> None:
    covered = seen & tree.sources
    typed = {path for path in tree.sources if path.endswith(TYPESCRIPT)}
    if typed and not any(path.endswith(TYPESCRIPT) for path in seen):
        raise StageError(
            "typescript-unseen",
            f"dependency-cruiser saw no TypeScript: not {some(typed)}",
            hint="install `typescript` (below 7) beside it: see `depcruise --info`; or see"
            " `exclude` in its configuration",
            place="depcruise",
        )
    if not covered:
        hint = "see `exclude`, `includeOnly` and `doNotFollow` in its configuration, and `paths`"
        raise StageError("nothing-examined", "dependency-cruiser saw no source", hint=hint)


def _refuse_blind(cruises: tuple[Cruise, ...], tree: Tree, packages: frozenset[str]) -> None:
    """Refuse a cruise whose rules could not see an import that stands there."""
    if any("es6" not in one.systems for one in cruises):
        raise StageError(
            "imports-unread",
            "dependency-cruiser reads no `import`: `moduleSystems` leaves out `es6`",
            hint="take `moduleSystems` out of its configuration",
            place="depcruise",
        )
    dropped = next((one.drops_dynamic for one in cruises if one.drops_dynamic is not None), None)
    if dropped is not None:
        raise StageError(
            "imports-unread",
            "dependency-cruiser drops every import that is"
            f" {'dynamic' if dropped else 'not dynamic'}, by `exclude: {{dynamic: ...}}`",
            hint="take `dynamic` out of `exclude`; a rule that is not about dynamic imports says so"
            " in its `to`: `dynamic: false`",
            place="depcruise",
        )
    for one in cruises:
        unseen = dependency_cruiser_rules.unseen(one, packages)
        if unseen:
            source, name = unseen[0]
            more = f", and {len(unseen) - 1} more" if len(unseen) > 1 else ""
            raise StageError(
                "import-unresolved",
                f"dependency-cruiser did not find where `{name}` leads{more}: no rule holds there",
                hint="name the file with `paths` in `options.tsConfig` of its configuration, write"
                " a package into package.json, or leave the import out by `options.exclude`",
                place=dependency_cruiser_paths.inside(source, one, tree),
            )


def _counted(findings: tuple[Finding, ...], metric: str) -> int:
    return sum(metric in finding.counts for finding in findings)


def _tell_components(ctx: Context, cruises: tuple[Cruise, ...], tree: Tree) -> None:
    unseen = set(ctx.files(*COMPONENTS)) - dependency_cruiser_paths.cruised(cruises, tree)
    if unseen:
        ctx.note(
            f"not checked: {some(unseen)}: dependency-cruiser reads imports of components only"
            " where their compiler is installed and `paths` hold them"
        )


def _finding(one: Breach, rules: tuple[Rule, ...]) -> Finding:
    severity, metric = SEVERITIES[one.severity]
    comment = next((rule.comment for rule in rules if rule.name == one.rule), "")
    why = f" ({' '.join(comment.split())})" if comment else ""
    return Finding(
        rule=one.rule,
        severity=severity,
        message=f"{dependency_cruiser_rules.told(one)}{why}",
        path=one.source,
        counts=(metric,),
    )
