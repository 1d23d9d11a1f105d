from __future__ import annotations

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
from gates.stages.prettier import Prettier, PrettierOptions, parse

DATA = "prettier/3.10.1"
PRETTIER = Tool(name="prettier", version="3.10.1", path="/tools/prettier")
SOURCES = frozenset({"src/core/total.ts", "src/left.ts", "src/web/rate.ts"})
OTHERS = frozenset({".dependency-cruiser.cjs", "eslint.config.js", "package.json"})
TREE = Tree(roots=("/project",), files=SOURCES | OTHERS, sources=SOURCES)
PLANTED = "/planted/canary.ts"
GIVEN = PrettierOptions(report=("out/*.txt",))


def ran(log: bytes, exit_code: int = 1) -> Completed:
    return ended(PRETTIER, ("/tools/prettier",), exit_code, b"", log, ok=(0, 1, 2))


def log_of(*files: tuple[str, str], canary: str = PLANTED) -> bytes:
    """A log on files with options; an option `!` stands for a file that would change."""
    lines = []
    total = 0
    for path, options in (*files, *(((canary, "!"),) if canary else ())):
        applied = "{}" if options in {"", "!"} else options
        lines += [
            f"[debug] resolve config from '{path}'",
            f"[debug] applied config-precedence (cli-override): {applied}",
        ]
        if options == "!":
            total += 1
            lines.append(f"[warn] {path.lstrip('/')}")
    named = "the above file" if total == 1 else f"{total} files"
    end = f"[warn] Code style issues found in {named}. Run Prettier with --write to fix."
    lines.append(end if total else "All matched files use Prettier code style!")
    return "\n".join((*lines, "")).encode()


def parsed(*files: tuple[str, str], is_whole: bool = True) -> StageResult:
    tree = Tree(roots=("/project",), files=frozenset({"a.ts", "b.md"}), sources=frozenset({"a.ts"}))
    placed = ((f"/project/{path}", options) for path, options in files)
    return parse(ran(log_of(*placed)), tree, planted=PLANTED, is_whole=is_whole)


def test_recorded_findings_are_counted() -> None:
    log = recorded(f"{DATA}/findings-canary.log")

    result = parse(ran(log), TREE, planted=PLANTED)

    assert metrics_of(result) == {"unformatted": 2}
    assert [(f.rule, f.path, f.severity, f.fix) for f in result.findings] == [
        ("unformatted", path, Severity.LOW, "`prettier --write` mends it")
        for path in (".dependency-cruiser.cjs", "package.json")
    ]
    assert (result.examined.count, result.examined.excluded) == (6, 0)
    assert result.canary == "an unformatted file, found"
    assert (result.tool, result.notes) == (PRETTIER, ())


def test_files_of_unknown_kinds_are_not_examined() -> None:
    result = parsed(("a.ts", ""), (".gitignore", ""), ("LICENSE", ""), ("my.scripts", ""))

    assert (result.examined.count, result.examined.excluded) == (1, 1)


def test_sources_that_are_left_out_are_told() -> None:
    tree = Tree(roots=("/project",), files=SOURCES, sources=SOURCES)
    log = log_of(("/project/src/left.ts", ""), ("/project/src/web/rate.ts", '{"rangeEnd": 3}'))

    result = parse(ran(log), tree, planted=PLANTED)

    assert (result.examined.count, result.examined.excluded) == (1, 2)
    assert result.notes == (
        "not formatted, by configuration: `src/core/total.ts`",
        "not judged as a whole, by `rangeEnd`: `src/web/rate.ts`",
    )


@pytest.mark.parametrize(
    "files",
    [
        (),
        (("b.md", ""),),
        (("a.ts", '{"requirePragma": true}'), ("b.md", "")),
        (("a.ts", '{"checkIgnorePragma": true}'),),
    ],
)
def test_no_source_is_no_result(files: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(StageError, match="no source to look at"):
        parsed(*files)


def test_chosen_paths_may_hold_no_source() -> None:
    assert parsed(("b.md", ""), is_whole=False).examined.count == 1
    with pytest.raises(StageError, match="no source to look at"):
        parsed(("x.py", ""), is_whole=False)


def test_a_planted_file_that_is_not_found_is_no_result() -> None:
    for log, exit_code in (
        (log_of(("/project/src/left.ts", ""), canary=""), 0),
        (log_of(("/project/src/left.ts", ""), (PLANTED, ""), canary=""), 0),
    ):
        with pytest.raises(StageError, match="did not find a planted file"):
            parse(ran(log, exit_code), TREE, planted=PLANTED)


@pytest.mark.parametrize("exit_code", [0, 2])
def test_exit_code_and_log_must_agree(exit_code: int) -> None:
    log = recorded(f"{DATA}/findings-canary.log")

    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}, which its log belies"):
        parse(ran(log, exit_code), TREE, planted=PLANTED)


def test_a_recorded_syntax_error_is_no_result() -> None:
    with pytest.raises(StageError, match=r"`src/bad\.ts`"):
        parse(ran(recorded(f"{DATA}/syntax.txt"), 2), TREE, planted=PLANTED)


def fake(tmp_path: Path) -> FakeContext:
    ctx = fake_context(tmp_path, {"src/a.ts": "", "package.json": "{}"})
    ctx.source_folders = ("src",)
    planted = str(tmp_path / "planted-0" / "canary.ts")
    log = log_of((f"{ctx.root}/src/a.ts", ""), canary=planted)
    ctx.answer("prettier", "--check", exit_code=1, stderr=log, stdout="Checking formatting...\n")
    return ctx


def test_everything_is_handed_over_beside_a_planted_file(tmp_path: Path) -> None:
    ctx = fake(tmp_path)

    result = Prettier(PrettierOptions()).run(ctx)

    assert metrics_of(result) == {"unformatted": 0}
    planted = str(tmp_path / "planted-0" / "canary.ts")
    assert ctx.runs[0][-4:] == ("--", "./.", "!**/.gates/**", planted)
    assert (ctx.out / "prettier.log").read_bytes().startswith(b"Checking formatting...\n[debug]")


@pytest.mark.parametrize(
    ("above", "inside", "is_refused"),
    [
        (".prettierrc", "", True),
        ("prettier.config.mjs", "", True),
        (".prettierrc", ".prettierrc.json", False),
        ("package.json", "", True),
        ("tsconfig.json", "", False),
    ],
)
def test_configuration_outside_of_the_repository_is_no_result(
    tmp_path: Path, above: str, inside: str, *, is_refused: bool
) -> None:
    ctx = fake(tmp_path)
    (ctx.root / ".git").mkdir()
    (tmp_path / above).write_text('{"prettier": {}}', encoding="utf-8")
    if inside:
        ctx.write(inside, "{}")

    if is_refused:
        with pytest.raises(StageError, match="outside of the repository"):
            Prettier(PrettierOptions()).run(ctx)
    else:
        assert Prettier(PrettierOptions()).run(ctx).examined.count == 1


def test_a_package_json_that_cannot_be_read_may_configure(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    (tmp_path / "package.json").write_text("{", encoding="utf-8")

    with pytest.raises(StageError, match="outside of the repository"):
        Prettier(PrettierOptions()).run(ctx)


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.missing.add("prettier")

    with pytest.raises(ToolMissing):
        Prettier(PrettierOptions()).run(ctx)


def test_inputs_are_files_and_configuration(tmp_path: Path) -> None:
    files = (".prettierrc", "a.py", "a.yml", "src/.editorconfig", "src/a.tsx")
    ctx = fake_context(tmp_path, dict.fromkeys(files, ""))

    assert Prettier(PrettierOptions()).inputs(ctx) == (".prettierrc", *files[2:])


def given(tmp_path: Path, name: str = "findings.txt") -> FakeContext:
    ctx = fake_context(tmp_path, dict.fromkeys(SOURCES | OTHERS, ""))
    ctx.source_folders = ("src",)
    ctx.write("out/prettier.txt", recorded(f"{DATA}/{name}").replace(b"/project", bytes(ctx.root)))
    return ctx


def test_a_given_report_is_judged(tmp_path: Path) -> None:
    ctx = given(tmp_path)

    result = Prettier(GIVEN).measure(ctx)

    assert metrics_of(result) == {"unformatted": 2}
    assert (result.examined.count, result.examined.excluded) == (6, 0)
    assert (result.tool.how, result.canary) == ("a given report", "")
    assert not ctx.runs
    assert ctx.notes == ["the report does not tell which version of prettier wrote it"]


def test_a_given_report_that_tells_no_clean_file_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(OutputUnreadable, match="did not say which files") as caught:
        Prettier(GIVEN).measure(given(tmp_path, "plain.txt"))

    assert Prettier.written_by in caught.value.problem.hint


def test_a_given_report_without_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/late.ts")

    with pytest.raises(StageError, match=r"nothing of `src/late\.ts`"):
        Prettier(GIVEN).measure(ctx)


def test_a_given_report_may_come_in_parts(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/late.ts")
    ctx.write("out/late.txt", log_of(("src/late.ts", "!"), ("src/left.ts", ""), canary=""))

    assert metrics_of(Prettier(GIVEN).measure(ctx)) == {"unformatted": 3}


def test_files_of_gates_are_not_judged(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("out/own.txt", log_of((".gates/local/runs/1/run.json", "!"), canary=""))

    assert metrics_of(Prettier(GIVEN).measure(ctx)) == {"unformatted": 2}


def test_parts_that_contradict_each_other_are_unreadable(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("out/late.txt", log_of(("src/left.ts", "!"), canary=""))

    with pytest.raises(OutputUnreadable, match=r"different things of `src/left\.ts`"):
        Prettier(GIVEN).measure(ctx)


PROJECT = {
    ".prettierrc.json": '{ "singleQuote": true }\n',
    ".prettierignore": "src/left.ts\n",
    "src/a.ts": "export const a = 'a';\n",
    "src/b.ts": 'export const b = "b";\n',
    "src/left.ts": "export   const left=1",
}


@pytest.mark.live
def test_live_findings_and_what_is_left_out(repo: Repo) -> None:
    ctx = node_context(repo, PROJECT)
    repo.write(".gates/local/runs/1/out/a.cjs", "debugger")
    repo.write(".gates/local/.gitignore", "*\n")

    result = Prettier(PrettierOptions()).run(ctx)

    assert [finding.path for finding in result.findings] == ["src/b.ts"]
    assert (result.examined.count, result.examined.excluded) == (3, 1)
    assert result.notes == ("not formatted, by configuration: `src/left.ts`",)
    assert result.tool.version == "3.10.1"


@pytest.mark.live
@pytest.mark.parametrize(
    ("path", "text", "slug"),
    [
        (".prettierrc.json", '{ "requirePragma": true }\n', "nothing-examined"),
        (".prettierignore", "src\n", "nothing-examined"),
        ("src/b.ts", "export const = 1;\n", "file-unreadable"),
    ],
)
def test_live_what_was_not_looked_at_is_no_result(
    repo: Repo, path: str, text: str, slug: str
) -> None:
    ctx = node_context(repo, {**PROJECT, path: text})

    with pytest.raises(StageError) as caught:
        Prettier(PrettierOptions()).run(ctx)

    assert caught.value.problem.slug == slug
