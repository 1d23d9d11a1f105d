from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.eslint_json import ERROR, EslintReport, Linted, Message, parse
from gates.formats.eslint_results import examined, merged, suppressed
from gates.formats.tool_paths import Tree
from gates.toolkit.told_folder import Here

DATA = "eslint/10.15.0"
TREE = Tree(roots=("/project",), files=frozenset(), sources=frozenset())
HERE = Here(roots=TREE.roots, top="/project")


def report(name: str) -> EslintReport:
    return parse(recorded(f"{DATA}/{name}.json"), what=name)


def linted(path: str, *, lines: tuple[int, ...] = (), hidden: tuple[int, ...] = ()) -> Linted:
    def messages(places: tuple[int, ...]) -> tuple[Message, ...]:
        return tuple(
            Message(rule="no-var", level=ERROR, text="", line=line, column=1) for line in places
        )

    return Linted(path=path, messages=messages(lines), suppressed=messages(hidden))


def part(*files: tuple[str, int], folder: str = "") -> bytes:
    entries = [
        {
            "filePath": path,
            "messages": [{"ruleId": "a", "severity": 2, "message": ""}] * errors,
            "suppressedMessages": [],
            "errorCount": errors,
            "warningCount": 0,
        }
        for path, errors in files
    ]
    return json.dumps(
        {"results": entries, "metadata": {"cwd": folder}} if folder else entries
    ).encode()


def test_files_that_were_named_and_not_linted_are_not_examined() -> None:
    assert examined(report("ignored").files, TREE) == {"src/core/total.ts"}


def test_recorded_comments_hide_two_messages() -> None:
    plain, whole = report("findings"), report("findings-without-comments")
    hiding = frozenset({"/project/src/core/total.ts", "/project/src/web/rate.ts"})

    assert suppressed(plain, whole, hiding=hiding) == 2
    assert suppressed(plain, plain, hiding=hiding) == 1


def test_files_of_suppressions_hide_too() -> None:
    plain = EslintReport(files=(linted("a", lines=(1,), hidden=(2,)), linted("b", hidden=(7, 8))))
    whole = EslintReport(files=(linted("b", hidden=(7, 8)), linted("a", lines=(1, 9), hidden=(2,))))

    assert suppressed(plain, whole, hiding=frozenset({"a"})) == 4
    assert suppressed(plain, whole, hiding=frozenset()) == 3


def test_a_file_that_is_not_linted_again_is_a_contradiction() -> None:
    plain, whole = EslintReport(files=(linted("a"),)), EslintReport(files=(linted("b"),))

    assert suppressed(plain, whole, hiding=frozenset()) == 0
    with pytest.raises(OutputUnreadable, match="did not lint `a` without its comments"):
        suppressed(plain, whole, hiding=frozenset({"a"}))


def test_parts_are_merged_and_counted_once() -> None:
    parts = (
        ("1", part(("/project/a.ts", 1), ("/project/b.ts", 0))),
        ("2", part(("/project/b.ts", 0), ("c.ts", 2))),
    )

    files = merged(parts, TREE, HERE).files

    assert [(one.path, len(one.messages)) for one in files] == [
        ("a.ts", 1),
        ("b.ts", 0),
        ("c.ts", 2),
    ]


def test_parts_that_contradict_each_other_are_unreadable() -> None:
    parts = (("1", part(("/project/a.ts", 1))), ("2", part(("a.ts", 0))))

    with pytest.raises(OutputUnreadable, match=r"different things of `a\.ts`"):
        merged(parts, TREE, HERE)


def test_the_folder_of_a_run_elsewhere_is_taken_away_and_told() -> None:
    data = part(("/runner/a.ts", 0), ("/x/b.ts", 0), folder="/runner")
    whole = merged([("1", data), ("2", data)], TREE, HERE)

    assert [one.path for one in whole.files] == ["a.ts", "/x/b.ts"]
    (note,) = whole.notes
    assert "made in `/runner`, which is not on this machine" in note


def test_a_folder_above_the_project_is_not_taken_away() -> None:
    tree = Tree(roots=("/top/project",), files=frozenset(), sources=frozenset())
    here = Here(roots=tree.roots, top="/top")
    ours, other = part(("/top/project/a.ts", 0), folder="/top"), part(("/top/a.ts", 1), folder="/")

    whole = merged([("1", ours), ("2", other)], tree, here)

    assert [one.path for one in whole.files] == ["a.ts", "/top/a.ts"]
    assert whole.notes == ()


def test_a_run_in_another_folder_of_this_machine_is_refused(tmp_path: Path) -> None:
    api, web = tmp_path / "api", tmp_path / "web"
    web.mkdir()
    tree = Tree(roots=(str(api),), files=frozenset(), sources=frozenset())
    here = Here(roots=tree.roots, top=str(tmp_path))

    with pytest.raises(OutputUnreadable, match=r"/web`, which is another folder") as caught:
        merged([("e.json", part((f"{web}/a.ts", 0), folder=str(web)))], tree, here)

    assert (caught.value.problem.slug, caught.value.problem.place) == ("report-foreign", "e.json")
    mixed = part((f"{web}/a.ts", 1), (f"{api}/a.ts", 0), folder=str(web))
    files = merged([("e.json", mixed)], tree, here).files
    assert [one.path for one in files] == [f"{web}/a.ts", "a.ts"]
