"""Runs the command that publishes a message, without holding the program that listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

_SHOWN = 300


async def run(words: Sequence[str], *, timeout_s: float) -> tuple[int, str]:
    """Run a command to its end; its exit code, and the end of what it wrote.

    Args:
        words: the command, the program's path first; no shell runs it.
        timeout_s: after which it is ended.

    Raises:
        OSError: it cannot be started.
        TimeoutError: it did not end in time, and was ended.
    """
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, " ".join(output.decode("utf-8", "replace").split())[-_SHOWN:]
