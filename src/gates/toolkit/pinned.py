"""A file of a pinned git revision: fetched once, proved by its hashes, and then read offline.

A commit's name is a digest of it, it names its tree by digest, and that the file. All three are
computed anew at each reading, so that neither a server, nor a cache that somebody else wrote, can
hand over another file. Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError, ToolCrashed
from gates.toolkit.door import one_line
from gates.toolkit.environment import NO_GRAFTS
from gates.toolkit.files import write_atomic
from gates.toolkit.programs import ProgramOutput, find_program, run_program

FOLDER = "extends"
"""Where fetched revisions are kept, in the folder of what is kept for speed."""

FETCH_S = 120
"""Seconds after which a fetch is given up."""

_HANDED_ON = (
    "HOME", "LOGNAME", "PATH", "TMPDIR", "USER", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK",
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_SSH_COMMAND",
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy",
    "ALL_PROXY", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
)  # fmt: skip
_FIXED = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    # An address such as `ext::sh -c ...` would run a command.
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": NO_GRAFTS,
}
_REVISION = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHA1_DIGITS = 40
_FILE_MODES = frozenset({b"100644", b"100755"})
_FOLDER_MODE = b"40000"


def is_full(revision: str) -> bool:
    """Whether a revision is a commit's whole name, SHA-1 or SHA-256."""
    return _REVISION.fullmatch(revision) is not None


@dataclass(frozen=True, slots=True)
class Pinned:
    """Reads files of pinned revisions.

    Attributes:
        state: the folder of what is kept for speed.
        environ: the environment of `gates`.
        checkout: the folder that must not bring the git program.
    """

    state: Path
    environ: Mapping[str, str]
    checkout: Path

    def read(self, address: str, revision: str, path: str) -> bytes:
        """The bytes of a file, as a commit has it.

        Args:
            address: of the repository, as `git fetch` takes it.
            revision: the whole name of the commit.
            path: the file in it, relative to its top, with `/`.

        Raises:
            StageError: the repository cannot be reached, does not have the commit, or what was
                fetched is not what the names say.
        """
        folder = (
            self.state
            / FOLDER
            / hashlib.sha256(os.fsencode(f"{len(revision)} {address}")).hexdigest()[:32]
        )
        _settle(folder, revision)
        if self._raw(folder, "commit", revision) is None:
            self._fetch(folder, address, revision)
        commit = self._proved(folder, "commit", revision)
        found = re.match(rb"tree ([0-9a-f]+)\n", commit)
        name = found[1].decode() if found else ""
        *folders, file = path.split("/")
        for step in folders:
            name = self._step(folder, name, step, path, frozenset({_FOLDER_MODE}))
        return self._proved(folder, "blob", self._step(folder, name, file, path, _FILE_MODES))

    def _step(self, folder: Path, tree: str, step: str, path: str, modes: frozenset[bytes]) -> str:
        """The name of what a tree has under a name."""
        data = self._proved(folder, "tree", tree)
        size = len(tree) // 2
        at = 0
        while at < len(data):
            end = data.index(b"\0", at)
            mode, _, name = data[at:end].partition(b" ")
            if name == os.fsencode(step) and mode in modes:
                return data[end + 1 : end + 1 + size].hex()
            at = end + 1 + size
        raise StageError("pinned-absent", f"the pinned commit has no file `{one_line(path)}`")

    def _proved(self, folder: Path, kind: str, name: str) -> bytes:
        data = self._raw(folder, kind, name)
        if data is None:
            raise StageError("pinned-unreadable", f"`{name}` is no {kind} that was fetched")
        whole = b"%s %d\0%s" % (kind.encode(), len(data), data)
        algorithm = "sha1" if len(name) == _SHA1_DIGITS else "sha256"
        if hashlib.new(algorithm, whole, usedforsecurity=False).hexdigest() != name:
            hint = f"remove `{folder}`, so that it is fetched again"
            raise StageError(
                "pinned-forged", f"the {kind} `{name}` is not what its name says", hint=hint
            )
        return data

    def _raw(self, folder: Path, kind: str, name: str) -> bytes | None:
        if not is_full(name) or not folder.is_dir():
            return None
        output = self._run(folder, "cat-file", kind, name)
        return output.stdout if output.exit_code == 0 else None

    def _fetch(self, folder: Path, address: str, revision: str) -> None:
        """Fetch the commit; where a server only hands out branches and tags, all of those."""
        quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc")
        done = self._run(folder, *quiet, "--depth=1", "--", address, revision)
        if done.exit_code != 0:
            everything = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
            done = self._run(folder, *quiet, "--", address, *everything)
        if self._raw(folder, "commit", revision) is None:
            said = one_line(done.stderr, limit=200) or "it has no such commit"
            raise StageError(
                "pinned-unreachable",
                f"commit `{revision[:12]}` of `{one_line(address)}` cannot be fetched: {said}",
                hint="see whether the address can be reached, and has that commit on a branch",
            )

    def _run(self, folder: Path, *arguments: str) -> ProgramOutput:
        program = find_program("git", self.environ.get("PATH", ""), outside=self.checkout)
        if program is None:
            raise ToolCrashed("git-missing", "`git` is not on PATH outside the checkout")
        env = {name: self.environ[name] for name in _HANDED_ON if name in self.environ}
        command = (program, f"--git-dir={folder}", "-c", "core.hooksPath=/dev/null")
        return run_program(
            (*command, *arguments),
            env={**env, **_FIXED, "GIT_COMMON_DIR": str(folder)},
            timeout_s=FETCH_S,
        )


def _settle(folder: Path, revision: str) -> None:
    """Make the repository where it is not there; its settings are ours, whoever made it."""
    kind = "sha1" if len(revision) == _SHA1_DIGITS else "sha256"
    settings = {
        "HEAD": "ref: refs/heads/none\n",
        "config": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
        f"[extensions]\n\tobjectformat = {kind}\n",
    }
    for part in ("objects", "refs"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in settings.items():
        file = folder / name
        if not file.is_file() or file.read_text(errors="replace") != text:
            write_atomic(file, text.encode())
