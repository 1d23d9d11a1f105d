"""Build the wheel twice from one commit, in two folders, and print how many digests came out."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

BUILDS = 2


def build(archive: bytes, folder: Path) -> str:
    """Build a wheel from a source archive in a folder of its own; its SHA-256."""
    source, wheels = folder / "source", folder / "wheels"
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(source, filter="data")
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir")
    subprocess.run((*command, str(wheels), str(source)), check=True, stdout=sys.stderr)
    (wheel,) = wheels.glob("*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def main() -> None:
    """Build, compare, and print the outcome as JSON."""
    archive = subprocess.run(("git", "archive", "HEAD"), check=True, capture_output=True).stdout
    digests = []
    for _ in range(BUILDS):
        with tempfile.TemporaryDirectory() as folder:
            digests.append(build(archive, Path(folder)))
    print(json.dumps({"builds": len(digests), "digests": len(set(digests)), "sha256": digests}))


if __name__ == "__main__":
    main()
