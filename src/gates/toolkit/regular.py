"""Opens files that somebody named, without waiting for what is no file."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading, whose links are followed.

    Raises:
        OSError: it cannot be opened; or it is a pipe, a device or the like, from which a reader
            could wait or read for ever.
    """
    # Without `O_NONBLOCK` a pipe would be waited for here already.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise OSError("a folder" if stat.S_ISDIR(mode) else "a pipe or a device, and no file")
    return os.fdopen(descriptor, "rb")
