"""A run of Vitest or Jest with proof: our reporter, its settings, and where it writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gates.toolkit import js_reporters
from gates.toolkit.files import write_atomic

_DOCUMENTS = (".md", ".rst", ".adoc", ".markdown")
_DOCUMENTATION = frozenset({"doc", "docs"})
_SIGNS = frozenset("*?[]{}()!+@\\|")

COVERED = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
"""Endings of the sources that both runners measure."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What a run with proof needs.

    Attributes:
        reporter: our reporter, absolute.
        nonce: what its record repeats.
        record: where it writes it.
        report: where the runner writes its own JSON.
        coverage: the folder of what is covered; `coverage-final.json` in it.
        sequencer: for Jest, what puts the planted test in the place of all; None without one.
    """

    reporter: Path
    nonce: str
    record: Path
    report: Path
    coverage: Path
    sequencer: Path | None = None


def prepare(out: Path, *, name: str, text: str, canary: Path | None = None) -> Launch:
    """Write a reporter with its settings into a folder of its own.

    Args:
        out: a private, empty folder.
        name: the reporter's file name.
        text: of the reporter, from `js_reporters`.
        canary: a planted test that is to run in place of all; its run has a folder of its own.
    """
    import json
    import secrets

    if canary is not None:
        out = out / "canary"
        out.mkdir(mode=0o700)
    home = out / "proof"
    home.mkdir(mode=0o700)
    launch = Launch(
        home / f"{secrets.token_hex(8)}-{name}",
        secrets.token_hex(16),
        home / f"{secrets.token_hex(8)}.json",
        out / "report.json",
        out / "coverage",
        home / "sequencer.js" if canary is not None else None,
    )
    settings = {
        "format": js_reporters.FORMAT,
        "nonce": launch.nonce,
        "record": str(launch.record),
        "canary": str(canary or ""),
    }
    begin = f"const SETTINGS = {json.dumps(settings)};\n{js_reporters.SHARED}"
    write_atomic(launch.reporter, f"{begin}{text}".encode())
    if launch.sequencer is not None:
        write_atomic(launch.sequencer, f"{begin}{js_reporters.JEST_SEQUENCER}".encode())
    # What Jest loads is CommonJS, whatever the project's own package says.
    write_atomic(home / "package.json", b"{}")
    return launch


def as_globs(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths as patterns that match them: a sign of the patterns becomes any one character."""
    return tuple("".join("?" if c in _SIGNS else c for c in path) for path in paths)


def inputs_of_tests(files: Iterable[str]) -> tuple[str, ...]:
    """The files of a project that its tests may read: all but documents at the top or in `docs`.

    Args:
        files: the project's files, relative.
    """
    return tuple(
        name
        for name in files
        if not name.lower().endswith(_DOCUMENTS)
        or ("/" in name and name.split("/")[0] not in _DOCUMENTATION)
    )
