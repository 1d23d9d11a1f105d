from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.pylint_config import Ignores
from gates.formats.pylint_given import Linted, merged
from gates.formats.tool_paths import Tree

DATA = "pylint/4.1.4"
REPORT, LOG = (recorded(f"{DATA}/given.{ending}") for ending in ("json", "log"))
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)

NOTHING = Ignores()


def nothing(path: str) -> bytes:
    del path
    return b""


def read(
    log: bytes = LOG,
    *reports: bytes,
    tree: Tree = TREE,
    text: Callable[[str], bytes] = nothing,
    ignores: Ignores = NOTHING,
) -> Linted:
    named = [(f"{at}.json", data) for at, data in enumerate(reports or (REPORT,))]
    return merged(named, ("x.log", log), tree, text, ignores=ignores, written_by="pylint src")


def log_of(*names: str, total: int | None = None) -> bytes:
    number = len(names) if total is None else total
    lines = ["Get ASTs.", *(f"AST for {name}" for name in names), f"Linting {number} modules."]
    lines += [f"{name} ({at} of {number})" for at, name in enumerate(names, 1)]
    return "".join(f"{line}\n" for line in lines).encode()


def report_of(*entries: dict[str, object]) -> bytes:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[str(entry["type"])] = counts.get(str(entry["type"]), 0) + 1
    return json.dumps(
        {
            "messages": entries,
            "statistics": {"messageTypeCount": counts},
        }
    ).encode()


def message(path: str = "src/a.py", **changes: object) -> dict[str, object]:
    return {
        "messageId": "W0611",
        "symbol": "unused-import",
        "type": "warning",
        "message": "Unused import os",
        "path": path,
        "absolutePath": f"/project/{path}",
        "line": 1,
        "column": 0,
        "confidence": "HIGH",
        **changes,
    }


BOTH = log_of("src/a.py", "src/b.py")


def test_a_recorded_report_is_read_beside_its_log() -> None:
    told = read()

    assert (told.examined, told.skipped) == (FILES, frozenset())
    assert {one.path for one in told.messages} == {"src/a.py"}
    assert {"E0602", "W0611"} <= {one.code for one in told.messages}


def test_a_report_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(lambda data: read(LOG, data), REPORT)


def test_a_log_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(read, LOG)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"messages": [], "messages": []}', b"[NaN]"])
def test_what_is_no_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        read(LOG, data)


@pytest.mark.parametrize(
    "log",
    [
        b"No config file found\n",
        BOTH + BOTH,
        log_of("src/a.py", "src/b.py", total=3),
        log_of("src/a.py", total=2) + log_of("src/b.py"),
        b"src/a.py (1 of 2)\nsrc/b.py (2 of 2)\n",
        BOTH.replace(b"(1 of 2)", b"(1 of 3)"),
        BOTH.replace(b"src/a.py (1 of 2)\n", b""),
    ],
)
def test_a_log_that_is_not_whole_is_unreadable(log: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="does not tell all files of 1 whole runs") as caught:
        read(log)

    assert "pylint 4 or newer" in caught.value.problem.hint


def test_a_report_on_a_file_that_the_log_does_not_name_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match=r"does not name `src/a\.py`"):
        read(log_of("src/b.py"))


def test_a_report_that_lies_about_its_messages_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="lists 0 messages and counts 1"):
        read(BOTH, b'{"messages": [], "statistics": {"messageTypeCount": {"error": 1}}}')


def test_parts_are_put_together_and_a_file_in_two_of_them_counts_once() -> None:
    log = BOTH + log_of("src/a.py")
    again = message(absolutePath="/project/src/a.py", path="./src/a.py")

    told = read(log, report_of(message(), message("src/b.py")), report_of(again))

    assert [one.path for one in told.messages] == ["src/a.py", "src/b.py"]


def test_parts_that_tell_other_things_of_a_file_contradict_each_other() -> None:
    with pytest.raises(OutputUnreadable, match=r"`src/a\.py` was looked at several times"):
        read(BOTH + log_of("src/a.py"), report_of(message()), report_of())


def test_a_message_about_several_files_may_stand_in_one_part_only() -> None:
    several = message(messageId="R0801", type="refactor", symbol="duplicate-code")

    told = read(BOTH + log_of("src/a.py"), report_of(several), report_of(), text=nothing)

    assert [one.code for one in told.messages] == ["R0801"]


def test_a_message_about_the_configuration_needs_no_file() -> None:
    odd = message("pyproject.toml", messageId="W0012", symbol="unknown-option-value")

    assert [one.path for one in read(BOTH, report_of(odd)).messages] == ["pyproject.toml"]


def test_a_source_that_the_log_does_not_name_is_no_result() -> None:
    with pytest.raises(StageError, match=r"tells nothing of `src/b\.py`"):
        read(log_of("src/a.py"))


def test_a_source_that_the_configuration_leaves_out_is_left_out() -> None:
    told = read(log_of("src/a.py"), ignores=Ignores(names=frozenset({"b.py"})))

    assert told.examined == {"src/a.py"}


def test_a_report_of_another_project_is_no_result() -> None:
    with pytest.raises(OutputUnreadable, match="knows none of the project's files"):
        read(log_of("lib/x.py"), report_of())


def test_a_report_that_was_written_in_another_folder_is_no_result() -> None:
    with pytest.raises(OutputUnreadable, match="another folder") as caught:
        read(BOTH, report_of(message(absolutePath="/project/other/src/a.py")))

    assert caught.value.problem.slug == "paths-differ"


def test_a_skipped_file_was_not_examined() -> None:
    skipped = message(messageId="I0013", type="info", symbol="file-ignored")

    told = read(BOTH, report_of(skipped))

    assert told.examined == {"src/b.py"}
    assert told.skipped == {"src/a.py"}


@pytest.mark.parametrize(
    ("text", "is_skipped"),
    [
        (b"# pylint: skip-file\n", True),
        (b"x = 1  #pylint:disable-all\n", True),
        (b"# pylint: disable=all\n", False),
        (b"skip-file\n", False),
    ],
)
def test_a_file_that_may_be_skipped_was_not_examined(text: bytes, *, is_skipped: bool) -> None:
    told = read(
        BOTH, report_of(message("src/b.py")), text={"src/a.py": text, "src/b.py": text}.__getitem__
    )

    assert ("src/a.py" in told.skipped) == is_skipped
    assert "src/b.py" in told.examined  # what is reported of it shows that it was linted
