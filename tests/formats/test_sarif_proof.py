from __future__ import annotations

import pytest
from formats.sarif_samples import RESULT, read, run, value

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.sarif_proof import LISTS, Ended, refuse_unchecked
from gates.formats.strict_json import Value

WELL: dict[str, object] = {"executionSuccessful": True}


def refused(**parts: object) -> StageError:
    with pytest.raises(StageError) as caught:
        refuse_unchecked(value(**parts))
    return caught.value


def test_a_run_without_invocations_does_not_tell_its_end() -> None:
    assert refuse_unchecked(value()) == Ended(is_told=False, warnings=0)


def test_a_run_that_ended_well_tells_it() -> None:
    assert refuse_unchecked(value(invocations=[WELL, WELL])) == Ended(is_told=True, warnings=0)


@pytest.mark.parametrize("results", [None, "absent"])
def test_a_run_without_results_did_not_look(results: str | None) -> None:
    bare = run(results=results)
    if results == "absent":
        del bare["results"]

    with pytest.raises(StageError, match="no list of results"):
        refuse_unchecked(Value(bare, "x"))


@pytest.mark.parametrize("files", [{"results": [{}]}, {"artifacts": [{}]}])
def test_parts_in_other_files_are_not_read(files: dict[str, object]) -> None:
    error = refused(externalPropertyFileReferences=files)

    assert error.problem.slug == "not-checked"


def test_no_parts_in_other_files_are_none() -> None:
    assert not refuse_unchecked(value(externalPropertyFileReferences={})).is_told


@pytest.mark.parametrize("key", ["invocations", "conversion"])
def test_an_invocation_that_did_not_succeed_is_no_result(key: str) -> None:
    ill = {"executionSuccessful": False}
    part: object = [WELL, ill] if key == "invocations" else {"invocation": ill}

    assert "did not succeed" in refused(**{key: part}).problem.summary


def test_a_conversion_may_tell_nothing() -> None:
    assert not refuse_unchecked(value(conversion={"tool": {}})).is_told


def test_an_invocation_must_say_whether_it_succeeded() -> None:
    assert "executionSuccessful" in refused(invocations=[{}]).problem.summary


@pytest.mark.parametrize(
    "lie",
    [
        {"exitSignalName": "SIGKILL"},
        {"exitSignalNumber": 9},
        {"processStartFailureMessage": "no such file"},
        {"exitCode": 137},
        {"exitCode": 127},
        {"exitCode": -9},
    ],
)
def test_an_invocation_that_lies_about_its_end_is_unreadable(lie: dict[str, object]) -> None:
    error = refused(invocations=[{**WELL, **lie}], results=[RESULT])

    assert isinstance(error, OutputUnreadable)
    assert error.problem.slug == "contradiction"


def test_an_exit_code_besides_zero_needs_a_result() -> None:
    ended = [{**WELL, "exitCode": 1}]

    assert read(invocations=ended, results=[RESULT]).ended.is_told
    assert "exit code 1 and found nothing" in refused(invocations=ended).problem.summary


@pytest.mark.parametrize("key", LISTS)
def test_an_error_of_the_tool_itself_is_no_result(key: str) -> None:
    told = [{"level": "error", "message": {"text": "could not parse a.py"}}]

    assert "could not parse a.py" in refused(invocations=[{**WELL, key: told}]).problem.summary


def test_an_error_may_say_nothing() -> None:
    told = [{"level": "error"}]

    error = refused(invocations=[{**WELL, LISTS[0]: told}])

    assert "does not say which" in error.problem.summary


def test_warnings_of_the_tool_are_counted() -> None:
    told = [{"level": "warning"}, {}, {"level": "note"}, {"level": "none"}]

    ended = refuse_unchecked(value(invocations=[{**WELL, LISTS[0]: told, LISTS[1]: told}]))

    assert ended.warnings == 4


@pytest.mark.parametrize("descriptor", [{"id": "parse"}, {"index": 1}])
def test_the_level_of_a_notification_may_stand_in_the_driver(
    descriptor: dict[str, object],
) -> None:
    driver = {
        "name": "sample",
        "notifications": [
            {"id": "other"},
            {"id": "parse", "defaultConfiguration": {"level": "error"}},
        ],
    }
    told = [{"descriptor": descriptor}]

    refused(invocations=[{**WELL, LISTS[0]: told}], tool={"driver": driver})


@pytest.mark.parametrize("descriptor", [{"id": "other"}, {"id": "absent"}, {}])
def test_a_notification_without_a_level_is_a_warning(descriptor: dict[str, object]) -> None:
    driver = {"name": "sample", "notifications": [{"id": "other"}]}
    invocation = {**WELL, LISTS[0]: [{"descriptor": descriptor}]}

    ended = refuse_unchecked(value(invocations=[invocation], tool={"driver": driver}))

    assert ended.warnings == 1


def test_an_unknown_level_is_unreadable() -> None:
    error = refused(invocations=[{**WELL, LISTS[0]: [{"level": "fatal"}]}])

    assert "`fatal`" in error.problem.summary
