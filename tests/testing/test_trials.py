from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

from gates.testing.damage import unlisted
from gates.testing.tape import Left, Seen, Take, Tape
from gates.testing.trials import MOST_FILES, PROJECT, SEEN, Planned, damaged, lost
from gates.toolkit.processes import Cause, Ended

REPORT = Left("report.json", b'{"errors": [1, 2]}')
TAKE = Take(
    argv=("/tools/lint", "--output=/out/report.json"),
    inputs=(),
    ended=Ended(Cause.EXITED, exit_code=1),
    stdout=b"two errors\n",
    stderr=b"lint 1.0\n",
    files=(REPORT,),
    ok=(0, 1),
)
TAPE = Tape(takes=(TAKE,))
REPORTED = (0, "report.json")


def planned(tape: Tape, programs: tuple[str, ...]) -> list[Planned]:
    """All trials, where every output that can be lost is evidence."""
    first = list(lost(tape, programs))
    evidence = frozenset(each.channel for each in first if each.channel)
    return [*first, *damaged(tape, evidence)]


def trials(tape: Tape, what: str) -> list[Planned]:
    return [each for each in planned(tape, ()) if each.what.partition(":")[0] == what]


def test_each_program_is_hidden_once() -> None:
    found = [each for each in planned(TAPE, ("lint", "python")) if each.hidden]
    assert [(each.where, each.hidden) for each in found] == [
        ("lint", "lint"),
        ("python", "python"),
    ]
    assert all(each.tape == TAPE for each in found)


def test_a_command_that_nobody_waited_for_is_left_alone() -> None:
    assert list(planned(Tape(takes=(replace(TAKE, ok=()),)), ())) == []


def test_each_end_is_tried_with_and_without_what_was_written() -> None:
    told, silent = trials(TAPE, "was ended by a signal")
    assert told.tape.takes[0].files == (REPORT,)
    assert silent.tape.takes[0].files == ()
    assert silent.tape.takes[0].stdout == b""
    assert {each.tape.takes[0].ended.cause for each in (told, silent)} == {Cause.SIGNALLED}
    assert told.is_fatal
    assert told.channel is None


def test_exit_codes_lie_in_each_way_that_the_stage_knows_and_in_one_that_it_does_not() -> None:
    codes = {
        each.tape.takes[0].ended.exit_code
        for each in planned(TAPE, ())
        if each.what.startswith("ended with another exit code")
    }
    assert codes == {0, 77}


def test_where_every_exit_code_is_a_result_one_of_them_is_tried_all_the_same() -> None:
    every = Tape(takes=(replace(TAKE, ok=tuple(range(256))),))
    codes = {each.tape.takes[0].ended.exit_code for each in planned(every, ())}
    assert {0, 2, 3, 4, 77} <= codes


def test_only_outputs_that_the_stage_looks_at_are_damaged() -> None:
    assert not any(each.channel == (0, "stdout") for each in planned(TAPE, ()))
    watched = Tape(takes=(replace(TAKE, reads=frozenset({"stdout"})),))
    found = [each for each in planned(watched, ()) if each.channel == (0, "stdout")]
    assert {each.tape.takes[0].stderr for each in found} == {TAKE.stderr}
    assert all(each.tape.takes[0].stdout != TAKE.stdout for each in found)
    assert b"" in {each.tape.takes[0].stdout for each in found}


def test_standard_error_is_damaged_alone_too() -> None:
    watched = Tape(takes=(replace(TAKE, reads=frozenset({"stderr"})),))
    found = [each for each in planned(watched, ()) if each.channel == (0, "stderr")]
    assert found
    assert {each.tape.takes[0].stdout for each in found} == {TAKE.stdout}


def test_a_file_is_stale_absent_empty_or_something_else() -> None:
    (stale,) = trials(TAPE, "is older than the stage")
    assert stale.tape.takes[0].files == (replace(REPORT, is_stale=True),)
    (absent,) = trials(TAPE, "is absent")
    assert absent.tape.takes[0].files == ()
    (empty,) = trials(TAPE, "is empty")
    assert empty.tape.takes[0].files == (Left("report.json", b""),)
    parts = trials(TAPE, "lost a part")
    assert Left("report.json", b'{"errors": [2]}') in [p.tape.takes[0].files[0] for p in parts]
    assert not any(each.is_fatal for each in parts)


def test_a_file_that_was_empty_cannot_be_lost() -> None:
    hollow = Tape(takes=(replace(TAKE, files=(Left("report.json", b"\n"),)),))
    assert trials(hollow, "is absent") == []


def test_files_that_the_stage_names_or_reads_come_first() -> None:
    others = tuple(Left(f"cache/{number:02}", b"x") for number in range(90))
    asked = Left("cache/99", b"x")
    many = Tape(
        takes=(replace(TAKE, files=(*others, asked, REPORT)),), asked=frozenset({"cache/99"})
    )
    found = [each.channel[1] for each in lost(many, ()) if each.channel]
    assert list(dict.fromkeys(found))[:2] == ["cache/99", "report.json"]
    assert len(set(found)) == MOST_FILES
    found = [each.channel[1] for each in damaged(many, frozenset()) if each.channel]
    assert set(found) == {"cache/99", "report.json"}


def test_every_file_is_lost_and_one_that_is_missed_then_is_damaged_in_every_way() -> None:
    others = tuple(Left(f"cache/{number:02}", b"one\ntwo\n") for number in range(20))
    many = Tape(takes=(replace(TAKE, files=others),))
    gone = {each.channel for each in lost(many, ()) if each.what == "is absent"}
    assert gone == {(0, left.path) for left in others}
    missed = (0, "cache/19")
    found = [each for each in damaged(many, frozenset({missed})) if each.channel == missed]
    assert len([each for each in found if each.what.startswith("cut off")]) > 1


def test_of_an_output_that_nobody_misses_each_kind_of_damage_is_tried_once() -> None:
    every = [each.what.partition(":")[0] for each in damaged(TAPE, frozenset({REPORTED}))]
    found = [each.what.partition(":")[0] for each in damaged(TAPE, frozenset())]
    assert len(found) == len(set(found)) < len(every)
    assert set(found) == set(every)


def test_a_file_in_the_project_is_lost_like_any_other_and_old_where_an_earlier_run_left_it() -> (
    None
):
    left = Left("r.json", REPORT.data, in_project=True)
    tape = Tape(takes=(replace(TAKE, files=(REPORT, left)),))
    name = (0, "r.json in the project")
    assert name in {each.channel for each in lost(tape, ()) if each.what == "is absent"}
    (stale,) = (
        each
        for each in damaged(tape, frozenset({name}))
        if each.channel == name and each.what == "is older than the stage"
    )
    assert stale.tape.takes[0].files == (REPORT,)
    assert stale.tape.before == (replace(left, is_stale=True),)


def test_a_list_of_what_was_examined_is_shortened_where_it_is_evidence() -> None:
    listing = replace(REPORT, data=b'{"files": ["a", "b"], "errors": []}')
    tape = Tape(takes=(replace(TAKE, files=(listing,)),))
    listed = partial(unlisted, names={"a", "b"}.__contains__, count=2)
    short = [each for each in damaged(tape, frozenset({REPORTED}), listed) if each.is_short]
    left = [json.loads(each.tape.takes[0].files[0].data)["files"] for each in short]
    assert left == [["b"], ["a"]]
    assert not any(each.is_short for each in damaged(tape, frozenset(), listed))


def test_reports_of_the_project_are_damaged_as_those_of_a_program() -> None:
    given = Tape(takes=(), reports=(Left("out/junit.xml", b"<suite><case/></suite>"),))
    found = list(planned(given, ()))
    assert {each.channel for each in found} == {(PROJECT, "out/junit.xml")}
    assert () in [each.tape.reports for each in found]


def test_of_several_commands_each_is_told_by_its_number() -> None:
    second = replace(TAKE, argv=("/tools/other",), files=())
    places = {each.where for each in planned(Tape(takes=(TAKE, second)), ())}
    assert {"lint (1)", "other (2)", "lint (1): report.json"} <= places


def test_what_was_seen_of_a_service_is_lost_or_something_else_and_never_shortened() -> None:
    log = Seen("load", "log", "measured.stdout", (b'{"level": "info"}\n{"level": "info"}\n',))
    page = Seen("load", "before", "/metrics", (b"a 1\n", b"a 2\n"))
    unseen = Seen("load", "after", "/metrics", ())
    found = planned(Tape(takes=(), seen=(log, page, unseen)), ())
    wheres = [
        f"the service of `load`: {what}" for what in ("log measured.stdout", "before /metrics")
    ]
    assert list(dict.fromkeys(each.where for each in found)) == wheres
    assert {each.channel for each in found} == {(SEEN, where) for where in wheres}
    whats = {each.what.partition(":")[0] for each in found}
    assert whats >= {"is absent", "is empty", "a web page"}
    assert not whats & {"cut off", "lost a part"}
    assert all(each.is_fatal for each in found)
    gone, empty, *_ = (each.tape.seen for each in found if each.where == wheres[1])
    assert gone == (log, Seen("load", "before", "/metrics", ()), unseen)
    assert empty == (log, Seen("load", "before", "/metrics", (b"", b"")), unseen)
