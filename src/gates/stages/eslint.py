"""`eslint`: lint of JavaScript and TypeScript with ESLint, by the project's own configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import eslint_json, eslint_results, eslint_witness
from gates.formats.counts import counted
from gates.formats.eslint_json import Linted, Message
from gates.formats.eslint_security import weakness
from gates.formats.eslint_witness import Witness
from gates.formats.tool_paths import Tree, arguments, left_out, some
from gates.plugin import (
    EVERYWHERE,
    Completed,
    Context,
    Default,
    Examined,
    Finding,
    Metric,
    Report,
    ReportOptions,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit.files import write_atomic
from gates.toolkit.node_sources import NODE_SUFFIXES
from gates.toolkit.told_folder import Here, repository_top

SEVERITIES: dict[int, tuple[Severity, str]] = {
    eslint_json.ERROR: (Severity.HIGH, "errors"),
    eslint_json.WARNING: (Severity.MEDIUM, "warnings"),
}
"""ESLint's numbers, and the metric that counts them."""

CODE = tuple(f"**/*{suffix}" for suffix in NODE_SUFFIXES)
"""Patterns of JavaScript and TypeScript."""

OTHERS = tuple(
    f"**/*.{ending}"
    for ending in ("json", "jsonc", "json5", "md", "mdx", "css", "html", "vue", "svelte", "astro")
)
"""Patterns of what plugins lint besides, and of what configures parsers."""

CONFIGURATION = ("**/.eslintrc*", "**/.eslintignore", "**/.gitignore", "**/*.lock", "**/*.yaml")
"""Patterns of what else decides what ESLint does; its own configuration is code or JSON."""

COMMENT = b"eslint"
"""Stands in each comment by which a file hides something from ESLint."""

FAILED_EXIT = 2
MOST_NAMED = 1000  # files in one command


@dataclass(frozen=True, slots=True, kw_only=True)
class EslintOptions(ReportOptions):
    """Options of `eslint`."""

    paths: tuple[str, ...] = field(
        default=(".",), metadata={"help": "files and folders to lint", "stricter": "wider"}
    )
    config: str = field(
        default="", metadata={"help": "the configuration to lint by; default: ESLint's own choice"}
    )


class Eslint(Stage[EslintOptions]):
    """Lint: every message counts; what comments and files of suppressions hide is counted too."""

    uses = "eslint"
    title = "lint"
    options_type = EslintOptions
    metrics = (
        counted("errors", "lint errors", "errors"),
        counted("warnings", "lint warnings", "warnings"),
        counted("suppressed", "messages that are suppressed", "suppressed messages"),
    )
    defaults = (Default(text="errors == 0"), Default(text="warnings == 0"))
    criteria = ("L1-LINT",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "no file was linted, or no source was",
        "a file could not be read or parsed",
        "no rule is enabled for a source, or none by which a planted text is faulty",
        "ESLint could not run by its configuration, or that lies outside of the repository",
        "a given report does not name a source",
        "a given report was made in another folder of this machine or repository",
        "the exit code, the counts and the messages contradict each other",
    )
    programs = ("eslint",)
    written_by = "eslint --format json --output-file out/eslint.json ."
    sample = Sample(
        files={
            "src/a.ts": "export const a = 1;\n",
            "src/b.ts": "export const b = 2;\n",
            "out/eslint.json": '[{"filePath": "src/a.ts", "messages": [],'
            ' "suppressedMessages": [], "errorCount": 0, "warningCount": 0},'
            ' {"filePath": "src/b.ts", "messages": [],'
            ' "suppressedMessages": [], "errorCount": 0, "warningCount": 0}]\n',
        },
        faulty={
            "out/eslint.json": '[{"filePath": "src/a.ts", "messages": [{"ruleId": "no-debugger",'
            ' "severity": 2, "message": "Unexpected", "line": 1, "column": 1}],'
            ' "suppressedMessages": [], "errorCount": 1, "warningCount": 0},'
            ' {"filePath": "src/b.ts", "messages": [{"ruleId": "no-var",'
            ' "severity": 1, "message": "Unexpected", "line": 1, "column": 1}],'
            ' "suppressedMessages": [], "errorCount": 0, "warningCount": 1}]\n',
        },
        options={"report": "out/eslint.json"},
        sources=("src",),
        reports=("out/eslint.json",),
    )

    def check(self) -> None:
        """Refuse a configuration where nothing is linted by it.

        Raises:
            ValueError: `config` stands beside `report`.
        """
        if self.options.report and self.options.config:
            raise ValueError("`report` is judged in place of a run: leave out `config`")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All code, since rules may follow imports, and whatever configures ESLint."""
        return ctx.files(*CODE, *OTHERS, *CONFIGURATION)

    def run(self, ctx: Context) -> StageResult:
        """Lint with a formatter that tells the enabled rules, and count what comments hide."""
        tree = _tree(ctx)
        # In a folder of this name, no later `eslint .` of the project takes it for code.
        witness = ctx.out / "node_modules" / eslint_witness.NAME
        witness.parent.mkdir()
        named = tree.sources if self.options.paths == (".",) else tree.files
        write_atomic(witness, eslint_witness.formatter(named, self.options.config))
        done, data = self._lint(ctx, "eslint.json", f"--format={witness}")
        result = parse(done, data, tree)
        plain = eslint_witness.parse(data, what="eslint.json")
        _refuse_outside(plain, repository_top(ctx.root))
        hidden = sum(len(one.suppressed) for one in plain.report.files)
        hiding = frozenset(one.path for one in plain.report.files if _may_hide(one.path))
        if hiding:
            more = ("--no-inline-config", "--format=json")
            again_for = tuple(sorted(hiding)) if len(hiding) <= MOST_NAMED else self.options.paths
            again, everything = self._lint(
                ctx, "eslint-without-comments.json", *more, paths=again_for
            )
            whole = eslint_json.parse(everything, what="eslint-without-comments.json")
            eslint_json.refuse_contradiction(whole.files, again.exit_code)
            hidden = eslint_results.suppressed(plain.report, whole, hiding=hiding)
        return replace(result, metrics=(*result.metrics, count("suppressed", hidden)))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports that the formatter `json` or `json-with-metadata` wrote."""
        tree = _tree(ctx)
        parts = ((one.name, one.data) for one in reports)
        whole = eslint_results.merged(parts, tree, Here.of(ctx.root))
        files = whole.files
        for note in whole.notes:
            ctx.note(note)
        eslint_json.refuse_unreadable(files, tree)
        examined = eslint_results.examined(files, tree)
        missing = tree.sources - examined
        if missing:
            raise StageError(
                "source-not-examined",
                f"the report tells nothing of {some(missing)}",
                hint=f"lint every source in this folder: {self.written_by}; or leave them out of"
                " `sources`",
                place=min(missing),
            )
        ctx.note(
            "the report does not tell which rules were enabled, whether `--quiet` left warnings"
            " out, and what comments that switch rules off hide"
        )
        findings = _findings(files, tree)
        hidden = sum(len(one.suppressed) for one in files)
        return StageResult(
            metrics=(*_counts(findings), count("suppressed", hidden)),
            examined=Examined(
                count=len(examined), unit="files", excluded=len(tree.files - examined)
            ),
            findings=findings,
            tool=Tool(name="eslint", version="", how="a given report"),
        )

    def _lint(
        self, ctx: Context, name: str, *more: str, paths: tuple[str, ...] = ()
    ) -> tuple[Completed, bytes]:
        """One run that changes nothing, and its report."""
        path = ctx.out / name
        done = ctx.run(
            ctx.tool("eslint"),
            "--no-color",
            "--ignore-pattern=**/.gates/",
            *((f"--config={self.options.config}",) if self.options.config else ()),
            f"--output-file={path}",
            *more,
            "--",
            *arguments(paths or self.options.paths),
            ok=(0, 1, FAILED_EXIT),
        )
        if done.exit_code == FAILED_EXIT:
            raise StageError(
                "not-linted",
                f"eslint could not lint; it says: {eslint_witness.words(done.stderr)}",
                hint="mend its configuration, or `paths`",
                place="eslint",
            )
        return done, ctx.report(path).data


def parse(done: Completed, data: bytes, tree: Tree) -> StageResult:
    """Read what our formatter wrote; the metric `suppressed` is not in it yet.

    Args:
        done: the run; exit code 0 or 1.
        data: its report.
        tree: the project's JavaScript and TypeScript.

    Raises:
        OutputUnreadable: the report and the exit code do not tell one story.
        StageError: a file was not readable, there was none, or no rule is enabled for a source.
    """
    witness = eslint_witness.parse(data, what="eslint.json")
    files = witness.report.files
    eslint_json.refuse_contradiction(files, done.exit_code)
    eslint_json.refuse_unreadable(files, tree)
    rules = {
        tree.relative(one.path): witness.configurations[one.path].rules
        for one in files
        if not one.is_ignored
    }
    bare = sorted(path for path, number in rules.items() if not number and path in tree.sources)
    if bare:
        raise eslint_witness.no_rule(f"eslint enables no rule for {some(bare)}", place=bare[0])
    examined = frozenset(path for path, number in rules.items() if number)
    if not examined:
        raise eslint_witness.nothing("eslint linted no file")
    found = eslint_witness.proved(witness, tree, examined)
    findings = _findings(files, tree)
    return StageResult(
        metrics=_counts(findings),
        examined=Examined(
            count=len(examined),
            unit="files",
            excluded=len(tree.files - examined),
            details=(("rules", min(rules[path] for path in examined)),),
        ),
        findings=findings,
        tool=done.tool,
        notes=left_out(tree.sources - examined, did="linted"),
        canary=f"a text with defects of {found} rules, found in the name of a source",
    )


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files(*CODE)),
        sources=frozenset(ctx.sources(*NODE_SUFFIXES).files),
    )


def _may_hide(path: str) -> bool:
    """Whether a file holds the word without which no comment hides anything from ESLint."""
    try:
        return COMMENT in Path(path).read_bytes()
    except OSError:
        return True


def _refuse_outside(witness: Witness, top: str) -> None:
    """Refuse configuration from outside of the repository: the machine would decide then."""
    for one in witness.configurations.values():
        if one.file and not os.path.realpath(one.file).startswith(f"{top}/"):
            raise StageError(
                "configuration-outside",
                f"eslint is configured by `{one.file}`, outside of the repository",
                hint="write an `eslint.config.js` into the project",
                place="eslint",
            )


def _counts(findings: tuple[Finding, ...]) -> tuple[Metric, ...]:
    return tuple(
        count(name, sum(name in finding.counts for finding in findings))
        for name in ("errors", "warnings")
    )


def _findings(files: Iterable[Linted], tree: Tree) -> tuple[Finding, ...]:
    """Every message but those which say that a file was not linted."""
    return tuple(
        _finding(tree.relative(one.path), message)
        for one in files
        if not one.is_ignored
        for message in one.messages
    )


def _finding(path: str, message: Message) -> Finding:
    severity, metric = SEVERITIES[message.level]
    cwe, owasp = weakness(message.rule)
    return Finding(
        rule=message.rule,
        severity=severity,
        message=" ".join(message.text.split()),
        path=path,
        line=message.line,
        column=message.column,
        end_line=message.end_line,
        counts=(metric,),
        cwe=cwe,
        owasp=owasp,
        fix="`eslint --fix` mends it" if message.is_fixable else "",
    )
