from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from stages.fake_context import metrics_of

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.domain.stage_result import StageResult, Tool
from gates.formats.tool_paths import Tree
from gates.formats.tsc_measured import (
    SEVERITIES,
    Run,
    Said,
    measured,
    own,
    refuse_configuration,
    related,
)
from gates.formats.tsc_text import Checked, Message
from gates.formats.typescript_comments import Comments
from gates.formats.typescript_config import TypeScriptConfig
from gates.formats.typescript_survey import Place, Surveyed
from gates.toolkit.told_folder import Here

FILES = ("src/a.ts", "src/b.ts")
TREE = Tree(roots=("/project",), files=frozenset({*FILES, "c.ts"}), sources=frozenset(FILES))
TSC = Tool(name="tsc", version="5.9.3")
PLAIN = Said(comments=Comments(), surveyed=Surveyed(anys=(), untyped=()))


def config(*roots: str, has_references: bool = False, **flags: bool) -> TypeScriptConfig:
    return TypeScriptConfig(
        major=5, flags={"strict": True, **flags}, roots=roots, has_references=has_references
    )


def message(path: str = "src/a.ts", line: int = 1, severity: str = "error") -> Message:
    return Message(
        path=path, line=line, column=2, severity=severity, code="TS2322", text="is not assignable"
    )


def checked(*files: str, config: TypeScriptConfig, messages: tuple[Message, ...] = ()) -> Checked:
    paths = tuple(f"/project/{file}" for file in files)
    return Checked(version="5.9.3", config=config, messages=messages, files=paths)


def ran(*messages: Message, files: tuple[str, ...] = FILES, **flags: bool) -> Run:
    return Run(config=config(**flags), messages=messages, files=frozenset(files))


def result(
    *runs: Run, tree: Tree = TREE, said: Mapping[str, Said] = MappingProxyType({})
) -> StageResult:
    told = {**dict.fromkeys(sorted(tree.sources), PLAIN), **said}
    return measured(runs, tree, said=told, tool=TSC)


def test_paths_are_made_the_projects_own() -> None:
    one = checked("src/a.ts", config=config("./src/a.ts"), messages=(message("./src/a.ts"),))
    (run,) = related([one], TREE)

    assert run.files == {"src/a.ts"}
    assert run.messages[0].path == "src/a.ts"


def test_a_run_elsewhere_is_told_by_the_files_that_its_options_name() -> None:
    elsewhere = Tree(roots=("/home/ci",), files=TREE.files, sources=TREE.sources)
    one = checked(*FILES, config=config("./src/a.ts"))
    here = Here(roots=("/home/ci",), top="/home/ci")

    (run,) = related([one], elsewhere, here)

    assert run.files == set(FILES)
    assert "made in `/project`, which is not on this machine" in result(run).notes[0]
    assert len(result(run, run).notes) == 1
    with pytest.raises(StageError, match="checked none of the project's sources"):
        related([one], elsewhere)


def test_a_run_in_a_folder_of_this_machine_is_not_taken_for_the_projects(tmp_path: Path) -> None:
    api, web = (str(tmp_path / name) for name in ("api", "web"))
    (tmp_path / "web").mkdir()
    tree = Tree(roots=(api,), files=TREE.files, sources=TREE.sources)
    here = Here(roots=(api,), top=str(tmp_path))
    files = tuple(f"{web}/{file}" for file in FILES)
    one = replace(checked(config=config("./src/a.ts")), files=files)

    with pytest.raises(OutputUnreadable, match=r"/web`, which is another folder") as caught:
        related([one], tree, here)
    assert caught.value.problem.slug == "report-foreign"
    above = replace(one, files=(*files, f"{api}/src/b.ts"))
    assert related([above], tree, here)[0].files == {*files, "src/b.ts"}


def test_a_folder_below_which_the_same_names_lie_by_accident_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    tree = Tree(roots=("/home/ci",), files=TREE.files, sources=TREE.sources)
    one = checked(*FILES, config=config("./src/a.ts"))
    also = replace(one, files=(f"{tmp_path}/lib/src/a.ts", *one.files))

    (run,) = related([also], tree, Here(roots=("/home/ci",), top="/home/ci"))

    assert run.files == {*FILES, f"{tmp_path}/lib/src/a.ts"}


@pytest.mark.parametrize("root", ["./src/z.ts", "../z.ts", "src/z.ts"])
def test_a_file_that_the_options_name_must_be_read(root: str) -> None:
    with pytest.raises(OutputUnreadable, match=r"z\.ts`, which is not among the files"):
        related([checked(*FILES, config=config("./src/a.ts", root))], TREE)


@pytest.mark.parametrize("root", ["./.hidden.ts", "../.hidden.ts", "./src/a.ts"])
def test_files_with_a_dot_or_above_are_found(root: str) -> None:
    one = checked(".hidden.ts", *FILES, config=config(root))

    assert len(related([one], TREE)) == 1


@pytest.mark.parametrize(
    ("made", "hint"),
    [
        (config(has_references=True), "with: {project: [PATH, PATH]}"),
        (config(), "`include`"),
    ],
)
def test_a_run_that_checked_no_source_proves_nothing(made: TypeScriptConfig, hint: str) -> None:
    one = checked("c.ts", config=made)

    with pytest.raises(StageError, match="checked none of the project's sources") as caught:
        related([one], TREE)
    assert hint in caught.value.problem.hint


@pytest.mark.parametrize(
    ("path", "place"), [("", "tsconfig.json"), ("tsconfig.json", "tsconfig.json:1:2")]
)
def test_what_is_wrong_with_the_configuration_is_an_error(path: str, place: str) -> None:
    with pytest.raises(StageError, match="TS2322: is not assignable") as caught:
        refuse_configuration([message(), message(path)])
    assert caught.value.problem.place == place
    with pytest.raises(StageError, match="by its configuration"):
        related([checked(*FILES, config=config(), messages=(message(path),))], TREE)


def test_a_referenced_project_that_was_not_built_is_an_error() -> None:
    one = Message(path="src/b.ts", line=1, column=2, severity="error", code="TS6305", text="no")

    with pytest.raises(StageError, match="TS6305: no") as caught:
        refuse_configuration([one])
    assert caught.value.problem.slug == "not-built"


def test_what_is_in_no_installed_package_may_be_the_projects_own() -> None:
    files = ("src/a.ts", "../node_modules/core/b.d.ts")

    assert own([ran(files=files)]) == {"src/a.ts"}
    assert own([ran(files=files, preserveSymlinks=True)]) == set(files)


def test_a_configuration_that_checks_nothing_is_an_error() -> None:
    with pytest.raises(StageError, match="`noCheck` is on"):
        related([checked(*FILES, config=config(noCheck=True))], TREE)


@pytest.mark.parametrize("word", SEVERITIES)
def test_each_severity(word: str) -> None:
    found = result(ran(message(severity=word)))

    assert metrics_of(found)["errors"] == int(word == "error")
    assert found.findings[0].severity is SEVERITIES[word]
    assert SEVERITIES["error"] is Severity.HIGH


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="`fatal`, which is unknown"):
        result(ran(message(severity="fatal")))


def test_errors_of_a_file_that_two_projects_include_count_once() -> None:
    twice = (message(), message())

    assert metrics_of(result(ran(*twice), ran(message(), message(line=2))))["errors"] == 3


def test_what_the_sources_say_by_themselves_is_found() -> None:
    place = Place(line=3, column=4, text="`any` is written as a type")
    said = Said(comments=Comments(ignores=2), surveyed=Surveyed(anys=(place,), untyped=(place,)))

    found = result(ran(), said={"src/b.ts": said})

    assert metrics_of(found) == {"errors": 0, "any": 1, "untyped": 1, "strict": 1, "ignores": 2}
    assert [(each.rule, each.place, each.counts) for each in found.findings] == [
        ("no-explicit-any", "src/b.ts:3:4", ("any",)),
        ("explicit-function-return-type", "src/b.ts:3:4", ("untyped",)),
    ]


def test_without_a_parser_nothing_is_said_of_annotations() -> None:
    bare = Said(comments=Comments(), surveyed=None)

    found = result(ran(), said=dict.fromkeys(FILES, bare))

    assert metrics_of(found).keys() == {"errors", "strict", "ignores"}


def test_one_strict_run_over_a_file_is_enough() -> None:
    found = result(ran(strict=False), ran(files=("src/a.ts",)), ran(files=("src/b.ts",)))

    assert (metrics_of(found)["strict"], found.notes) == (1, ())


def test_what_is_less_than_strict_is_told_once_with_the_first_three() -> None:
    lax = ran(strictNullChecks=False, noImplicitAny=False, noImplicitThis=False, alwaysStrict=False)

    found = result(lax, lax)

    assert metrics_of(found)["strict"] == 0
    told = "`alwaysStrict` is off; `noImplicitAny` is off; `noImplicitThis` is off and 1 more"
    assert found.notes == (f"not strict: {told}",)


def test_a_source_that_is_read_by_a_lax_run_alone() -> None:
    found = result(ran(files=("src/a.ts",)), ran(files=("src/b.ts",), strict=False))

    assert (metrics_of(found)["strict"], found.notes) == (0, ("not strict: `strict` is not on",))


def test_a_source_that_no_run_reads() -> None:
    found = result(ran(files=("src/a.ts",)))

    assert metrics_of(found)["strict"] == 0
    assert found.notes == ("not strict: no configuration includes `src/b.ts`",)
    assert (found.examined.count, found.examined.excluded) == (1, 2)


def test_sources_that_are_read_and_passed_over() -> None:
    files = ("src/a.d.ts", "src/b.js")
    tree = Tree(roots=("/project",), files=frozenset(files), sources=frozenset(files))

    found = result(ran(files=files, skipLibCheck=True), tree=tree)

    assert metrics_of(found)["strict"] == 0
    (told,) = found.notes
    assert "`src/a.d.ts` is passed over: `skipLibCheck` leaves declarations unchecked;" in told
    assert told.endswith("; `src/b.js` is passed over: `checkJs` is not on")
    checked_too = result(
        ran(files=files, skipLibCheck=True), ran(files=files, checkJs=True), tree=tree
    )
    assert metrics_of(checked_too)["strict"] == 1


def test_a_comment_hides_a_file() -> None:
    hidden = Said(comments=Comments(ignores=1, is_unchecked=True), surveyed=PLAIN.surveyed)

    found = result(ran(), said={"src/a.ts": hidden})

    assert metrics_of(found)["strict"] == 0
    assert found.notes == ("not strict: `@ts-nocheck` hides all of `src/a.ts`",)
