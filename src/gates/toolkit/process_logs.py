"""The two private files to which a command writes, and the limit that they keep together.

The command writes to them itself, so that a GiB of output costs no memory and nobody's time.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Logs:
    """Open logs of one command.

    Attributes:
        stdout: descriptor for its standard output.
        stderr: descriptor for its standard error.
        limit_bytes: of both together.
    """

    stdout: int
    stderr: int
    limit_bytes: int

    @classmethod
    def create(cls, stdout: str, stderr: str, limit_bytes: int) -> Logs:
        """Create both files; neither may exist yet.

        They are opened for appending: one that is cut while the command runs has no hole then.

        Raises:
            OSError: one exists, or its folder does not.
        """
        return cls(os.open(stdout, _FLAGS, _MODE), os.open(stderr, _FLAGS, _MODE), limit_bytes)

    def cut(self) -> bool:
        """Cut them to the limit, the longer one first; answers whether there was too much."""
        out, err = (os.fstat(descriptor).st_size for descriptor in (self.stdout, self.stderr))
        if out + err <= self.limit_bytes:
            return False
        half = self.limit_bytes // 2
        os.ftruncate(self.stdout, min(out, max(half, self.limit_bytes - err)))
        os.ftruncate(self.stderr, min(err, max(half, self.limit_bytes - out)))
        return True
