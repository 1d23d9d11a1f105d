import pytest

from gates.domain.status import EXIT_CODES, Status, Verdict, verdict_of_gate, verdict_of_run

S, V = Status, Verdict


@pytest.mark.parametrize(
    ("status", "level", "verdict"),
    [
        (S.PASSED, 1, V.PASSED),
        (S.UNAFFECTED, 1, V.PASSED),
        (S.WAIVED, 1, V.PASSED),
        (S.OVERRIDDEN, 1, V.PASSED),
        (S.PENDING, 3, V.PENDING),
        (S.INCONCLUSIVE, 1, V.PASSED),
        (S.INCONCLUSIVE, 2, V.ERRORED),
        (S.INCONCLUSIVE, 3, V.ERRORED),
        (S.ERRORED, 1, V.ERRORED),
        (S.FAILED, 1, V.FAILED),
        (S.SKIPPED, 1, V.PARTIAL),
    ],
)
def test_each_status_has_its_verdict(status: Status, level: int, verdict: Verdict) -> None:
    assert verdict_of_gate(status, level) is verdict


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([S.PASSED], V.PASSED),
        ([S.PASSED, S.FAILED, S.ERRORED, S.PENDING, S.SKIPPED], V.FAILED),
        ([S.PASSED, S.ERRORED, S.PENDING, S.SKIPPED], V.ERRORED),
        ([S.PASSED, S.PENDING, S.SKIPPED], V.PENDING),
        ([S.PASSED, S.SKIPPED], V.PARTIAL),
        ([S.UNAFFECTED, S.WAIVED], V.PASSED),
        ([S.SKIPPED, S.SKIPPED], V.ERRORED),
        ([], V.ERRORED),
    ],
)
def test_the_heaviest_verdict_counts(statuses: list[Status], verdict: Verdict) -> None:
    assert verdict_of_run((status, 1) for status in statuses) is verdict


def test_exit_codes_are_those_of_the_documentation() -> None:
    assert {verdict.value: verdict.exit_code for verdict in Verdict} == {
        "passed": 0,
        "partial": 0,
        "failed": 1,
        "errored": 3,
        "pending": 4,
    }
    assert set(EXIT_CODES) == set(Verdict)
