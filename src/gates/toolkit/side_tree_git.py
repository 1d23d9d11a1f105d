"""git on a folder, an index and a work tree that are named outright, for the side trees.

Nothing here writes the user's index or files: each call names a private index.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import ToolCrashed
from gates.toolkit.programs import ProgramOutput, run_program
from gates.toolkit.side_tree_slots import remove

LIMIT_S = 600.0
"""A command that takes longer is ended: a filter may fetch large files over a network."""

GITLINK = "160000"
"""The mode of a submodule in an index or a tree."""

SYMLINK = "120000"
"""The mode of a symbolic link."""

CHANGED, DELETED = "C", "R"
"""What `git ls-files -t` puts in front of names."""

MOST_NAMES = 500
"""So many names are handed to one command: their length together has a limit."""

ATTRIBUTES = (b".gitattributes", b".lfsconfig")
"""Files by which git decides what it writes for others."""

_SETTINGS = (
    "core.fsmonitor=false",  # a daemon's word is not a look at the files
    "core.untrackedCache=false",
    "core.trustctime=true",
    "core.checkStat=default",
    "core.ignoreStat=false",
    "core.fileMode=true",  # a program that somebody made runnable is another file
    "core.ignoreCase=false",  # what an earlier run left must not hide behind a like name
    "core.splitIndex=false",  # a shared part would be written beside the user's index
    "core.sparseCheckout=false",  # the whole tree is judged
    "index.sparse=false",
    "submodule.recurse=false",
    f"core.hooksPath={os.devnull}",
)


@dataclass(frozen=True, slots=True)
class Plumbing:
    """One work tree, as git sees it with an index of our own.

    Attributes:
        program: git by absolute path.
        environ: its environment, without any variable that says where things are.
        git_dir: whose objects and settings count.
        work_tree: the files.
        index: the index; made where it is not there.
    """

    program: str
    environ: Mapping[str, str]
    git_dir: Path
    work_tree: Path
    index: Path

    def run(self, *arguments: str) -> bytes:
        """What a command writes.

        Raises:
            ToolCrashed: it did not end with 0.
        """
        output = self.ask(*arguments)
        if output.exit_code != 0:
            raise self.failed(arguments[0], output)
        return output.stdout

    def ask(self, *arguments: str) -> ProgramOutput:
        """Run a command, however it ends."""
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        where = {
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(self.work_tree),
            "GIT_INDEX_FILE": str(self.index),
        }
        return run_program(
            (self.program, "-C", str(self.work_tree), "--literal-pathspecs", *settings, *arguments),
            env={**self.environ, **where},
            timeout_s=LIMIT_S,
        )

    def failed(self, command: str, output: ProgramOutput) -> ToolCrashed:
        """The error of a command that did not end well, with git's own words."""
        from gates.toolkit.door import one_line

        said = one_line(output.stderr, limit=300)
        return ToolCrashed(
            "git-failed",
            f"`git {command}` ended with {output.exit_code}: {said}",
            hint="git's message says what it needs: a filter, free space or a whole repository",
        )

    def strangers(self) -> tuple[str, ...]:
        """All that differs from the index, and all that it does not hold; ignored files too."""
        return (*self._differing("--others", "--directory"), *special_files(self.work_tree))

    def changed(self) -> tuple[str, ...]:
        """All that the index holds, and that is not so in the work tree."""
        return self._differing()

    def _differing(self, *more: str) -> tuple[str, ...]:
        """What git lists, without what git itself would write just so.

        An attribute such as `text` does not give back the line ends that somebody stored: git then
        says of a file that was never touched that it differs.
        """
        output = self.run("ls-files", "-z", "-t", "--modified", "--deleted", *more, "--")
        told = [entry.partition(" ") for entry in os.fsdecode(output).split("\0") if entry]
        changed = {name for tag, _, name in told if tag == CHANGED}
        changed -= {name for tag, _, name in told if tag == DELETED}
        fine = self._as_written(sorted(changed)) if changed else set()
        return tuple(dict.fromkeys(name for _, _, name in told if name not in fine))

    def _as_written(self, names: Sequence[str]) -> set[str]:
        """Those of these files that are what git writes for their entries."""
        again = Path(f"{self.index}.again")
        remove(again)
        try:
            for start in range(0, len(names), MOST_NAMES):
                some = names[start : start + MOST_NAMES]
                self.run("checkout-index", f"--prefix={again}/", "--", *some)
            return {name for name in names if _is_same(self.work_tree / name, again / name)}
        finally:
            remove(again)

    def gitlinks(self) -> dict[str, str]:
        """The submodules in the index: the commit of each, by its path."""
        return {name: identity for mode, identity, name in self.entries() if mode == GITLINK}

    def entries(self) -> tuple[tuple[str, str, str], ...]:
        """All that the index holds: mode, identity and path."""
        found = []
        for entry in os.fsdecode(self.run("ls-files", "-z", "--stage", "--")).split("\0"):
            head, _, name = entry.partition("\t")
            if name:
                mode, identity, _ = head.split(" ")
                found.append((mode, identity, name))
        return tuple(found)

    def has_other_attributes(self, old: str, new: str) -> bool:
        """Whether two trees differ in what decides how files are written; in doubt they do."""
        output = self.ask("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new, "--")
        names = output.stdout.split(b"\0")
        return output.exit_code != 0 or any(name.split(b"/")[-1] in ATTRIBUTES for name in names)

    def become(self, tree: str) -> None:
        """Make index and files those of a tree, whatever lay there.

        Raises:
            ToolCrashed: git could not, or something else lies there still.
        """
        try:
            self._become(tree)
        except ToolCrashed:
            # Files of a submodule that is gone, for one, are in nobody's index.
            self.empty()
            self._become(tree)

    def empty(self) -> None:
        """Begin with nothing; what leads to the git folder stays."""
        self.index.unlink(missing_ok=True)
        for path in self.work_tree.iterdir():
            if path.name != ".git":
                remove(path)

    def _become(self, tree: str) -> None:
        self.run("clean", "-ffdxq", "--")
        for name in special_files(self.work_tree):
            (self.work_tree / name).unlink()
        self.run("read-tree", "--reset", "-u", tree)
        left = self.strangers()
        if left:
            from gates.toolkit.door import one_line

            first = one_line(left[0])
            raise ToolCrashed(
                "side-tree-differs",
                f"what lies in the side tree is not what was staged: `{first}` differs",
                hint="a filter in .gitattributes that does not write the same twice does this",
                place=first,
            )


def special_files(folder: Path) -> Iterator[str]:
    """Pipes, sockets and devices below a folder, relative to it: git does not see any of them."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                name = f"{inside}/{entry.name}".lstrip("/")
                if entry.is_symlink() or entry.is_file(follow_symlinks=False):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(name)
                else:
                    yield name


def _is_same(path: Path, again: Path) -> bool:
    """Whether two files are the same for git: their bytes, and whether they can be run."""
    if not again.exists():  # of a submodule, nothing is written
        return False
    one, other = path.lstat(), again.lstat()
    if not (stat.S_ISREG(one.st_mode) and stat.S_ISREG(other.st_mode)):
        return False
    is_as_runnable = bool(one.st_mode & stat.S_IXUSR) == bool(other.st_mode & stat.S_IXUSR)
    return is_as_runnable and path.read_bytes() == again.read_bytes()
