"""What detect-secrets really read: a filter of ours that it asks about each file, and its word.

The tool passes over files without a word: by their names, where they are no UTF-8, where they
cannot be opened. Its report names only files with results, so it tells nothing of the others. A
filter is asked after all filters of the tool's own, in every process that scans, just before the
file is opened; this one lets every file pass, and writes down what it is.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gates.domain.errors import OutputUnreadable

FILE = "gates_witness.py"
"""The name of the file that holds `SOURCE`."""

FUNCTION = "see"
"""The filter in it."""

VARIABLE = "GATES_SECRETS_SEEN"
"""The environment variable that names the file in which it writes; without it, it writes none."""

SOURCE = rb'''
"""A filter for detect-secrets that hides nothing: it writes down which files are read, and how.

Of a file that a reader of INI or YAML takes, the tool scans what that reader made of it, without
comments and whatever else got lost; of another it may scan only the text. Here each is scanned in
every form, one below the other: a line's number is what it is in the first, plus whole periods.
"""

import os
import re
import sys

PLAIN = re.compile(
    r"\s*(?:-\s+)*[\w.-]+\s*[:=]\s*(?:true|false|yes|no|on|off|null|none)\s*$", re.IGNORECASE
)
VALUE = re.compile(
    r"\s*(?:-\s+)*([\w.-]+)\s*[:=]\s*([^\s\"'`\[{#;&*!|>][^\s\"'`]*)(\s+[#;].*)?\s*$"
)
NEITHER = re.compile(r"[\W_]+")


def see(filename):
    holds_nul = False
    try:
        with open(filename) as file:
            for line in file:
                holds_nul = holds_nul or "\0" in line
        word = b"read"
    except UnicodeDecodeError:
        word = b"undecoded"
    except OSError:
        word = b"unread"
    tell(word, filename)
    if word == b"read" and holds_nul:
        tell(b"nul", filename)
    scan = sys.modules.get("detect_secrets.core.scan")
    given = getattr(scan, "get_transformed_file", None)
    if given is not None and not hasattr(given, "in_every_form"):
        scan.get_transformed_file = in_every_form(given)
    return False


def tell(word, filename):
    path = os.environ.get("GATES_SECRETS_SEEN")
    if path is None:
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, word + b" " + os.fsencode(filename) + b"\0")
    finally:
        os.close(handle)


def in_every_form(given):
    def transformed(file, use_eager_transformers=False):
        if use_eager_transformers:
            return None  # what it gives stands among the forms already
        forms = [form for form in forms_of(given, file) if any(form)]
        period = max([len(form) for form in forms], default=0) + 1
        lines = [line for form in forms for line in [*form, *[""] * (period - len(form))]]
        tell(b"forms %d" % period, file.name)
        file.seek(0)
        return lines

    transformed.in_every_form = True
    return transformed


def forms_of(given, file):
    rebuilt = given(file)
    file.seek(0)
    lines = file.readlines()
    file.seek(0)
    if not rebuilt:
        return [lines, given(file, use_eager_transformers=True) or []]
    made = [*rebuilt, *[""] * len(lines)]
    rest = ["" if is_whole(line, made[at]) else line for at, line in enumerate(lines)]
    return [rebuilt, rest, [quoted(line) for line in rest]]


def is_whole(line, made):
    """Whether all of a line stands in what was made of it, or it holds a plain word of YAML."""
    if line.strip() == made.strip() or PLAIN.match(line):
        return True
    if "pragma" in line or "'" in line or '"' in line:
        return False
    return NEITHER.sub(" ", line).split() == NEITHER.sub(" ", made).split()


def quoted(line):
    """The value of a setting in quotation marks, as the tool does it, which some detectors need."""
    found = VALUE.match(line)
    return '%s = "%s"%s' % (found[1], found[2], found[3] or "") if found else ""
'''.lstrip()

TEXT = bytes({*range(0x20, 256), *b"\t\n\f\r\x1b"})
"""Bytes that text in an encoding of one byte to a character may hold."""

MARKS = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16 and UTF-32."""

WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""Encodings of several bytes to a character, which need no byte order mark."""

NUL_SHARE = 0.3
"""Of the bytes of Latin text in such an encoding, at least so many are NUL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """What became of the files that passed all filters on names.

    Attributes:
        read: read whole.
        undecoded: no UTF-8, so the tool passes over them.
        unread: could not be opened.
        nul: those of `read` in which a NUL stands.
        periods: of each file that was scanned, after how many lines its next form begins.
    """

    read: frozenset[str]
    undecoded: frozenset[str]
    unread: frozenset[str]
    nul: frozenset[str] = frozenset()
    periods: Mapping[str, int] = field(default_factory=dict)


def parse(data: bytes, *, what: str) -> Witnessed:
    """Read what the filter wrote.

    Raises:
        OutputUnreadable: it is cut off, or not the filter's.
    """
    found: dict[bytes, set[str]] = {b"read": set(), b"undecoded": set(), b"unread": set()}
    found[b"nul"] = set()
    periods: dict[str, int] = {}
    *records, rest = data.split(b"\0")
    for record in records:
        word, space, name = record.partition(b" ")
        if word == b"forms":
            number, space, name = name.partition(b" ")
            periods[posixpath.normpath(os.fsdecode(name))] = _period(number, what)
        elif word in found:
            found[word].add(posixpath.normpath(os.fsdecode(name)))
        if not space or word not in {*found, b"forms"}:
            raise OutputUnreadable("witness-broken", "holds what no filter wrote", place=what)
    if rest:
        raise OutputUnreadable("witness-broken", "is cut off", place=what)
    return Witnessed(
        read=frozenset(found[b"read"]),
        undecoded=frozenset(found[b"undecoded"]),
        unread=frozenset(found[b"unread"]),
        nul=frozenset(found[b"nul"]),
        periods=periods,
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
        nul=frozenset().union(*(part.nul for part in parts)),
        periods={path: period for part in parts for path, period in part.periods.items()},
    )


def is_text(data: bytes) -> bool:
    """Whether bytes are text of another encoding than UTF-8, and not binary.

    They are no UTF-8, or hold a NUL, as text of several bytes to a character does.
    """
    return data.startswith(MARKS) or not data.translate(None, TEXT) or _is_wide(data)


def _is_wide(data: bytes) -> bool:
    if data.count(0) < len(data) * NUL_SHARE:
        return False
    for encoding in WIDE:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        few = len(text.encode("ascii", "ignore")) * 2 < len(text)
        if not few and "".join(text.split()).isprintable():
            return True
    return False


def _period(number: bytes, what: str) -> int:
    if not number.isdigit() or int(number) == 0:
        raise OutputUnreadable("witness-broken", "holds what no filter wrote", place=what)
    return int(number)
