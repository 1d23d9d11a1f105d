"""Fetch what a shallow clone lacks of a change: its base, and every commit since.

The checkout of a CI system holds one commit. Which lines changed, and which commits a change
brings, is seen only from the commit at which it left its base.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.toolkit.git import Git
from gates.toolkit.programs import ProgramOutput, find_program, run_program

DEPTHS = (50, 500, 5000)
"""So many commits are fetched, one number after the other, until the base is seen."""

_REMOTE = "refs/remotes/origin/"
_FETCH_S = 600.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a change is compared with, as the CI names it.

    Attributes:
        branch: of the remote, or empty.
        commit: its name, or empty; where both are empty, HEAD's first parent.
    """

    branch: str = ""
    commit: str = ""

    @property
    def refspec(self) -> str:
        """What is fetched, and where it is kept."""
        return f"+refs/heads/{self.branch}:{_REMOTE}{self.branch}" if self.branch else self.commit

    @property
    def revision(self) -> str:
        """By what it is then known here."""
        return f"{_REMOTE}{self.branch}" if self.branch else self.commit or "HEAD^1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """How the remote is reached.

    Attributes:
        environ: the environment of the step.
        token: what it asks for, or empty; it is in no argument, file or output.
        server: the address that the token is for.
    """

    environ: Mapping[str, str]
    token: str = ""
    server: str = ""


def reach(git: Git, wanted: Wanted, remote: Remote) -> str:
    """Fetch until the base of the change and all that came since are here.

    Returns:
        What was done, in a few words; empty where nothing was lacking.

    Raises:
        StageError: the remote did not give it.
    """
    if is_whole(git, wanted):
        return ""
    head = git.head() or "HEAD"
    specs = [spec for spec in (wanted.refspec, head) if spec]
    if not git.is_shallow():
        _fetch(git, remote, wanted.refspec or head)
        return f"fetched {wanted.branch or wanted.commit}"
    if not wanted.branch and not wanted.commit:
        _fetch(git, remote, "--depth=2", head)
        return "fetched the commit before HEAD"
    for depth in DEPTHS:
        _fetch(git, remote, f"--depth={depth}", *specs)
        if is_whole(git, wanted):
            return f"fetched {depth} commits of history"
    _fetch(git, remote, "--unshallow", *specs)
    return "fetched all of history"


def is_whole(git: Git, wanted: Wanted) -> bool:
    """Whether the base is here, and no commit since it was cut off from its parents."""
    head, base = git.head(), git.resolve(wanted.revision)
    if head is None:
        return True  # nothing is committed, so nothing is compared
    if not git.is_shallow():
        return base is not None or wanted == Wanted()
    if base is None:
        return False
    if wanted == Wanted():
        return True
    shared = git.merge_base(base, head)
    if shared is None:
        return False
    since = git.ask("rev-list", f"{shared}..{head}").stdout.split()
    return not set(since) & _cut(git)


def _cut(git: Git) -> set[bytes]:
    """The commits whose parents are not here."""
    folder = git.common_dir()
    try:
        return set((folder / "shallow").read_bytes().split()) if folder else set()
    except OSError:
        return set()


def _fetch(git: Git, remote: Remote, *arguments: str) -> None:
    program = find_program("git", remote.environ.get("PATH", ""), outside=git.root)
    if program is None:
        raise StageError("git-missing", "history cannot be fetched: there is no git on PATH")
    argv = [
        program,
        "-C",
        str(git.root),
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-recurse-submodules",
    ]
    answer = run_program(
        [*argv, "origin", *_ordered(arguments)], env=_environ(remote), timeout_s=_FETCH_S
    )
    if answer.exit_code:
        raise StageError(
            "history-unfetched",
            f"what the change is compared with cannot be fetched: {_said(answer)}",
            hint="let the checkout step fetch it (`fetch-depth: 0`), or give this one a `token`",
            place="origin",
        )


def _ordered(arguments: tuple[str, ...]) -> list[str]:
    """Options ahead, then what nothing can be taken for an option in."""
    return [*(each for each in arguments if each.startswith("--")), "--"] + [
        each for each in arguments if not each.startswith("--")
    ]


def _said(answer: ProgramOutput) -> str:
    lines = answer.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {answer.exit_code}"


def _environ(remote: Remote) -> dict[str, str]:
    """The environment of git, with the token as configuration that no other process sees."""
    kept = {name: text for name, text in remote.environ.items() if not name.startswith("GIT_")}
    kept |= {name: text for name, text in remote.environ.items() if name.startswith("GIT_CONFIG_")}
    kept |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    if remote.token and remote.server:
        secret = base64.b64encode(f"x-access-token:{remote.token}".encode()).decode()
        at = int(kept.get("GIT_CONFIG_COUNT", "0") or "0")
        kept["GIT_CONFIG_COUNT"] = str(at + 1)
        kept[f"GIT_CONFIG_KEY_{at}"] = f"http.{remote.server.rstrip('/')}/.extraheader"
        kept[f"GIT_CONFIG_VALUE_{at}"] = f"AUTHORIZATION: basic {secret}"
    return kept
