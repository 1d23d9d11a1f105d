"""Runs a plan of a broadcast, and writes a record of it.

`python -m gates.traffic.broadcast_program --plan FILE --record FILE`. It is a program of its
own, so that nothing else that `gates` does delays what it measures.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gates.formats import broadcast_plan, broadcast_record
from gates.formats.broadcast_plan import BroadcastPlan
from gates.toolkit.files import write_atomic
from gates.traffic.broadcast_session import Session


def main(arguments: Sequence[str]) -> int:
    """Run a plan; 0 where a record was written."""
    parser = argparse.ArgumentParser(prog="gates.traffic.broadcast_program")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    given = parser.parse_args(arguments)
    path: Path = given.plan
    plan = broadcast_plan.read(path.read_bytes(), what=path.name)
    gc.freeze()
    gc.disable()
    record = asyncio.run(_run(plan))
    write_atomic(given.record, broadcast_record.write(record))
    return 0


async def _run(plan: BroadcastPlan) -> broadcast_record.BroadcastRecord:
    return await Session(plan, os.environ).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
