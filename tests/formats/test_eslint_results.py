from __future__ import annotations

import json

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.eslint_json import ERROR, EslintReport, Linted, Message, parse
from gates.formats.eslint_results import examined, merged, suppressed
from gates.formats.tool_paths import Tree

DATA = "eslint/10.15.0"
TREE = Tree(roots=("/project",), files=frozenset(), sources=frozenset())


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

    files = merged(parts, TREE)

    assert [(one.path, len(one.messages)) for one in files] == [
        ("a.ts", 1),
        ("b.ts", 0),
        ("c.ts", 2),
    ]


def test_parts_that_contradict_each_other_are_unreadable() -> None:
    parts = (("1", part(("/project/a.ts", 1))), ("2", part(("a.ts", 0))))

    with pytest.raises(OutputUnreadable, match=r"different things of `a\.ts`"):
        merged(parts, TREE)


def test_the_folder_of_a_run_elsewhere_is_taken_away() -> None:
    files = merged([("1", part(("/runner/a.ts", 0), ("/x/b.ts", 0), folder="/runner"))], TREE)

    assert [one.path for one in files] == ["a.ts", "/x/b.ts"]


def test_a_folder_above_the_project_is_not_taken_away() -> None:
    tree = Tree(roots=("/top/project",), files=frozenset(), sources=frozenset())

    files = merged([("1", part(("/top/project/a.ts", 0), folder="/top"))], tree)

    assert [one.path for one in files] == ["a.ts"]
