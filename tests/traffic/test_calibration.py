from __future__ import annotations

import os
from datetime import date

import pytest

from gates.domain.errors import StageError, ToolCrashed
from gates.toolkit.programs import ProgramOutput
from gates.traffic import calibration
from gates.traffic.calibration import Trial, calibrate, trials
from gates.traffic.delay_server import fixed

TODAY = date(2026, 1, 31)


def short(seconds: float = 0.4) -> tuple[Trial, ...]:
    return (Trial("fixed, 5 ms", fixed(0.005), 100, seconds),)


@pytest.mark.live
@pytest.mark.serial
def test_the_real_generator_is_held_against_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "WARMUP_S", 0.2)
    found = calibrate(TODAY, dict(os.environ), short())
    (bias,) = found.biases
    assert (bias.server, bias.rate, bias.requests) == ("fixed, 5 ms", 100, 40)
    assert found.day == TODAY
    assert all(true >= 5_000 for true in bias.true_us)
    # It never sees less than the server does; a loaded machine may make it see more.
    assert all(told > true for told, true in zip(bias.told_us, bias.true_us, strict=True))


def test_a_calibration_takes_the_seconds_that_it_is_given() -> None:
    assert sum(trial.seconds + calibration.WARMUP_S for trial in trials(6.0)) == pytest.approx(6)
    assert len({trial.server for trial in trials()}) == 3


@pytest.mark.parametrize(
    ("output", "told"), [(b"a\nno memory\n", "no memory"), (b"", "it says nothing")]
)
def test_a_generator_that_cannot_run_is_told(
    monkeypatch: pytest.MonkeyPatch, output: bytes, told: str
) -> None:
    monkeypatch.setattr(calibration, "run_program", lambda *_, **__: ProgramOutput(1, b"", output))
    with pytest.raises(ToolCrashed, match=told):
        calibrate(TODAY, {}, short())


@pytest.mark.live
@pytest.mark.serial
def test_a_request_that_is_lost_spoils_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "WARMUP_S", 0.0)
    monkeypatch.setattr("gates.traffic.delay_server.ANSWER", b"no HTTP\r\n\r\n")
    with pytest.raises(StageError, match="of 20 requests 0 came to a good end"):
        calibrate(TODAY, dict(os.environ), short(0.2))
