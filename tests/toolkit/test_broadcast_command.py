from __future__ import annotations

import asyncio
import sys

import pytest

from gates.toolkit.broadcast_command import run


def test_a_command_tells_how_it_ended_and_what_it_wrote() -> None:
    code = "import sys; print('a' * 400); print('last\\nwords', file=sys.stderr); sys.exit(3)"
    exit_code, output = asyncio.run(run((sys.executable, "-c", code), timeout_s=30))
    assert (exit_code, len(output)) == (3, 300)
    assert output.endswith("a last words") or output.startswith("last words a")


def test_a_command_that_does_not_end_is_ended() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(run((sys.executable, "-c", "import time; time.sleep(60)"), timeout_s=0.2))


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        asyncio.run(run(("/not/there",), timeout_s=1))
