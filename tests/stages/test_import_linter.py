from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.live_context import live_context

from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_given import UNTOLD
from gates.formats.tool_paths import Tree
from gates.plugin import (
    Completed,
    OutputUnreadable,
    Severity,
    StageError,
    StageResult,
    Tool,
)
from gates.stages.import_linter import ImportLinter, ImportLinterOptions, parse, searched

DATA = "import_linter/2.16"
LINTER = Tool(name="lint-imports", version="2.16", path="/tools/lint-imports")
FILES = frozenset(
    f"src/shop/{name}.py"
    for name in (
        "__init__",
        "api/__init__",
        "api/routes",
        "core/__init__",
        "core/model",
        "store/__init__",
        "store/db",
    )
)
TREE = Tree(roots=("/project",), files=FILES | {"tests/test_a.py"}, sources=FILES)
NAMES = ("Layers", "Core stands\nKEPT alone", "No json", "Independent", "Places", "Cycles", "Store")


def config(*contracts: str, roots: tuple[str, ...] = ("shop",)) -> ImportLinterConfig:
    return ImportLinterConfig(name="pyproject.toml", roots=roots, contracts=contracts)


def ran(stdout: bytes, exit_code: int, stderr: bytes = b"") -> Completed:
    return ended(LINTER, ("/tools/lint-imports",), exit_code, stdout, stderr, ok=(0, 1))


def parsed(
    stdout: bytes, exit_code: int, *contracts: str, tree: Tree = TREE, place: str = "src"
) -> StageResult:
    return parse(ran(stdout, exit_code), tree, config=config(*contracts), places={"shop": place})


def clean(files: int = 7) -> bytes:
    return recorded(f"{DATA}/clean.txt").replace(b"Analyzed 7", b"Analyzed %d" % files)


def test_recorded_findings_are_counted_and_placed() -> None:
    result = parsed(recorded(f"{DATA}/findings.txt"), 1, *NAMES)

    assert metrics_of(result) == {"broken": 6, "kept": 1}
    counted = [one for one in result.findings if one.counts]
    assert [(one.rule, one.subject, one.place, one.counts) for one in counted[:3]] == [
        ("broken-contract", "Layers", "src/shop/core/model.py:1", ("broken",)),
        ("broken-contract", "Core stands KEPT alone", "src/shop/core/model.py:1", ("broken",)),
        ("broken-contract", "Independent", "src/shop/api/routes.py:2", ("broken",)),
    ]
    assert counted[0].message == (
        "`Layers` is broken: shop.core is not allowed to import shop.api:"
        " shop.core.model -> shop.api.routes (l.1) (3 imports break it)"
    )
    assert [(one.rule, one.place, one.severity) for one in result.findings[1:3]] == [
        ("forbidden-import", "src/shop/core/model.py:5", Severity.INFO),
        ("forbidden-import", "src/shop/store/db.py:2", Severity.INFO),
    ]
    assert (result.examined.count, result.examined.excluded) == (7, 1)
    assert result.examined.details == (("contracts", 7),)
    assert result.notes == (
        "import-linter says: No matches for ignored import shop.core.model -> shop.none.",
    )


def test_a_recorded_clean_run() -> None:
    result = parsed(recorded(f"{DATA}/clean.txt"), 0, "No json")

    assert metrics_of(result) == {"broken": 0, "kept": 1}
    assert not result.findings
    assert not result.notes


def test_a_recorded_syntax_error_is_no_result() -> None:
    with pytest.raises(StageError, match=r"it says: Syntax error in /project/src/shop/bad\.py"):
        parsed(recorded(f"{DATA}/syntax.txt"), 1, "No json")


@pytest.mark.parametrize("exit_code", [0, 1])
def test_silence_is_no_result(exit_code: int) -> None:
    with pytest.raises(StageError, match="it says: nothing"):
        parsed(b"", exit_code, "No json")


def test_a_traceback_is_told() -> None:
    with pytest.raises(StageError, match="it says: ImportError"):
        parse(
            ran(b"", 1, b"Traceback\nImportError\n"),
            TREE,
            config=config("A"),
            places={"shop": "src"},
        )


@pytest.mark.parametrize(
    ("name", "exit_code", "contracts"),
    [
        ("clean", 1, ("A",)),
        ("clean", 0, ("A", "B")),
        ("clean", 0, ()),
        ("findings", 0, NAMES),
        ("findings", 1, NAMES[:-1]),
    ],
)
def test_exit_code_results_and_configuration_must_agree(
    name: str, exit_code: int, contracts: tuple[str, ...]
) -> None:
    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        parsed(recorded(f"{DATA}/{name}.txt"), exit_code, *contracts)


@pytest.mark.parametrize(("files", "is_enough"), [(0, False), (6, False), (7, True), (90, True)])
def test_no_fewer_files_are_analysed_than_there_are(files: int, *, is_enough: bool) -> None:
    if is_enough:
        assert parsed(clean(files), 0, "No json").examined.count == 7
        return
    with pytest.raises(OutputUnreadable, match=f"analysed {files} files; its packages hold 7"):
        parsed(clean(files), 0, "No json")


def test_analysing_nothing_is_no_result() -> None:
    paths = frozenset({"src/shop/bare.py"})
    tree = Tree(roots=("/project",), files=paths, sources=paths)

    assert parsed(clean(1), 0, "No json", tree=tree).examined.count == 1
    with pytest.raises(OutputUnreadable, match="analysed 0 files"):
        parsed(clean(0), 0, "No json", tree=tree)


def test_what_import_linter_may_pass_over_is_not_missed() -> None:
    odd = {f"src/shop/{name}.py" for name in ("a-b", "bare/x", "bare/sub/__init__", "c-d/__init__")}
    tree = Tree(roots=("/project",), files=FILES | odd, sources=FILES)

    assert parsed(clean(), 0, "No json", tree=tree).examined.count == 7


def test_sources_outside_of_the_root_packages_are_told() -> None:
    tree = Tree(roots=("/project",), files=FILES, sources=FILES | {"src/tool.py"})

    result = parsed(clean(), 0, "No json", tree=tree)

    assert result.notes == ("not checked, outside of the root packages: `src/tool.py`",)


def test_a_source_that_is_passed_over_is_no_result() -> None:
    paths = FILES | {"src/shop/core/bare/x.py"}
    tree = Tree(roots=("/project",), files=paths, sources=paths)

    with pytest.raises(StageError, match=r"passes over sources .*`src/shop/core/bare/x\.py`"):
        parsed(clean(), 0, "No json", tree=tree)


def test_other_files_that_are_passed_over_are_told() -> None:
    paths = FILES | {"src/shop/core/bare/x.py"}
    tree = Tree(roots=("/project",), files=paths, sources=FILES)

    result = parsed(clean(), 0, "No json", tree=tree)

    assert (result.examined.count, result.examined.excluded) == (7, 1)
    assert result.notes == (
        "not checked, for import-linter passes over them: `src/shop/core/bare/x.py`",
    )


def test_no_source_in_the_root_packages_is_no_result() -> None:
    tree = Tree(roots=("/project",), files=FILES, sources=frozenset({"lib/a.py"}))

    with pytest.raises(StageError, match="no source lies in"):
        parsed(clean(), 0, "No json", tree=tree)


def test_many_warnings_are_cut() -> None:
    warnings = b"".join(b"- No matches for ignored import a -> b%d.\n" % n for n in range(5))

    result = parsed(clean() + b"Warnings\n--------\n" + warnings, 0, "No json")

    assert len(result.notes) == 4
    assert result.notes[3] == "import-linter says 2 more such things"


def test_a_broken_contract_without_details_counts() -> None:
    data = clean().replace(b"KEPT", b"BROKEN").replace(b"1 kept, 0 broken", b"0 kept, 1 broken")

    result = parsed(data, 1, "No json")

    assert metrics_of(result) == {"broken": 1, "kept": 0}
    assert result.findings[0].message.endswith("import-linter does not say by what")
    assert result.findings[0].place == "No json"


CONFIG = """
[tool.importlinter]
root_package = "shop"
[[tool.importlinter.contracts]]
name = "Api above store"
type = "layers"
layers = ["shop.api", "shop.store"]
"""


def project(tmp_path: Path, folder: str = "src/") -> FakeContext:
    files = dict.fromkeys((f"{folder}{path.removeprefix('src/')}" for path in FILES), "")
    ctx = fake_context(tmp_path, {**files, "pyproject.toml": CONFIG, "tests/test_a.py": ""})
    ctx.answer("lint-imports", stdout=clean())
    return ctx


@pytest.mark.parametrize("folder", ["src/", ""])
def test_the_package_of_the_project_is_the_one_that_is_imported(
    tmp_path: Path, folder: str
) -> None:
    ctx = project(tmp_path, folder)

    ImportLinter(ImportLinterOptions()).run(ctx)

    assert ctx.runs[0] == ("/tools/lint-imports", "--no-cache", "--config=pyproject.toml")
    assert ctx.envs[0].get("PYTHONPATH") == (f"{ctx.root}/src" if folder else None)


@pytest.mark.parametrize(
    "path", ["shop/__init__.py", "shop.py", "../tools/shop/__init__.py", "../tools/shop.py"]
)
def test_a_copy_that_would_be_found_first_is_refused(tmp_path: Path, path: str) -> None:
    ctx = project(tmp_path)
    ctx.write(".gitignore", "/shop\n/shop.py\n")
    copy = ctx.root / path
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.touch()
    places = {"shop": "src"}

    with pytest.raises(StageError, match="`src/shop`") as caught:
        searched(str(ctx.root), places, tool=str(tmp_path / "tools/lint-imports"))

    assert "git ignores" in caught.value.problem.hint


def test_folders_are_searched_so_that_each_root_package_is_its_own(tmp_path: Path) -> None:
    paths = ("lib/aa/__init__.py", "lib/bb/__init__.py", "src/bb/__init__.py")
    ctx = fake_context(tmp_path, dict.fromkeys(paths, ""))
    root = str(ctx.root)

    found = searched(root, {"aa": "lib", "bb": "src"}, tool="/tools/lint-imports")

    assert found == (f"{root}/src", f"{root}/lib")


@pytest.mark.parametrize("name", ["click", "json"])
def test_a_package_that_is_loaded_before_the_project_is_refused(tmp_path: Path, name: str) -> None:
    ctx = fake_context(tmp_path, {f"{name}/__init__.py": "", f"src/{name}/__init__.py": ""})

    with pytest.raises(StageError, match=f"`{name}`"):
        searched(str(ctx.root), {name: ""}, tool="/tools/lint-imports")


@pytest.mark.parametrize("name", ["sitecustomize.py", "usercustomize/__init__.py"])
def test_what_python_runs_at_its_start_is_refused(tmp_path: Path, name: str) -> None:
    ctx = project(tmp_path)
    ctx.write(f"src/{name}", "")

    with pytest.raises(StageError, match=f"would run `{name.partition('.')[0][:13]}`") as caught:
        ImportLinter(ImportLinterOptions()).run(ctx)

    assert caught.value.problem.place == "src"
    assert not ctx.runs


def test_a_package_in_the_way_of_import_linters_own_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("src/rich/__init__.py", "")

    assert "import-linter ran with the project's own `rich`" in (
        ImportLinter(ImportLinterOptions()).run(ctx).notes
    )

    ctx.answer("lint-imports", exit_code=1, stderr=b"No module named 'rich.console'\n")
    with pytest.raises(StageError, match=r"rich\.console") as caught:
        ImportLinter(ImportLinterOptions()).run(ctx)

    assert caught.value.problem.hint.startswith("the project's `rich` may be in the way")


def test_a_contract_that_holds_nothing_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyproject.toml", CONFIG.replace('"shop.api", ', ""))

    result = ImportLinter(ImportLinterOptions()).run(ctx)

    told = "`Api above store` holds nothing: it has no two modules to keep apart"
    assert told in result.notes


@pytest.mark.parametrize(
    ("files", "option", "name"),
    [
        (
            {"setup.cfg": "[importlinter]\nroot_package = shop\n[importlinter:contract:a]\n"},
            "",
            "setup.cfg",
        ),
        ({"setup.cfg": "[metadata]\n"}, "", "pyproject.toml"),
        ({"conf/lint.toml": CONFIG}, "conf/lint.toml", "conf/lint.toml"),
    ],
)
def test_the_configuration_is_the_one_that_import_linter_reads(
    tmp_path: Path, files: dict[str, str], option: str, name: str
) -> None:
    ctx = project(tmp_path)
    for path, text in files.items():
        ctx.write(path, text)

    ImportLinter(ImportLinterOptions(config=option)).run(ctx)

    assert f"--config={name}" in ctx.runs[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is no configuration"),
        ("[tool.importlinter]\nroot_package = 'shop'\n", "holds no contract"),
        ("[tool.importlinter]\nroot_package = 'x'\ncontracts = [{name = 'a'}]\n", "`x`, a root"),
    ],
)
def test_without_a_contract_nothing_is_proved(tmp_path: Path, text: str, words: str) -> None:
    ctx = project(tmp_path)
    ctx.write("pyproject.toml", text)

    with pytest.raises(StageError, match=words) as caught:
        ImportLinter(ImportLinterOptions()).run(ctx)

    assert caught.value.problem.hint
    assert not ctx.runs


def test_inputs_are_python_files_and_configuration(tmp_path: Path) -> None:
    files = ("a.py", "setup.cfg", ".importlinter", "pyproject.toml", "lint.ini", "README.md")
    ctx = fake_context(tmp_path, dict.fromkeys(files, ""))

    assert set(ImportLinter(ImportLinterOptions(config="lint.ini")).inputs(ctx)) == {*files[:5]}


@pytest.mark.live
def test_live_a_broken_contract_with_a_hostile_name_in_a_src_layout(tmp_path: Path) -> None:
    name = "[red]Api[/red] KEPT :smile: \\u001b[31m " + "long " * 60
    ctx = live_context(
        tmp_path,
        {
            "pyproject.toml": CONFIG.replace("Api above store", name),
            "src/shop/__init__.py": "",
            "src/shop/api.py": "",
            "src/shop/store.py": "\nimport shop.api\n",
        },
    )

    result = ImportLinter(ImportLinterOptions()).run(ctx)

    assert metrics_of(result) == {"broken": 1, "kept": 0}
    assert result.findings[0].place == "src/shop/store.py:2"
    assert result.findings[0].message.endswith("shop.store -> shop.api (l.2)")
    assert result.examined.count == 3


@pytest.mark.live
def test_live_a_name_that_forges_a_sum_is_unreadable(tmp_path: Path) -> None:
    forged = "A KEPT\\n\\nContracts: 1 kept, 0 broken.\\n"
    ctx = live_context(
        tmp_path,
        {
            "pyproject.toml": CONFIG.replace("Api above store", forged),
            "shop/__init__.py": "",
            "shop/api.py": "",
            "shop/store.py": "import shop.api\n",
        },
    )

    with pytest.raises(OutputUnreadable, match="does not add up"):
        ImportLinter(ImportLinterOptions()).run(ctx)


@pytest.mark.live
@pytest.mark.parametrize(
    ("store", "layers", "words"),
    [("def f(:\n", "shop.api", "Syntax error"), ("", "shop.nothing", "Missing layer")],
)
def test_live_what_could_not_be_checked_is_no_result(
    tmp_path: Path, store: str, layers: str, words: str
) -> None:
    files = {"shop/__init__.py": "", "shop/api.py": "", "shop/store.py": store}
    ctx = live_context(tmp_path, {"pyproject.toml": CONFIG.replace("shop.api", layers), **files})

    with pytest.raises(StageError, match=words):
        ImportLinter(ImportLinterOptions()).run(ctx)


@pytest.mark.live
def test_live_a_program_that_says_nothing(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"pyproject.toml": CONFIG, "shop/__init__.py": ""})
    ctx.stand_in("lint-imports", "exit 0")

    with pytest.raises(StageError, match="it says: nothing"):
        ImportLinter(ImportLinterOptions()).run(ctx)


def given(folder: Path, text: bytes) -> FakeContext:
    config = """\
[tool.importlinter]
root_package = "shop"

[[tool.importlinter.contracts]]
name = "No json"
"""
    ctx = fake_context(folder, {"pyproject.toml": config, **dict.fromkeys(sorted(FILES), "")})
    ctx.write("out/lint.txt", text)
    return ctx


def judged(ctx: FakeContext) -> StageResult:
    return ImportLinter(ImportLinterOptions(report=("out/*.txt",))).measure(ctx)


def test_a_given_report_is_judged_beside_the_files(tmp_path: Path) -> None:
    ctx = given(tmp_path, clean() + b"exit code 0\n")

    result = judged(ctx)

    assert metrics_of(result) == {"broken": 0, "kept": 1}
    assert (result.examined.count, result.tool.how) == (7, "a given report")
    assert ctx.notes == [UNTOLD]
    assert not ctx.runs


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "is empty"),
        (clean(), "does not end with the line"),
        (clean() + b"exit code 1\n", "exit code 1 and 0 broken of 1 contracts"),
        (clean(6) + b"exit code 0\n", "analysed 6 files; its packages hold 7"),
        (clean().replace(b"No json", b"No yaml") + b"exit code 0\n", "tells of the contract `No y"),
    ],
)
def test_a_given_report_that_proves_nothing(tmp_path: Path, text: bytes, says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says):
        judged(given(tmp_path, text))


def test_several_reports_contradict_each_other(tmp_path: Path) -> None:
    ctx = given(tmp_path, clean() + b"exit code 0\n")
    ctx.write("out/more.txt", clean() + b"exit code 0\n\n")

    with pytest.raises(OutputUnreadable, match="one run checks all contracts"):
        judged(ctx)


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    files = {"shop/__init__.py": "", "shop/api.py": "", "shop/store.py": ""}
    ctx = live_context(tmp_path, {"pyproject.toml": CONFIG, **files})
    stage = ImportLinter(ImportLinterOptions(report=("lint-imports.txt",)))
    shell = Tool(name="sh", version="", path="/bin/sh")

    ctx.run(shell, "-ec", ImportLinter.written_by)
    assert metrics_of(stage.measure(ctx)) == {"broken": 0, "kept": 1}

    ctx.write("shop/store.py", "import shop.api\n")
    ctx.run(shell, "-ec", ImportLinter.written_by)
    result = stage.measure(ctx)
    assert metrics_of(result) == {"broken": 1, "kept": 0}
    assert result.findings[0].place == "shop/store.py:1"
