from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import Repo
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.node_project import node_context

from gates.formats.tool_paths import Tree
from gates.plugin import (
    Completed,
    OutputUnreadable,
    Severity,
    StageError,
    StageResult,
    Tool,
    ToolMissing,
)
from gates.stages.eslint import SEVERITIES, Eslint, EslintOptions, parse

DATA = "eslint/10.15.0"
ESLINT = Tool(name="eslint", version="10.15.0", path="/tools/eslint")
SOURCES = frozenset({"src/core/total.ts", "src/left.ts", "src/web/rate.ts"})
TREE = Tree(
    roots=("/project",),
    files=SOURCES | {".dependency-cruiser.cjs", "eslint.config.js"},
    sources=SOURCES,
)
GIVEN = EslintOptions(report=("out/*.json",))


def ran(exit_code: int) -> Completed:
    return ended(ESLINT, ("/tools/eslint",), exit_code, b"", b"", ok=(0, 1))


def linted(path: str, *levels: int) -> dict[str, object]:
    messages = [
        {"ruleId": "no-var", "severity": level, "message": "a\n b", "line": 1, "column": 2}
        for level in levels
    ]
    return {
        "filePath": path,
        "messages": messages,
        "suppressedMessages": [],
        "errorCount": levels.count(2),
        "warningCount": levels.count(1),
    }


def witness(
    *files: dict[str, object], root: str = "/project", rules: int = 3, **canary: object
) -> bytes:
    for one in files:
        one["filePath"] = f"{root}/{one['filePath']}"
    first = files[0]["filePath"] if files else ""
    configurations = [
        {"path": one["filePath"], "rules": rules, "file": f"{root}/eslint.config.js"}
        for one in files
    ]
    canaries = [{"path": first, "found": ["no-var"], "fatal": "", **canary}] if files else []
    document = {"results": files, "configurations": configurations, "canaries": canaries}
    return json.dumps(document).encode()


def parsed(data: bytes, *, exit_code: int = 0) -> StageResult:
    tree = Tree(roots=("/project",), files=frozenset({"a.ts"}), sources=frozenset({"a.ts"}))
    return parse(ran(exit_code), data, tree)


def test_recorded_findings_are_counted_and_placed() -> None:
    result = parse(ran(1), recorded(f"{DATA}/findings-witness.json"), TREE)

    assert metrics_of(result) == {"errors": 4, "warnings": 1}
    assert [(f.rule, f.place, f.severity) for f in result.findings] == [
        ("no-undef", ".dependency-cruiser.cjs:1:1", Severity.HIGH),
        ("prefer-const", "src/core/total.ts:4:7", Severity.HIGH),
        ("no-debugger", "src/core/total.ts:5:3", Severity.HIGH),
        ("@typescript-eslint/no-explicit-any", "src/core/total.ts:8:14", Severity.HIGH),
        ("eqeqeq", "src/web/rate.ts:3:34", Severity.MEDIUM),
    ]
    assert result.findings[1].fix == "`eslint --fix` mends it"
    assert (result.examined.count, result.examined.excluded) == (4, 1)
    assert dict(result.examined.details) == {"rules": 70}
    assert result.notes == ("not linted, by configuration: `src/left.ts`",)
    assert result.canary == "a text with defects of 15 rules, found in the name of a source"
    assert result.tool == ESLINT


@pytest.mark.parametrize(
    ("level", "severity", "metric"),
    [(2, Severity.HIGH, "errors"), (1, Severity.MEDIUM, "warnings")],
)
def test_each_severity_is_counted(level: int, severity: Severity, metric: str) -> None:
    result = parsed(witness(linted("a.ts", level)), exit_code=int(level == 2))

    assert metrics_of(result)[metric] == 1
    assert (result.findings[0].severity, result.findings[0].counts) == (severity, (metric,))
    assert result.findings[0].message == "a b"


def test_the_table_of_severities_is_the_tested_one() -> None:
    assert set(SEVERITIES) == {1, 2}


@pytest.mark.parametrize(
    ("data", "slug", "words"),
    [
        (witness(linted("a.ts"), rules=0), "no-rule", r"no rule for `a\.ts`"),
        (witness(linted("a.ts"), found=[]), "no-rule", r"in the name of `a\.ts`"),
        (witness(linted("a.ts"), fatal="odd"), "canary-unread", "could not be parsed: odd"),
        (witness(linted("a.ts"), path="/project/b.ts"), "contradiction", r"as `b\.ts`, and not"),
        (witness(), "nothing-examined", "linted no file"),
        (witness(linted("b.ts"), rules=0), "nothing-examined", "linted no file"),
    ],
)
def test_what_proves_nothing_is_no_result(data: bytes, slug: str, words: str) -> None:
    with pytest.raises(StageError, match=words) as caught:
        parsed(data)

    assert caught.value.problem.slug == slug


def test_sources_that_are_all_left_out_are_no_result() -> None:
    document = json.loads(witness(linted("b.ts")))
    document["canaries"] = []

    with pytest.raises(StageError, match="none of the sources"):
        parsed(json.dumps(document).encode())


def test_a_run_without_a_planted_text_is_unreadable() -> None:
    document = json.loads(witness(linted("a.ts")))
    document["canaries"] = []

    with pytest.raises(OutputUnreadable, match="no planted text"):
        parsed(json.dumps(document).encode())


@pytest.mark.parametrize("exit_code", [0, 1])
def test_exit_code_and_errors_must_agree(exit_code: int) -> None:
    files = linted("a.ts", *([] if exit_code else [2]))

    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        parsed(witness(files), exit_code=exit_code)


def fake(tmp_path: Path, *, text: str = "export {};\n") -> FakeContext:
    ctx = fake_context(tmp_path, {"src/a.ts": text, "eslint.config.js": "export default [];\n"})
    ctx.source_folders = ("src",)
    answer(ctx, witness(linted("src/a.ts"), root=str(ctx.root)))
    return ctx


def answer(ctx: FakeContext, data: bytes, *more: str, exit_code: int = 0) -> None:
    def write(argv: tuple[str, ...]) -> None:
        output = next(word for word in argv if word.startswith("--output-file="))
        Path(output.partition("=")[2]).write_bytes(data)

    ctx.answer("eslint", "--output-file=*", *more, does=write, exit_code=exit_code)


def test_one_run_is_enough_without_comments(tmp_path: Path) -> None:
    ctx = fake(tmp_path)

    result = Eslint(EslintOptions()).run(ctx)

    assert metrics_of(result) == {"errors": 0, "warnings": 0, "suppressed": 0}
    assert len(ctx.runs) == 1
    assert ctx.runs[0][-2:] == ("--", "./.")
    assert "--ignore-pattern=**/.gates/" in ctx.runs[0]
    assert b'["src/a.ts"]' in (ctx.out / "node_modules/eslint-witness.cjs").read_bytes()


def test_what_a_comment_hides_is_counted_by_a_second_run(tmp_path: Path) -> None:
    ctx = fake(tmp_path, text='/* eslint no-var: "off" */\n')
    path = str(ctx.root / "src/a.ts")
    answer(ctx, json.dumps([linted(path, 2, 2)]).encode(), "--no-inline-config", exit_code=1)

    assert metrics_of(Eslint(EslintOptions()).run(ctx))["suppressed"] == 2


def test_a_file_that_is_gone_may_have_hidden_something(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    answer(ctx, witness(linted("src/a.ts"), linted("src/gone.ts"), root=str(ctx.root)))
    paths = [str(ctx.root / path) for path in ("src/a.ts", "src/gone.ts")]
    answer(ctx, json.dumps([linted(path) for path in paths]).encode(), "--no-inline-config")

    assert metrics_of(Eslint(EslintOptions()).run(ctx))["suppressed"] == 0
    assert len(ctx.runs) == 2


def test_the_canary_is_planted_for_any_file_where_paths_are_chosen(tmp_path: Path) -> None:
    ctx = fake(tmp_path)

    Eslint(EslintOptions(paths=("src",))).run(ctx)

    assert (
        b'["eslint.config.js", "src/a.ts"]'
        in (ctx.out / "node_modules/eslint-witness.cjs").read_bytes()
    )


def test_a_configuration_of_its_own_holds_for_every_run(tmp_path: Path) -> None:
    ctx = fake(tmp_path, text='/* eslint no-var: "off" */\n')
    path = str(ctx.root / "src/a.ts")
    answer(ctx, json.dumps([linted(path)]).encode(), "--no-inline-config")

    Eslint(EslintOptions(config="strict.config.js")).run(ctx)

    assert ["--config=strict.config.js" in run for run in ctx.runs] == [True, True]
    text = (ctx.out / "node_modules/eslint-witness.cjs").read_text()
    assert 'const CONFIG = "strict.config.js";' in text


def test_a_configuration_says_nothing_of_a_given_report() -> None:
    with pytest.raises(ValueError, match="leave out `config`"):
        Eslint(EslintOptions(config="strict.config.js", report=("out/eslint.json",))).check()
    Eslint(EslintOptions(config="strict.config.js")).check()


def test_what_is_insecure_is_named_with_its_weakness() -> None:
    file = linted("src/a.ts", 2)
    messages = file["messages"]
    assert isinstance(messages, list)
    messages[0]["ruleId"] = "security/detect-child-process"
    tree = replace(TREE, files=frozenset({"src/a.ts"}), sources=frozenset({"src/a.ts"}))
    (found,) = parse(ran(1), witness(file), tree).findings
    assert (found.cwe, found.owasp) == ((78,), "A05:2025 Injection")


def test_a_run_that_gave_up_is_told_in_its_words(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.answer("eslint", exit_code=2, stderr="\nOops!\n\nESLint: 10.15.0\n\nThere is no config.\n")

    with pytest.raises(StageError, match=r"it says: There is no config\."):
        Eslint(EslintOptions()).run(ctx)


@pytest.mark.parametrize("git", ["project", ""])
def test_configuration_outside_of_the_repository_is_no_result(tmp_path: Path, git: str) -> None:
    ctx = fake(tmp_path)
    (tmp_path / git / ".git").mkdir()
    document = json.loads(witness(linted("src/a.ts"), root=str(ctx.root)))
    document["configurations"][0]["file"] = str(tmp_path / "eslint.config.js")
    answer(ctx, json.dumps(document).encode())

    if git:
        with pytest.raises(StageError, match="outside of the repository"):
            Eslint(EslintOptions()).run(ctx)
    else:
        assert Eslint(EslintOptions()).run(ctx).examined.count == 1


def test_a_program_that_writes_nothing_is_no_result(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.answer("eslint")

    with pytest.raises(OutputUnreadable, match="was not written"):
        Eslint(EslintOptions()).run(ctx)


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.missing.add("eslint")

    with pytest.raises(ToolMissing):
        Eslint(EslintOptions()).run(ctx)


def test_inputs_are_code_and_configuration(tmp_path: Path) -> None:
    files = ("a.py", "eslint.config.js", "package-lock.json", "src/a.tsx", "yarn.lock")
    ctx = fake_context(tmp_path, dict.fromkeys(files, ""))

    assert Eslint(EslintOptions()).inputs(ctx) == files[1:]


def given(tmp_path: Path, name: str = "findings.json") -> FakeContext:
    ctx = fake_context(tmp_path, dict.fromkeys(SOURCES, ""))
    ctx.source_folders = ("src",)
    ctx.source_excluded = ("src/left.ts",)
    data = recorded(f"{DATA}/{name}").replace(b"/project", os.fsencode(ctx.root))
    ctx.write("out/eslint.json", data)
    return ctx


@pytest.mark.parametrize("name", ["findings.json", "findings-metadata.json"])
def test_a_given_report_is_judged(tmp_path: Path, name: str) -> None:
    ctx = given(tmp_path, name)

    result = Eslint(GIVEN).measure(ctx)

    assert metrics_of(result) == {"errors": 4, "warnings": 1, "suppressed": 1}
    assert (result.examined.count, result.examined.excluded) == (4, 1)
    assert result.findings[1].place == "src/core/total.ts:4:7"
    assert result.findings[1].end_line == 4
    assert (result.tool.how, result.canary) == ("a given report", "")
    assert not ctx.runs
    assert "does not tell which rules were enabled" in ctx.notes[0]


def test_a_given_report_of_another_machine_is_told(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("out/eslint.json", recorded(f"{DATA}/findings-metadata.json"))

    assert metrics_of(Eslint(GIVEN).measure(ctx))["errors"] == 4
    assert "made in `/project`, which is not on this machine" in ctx.notes[0]


def test_a_given_report_of_a_sibling_project_is_refused(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    web = tmp_path / "web"
    web.mkdir()
    data = recorded(f"{DATA}/findings-metadata.json").replace(b"/project", os.fsencode(web))
    ctx.write("out/eslint.json", data)

    with pytest.raises(StageError, match="which is another folder") as caught:
        Eslint(GIVEN).measure(ctx)
    assert caught.value.problem.slug == "report-foreign"


def test_a_given_report_without_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.source_excluded = ()

    with pytest.raises(StageError, match=r"nothing of `src/left\.ts`") as caught:
        Eslint(GIVEN).measure(ctx)

    assert Eslint.written_by in caught.value.problem.hint


def test_a_given_report_may_come_in_parts(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.source_excluded = ()
    ctx.write("out/left.json", json.dumps([linted("src/left.ts", 1)]))

    assert metrics_of(Eslint(GIVEN).measure(ctx))["warnings"] == 2


def test_a_given_report_on_a_syntax_error_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"could not read `src/bad\.ts`"):
        Eslint(GIVEN).measure(given(tmp_path, "syntax.json"))


CONFIG = """\
import js from "@eslint/js";
import ts from "typescript-eslint";

export const silent = { preprocess: (text) => [text], postprocess: () => [] };
export default [
  js.configs.recommended,
  ...ts.configs.recommended,
  { ignores: ["src/left.ts"] },
  PLACE
];
"""
PACKAGE = '{"name": "orders", "private": true, "type": "module"}\n'
CODE = """\
/* eslint no-empty: "off" */
export let first = 1;
debugger; // eslint-disable-line
if (first) {}
"""


def project(more: str = "", *, code: str = CODE) -> dict[str, str]:
    return {
        "eslint.config.js": CONFIG.replace("PLACE", more),
        "package.json": PACKAGE,
        "src/a.ts": code,
        "src/b.ts": "export {};\n",
        "src/left.ts": "debugger;\n",
    }


@pytest.mark.live
def test_live_findings_and_what_comments_hide(repo: Repo) -> None:
    ctx = node_context(repo, project(code=f"{CODE}var second: any = first;\n"))
    repo.write(".gates/local/runs/1/out/a.cjs", "debugger;\n")
    repo.write(".gates/local/.gitignore", "*\n")

    result = Eslint(EslintOptions()).run(ctx)

    assert metrics_of(result) == {"errors": 4, "warnings": 0, "suppressed": 2}
    assert {finding.path for finding in result.findings} == {"src/a.ts"}
    assert (result.examined.count, result.examined.excluded) == (3, 1)
    assert result.notes == ("not linted, by configuration: `src/left.ts`",)
    assert result.tool.version == "10.15.0"


@pytest.mark.live
def test_live_sources_in_an_older_language(repo: Repo) -> None:
    older = "{ files: ['src/**'], languageOptions: { ecmaVersion: 5, sourceType: 'commonjs' } },"
    files = project(older, code="export {};\n")
    for name in ("src/a.ts", "src/b.ts"):
        files[name.replace(".ts", ".js")] = files.pop(name).replace("export {}", "exports.a = 1")
    files["eslint.config.js"] = files["eslint.config.js"].replace("...ts.configs", "// ...ts.")

    result = Eslint(EslintOptions(paths=("src",))).run(node_context(repo, files))

    assert metrics_of(result)["errors"] == 0
    assert result.canary.startswith("a text with defects of ")


KINDS = """\
{ files: ["src/processed.ts"], processor: silent },
{ files: ["src/other.ts"], processor: { ...silent, postprocess: (all) => all.flat() } },
{ files: ["src/parsed.ts"], languageOptions: { parser: { parseForESLint: (text) => ({ ast: {
  type: "Program", body: [], sourceType: "module", range: [0, text.length], tokens: [],
  comments: [], loc: { start: { line: 1, column: 0 }, end: { line: 1, column: 0 } } } }) } } },
{ files: ["src/chosen.ts"], rules: { eqeqeq: ["error", "smart"] } },
{ files: ["src/strict.ts"], rules: { eqeqeq: ["error", "always"] } },
{ files: ["src/set.ts"], settings: { at: new Date() } },
{ files: ["src/same.ts"], rules: { eqeqeq: ["error", "smart"] } },
"""


@pytest.mark.live
def test_live_each_kind_of_configuration_gets_a_planted_text(repo: Repo) -> None:
    names = ("processed", "other", "parsed", "chosen", "strict", "set", "same")
    files = {f"src/{name}.ts": "export {};\n" for name in names}
    ctx = node_context(repo, {**project(KINDS, code="export {};\n"), **files})

    with pytest.raises(StageError, match=r"`src/p\w+\.ts`") as caught:
        Eslint(EslintOptions()).run(ctx)

    assert caught.value.problem.slug == "no-rule"
    document = json.loads((ctx.out / "eslint.json").read_bytes())
    found = {Path(one["path"]).stem: one["found"] for one in document["canaries"]}
    assert found.keys() == {"a", *names} - {"same"}
    assert [name for name, rules in found.items() if not rules] == ["parsed", "processed"]


@pytest.mark.live
@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ("{ plugins: { p: { processors: { silent } } }, processor: 'p/silent' },", "no-rule"),
        ("{ ignores: ['src/**'] },", "nothing-examined"),
        ("{ rules: { 'no-such-rule': 2 } },", "not-linted"),
    ],
)
def test_live_a_configuration_that_sees_nothing(repo: Repo, more: str, slug: str) -> None:
    ctx = node_context(repo, project(more))

    with pytest.raises(StageError) as caught:
        Eslint(EslintOptions()).run(ctx)

    assert caught.value.problem.slug == slug
