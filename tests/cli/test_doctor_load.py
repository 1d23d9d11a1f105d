from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from cli.conftest import Gates

from gates.cli.doctor_load import calibration_lines, command
from gates.formats.load_calibration import Bias, Calibration, read
from gates.reports.style import render

POLICY = (
    "version: 1\nservices:\n  api: {run: serve, ready: tcp}\nlevels:\n  1:\n    gates:\n"
    "      bench:\n        uses: load\n        service: api\n"
    "        with: {paths: GET /, rate: 10/s}\n"
)


def found(off_us: int) -> Calibration:
    return Calibration(
        day=date(2026, 1, 31),
        biases=(
            Bias(
                server="fixed, 20 ms",
                rate=200,
                requests=300,
                true_us=(20_000, 20_500, 21_000),
                told_us=(20_100, 20_600, 21_000 + off_us),
                late=Decimal("0.0033"),
                cpu=Decimal("0.071"),
            ),
        ),
    )


def text(off_us: int, *gates: str) -> str:
    return render(calibration_lines(found(off_us), gates), colour=False)


def test_truth_and_figures_stand_one_above_the_other() -> None:
    assert text(800, "bench", "capacity") == (
        "known delays              rate       p50        p95        p99        late       core\n"
        "fixed, 20 ms              200/s      20.00 ms   20.50 ms   21.00 ms   0.3 %      7 %\n"
        "  the generator is off by             +0.10 ms   +0.10 ms   +0.80 ms\n"
        "at most 0.80 ms off\n"
        "told by: bench, capacity\n"
    )


def test_a_machine_that_is_not_fit_is_told() -> None:
    assert "at most 2.00 ms off, more than 1.5 ms: something else takes" in text(2000)
    assert "no gate uses `load`" in text(2000)


def test_it_is_kept_for_the_gates_that_use_it(
    gates: Gates, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gates.policy(POLICY)
    monkeypatch.chdir(gates.repo.root)
    monkeypatch.setattr("gates.traffic.calibration.calibrate", lambda *_: found(0))
    command.main([], standalone_mode=False)
    assert "told by: bench\n" in capsys.readouterr().out
    state = gates.repo.root / ".git" / "gates"
    (kept,) = state.rglob("caches/bench-calibration/calibration.json")
    assert read(kept.read_bytes()) == found(0)


def test_without_a_policy_it_exits_2(gates: Gates) -> None:
    assert gates("doctor", "load").code == 2
