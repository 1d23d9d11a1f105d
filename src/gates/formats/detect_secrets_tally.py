"""Which results of detect-secrets count: all but those that a pragma, a pattern or an audit takes.

A baseline is no list of what is allowed here: an entry of it that nobody audited still counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha1

from gates.formats.detect_secrets_json import Entry
from gates.formats.tool_paths import some

ENTROPY = "Hex High Entropy String"
"""What the tool takes a fingerprint for."""

OWN = (".gates/baseline.json", ".gates/waivers.yaml")
"""Files in which fingerprints of `gates` stand, which look like secrets."""

_NAME = b"detect-secrets"
_FINGERPRINT = re.compile(rb"(?<![0-9a-zA-Z])[0-9a-f]{32}(?![0-9a-zA-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All results, sorted by what becomes of them.

    Attributes:
        counted: what looks like a secret.
        allowed: no secret, by the baseline's audit.
        suppressed: silenced by a pragma or a pattern.
        unaudited: those of `counted` that stand in the baseline, without an audit.
        gone: entries of the baseline, in files that were read, that no result matches.
    """

    counted: tuple[Entry, ...]
    allowed: tuple[Entry, ...]
    suppressed: tuple[Entry, ...]
    unaudited: tuple[Entry, ...]
    gone: tuple[Entry, ...]

    def notes(self) -> tuple[str, ...]:
        """What is to be told of what does not count, and of the baseline."""
        told = (
            (self.suppressed, "silenced by a pragma or a pattern"),
            (self.allowed, "no secret, by the baseline's audit"),
            (self.unaudited, "in the baseline without an audit, so they count"),
            (self.gone, "in the baseline, and no longer found"),
        )
        return tuple(f"{len(these)} {what}: {places(these)}" for these, what in told if these)


def tally(
    *,
    bare: Collection[Entry],
    kept: Collection[Entry],
    audited: Collection[Entry],
    read: Collection[str],
) -> Tally:
    """Sort the results.

    Args:
        bare: those that stand where nothing silences any.
        kept: those that stand where pragmas and patterns silence some.
        audited: those of the baseline.
        read: the files that were read.
    """
    known = {entry.key: entry for entry in audited}
    harmless = {key for key, entry in known.items() if entry.is_secret is False}
    standing = {entry.key for entry in kept}
    found = standing | {entry.key for entry in bare}
    counted = tuple(entry for entry in kept if entry.key not in harmless)
    return Tally(
        counted=counted,
        allowed=tuple(entry for entry in kept if entry.key in harmless),
        suppressed=tuple(entry for entry in bare if entry.key not in standing),
        unaudited=tuple(e for e in counted if e.key in known and known[e.key].is_secret is None),
        gone=tuple(e for e in audited if e.path in read and e.key not in found),
    )


def places(entries: Collection[Entry]) -> str:
    """Where they stand: the first few."""
    return some(sorted({f"{entry.path}:{entry.line}" for entry in entries}))


def without_own(entries: Collection[Entry], texts: Mapping[str, bytes]) -> tuple[Entry, ...]:
    """The results without those that `gates` itself would bring about.

    A gate that is declared as `secrets: detect-secrets` looks like a password, and a fingerprint in
    a waiver like a key: neither may be a finding of its own.

    Args:
        entries: the results.
        texts: what the files hold that fingerprints are written into, by path.
    """
    known = {
        path: {_digest(found) for found in _FINGERPRINT.findall(texts[path])} for path in texts
    }
    return tuple(
        entry
        for entry in entries
        if entry.digest != _digest(_NAME)
        and not (entry.rule == ENTROPY and entry.digest in known.get(entry.path, ()))
    )


def _digest(text: bytes) -> str:
    """The name that the tool gives a secret."""
    return sha1(text, usedforsecurity=False).hexdigest()
