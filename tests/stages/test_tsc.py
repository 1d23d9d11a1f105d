from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded

from gates.formats import typescript_survey
from gates.plugin import OutputUnreadable, Severity, StageError, StageResult, Tool
from gates.stages.tsc import QUIET, Tsc, TscOptions

A = "export function a(x: number): number {\n  return x + 1;\n}\n"
B = "export const b = (x: number): number => x * 2;\n"
SHOWN = {"compilerOptions": {"strict": True}, "files": ["./src/a.ts", "./src/b.ts"]}


def project(folder: Path, *, version: str = "5.9.3", name: str = "clean") -> FakeContext:
    """A project on which tsc prints what was recorded, with its paths."""
    files = {"src/a.ts": A, "src/b.ts": B, "tsconfig.json": "{}"}
    ctx = fake_context(folder, files)
    ctx.versions["tsc"] = version
    whole = recorded(f"tsc/{version}/{name}.txt").replace(b"/project", str(ctx.root).encode())
    shown, _, rest = whole.partition(b"\n}")
    ctx.answer("tsc", "--showConfig", stdout=shown.partition(b"\n")[2] + b"\n}\n")
    messages = rest.strip()
    ctx.answer("tsc", "--noEmit", stdout=messages, exit_code=2 if b"error TS" in messages else 0)
    ctx.answer("node", stdout=surveyed(ctx, "src/a.ts", "src/b.ts", version=version))
    return ctx


def surveyed(ctx: FakeContext, *paths: str, version: str = "5.9.3", untyped: int = 0) -> bytes:
    lacking = {"line": 1, "column": 1, "name": "f", "result": False, "parameters": []}
    files = [
        {"path": f"{ctx.root}/{path}", "anys": [], "untyped": [lacking] * untyped, "broken": []}
        for path in paths
    ]
    return json.dumps({"version": version, "files": files}).encode()


def run(ctx: FakeContext, *names: str, report: tuple[str, ...] = ()) -> StageResult:
    options = TscOptions(project=names or ("tsconfig.json",), report=report)
    return Tsc(options).measure(ctx)


@pytest.mark.parametrize("version", ["5.9.3", "7.0.2"])
def test_a_clean_project(tmp_path: Path, version: str) -> None:
    ctx = project(tmp_path, version=version)

    result = run(ctx)

    assert metrics_of(result) == {"errors": 0, "any": 0, "untyped": 0, "strict": 1, "ignores": 0}
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert (result.findings, result.notes) == ((), ())
    assert result.tool.version == version
    assert ctx.runs[0][1:] == (
        "--noEmit", "--pretty", "false", "--listFiles", "--diagnostics", *QUIET, "--incremental",
        "--tsBuildInfoFile", str(ctx.out / "tsconfig.json.tsbuildinfo"), "--project",
        "tsconfig.json",
    )  # fmt: skip
    assert ctx.runs[1][1:] == ("--showConfig", "--project", "tsconfig.json")
    kept = (ctx.out / "tsc.txt").read_bytes()
    assert kept.startswith(f"Version {version}\n".encode())


@pytest.mark.parametrize("version", ["5.9.3", "7.0.2"])
def test_a_faulty_project(tmp_path: Path, version: str) -> None:
    ctx = project(tmp_path, version=version, name="faulty")
    ctx.answer("node", stdout=surveyed(ctx, "src/a.ts", "src/b.ts", version=version, untyped=1))

    result = run(ctx)

    assert metrics_of(result) == {"errors": 2, "any": 0, "untyped": 2, "strict": 1, "ignores": 0}
    assert [(each.rule, each.place, each.counts) for each in result.findings] == [
        ("TS7006", "src/a.ts:3:27", ("errors",)),
        ("TS2322", "src/a.ts:4:55", ("errors",)),
        ("explicit-function-return-type", "src/a.ts:1:1", ("untyped",)),
        ("explicit-function-return-type", "src/b.ts:1:1", ("untyped",)),
    ]
    assert {each.severity for each in result.findings} == {Severity.HIGH}


@pytest.mark.parametrize("version", ["5.9.3", "7.0.2"])
def test_a_lax_project_is_told(tmp_path: Path, version: str) -> None:
    ctx = project(tmp_path, version=version, name="lax")

    result = run(ctx)

    assert metrics_of(result)["strict"] == 0
    assert result.notes == ("not strict: `strict` is not on",)


def test_comments_are_counted_and_hide_a_file(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("src/b.ts", f"// @ts-nocheck\n// @ts-ignore\n{B}")

    result = run(ctx)

    assert (metrics_of(result)["ignores"], metrics_of(result)["strict"]) == (2, 0)
    assert result.notes == ("not strict: `@ts-nocheck` hides all of `src/b.ts`",)


def test_a_source_that_no_configuration_includes_is_told_and_looked_at(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("src/c.js", "let x;\n")
    ctx.answer("node", stdout=surveyed(ctx, "src/a.ts", "src/b.ts", "src/c.js", untyped=1))

    result = run(ctx)

    assert (metrics_of(result)["strict"], metrics_of(result)["untyped"]) == (0, 3)
    assert result.notes == ("not strict: no configuration includes `src/c.js`",)
    assert (result.examined.count, result.examined.excluded) == (2, 1)


def test_several_projects_are_one_whole(tmp_path: Path) -> None:
    ctx = project(tmp_path, name="faulty")
    ctx.write("sub/tsconfig.json", "{}")

    result = run(ctx, "./tsconfig.json", "sub")

    assert [argv[-1] for argv in ctx.runs[:4]] == ["tsconfig.json"] * 2 + ["sub/tsconfig.json"] * 2
    assert metrics_of(result)["errors"] == 2
    assert result.examined.count == 2


@pytest.mark.parametrize("name", ["../tsconfig.json", "nothing.json", "src"])
def test_a_configuration_must_be_a_file_of_the_project(tmp_path: Path, name: str) -> None:
    with pytest.raises(StageError, match="is no file of the project") as caught:
        run(project(tmp_path), name)
    assert caught.value.problem.slug == "config-missing"


@pytest.mark.parametrize(
    ("stdout", "says"),
    [
        (b"tsconfig.json(1,21): error TS5023: Unknown compiler option 'bogus'.\n", "TS5023"),
        (b"error TS18003: No inputs were found.\n", "TS18003"),
        (b"src/a.ts(1,1): error TS1: odd\n", "does not hold what"),
    ],
)
def test_a_configuration_that_cannot_be_shown(tmp_path: Path, stdout: bytes, says: str) -> None:
    ctx = project(tmp_path)
    ctx.answer("tsc", "--showConfig", stdout=stdout, exit_code=1)

    with pytest.raises(StageError, match=says):
        run(ctx)


@pytest.mark.parametrize(("name", "exit_code"), [("clean", 2), ("faulty", 0)])
def test_an_exit_code_that_contradicts_the_messages(
    tmp_path: Path, name: str, exit_code: int
) -> None:
    ctx = project(tmp_path, name=name)
    (answer,) = (each for each in ctx.answers if "--noEmit" in each.pattern)
    ctx.answer("tsc", "--noEmit", stdout=answer.stdout, exit_code=exit_code)

    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        run(ctx)


def test_a_version_that_nobody_tells_proves_nothing(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.versions["tsc"] = ""

    with pytest.raises(OutputUnreadable, match="does not begin with `Version"):
        run(ctx)


def test_a_compiler_that_the_checkout_brought_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = project(tmp_path)
    for words in (("init", "--quiet"), ("add", "-A")):
        subprocess.run(["/usr/bin/env", "git", *words], cwd=ctx.root, check=True)
    monkeypatch.setattr("gates.stages.tsc._package", lambda _: ctx.root / "src")

    with pytest.raises(StageError, match="was brought by the checkout"):
        run(ctx)
    assert not [argv for argv in ctx.runs if argv[0].endswith("node")]


def test_a_real_program_is_followed_to_its_package(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    package = tmp_path / "node_modules/typescript"
    (package / "bin").mkdir(parents=True)
    (package / "bin/tsc").write_text("#!/usr/bin/env node\n")
    (package / "package.json").write_text('{"name": "typescript", "version": "5.9.3"}')
    link = tmp_path / "node_modules/.bin/tsc"
    link.parent.mkdir()
    link.symlink_to("../typescript/bin/tsc")
    found = Linked(root=ctx.root, out=ctx.out, answers=ctx.answers, link=str(link))

    assert metrics_of(run(found))["errors"] == 0

    asked: dict[str, str] = json.loads((ctx.out / "survey-asked.json").read_text())
    assert asked["entry"] == f"{package}/lib/typescript.js"


@dataclass(slots=True)
class Linked(FakeContext):
    """A project whose tsc is a link, of which only the package tells the version."""

    link: str = ""

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """The link for tsc."""
        if name == "tsc":
            return Tool(name=name, version="", path=self.link)
        return FakeContext.tool(self, name, ask=ask)


def test_without_the_parser_two_metrics_are_gone_and_it_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    stage = Tsc(TscOptions(annotations=False))

    result = stage.measure(ctx)

    assert metrics_of(result) == {"errors": 0, "strict": 1, "ignores": 0}
    assert {each.name for each in stage.specs()} == metrics_of(result).keys()
    assert [each.text for each in stage.conditions()] == ["errors == 0", "strict == 1"]
    assert ctx.notes == [
        "`annotations: false`: neither `any` nor functions without types are counted"
    ]
    assert len(Tsc(TscOptions()).specs()) == 5
    assert len(Tsc(TscOptions()).conditions()) == 4


class Listed(FakeContext):
    """A project in which git does not list what is built."""

    def files(self, *patterns: str) -> tuple[str, ...]:
        """Files that match any of these patterns and are not ignored."""
        found = FakeContext.files(self, *patterns)
        return tuple(path for path in found if not path.startswith("dist/"))


def built(folder: Path) -> FakeContext:
    """A project whose `b` is known by what was built of it, which git ignores."""
    made = project(folder)
    ctx = Listed(root=made.root, out=made.out, answers=made.answers, versions=made.versions)
    ctx.write(".gitignore", "dist\n")
    ctx.write("dist/b.d.ts", "export declare const b: number;\n")
    subprocess.run(["/usr/bin/env", "git", "init", "--quiet"], cwd=ctx.root, check=True)
    answer = next(each for each in ctx.answers if "--noEmit" in each.pattern)
    text = answer.stdout.replace(b"Files: ", f"{ctx.root}/dist/b.d.ts\nFiles: ".encode())
    number = int(re.search(rb"Files: +(\d+)", text)[1])  # type: ignore[index]
    more = re.sub(rb"(Files: +)\d+", rb"\g<1>%d" % (number + 1), text)
    ctx.answer("tsc", "--noEmit", stdout=more)
    ctx.source_folders = ("src",)
    return ctx


def test_types_out_of_build_output_prove_nothing(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"may be stale: `dist/b\.d\.ts`") as caught:
        run(built(tmp_path))

    problem = caught.value.problem
    assert (problem.slug, problem.place) == ("built-files", "dist/b.d.ts")
    assert "whose `paths` lead to the sources" in problem.hint


@pytest.mark.parametrize(
    ("named", "is_taken"), [("dist", True), ("./dist/*.d.ts", True), ("d", False)]
)
def test_generated_files_are_named_and_told(tmp_path: Path, named: str, *, is_taken: bool) -> None:
    ctx = built(tmp_path)
    stage = Tsc(TscOptions(generated=(named,)))

    assert stage.inputs(ctx) == ()
    if is_taken:
        assert metrics_of(stage.measure(ctx))["errors"] == 0
        (told,) = ctx.notes
        assert told.startswith("types were taken from generated files, and nothing proves that")
        assert told.endswith(": `dist/b.d.ts`")
    else:
        with pytest.raises(StageError, match="may be stale"):
            stage.measure(ctx)


def test_a_referenced_project_that_was_not_built_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    (answer,) = (each for each in ctx.answers if "--noEmit" in each.pattern)
    told = b"src/b.ts(1,19): error TS6305: Output file '/p/a.d.ts' has not been built.\n"
    ctx.answer("tsc", "--noEmit", stdout=told + answer.stdout, exit_code=2)

    with pytest.raises(StageError, match="TS6305") as caught:
        run(ctx)
    assert (caught.value.problem.slug, caught.value.problem.place) == ("not-built", "src/b.ts:1:19")


def test_a_name_that_no_line_can_hold_is_refused(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("src/c\nd.ts")

    with pytest.raises(StageError, match="line break") as caught:
        run(ctx)
    assert caught.value.problem.slug == "name-unprovable"
    assert not ctx.runs


def given(ctx: FakeContext, *names: str) -> None:
    for number, name in enumerate(names):
        ctx.write(f"out/{number}.txt", recorded(f"tsc/{name}.txt"))


def test_a_report_of_an_earlier_step(tmp_path: Path) -> None:
    """It was written elsewhere: the files that its options name tell where."""
    ctx = project(tmp_path)
    given(ctx, "5.9.3/faulty")

    result = run(ctx, report=("out/*.txt",))

    assert metrics_of(result) == {"errors": 2, "any": 0, "untyped": 0, "strict": 1, "ignores": 0}
    assert (result.examined.count, result.tool.version) == (2, "5.9.3")
    assert result.tool.how == "a given report"
    assert "`/project`, which is not on this machine" in result.notes[0]
    (told,) = ctx.notes
    assert told.startswith("only a report was judged: ")
    assert [argv[0] for argv in ctx.runs] == ["/tools/node"]


def test_a_report_of_a_sibling_project_is_refused(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    web = tmp_path / "web"
    web.mkdir()
    text = recorded("tsc/5.9.3/clean.txt").replace(b"/project", str(web).encode())
    ctx.write("out/0.txt", text)

    with pytest.raises(OutputUnreadable, match="which is another folder") as caught:
        run(ctx, report=("out/0.txt",))
    assert caught.value.problem.slug == "report-foreign"


def test_reports_of_two_projects_do_not_count_a_shared_file_twice(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, "5.9.3/faulty", "5.9.3/clean")

    result = run(ctx, report=("out/*.txt",))

    assert metrics_of(result)["errors"] == 2
    assert result.examined.count == 2


def test_reports_of_two_compilers_contradict_each_other(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, "5.9.3/clean", "7.0.2/clean")

    with pytest.raises(OutputUnreadable, match=r"different versions of tsc: 5\.9\.3, 7\.0\.2"):
        run(ctx, report=("out/*.txt",))


def test_another_compiler_than_that_of_the_report_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, "7.0.2/clean")

    run(ctx, report=("out/*.txt",))

    assert ctx.notes[0] == "the report is of tsc 7.0.2, and the sources were parsed by 5.9.3"


def test_a_report_is_judged_without_a_compiler(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.missing.update({"tsc", "node"})
    given(ctx, "7.0.2/clean")

    result = Tsc(TscOptions(annotations=False, report=("out/0.txt",))).measure(ctx)

    assert metrics_of(result) == {"errors": 0, "strict": 1, "ignores": 0}
    assert not ctx.runs
    assert len(ctx.notes) == 2


def test_inputs_are_sources_and_what_configures_or_is_imported(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    for path in ("package.json", "src/data.json", "yarn.lock", "README.md", "src/c.mjs"):
        ctx.write(path)

    assert set(Tsc(TscOptions()).inputs(ctx)) == {
        "package.json", "src/a.ts", "src/b.ts", "src/c.mjs", "src/data.json", "tsconfig.json",
        "yarn.lock",
    }  # fmt: skip


def test_the_program_is_left_beside_what_it_was_asked(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    run(ctx)

    assert (ctx.out / typescript_survey.NAME).read_bytes() == typescript_survey.PROGRAM
    assert ctx.runs[-1] == (
        "/tools/node",
        str(ctx.out / typescript_survey.NAME),
        str(ctx.out / "survey-asked.json"),
    )
