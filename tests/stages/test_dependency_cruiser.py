from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import Repo
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded
from stages.node_project import node_context

from gates.formats import dependency_cruiser_json
from gates.formats.dependency_cruiser_json import SEVERITIES as WORDS
from gates.formats.dependency_cruiser_json import Breach, Cruise, Rule
from gates.formats.tool_paths import Tree
from gates.plugin import (
    OutputUnreadable,
    Severity,
    StageError,
    StageResult,
    Tool,
    ToolMissing,
)
from gates.stages.dependency_cruiser import (
    SEVERITIES,
    DependencyCruiser,
    DependencyCruiserOptions,
    parse,
)

DATA = "dependency_cruiser/17.4.3"
SYNTAX = "syntax is not proved here: of a source that cannot be parsed imports may go unseen"
DEPCRUISE = Tool(name="depcruise", version="17.4.3", path="/tools/depcruise")
SOURCES = frozenset({"src/core/total.ts", "src/left.ts", "src/web/rate.ts"})
TREE = Tree(roots=("/project",), files=SOURCES | {"eslint.config.js"}, sources=SOURCES)
GIVEN = DependencyCruiserOptions(report=("out/*.json",))


def found(name: str = "findings") -> Cruise:
    return dependency_cruiser_json.parse(recorded(f"{DATA}/{name}.json"), what=name)


def judged(*cruises: Cruise, tree: Tree = TREE, packages: tuple[str, ...] = ()) -> StageResult:
    return parse(cruises, tree, packages=frozenset(packages), tool=DEPCRUISE)


def test_recorded_findings_are_counted_and_placed() -> None:
    result = judged(found())

    assert metrics_of(result) == {"broken": 1, "kept": 1, "warnings": 1, "suppressed": 0}
    assert [(f.rule, f.path, f.severity, f.message) for f in result.findings] == [
        (
            "core-knows-no-web",
            "src/core/total.ts",
            Severity.HIGH,
            "`src/core/total.ts` imports `src/web/rate.ts` (the core stands alone)",
        ),
        (
            "no-circular",
            "src/core/total.ts",
            Severity.MEDIUM,
            "`src/core/total.ts` imports itself by way of `src/web/rate.ts`",
        ),
    ]
    assert (result.examined.count, result.examined.excluded) == (3, 1)
    assert dict(result.examined.details) == {"rules": 3, "imports": 2}
    assert result.notes == (
        SYNTAX,
        "rules that hold nothing, as no module is at their path: `jobs-know-no-web`",
    )
    assert result.tool == DEPCRUISE


@pytest.mark.parametrize(
    ("word", "severity", "metric"),
    [
        ("error", Severity.HIGH, "broken"),
        ("warn", Severity.MEDIUM, "warnings"),
        ("info", Severity.INFO, "warnings"),
    ],
)
def test_each_severity_is_counted(word: str, severity: Severity, metric: str) -> None:
    one = Breach(rule="x", severity=word, source="src/left.ts", target="src/web/rate.ts")

    result = judged(replace(found(), breaches=(one,)))

    assert metrics_of(result)[metric] == 1
    assert (result.findings[0].severity, result.findings[0].counts) == (severity, (metric,))


def test_the_table_of_severities_is_the_readers() -> None:
    assert set(SEVERITIES) == set(WORDS)


def test_known_breaches_are_counted_and_not_shown() -> None:
    cruise = found("known")
    tree = Tree(roots=("/project",), files=frozenset(), sources=frozenset({"src/app/a.js"}))

    result = judged(cruise, tree=tree, packages=("left-pad",))

    assert metrics_of(result) == {"broken": 2, "kept": 4, "warnings": 0, "suppressed": 6}
    assert {finding.rule for finding in result.findings} == {"folder-cycle"}
    assert "packages that are not installed, so that nothing sees into them: `left-pad`" in (
        result.notes
    )


def test_what_an_import_leads_to_must_be_known() -> None:
    tree = Tree(roots=("/project",), files=frozenset(), sources=frozenset({"src/app/a.js"}))

    with pytest.raises(StageError, match="where `left-pad` leads: no rule") as caught:
        judged(found("kinds"), tree=tree)

    assert caught.value.problem.place == "src/app/a.js"
    twice = replace(found(), unresolved=(("src/left.ts", "@/x"), ("src/left.ts", "./y")))
    with pytest.raises(StageError, match="where `@/x` leads, and 1 more: no rule"):
        judged(twice)


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"rules": ()}, "no-rule"),
        ({"rules": (Rule(name="x", severity="warn"),)}, "no-rule"),
        ({"systems": ("cjs",)}, "imports-unread"),
        ({"drops_dynamic": True}, "imports-unread"),
        ({"drops_dynamic": False}, "imports-unread"),
        ({"cruised": ("eslint.config.js",)}, "typescript-unseen"),
        ({"cruised": ("tests/a.ts",)}, "nothing-examined"),
    ],
)
def test_what_proves_nothing_is_no_result(changed: dict[str, object], slug: str) -> None:
    cruise = replace(found(), **changed)  # type: ignore[arg-type]

    with pytest.raises(StageError) as caught:
        judged(cruise)

    assert caught.value.problem.slug == slug


def test_what_is_no_import_of_the_project_or_no_file_is_told() -> None:
    pairs = (
        ("node_modules/left-pad/index.js", "gone"),
        ("../node_modules/.store/a/index.js", "./here.js"),
        ("src/left.ts", "virtual:routes"),
    )

    result = judged(replace(found(), unresolved=pairs), packages=("gone",))

    assert result.notes[-2:] == (
        "virtual modules, which nothing sees into: `virtual:routes`",
        (
            "installed packages import what was not found: `./here.js`, `gone`;"
            ' `doNotFollow: {path: "node_modules"}` in `options` leaves their imports out'
        ),
    )


def test_components_that_are_not_seen_are_told(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/a.vue")
    DependencyCruiser(GIVEN).measure(ctx)
    (told,) = ctx.notes
    assert told.startswith("not checked: `src/a.vue`: dependency-cruiser reads imports")

    ctx.write("src/b.svelte")
    DependencyCruiser(DependencyCruiserOptions()).run(ctx)
    assert ctx.notes[1].startswith("not checked: `src/a.vue`, `src/b.svelte`: ")
    assert "src/b.svelte" in DependencyCruiser(DependencyCruiserOptions()).inputs(ctx)


def test_components_that_are_seen_are_not(tmp_path: Path) -> None:
    ctx = fake(tmp_path, recorded(f"{DATA}/findings.json").replace(b"src/left.ts", b"src/left.vue"))
    (ctx.root / "src/left.ts").unlink()
    ctx.write("src/left.vue")

    DependencyCruiser(DependencyCruiserOptions()).run(ctx)

    assert not ctx.notes


def test_javascript_that_was_not_seen_is_no_result() -> None:
    tree = Tree(roots=("/project",), files=frozenset(), sources=frozenset({"src/a.js"}))

    with pytest.raises(StageError, match="saw no source"):
        judged(found(), tree=tree)


def test_sources_and_imports_that_are_not_seen_are_told() -> None:
    cruise = replace(found(), cruised=("src/left.ts",), sees_types=False, rules=found().rules[:2])

    assert judged(cruise).notes == (
        "not checked, by configuration: `src/core/total.ts`, `src/web/rate.ts`",
        SYNTAX,
        "rules that hold nothing, as no module is at their path: `core-knows-no-web`",
        "imports of types alone are not seen: `tsPreCompilationDeps` is not set",
    )


def test_parts_are_counted_once() -> None:
    whole = found()
    parts = (replace(whole, cruised=whole.cruised[:2]), replace(whole, cruised=whole.cruised[1:]))

    result = judged(*parts)

    assert metrics_of(result)["broken"] == 1
    assert result.examined.count == 3


def fake(tmp_path: Path, data: bytes | None = None) -> FakeContext:
    ctx = fake_context(tmp_path, dict.fromkeys(SOURCES, ""))
    ctx.write("package.json", '{"dependencies": {"left-pad": "1"}}')
    ctx.source_folders = ("src",)
    text = data or recorded(f"{DATA}/findings.json")

    def write(argv: tuple[str, ...]) -> None:
        output = next(word for word in argv if word.startswith("--output-to="))
        Path(output.partition("=")[2]).write_bytes(text.replace(b"/project", bytes(ctx.root)))

    ctx.answer("depcruise", "--output-to=*", does=write)
    return ctx


def test_the_folders_of_the_sources_are_cruised_without_a_cache(tmp_path: Path) -> None:
    ctx = fake(tmp_path)

    result = DependencyCruiser(DependencyCruiserOptions()).run(ctx)

    assert metrics_of(result)["broken"] == 1
    assert ctx.runs[0][1] == "--no-cache"
    assert ctx.runs[0][-2:] == ("--", "./src")
    assert not any(word.startswith("--config") for word in ctx.runs[0])


def test_options_name_paths_and_configuration(tmp_path: Path) -> None:
    ctx = fake(tmp_path)

    DependencyCruiser(DependencyCruiserOptions(paths=("lib",), config="rules.cjs")).run(ctx)

    assert ctx.runs[0][-1] == "./lib"
    assert "--config=rules.cjs" in ctx.runs[0]


@pytest.mark.parametrize(
    ("log", "said"), [("\n\n  ERROR: Can't open it\n  - more\n", "ERROR: Can't open it"), ("", "")]
)
def test_a_run_that_gave_up_is_told_in_its_words(tmp_path: Path, log: str, said: str) -> None:
    ctx = fake(tmp_path)
    ctx.answer("depcruise", exit_code=1, stderr=log)

    with pytest.raises(StageError, match=f"it says: {said or 'nothing'}$"):
        DependencyCruiser(DependencyCruiserOptions()).run(ctx)


def test_a_program_that_writes_nothing_is_no_result(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.answer("depcruise")

    with pytest.raises(OutputUnreadable, match="was not written"):
        DependencyCruiser(DependencyCruiserOptions()).run(ctx)


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.missing.add("depcruise")

    with pytest.raises(ToolMissing):
        DependencyCruiser(DependencyCruiserOptions()).run(ctx)


def test_inputs_are_code_and_configuration(tmp_path: Path) -> None:
    files = (".dependency-cruiser.cjs", "a.py", "rules.txt", "src/a.tsx", "tsconfig.json")
    ctx = fake_context(tmp_path, dict.fromkeys(files, ""))
    named = DependencyCruiser(DependencyCruiserOptions(config="rules.txt"))

    assert named.inputs(ctx) == (files[0], *files[2:])
    assert DependencyCruiser(DependencyCruiserOptions()).inputs(ctx) == (files[0], *files[3:])


def given(tmp_path: Path, **changed: object) -> FakeContext:
    ctx = fake(tmp_path)
    document = json.loads(recorded(f"{DATA}/findings.json"))
    document["summary"]["optionsUsed"].update(changed)
    ctx.write("out/dependencies.json", json.dumps(document))
    return ctx


def test_a_given_report_is_judged(tmp_path: Path) -> None:
    ctx = given(tmp_path)

    result = DependencyCruiser(GIVEN).measure(ctx)

    assert metrics_of(result) == {"broken": 1, "kept": 1, "warnings": 1, "suppressed": 0}
    assert result.examined.count == 3
    assert result.tool.how == "a given report"
    assert not ctx.runs
    assert not ctx.notes


def test_a_given_report_out_of_a_cache_is_told(tmp_path: Path) -> None:
    ctx = given(tmp_path, cache={"folder": "x"})

    DependencyCruiser(GIVEN).measure(ctx)

    assert ctx.notes == ["the report comes out of dependency-cruiser's cache"]


def test_a_given_report_without_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/late.ts")

    with pytest.raises(StageError, match=r"nothing of `src/late\.ts`") as caught:
        DependencyCruiser(GIVEN).measure(ctx)

    assert DependencyCruiser.written_by in caught.value.problem.hint


def test_parts_of_different_rules_are_no_whole(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    document = json.loads(recorded(f"{DATA}/findings.json"))
    document["summary"]["ruleSetUsed"]["forbidden"].pop()
    ctx.write("out/part.json", json.dumps(document))

    with pytest.raises(OutputUnreadable, match="by different rules"):
        DependencyCruiser(GIVEN).measure(ctx)


CONFIG = """\
module.exports = {
  forbidden: [
    { name: "core-knows-no-web", severity: "error",
      from: { path: "^src/core" }, to: { path: "^src/web" } },
  ],
  options: { OPTIONS },
};
"""


def project(options: str = "tsPreCompilationDeps: true", **sources: str) -> dict[str, str]:
    return {
        ".dependency-cruiser.cjs": CONFIG.replace("OPTIONS", options),
        "package.json": '{"name": "orders", "private": true, "type": "module"}\n',
        "src/web/rate.ts": "export const rate = 2;\nexport type Rate = number;\n",
        **{f"src/core/{name}.ts": text for name, text in sources.items()},
    }


@pytest.mark.live
def test_live_findings(repo: Repo) -> None:
    files = project(
        a='import type { Rate } from "../web/rate.js";\nexport const a: Rate = 1;\n',
        b='import { readFileSync } from "node:fs";\nexport const b = readFileSync;\n',
    )

    result = DependencyCruiser(DependencyCruiserOptions()).run(node_context(repo, files))

    assert metrics_of(result) == {"broken": 1, "kept": 0, "warnings": 0, "suppressed": 0}
    assert [finding.path for finding in result.findings] == ["src/core/a.ts"]
    assert (result.examined.count, result.examined.excluded) == (3, 1)
    assert result.notes == (SYNTAX,)


@pytest.mark.live
@pytest.mark.parametrize(
    ("options", "text", "slug"),
    [
        ("exclude: { path: '^src' }", "export const a = 1;\n", "typescript-unseen"),
        ("", 'import { rate } from "@/web/rate";\nexport const a = rate;\n', "import-unresolved"),
        (
            "exclude: { dynamic: true }",
            'export const a = import("../web/rate");\n',
            "imports-unread",
        ),
    ],
)
def test_live_what_was_not_seen_is_no_result(
    repo: Repo, options: str, text: str, slug: str
) -> None:
    ctx = node_context(repo, project(options, a=text))

    with pytest.raises(StageError) as caught:
        DependencyCruiser(DependencyCruiserOptions()).run(ctx)

    assert caught.value.problem.slug == slug
