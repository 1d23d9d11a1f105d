from __future__ import annotations

from dataclasses import replace

from gates.testing.tape import Left, Take, Tape
from gates.testing.trials import MOST_FILES, PROJECT, Planned, planned
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
    damaged = [each for each in planned(watched, ()) if each.channel == (0, "stdout")]
    assert {each.tape.takes[0].stderr for each in damaged} == {TAKE.stderr}
    assert all(each.tape.takes[0].stdout != TAKE.stdout for each in damaged)
    assert b"" in {each.tape.takes[0].stdout for each in damaged}


def test_standard_error_is_damaged_alone_too() -> None:
    watched = Tape(takes=(replace(TAKE, reads=frozenset({"stderr"})),))
    damaged = [each for each in planned(watched, ()) if each.channel == (0, "stderr")]
    assert damaged
    assert {each.tape.takes[0].stdout for each in damaged} == {TAKE.stdout}


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
    others = tuple(Left(f"cache/{number:02}", b"x") for number in range(20))
    asked = Left("cache/99", b"x")
    byte_code = Left("plugin.pyc", b"x")
    many = Tape(
        takes=(replace(TAKE, files=(byte_code, *others, asked, REPORT)),),
        asked=frozenset({"cache/99"}),
    )
    damaged = [each.channel[1] for each in planned(many, ()) if each.channel]
    assert list(dict.fromkeys(damaged))[:2] == ["cache/99", "report.json"]
    assert len(set(damaged)) == MOST_FILES
    assert "plugin.pyc" not in damaged


def test_reports_of_the_project_are_damaged_as_those_of_a_program() -> None:
    given = Tape(takes=(), reports=(Left("out/junit.xml", b"<suite><case/></suite>"),))
    found = list(planned(given, ()))
    assert {each.channel for each in found} == {(PROJECT, "out/junit.xml")}
    assert () in [each.tape.reports for each in found]


def test_of_several_commands_each_is_told_by_its_number() -> None:
    second = replace(TAKE, argv=("/tools/other",), files=())
    places = {each.where for each in planned(Tape(takes=(TAKE, second)), ())}
    assert {"lint (1)", "other (2)", "lint (1): report.json"} <= places
