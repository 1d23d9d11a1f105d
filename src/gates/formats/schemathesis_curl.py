"""A request as a line for a POSIX shell that sends it again with curl."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

MAX_BODY = 150
"""Bytes of a body that a line holds; a longer one is only told of."""

_NOT_PRINTED = re.compile(r"[^\x20-\x7e]")
_UNSAFE = re.compile(rb"[^\x20-\x7e]")


def curl_line(
    method: str, url: str, headers: Iterable[tuple[str, str]] = (), body: bytes | None = None
) -> str:
    """The command for a request, in ASCII that prints; `?` stands for the rest of a header.

    Args:
        method: `GET`.
        url: the whole address.
        headers: names with their values.
        body: what is sent, or None; bytes that do not print are piped in by `printf`.
    """
    words = ["curl", "-i"]
    if method != "GET" or body is not None:
        words += ["-X", method]
    for name, value in headers:
        words += ["-H", f"{name}: {value}"]
    before = ""
    if body is not None:
        if len(body) > MAX_BODY:
            words += ["--data-binary", f"@BODY-OF-{len(body)}-BYTES"]
        elif _UNSAFE.search(body):
            before = f"printf {shlex.quote(_octal(body))} | "
            words += ["--data-binary", "@-"]
        else:
            words += ["--data-raw", body.decode("ascii")]
    return _NOT_PRINTED.sub("?", before + shlex.join([*words, url]))


def _octal(body: bytes) -> str:
    """A format of `printf` that writes these bytes."""
    safe = body.replace(b"\\", b"\\\\").replace(b"%", b"%%")
    return _UNSAFE.sub(lambda found: b"\\%03o" % found.group()[0], safe).decode("ascii")
