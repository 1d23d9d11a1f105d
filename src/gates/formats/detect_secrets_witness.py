"""What detect-secrets really read: a filter of ours that it asks about each file, and its word.

The tool passes over files without a word: by their names, where they are no UTF-8, where they
cannot be opened. Its report names only files with results, so it tells nothing of the others. A
filter is asked after all filters of the tool's own, in every process that scans, just before the
file is opened; this one lets every file pass, and writes down what it is.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable

FILE = "gates_witness.py"
"""The name of the file that holds `SOURCE`."""

FUNCTION = "see"
"""The filter in it."""

VARIABLE = "GATES_SECRETS_SEEN"
"""The environment variable that names the file in which it writes; without it, it writes none."""

SOURCE = b'''\
"""A filter for detect-secrets that hides nothing: it writes down which files are read."""

import os


def see(filename):
    try:
        with open(filename) as file:
            for _ in file:
                pass
        word = b"read"
    except UnicodeDecodeError:
        word = b"undecoded"
    except OSError:
        word = b"unread"
    path = os.environ.get("GATES_SECRETS_SEEN")
    if path is None:
        return False
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, word + b" " + os.fsencode(filename) + b"\\0")
    finally:
        os.close(handle)
    return False
'''

TEXT = bytes({*range(0x20, 256), *b"\t\n\f\r\x1b"})
"""Bytes that text in an encoding of one byte to a character may hold."""

MARKS = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16 and UTF-32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """What became of the files that passed all filters on names.

    Attributes:
        read: read whole.
        undecoded: no UTF-8, so the tool passes over them.
        unread: could not be opened.
    """

    read: frozenset[str]
    undecoded: frozenset[str]
    unread: frozenset[str]


def parse(data: bytes, *, what: str) -> Witnessed:
    """Read what the filter wrote.

    Raises:
        OutputUnreadable: it is cut off, or not the filter's.
    """
    found: dict[bytes, set[str]] = {b"read": set(), b"undecoded": set(), b"unread": set()}
    *records, rest = data.split(b"\0")
    for record in records:
        word, space, name = record.partition(b" ")
        if word not in found or not space:
            raise OutputUnreadable("witness-broken", "holds what no filter wrote", place=what)
        found[word].add(posixpath.normpath(os.fsdecode(name)))
    if rest:
        raise OutputUnreadable("witness-broken", "is cut off", place=what)
    return Witnessed(
        read=frozenset(found[b"read"]),
        undecoded=frozenset(found[b"undecoded"]),
        unread=frozenset(found[b"unread"]),
    )


def is_nameable(path: str) -> bool:
    """Whether the tool can be told of a filter at this path; it reads the path as part of a URL."""
    return path.isprintable() and not any(sign in path for sign in ("#", "?", "::"))


def merged(parts: Sequence[Witnessed]) -> Witnessed:
    """What several scans saw, as one."""
    return Witnessed(
        read=frozenset().union(*(part.read for part in parts)),
        undecoded=frozenset().union(*(part.undecoded for part in parts)),
        unread=frozenset().union(*(part.unread for part in parts)),
    )


def is_text(data: bytes) -> bool:
    """Whether bytes that are no UTF-8 are text of another encoding, and not binary."""
    return data.startswith(MARKS) or not data.translate(None, TEXT)
