"""What the repository says, asked of the git program; its absence is a value, not an error.

Every answer is about the files as they lie there: the variables that redirect git (GIT_DIR,
GIT_INDEX_FILE and the like, which git itself sets in hooks) are not handed on, the index is never
written, and the settings by which a changed file could look unchanged are overruled.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import ToolCrashed
from gates.toolkit.environment import NO_GRAFTS
from gates.toolkit.programs import ProgramOutput, find_program, run_program

_HANDED_ON = (
    "HOME", "LOGNAME", "PATH", "TMPDIR", "USER", "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM",  # who may own a checkout
)  # fmt: skip
_FIXED = {
    "LC_ALL": "C",  # messages are read by their English words
    "GIT_OPTIONAL_LOCKS": "0",  # never write the user's index
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a replaced commit is not the commit
    "GIT_GRAFT_FILE": NO_GRAFTS,  # a graft hides commits behind parents that were never theirs
}
_OVERRULED = (
    "core.fsmonitor=false",  # a daemon's word is not a look at the files
    "core.trustctime=true",
    "core.checkStat=default",
    "core.quotePath=true",
    "log.showSignature=false",
)
_FORBIDDEN = (".gates/local", ".venv", "venv", "node_modules")
_GIT_FAILED = 128
_LAYOUT_PARTS = 3
_BETWEEN = "--is-bare-repository"
_STATUS_FIELDS = {"1 ": 8, "u ": 10, "? ": 1}  # where the path stands in `status --porcelain=v2`


@dataclass(frozen=True, slots=True)
class _Layout:
    toplevel: Path
    git_dir: Path
    common_dir: Path


class Git:
    """The repository that holds `root`, if there is one.

    Paths go in and come out relative to `root` unless a method says otherwise; names that are not
    UTF-8 hold surrogates (`os.fsdecode`). All methods may be called from several threads.

    Args:
        root: a folder of the work tree.
        environ: the environment of `gates`; by default that of this process.
    """

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        self.root = root.resolve()
        self._environ = os.environ if environ is None else environ
        self._program: str | None = None
        self._layout: _Layout | None = None
        self._looked = False

    def at(self, folder: Path) -> Git:
        """The same questions, asked of the repository that holds another folder."""
        return Git(folder, self._environ)

    def toplevel(self) -> Path | None:
        """The work tree's uppermost folder; None without git, or outside a repository.

        Raises:
            ToolCrashed: git refuses to answer, for example because another user owns the checkout.
        """
        layout = self._find()
        return layout.toplevel if layout else None

    def git_dir(self) -> Path | None:
        """The git folder of this very work tree."""
        layout = self._find()
        return layout.git_dir if layout else None

    def common_dir(self) -> Path | None:
        """The git folder that all work trees of the repository share."""
        layout = self._find()
        return layout.common_dir if layout else None

    def head(self) -> str | None:
        """The commit that is checked out; None before the first one and outside a repository."""
        return self.resolve("HEAD")

    def resolve(self, revision: str) -> str | None:
        """The commit that a revision names, or None."""
        if not revision or revision.startswith("-"):
            return None
        return self._line("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    def parent(self, commit: str) -> str | None:
        """The commit's first parent, or None where it has none or a shallow clone cut it off."""
        return self.resolve(f"{commit}^1")

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits, or None where this clone shows none."""
        return self._line("merge-base", one, other)

    def empty_tree(self) -> str:
        """The identity of the tree that holds nothing, in this repository's kind of hash."""
        return self._text("hash-object", "-t", "tree", os.devnull).strip()

    def is_shallow(self) -> bool:
        """Whether history was cut off when the repository was cloned."""
        return self._line("rev-parse", "--is-shallow-repository") == "true"

    def author(self, revision: str = "HEAD") -> str | None:
        """Who wrote the commit: `Name <address>`."""
        return self._line("log", "-1", "--format=%an <%ae>", revision, "--")

    def commit_time(self, revision: str = "HEAD") -> int | None:
        """When the commit was made, in seconds since the epoch."""
        answer = self._line("log", "-1", "--format=%ct", revision, "--")
        return int(answer) if answer else None

    def identity(self) -> str | None:
        """Who would commit here: `Name <address>` of git's configuration."""
        name, address = self._line("config", "user.name"), self._line("config", "user.email")
        return f"{name or ''} <{address}>".strip() if address else None

    def ls_files(self, paths: Iterable[str] = (), *, untracked: bool = False) -> tuple[str, ...]:
        """Tracked files at or below `paths` (by default below `root`), sorted.

        Args:
            paths: literal files and folders; nothing in them is a pattern.
            untracked: also the files that git neither tracks nor ignores. A repository in the
                repository is named once, as a folder.
        """
        if self._find() is None:
            return ()
        kinds = ("--cached", "--others", "--exclude-standard") if untracked else ("--cached",)
        return tuple(sorted(set(self._names("ls-files", "-z", *kinds, "--", *paths))))

    def untracked(self) -> tuple[str, ...]:
        """Files below `root` that git neither tracks nor ignores, sorted."""
        if self._find() is None:
            return ()
        return tuple(sorted(self._names("ls-files", "-z", "--others", "--exclude-standard")))

    def unwatched(self) -> tuple[str, ...]:
        """Tracked files below `root` that git was told not to look at, and that are there.

        `git update-index --assume-unchanged` and `--skip-worktree` make git call a changed file
        unchanged.
        """
        return () if self._find() is None else self._unwatched(self.root)

    def is_tracked(self, path: Path) -> bool:
        """Whether git tracks the file, or anything below the folder; `path` as the process sees it.

        A path outside the work tree is not tracked.
        """
        top = self.toplevel()
        if top is None:
            return False
        full = path.parent.resolve() / path.name  # a link is a file of its own for git
        return full.is_relative_to(top) and bool(self.ls_files([str(full)]))

    def committed(self, name: str, *, of: str = "HEAD") -> bytes | None:
        """What a commit has of a file below `root`; None where it has none.

        Args:
            name: relative to `root`, with `/`.
            of: the commit, or a tree.
        """
        identity = self._line("rev-parse", "--verify", "--quiet", f"{of}:./{name}")
        return None if identity is None else self.ask("cat-file", "blob", identity).stdout

    def tracked_forbidden(self) -> tuple[str, ...]:
        """Tracked paths where a checkout would bring its own answers, relative to the top.

        Looked for in `root` and each folder above it up to the top: `.gates/local`, `.venv`,
        `venv`, `node_modules`. The caller refuses them.
        """
        top = self.toplevel()
        if top is None:
            return ()
        wanted: list[str] = []
        for above in (self.root, *self.root.parents):
            wanted.extend(str(above / name) for name in _FORBIDDEN)
            if above == top:
                break
        return tuple(sorted(self._names("ls-files", "-z", "--full-name", "--", *wanted)))

    def dirty_paths(self) -> tuple[Path, ...]:
        """Absolute paths of what differs from HEAD, deleted and untracked files included."""
        top = self.toplevel()
        if top is None:
            return ()
        return tuple(top / name for name in sorted(self.dirty()[1]))

    def is_dirty(self) -> bool:
        """Whether any file of the repository differs from HEAD, untracked ones included."""
        return bool(self._find() and self.dirty()[1])

    def dirty(self) -> tuple[str | None, frozenset[str]]:
        """HEAD's commit, and the paths that differ from it, relative to the top.

        Raises:
            ToolCrashed: git could not look, or there is no repository.
        """
        output = self.ask(
            "status", "--porcelain=v2", "-z", "--branch", "--no-renames", "--untracked-files=all",
            "--ignore-submodules=none", "--no-ahead-behind",
        )  # fmt: skip
        commit: str | None = None
        paths: set[str] = set()
        for entry in os.fsdecode(output.stdout).split("\0"):
            if entry.startswith("# branch.oid "):
                oid = entry.removeprefix("# branch.oid ")
                commit = None if oid == "(initial)" else oid
            elif entry[:2] in _STATUS_FIELDS:
                fields = _STATUS_FIELDS[entry[:2]]
                paths.add(entry.split(" ", fields)[fields])
        return commit, frozenset(paths) | frozenset(self._unwatched(self.toplevel()))

    def tree_id(self) -> str | None:
        """The identity of the repository's files as they lie there; see `trees.tree_state`."""
        from gates.toolkit.trees import tree_state

        state = tree_state(self)
        return state.tree if state else None

    def root_tree(self, commit: str | None) -> str:
        """The identity of a commit's files; the empty tree's where there is no commit."""
        if commit is None:
            return self.empty_tree()
        return self._text("rev-parse", f"{commit}^{{tree}}").strip()

    def ask(self, *arguments: str) -> ProgramOutput:
        """Run a reading git command in `root`.

        Raises:
            ToolCrashed: git is not there, refused (exit code 128) or was killed.
        """
        self._find()
        output = self._run(*arguments)
        if output.exit_code >= _GIT_FAILED or output.exit_code < 0:
            raise _failed(arguments[0], output)
        return output

    def command(self) -> tuple[str, dict[str, str]]:
        """The program by absolute path, and the environment that it is run in.

        Raises:
            ToolCrashed: there is none.
        """
        self._find()
        return self._started()

    def _find(self) -> _Layout | None:
        if not self._looked:
            self._layout = self._look()
            self._looked = True
        return self._layout

    def _look(self) -> _Layout | None:
        outside = _nearest_checkout(self.root)
        self._program = find_program("git", self._environ.get("PATH", ""), outside=outside)
        if self._program is None or not self.root.is_dir():
            return None
        # The word between the paths parts them, whatever line breaks they hold.
        output = self._run(
            "rev-parse", "--show-toplevel", _BETWEEN, "--absolute-git-dir", _BETWEEN,
            "--git-common-dir",
        )  # fmt: skip
        if output.exit_code != 0:
            message = output.stderr
            if b"not a git repository" in message or b"must be run in a work tree" in message:
                return None
            raise _failed("rev-parse", output)
        parts = os.fsdecode(output.stdout).removesuffix("\n").split("\nfalse\n")
        if len(parts) != _LAYOUT_PARTS or not all(parts):
            summary = "`git rev-parse` ended well, and does not say where the repository is"
            raise ToolCrashed("git-failed", summary, hint="see whether `git` on PATH is git itself")
        toplevel, git_dir, common_dir = ((self.root / part).resolve() for part in parts)
        return _Layout(toplevel, git_dir, common_dir)

    def _unwatched(self, folder: Path | None) -> tuple[str, ...]:
        if folder is None:
            return ()
        at_top = () if folder == self.root else ("--full-name",)
        tagged = self._names("ls-files", "-z", "-v", "--cached", *at_top, "--", str(folder))
        hidden = (entry[2:] for entry in tagged if entry[0].islower() or entry[0] == "S")
        return tuple(sorted(name for name in hidden if os.path.lexists(folder / name)))

    def _names(self, *arguments: str) -> list[str]:
        output = self.ask(*arguments)
        if output.exit_code != 0:
            raise _failed(arguments[0], output)
        return [name for name in os.fsdecode(output.stdout).split("\0") if name]

    def _text(self, *arguments: str) -> str:
        output = self.ask(*arguments)
        if output.exit_code != 0:
            raise _failed(arguments[0], output)
        return output.stdout.decode("utf-8", "replace")

    def _line(self, *arguments: str) -> str | None:
        """The answer's one line, or None where git says no or there is nobody to ask."""
        if self._find() is None:
            return None
        output = self._run(*arguments)
        if output.exit_code < 0:
            raise _failed(arguments[0], output)
        text = output.stdout.decode("utf-8", "replace").strip()
        return text if output.exit_code == 0 and text else None

    def _run(self, *arguments: str) -> ProgramOutput:
        program, env = self._started()
        settings = [part for setting in _OVERRULED for part in ("-c", setting)]
        command = (program, "-C", str(self.root), "--literal-pathspecs", *settings)
        return run_program((*command, *arguments), env=env, timeout_s=300)

    def _started(self) -> tuple[str, dict[str, str]]:
        if self._program is None:
            raise ToolCrashed("git-missing", "`git` is not on PATH outside the checkout")
        env = {name: self._environ[name] for name in _HANDED_ON if name in self._environ}
        return self._program, {**env, **_FIXED}


def _nearest_checkout(root: Path) -> Path:
    """The nearest folder at or above `root` that holds `.git`, else `root`."""
    for folder in (root, *root.parents):
        if os.path.lexists(folder / ".git"):
            return folder
    return root


def _failed(command: str, output: ProgramOutput) -> ToolCrashed:
    from gates.toolkit.door import one_line

    said = one_line(output.stderr, limit=200)
    return ToolCrashed(
        "git-failed",
        f"`git {command}` ended with {output.exit_code}: {said}",
        hint="run it by hand in the project; git's message says what it needs",
    )
