"""What a change touches: its base, and the lines that the work tree added since.

Where something cannot be told, more lines count as changed, never fewer: files that git calls
binary though they hold text, files that git was told not to look at, unmerged files, and files
whose lines git and Python number differently count as changed wholly.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit import event
from gates.toolkit.git import Git
from gates.toolkit.listing import Listing, listing

_TEXT_LIMIT_BYTES = 32 << 20
_DEEPEN = "git fetch --unshallow"
_REMOTE = "refs/remotes/origin/"
_USUAL = ("HEAD", "main", "master")  # the default branch, where nobody says which it is
_DIFF = (
    "diff", "--raw", "--patch", "--unified=0", "--inter-hunk-context=0", "--no-color",
    "--no-ext-diff", "--no-textconv", "--find-renames", "--diff-algorithm=myers",
    "--submodule=short", "--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/",
    "--no-abbrev", "--relative",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Base:
    """What a change is compared with.

    Attributes:
        commit: a commit, or the empty tree, with which every line is a changed one.
        how: how it was found, in a few words.
        shallow_note: what could not be seen in a shallow clone and what mends it, or empty.
    """

    commit: str
    how: str
    shallow_note: str = ""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file that differs from the base.

    Attributes:
        path: relative to the folder that was asked about, with `/`.
        status: `A` added (untracked files too), `M` modified, `D` deleted, `R` renamed.
        added: ranges of added or changed lines, first and last inclusive, ascending.
        is_binary: it holds no lines, as a submodule or link.
    """

    path: str
    status: str
    added: tuple[tuple[int, int], ...] = ()
    is_binary: bool = False

    def __contains__(self, line: int) -> bool:
        """Whether the line, counted from 1, was added or changed."""
        return any(first <= line <= last for first, last in self.added)

    def lines(self) -> frozenset[int]:
        """The numbers of the added or changed lines, counted from 1."""
        return frozenset(line for first, last in self.added for line in range(first, last + 1))


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that differs from the base, uncommitted work included.

    Attributes:
        base: what was compared with.
        files: by path, relative to the folder that was asked about.
        outside: changed paths of the repository outside that folder, relative to its top.
    """

    base: Base
    files: Mapping[str, ChangedFile]
    outside: tuple[str, ...] = ()

    def lines(self, path: str) -> frozenset[int]:
        """The added or changed lines of a file; none where it is no part of the change."""
        changed = self.files.get(path)
        return changed.lines() if changed else frozenset()


def resolve_base(git: Git, *, named: str | None, environ: Mapping[str, str]) -> Base:
    """Find the base of the change.

    It is what was named; else what the CI says; else where HEAD left `origin/HEAD`, if HEAD is not
    on it; else HEAD's first parent; else the empty tree. Of a branch, the commit at which HEAD left
    it counts; where this clone does not show that, the branch itself, which never hides a line.
    For a branch that a push makes, the CI says only that nothing was there before: all that is not
    in the default branch is new, and everything where there is no such branch to compare with.

    Raises:
        StageError: there is no repository, or the named base is not in it.
    """
    if git.toplevel() is None:
        raise StageError(
            "no-repository",
            "changed lines are told by git, and this folder is in no repository",
            hint="run in a clone, or leave out the conditions on changed lines",
            place=str(git.root),
        )
    if named is not None:
        return _named(git, named)
    return _of_ci(git, environ) or _of_history(git)


def changed_lines(
    git: Git, base: Base, folder: Path | None = None, *, listed: Listing | None = None
) -> Change:
    """Compare the base with the files as they lie there: staged, unstaged and untracked ones.

    Args:
        git: the repository.
        base: from `resolve_base`.
        folder: what the paths are relative to and what is looked at; by default `git.root`.
        listed: what git lists of that folder; by default it is asked.

    Raises:
        ToolCrashed: git could not compare.
        OutputUnreadable: its answer contradicts itself.
    """
    from gates.toolkit.diffs import parse_diff

    here = git if folder is None or folder == git.root else git.at(folder)
    answer = here.ask(*_DIFF, base.commit, "--", ".")
    files: dict[str, ChangedFile] = {}
    for entry in parse_diff(answer.stdout):
        if entry.is_link_or_module:
            files[entry.path] = ChangedFile(entry.path, entry.status, is_binary=True)
        elif entry.status == "D":
            files[entry.path] = ChangedFile(entry.path, "D")
        elif entry.is_unclear:
            files[entry.path] = _wholly(here.root, entry.path, entry.status)
        else:
            changed = ChangedFile(entry.path, entry.status, entry.added)
            files[entry.path] = _recounted(here.root, changed)
    listed = listing(here) if listed is None else listed
    for path in listed.untracked:
        files[path] = _wholly(here.root, path, "A")
    for path in listed.unwatched:
        files[path] = _wholly(here.root, path, "M")
    return Change(base, dict(sorted(files.items())), _outside(here, base))


def _outside(here: Git, base: Base) -> tuple[str, ...]:
    top = here.toplevel()
    folder = here.root.resolve()
    if top is None or folder == top:
        return ()
    whole = here.at(top)
    answer = whole.ask("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", base.commit)
    names = {os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
    inside = f"{folder.relative_to(top).as_posix()}/"
    listed = listing(whole)
    every = names | set(listed.untracked) | set(listed.unwatched)
    return tuple(sorted(name for name in every if not name.startswith(inside)))


def _named(git: Git, named: str) -> Base:
    commit = git.resolve(named)
    head = commit if named == "HEAD" else git.head()
    if commit is None:
        remote, slash, branch = named.partition("/")
        fetch = f"git fetch {remote} {branch}" if slash else f"git fetch origin {named}"
        if git.is_shallow():
            fetch = _DEEPEN
        raise StageError(
            "base-missing", f"the base `{named}` is not in this clone", hint=fetch, place=named
        )
    return _branch_point(git, commit, head, f"named: {named}")


def _of_ci(git: Git, environ: Mapping[str, str]) -> Base | None:
    """What the CI says, None where it says nothing; what it says and is not there: all lines."""
    head = git.head()
    target = environ.get("GITHUB_BASE_REF", "")
    if target:
        commit = git.resolve(f"{_REMOTE}{target}")
        if commit is None and environ.get("GITHUB_REF", "").endswith("/merge"):
            # What is checked out is the merge of the request: its first parent is the target.
            commit = git.parent(head) if head else None
        how = f"GITHUB_BASE_REF: origin/{target}"
        return _said(git, commit, how, mend=f"git fetch origin {target}", default=target)
    pushed, queued = _push_event(environ), _queue_event(environ)
    default = environ.get("CI_DEFAULT_BRANCH", "") or (pushed.default if pushed else "")
    said = (
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")),
        ("CI_COMMIT_BEFORE_SHA", environ.get("CI_COMMIT_BEFORE_SHA", "")),
        ("the push's state before", pushed.before if pushed else ""),
        ("the base of the merge queue's entry", queued),
    )
    for how, sha in said:
        if sha.strip("0"):
            told = f"{how}: {sha[:12]}"
            mend = f"git fetch origin {sha}"
            return _said(git, git.resolve(sha), told, mend=mend, default=default)
    if pushed is None and not environ.get("CI_COMMIT_BEFORE_SHA"):
        return None
    return _of_new_branch(git, default, environ)


def _said(git: Git, commit: str | None, how: str, *, mend: str, default: str) -> Base:
    if commit is not None:
        return _branch_point(git, commit, git.head(), how)
    missing = "the base that the CI names is not in this clone"
    left = _left_default_branch(git, _defaults(default))
    if left is not None:
        return Base(left.commit, left.how, left.shallow_note or f"{missing}: {mend}")
    note = f"{missing}, so every line counts as changed: {mend}"
    return Base(git.empty_tree(), f"{how} (missing)", note)


def _of_new_branch(git: Git, default: str, environ: Mapping[str, str]) -> Base | None:
    """The base where the CI knows of nothing that was there before; None if nothing was pushed."""
    candidates = _defaults(default)
    left = _left_default_branch(git, candidates)
    if left is not None:
        return left
    is_known = any(git.resolve(f"{_REMOTE}{name}") for name in candidates)
    if is_known and environ.get("CI_PIPELINE_SOURCE", "push") != "push":
        return None  # GitLab says zeros for pipelines of a schedule or of a hand, too
    why, mend = "HEAD is on the default branch", "name a base with --changed-from"
    if not is_known:
        why = f"origin/{default or 'HEAD'} is not in this clone"
        mend = f"git fetch origin {default}" if default else "git remote set-head origin --auto"
    note = f"nothing was there before this push and {why}, so every line counts as changed: {mend}"
    return Base(git.empty_tree(), "nothing was there before this push", note)


def _of_history(git: Git) -> Base:
    head = git.head()
    if head is None:
        return Base(git.empty_tree(), "nothing is committed yet")
    left = _left_default_branch(git)
    if left is not None:
        return left
    parent = git.parent(head)
    if parent is not None:
        return Base(parent, "HEAD's first parent")
    if git.is_shallow():
        note = f"the clone ends at HEAD, so every line counts as changed: {_DEEPEN}"
        return Base(git.empty_tree(), "the empty tree", note)
    return Base(git.empty_tree(), "HEAD is the first commit")


def _defaults(named: str) -> tuple[str, ...]:
    """Branches of the remote that may be its default one, the likeliest first."""
    return (named, "HEAD") if named else _USUAL


def _left_default_branch(git: Git, names: Sequence[str] = ("HEAD",)) -> Base | None:
    """Where HEAD left the first of the branches that is there; None if none is, or HEAD is on it.

    By default only what the clone itself calls the default branch counts as such.
    """
    head = git.head()
    found = ((name, git.resolve(f"{_REMOTE}{name}")) for name in names)
    name, default = next((pair for pair in found if pair[1] is not None), ("", None))
    if head is None or default is None or git.merge_base(default, head) == head:
        return None
    return _branch_point(git, default, head, f"where HEAD left origin/{name}")


def _branch_point(git: Git, commit: str, head: str | None, how: str) -> Base:
    if head is None or head == commit:
        return Base(commit, how)
    shared = git.merge_base(commit, head)
    if shared is not None:
        return Base(shared, how)
    if git.is_shallow():
        note = f"the commit they share is cut off, so more lines may count as changed: {_DEEPEN}"
        return Base(commit, how, note)
    return Base(commit, f"{how} (no common commit)")


@dataclass(frozen=True, slots=True)
class _Push:
    before: str = ""  # the commit that was there; empty if there was none, or it is unknown
    default: str = ""  # the remote's default branch; empty if unknown


def _push_event(environ: Mapping[str, str]) -> _Push | None:
    """What a push to GitHub says of itself in the event's file; None where this is no push.

    Format: https://docs.github.com/webhooks/webhook-events-and-payloads#push
    """
    if environ.get("GITHUB_EVENT_NAME") != "push":
        return None
    found = event.payload(environ)
    before = event.commit(found, "before")
    return _Push(before, event.text(found, "repository", "default_branch"))


def _queue_event(environ: Mapping[str, str]) -> str:
    """The commit that an entry of GitHub's merge queue is put upon; empty where this is none.

    Format: https://docs.github.com/webhooks/webhook-events-and-payloads#merge_group
    """
    if environ.get("GITHUB_EVENT_NAME") != "merge_group":
        return ""
    return event.commit(event.payload(environ), "merge_group", "base_sha")


def _wholly(root: Path, path: str, status: str) -> ChangedFile:
    """The file with all its lines changed."""
    data = _text_of(root / path)
    if data is None:
        return ChangedFile(path, status, is_binary=True)
    count = _line_count(data)
    return ChangedFile(path, status, ((1, count),) if count else ())


def _recounted(root: Path, changed: ChangedFile) -> ChangedFile:
    """The file as it is, or wholly changed where Python counts its lines otherwise than git.

    For git only a line feed ends a line; for Python a lone carriage return does so too.
    """
    data = _text_of(root / changed.path) if changed.added else None
    if data is None or data.count(b"\r") == data.count(b"\r\n"):
        return changed
    return _wholly(root, changed.path, changed.status)


def _line_count(data: bytes) -> int:
    breaks = data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
    return breaks + (1 if data and not data.endswith((b"\n", b"\r")) else 0)


def _text_of(path: Path) -> bytes | None:
    """The bytes of a regular file that could be text, else None."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _TEXT_LIMIT_BYTES:
            return None
        data = path.read_bytes()
    except OSError as error:
        raise StageError(
            "changed-file-unreadable",
            f"a changed file cannot be read: {error.strerror}",
            place=os.fspath(path),
        ) from error
    return None if b"\0" in data else data
