"""Runs the command by which a stage says that its report is written, as a step before it would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stages.live_context import LiveContext


def write_given(ctx: LiveContext, command: str) -> None:
    """Run it by a shell in the project, whatever its exit code; reports go to `out`."""
    (ctx.root / "out").mkdir(exist_ok=True)
    environ = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(ctx.root.parent),
        "LC_ALL": "C.UTF-8",
    }
    subprocess.run(
        ("/bin/sh", "-c", command),
        cwd=ctx.root,
        env=environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
