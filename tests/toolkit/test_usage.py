from __future__ import annotations

import os
import sys
import time

import pytest

from gates.toolkit.usage import Taken, taken

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")

NOBODY = 2**22 + 1


def test_what_this_process_takes() -> None:
    before = taken((os.getpid(),))
    kept = bytearray(64 << 20)
    until = time.process_time() + 0.05
    while time.process_time() < until:
        kept[0] ^= 1
    after = taken((os.getpid(), NOBODY))
    assert (before.processes, after.processes) == (1, 1)
    assert after.rss_bytes - before.rss_bytes > 32 << 20
    assert 0.03 <= after.cpu_s - before.cpu_s < 10


def test_nobody_takes_nothing() -> None:
    assert taken(()) == taken((NOBODY,)) == Taken(0, 0.0, 0)
