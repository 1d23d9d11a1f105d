from __future__ import annotations

from pathlib import Path

from traffic.broadcast_server import broadcaster
from traffic.test_broadcast_session import SSE, plan

from gates.formats import broadcast_plan, broadcast_record
from gates.traffic.broadcast_program import main


def test_a_plan_becomes_a_record(tmp_path: Path) -> None:
    given, made = tmp_path / "plan.json", tmp_path / "record.jsonl"
    with broadcaster() as service:
        given.write_bytes(broadcast_plan.write(plan(service, SSE)))
        assert main(["--plan", str(given), "--record", str(made)]) == 0
    record = broadcast_record.read(made.read_bytes(), what="r")
    assert sum(len(each.got) for each in record.heard) == 20
