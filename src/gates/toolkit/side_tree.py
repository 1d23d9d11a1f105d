"""A side tree: the files of one git tree in a folder of their own, kept between runs.

It is a work tree that git does not list: its private git folder has HEAD and index of its own and
shares all else with the repository (`commondir`, see gitrepository-layout(5)). The user's index,
files and stash are never written. Whatever is left in it from earlier is removed, and git has to
say that nothing differs from the tree before anything is measured.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit import side_tree_imports, side_tree_node
from gates.toolkit.files import write_atomic
from gates.toolkit.git import Git
from gates.toolkit.node_programs import NODE_FOLDER
from gates.toolkit.programs import is_below
from gates.toolkit.side_tree_git import GITLINK, SYMLINK, Plumbing
from gates.toolkit.side_tree_modules import Modules
from gates.toolkit.side_tree_slots import Slot, held, remove
from gates.toolkit.state import own_folder

IMPORTS = "python"
STATE = "state.json"
UNBORN = "ref: refs/worktree/unborn\n"
"""HEAD before the first commit: a branch that no other work tree can see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTree:
    """Files that are judged in place of those of the working tree.

    Attributes:
        top: their uppermost folder.
        real: that of the working tree, where the tools and environments are.
        tree: the identity of what lies there.
        commit: HEAD, or None before the first commit.
        imports: a folder for PYTHONPATH that keeps Python out of the working tree.
        state: what is kept for speed.
        lock: the descriptor that holds the slot.
        plumbing: git on these files, with an index that no tool knows of.
        notes: what every output must tell.
    """

    top: Path
    real: Path
    tree: str
    commit: str | None
    imports: Path
    state: Path
    lock: int
    plumbing: Plumbing
    notes: tuple[str, ...] = ()

    def home(self, folder: Path) -> Path:
        """The folder of the working tree for one of the side tree."""
        return self.real / folder.relative_to(self.top)

    def at(self, folder: Path) -> Path:
        """The folder of the side tree for one of the working tree, or the nearest above it."""
        inside = self.top / folder.resolve().relative_to(self.real)
        top = os.path.realpath(self.top)
        # What is a folder of the working tree may be a link that leads elsewhere here.
        return next(
            each
            for each in (inside, *inside.parents)
            if each.is_dir() and is_below(os.path.realpath(each), top)
        )

    def told(self, text: str) -> str:
        """A text in which the working tree is named in place of the side tree."""
        return text.replace(str(self.top), str(self.real))


@contextmanager
def staged(git: Git, environ: Mapping[str, str]) -> Iterator[SideTree]:
    """The index that git hands over, or the user's, as a side tree.

    Raises:
        StageError: there is no repository, the index holds conflicts, or a link in it leads into
            the working tree.
        ToolCrashed: git could not make the tree.
    """
    with held(git, environ) as slot:
        with inherited(slot.lock):
            tree = _written(git, slot, environ)
            side = _made(git, slot, tree, git.head())
        yield side


@contextmanager
def committed(git: Git, commit: str, environ: Mapping[str, str]) -> Iterator[SideTree]:
    """The files of a commit as a side tree.

    Raises:
        StageError: there is no repository, or a link leads into the working tree.
        ToolCrashed: git could not make the tree.
    """
    with held(git, environ) as slot:
        with inherited(slot.lock):
            side = _made(git, slot, git.root_tree(commit), commit)
        yield side


@contextmanager
def inherited(lock: int) -> Iterator[None]:
    """Let the git commands of the block hold the slot too, should we be killed."""
    os.set_inheritable(lock, True)
    try:
        yield
    finally:
        os.set_inheritable(lock, False)


def index_of(git: Git, environ: Mapping[str, str]) -> Path:
    """The index that a commit is made of: what git names to its hooks, else that of the work tree.

    A name that another repository's hook left in the environment does not count: it lies in the git
    folder of that one, or where there is no folder here.
    """
    own = git.git_dir() or git.root
    path = (git.toplevel() or git.root) / environ.get("GIT_INDEX_FILE", "")
    folder = Path(os.path.realpath(path.parent))
    is_anothers = folder not in {own, git.common_dir()} and (folder / "HEAD").is_file()
    is_named = environ.get("GIT_INDEX_FILE") and folder.is_dir() and not is_anothers
    return path if is_named else own / "index"


def _written(git: Git, slot: Slot, environ: Mapping[str, str]) -> str:
    """Write the index as a tree; from a copy, since git would write into the index too."""
    own, top = git.git_dir(), git.toplevel()
    assert own is not None and top is not None  # noqa: PT018, S101 - a slot is of a repository
    copy = slot.folder / "staged"
    for old in (copy, slot.folder / "staged.lock"):
        old.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        shutil.copyfile(index_of(git, environ), copy)
    program, env = git.command()
    plumbing = Plumbing(program, env, own, top, copy)
    output = plumbing.ask("write-tree")
    if output.exit_code == 0:
        return output.stdout.decode("ascii").strip()
    unmerged = plumbing.run("ls-files", "-z", "--unmerged", "--").split(b"\0")[0]
    if unmerged:
        from gates.toolkit.door import one_line

        name = one_line(os.fsdecode(unmerged.partition(b"\t")[2]))
        raise StageError(
            "unmerged",
            f"the index holds conflicts, so there is nothing to commit yet: `{name}`",
            hint="resolve them, and `git add` the files",
            place=name,
        )
    raise plumbing.failed("write-tree", output)


def _made(git: Git, slot: Slot, tree: str, commit: str | None) -> SideTree:
    top, common = git.toplevel(), git.common_dir()
    assert top is not None and common is not None  # noqa: PT018, S101 - a slot is of a repository
    files = own_folder(own_folder(slot.folder / "files") / (top.name or "project"))
    program, env = git.command()
    own = git.git_dir() or common
    # By the git folder of the working tree: settings may hold for its place alone (`includeIf`).
    plumbing = Plumbing(program, env, own, files, slot.folder / "index")
    _point(slot, files, common, commit)
    kept = Kept.read(slot.folder / STATE)
    side_tree_node.clear(files, kept.made)
    settings = _settings(common, own)
    tops = work_trees(top, common)
    if (kept.tree, kept.settings) != (tree, settings) or plumbing.strangers():
        kept = _renewed(slot, plumbing, kept, Kept(tree, settings))
    modules = Modules(git.at(top), plumbing, slot.folder / "modules")
    notes = modules.fill(kept.links)
    _refuse_links(files, kept.symlinks, tops)
    _show_index(plumbing.index, slot.git_dir)
    side_tree_node.furnish(top, files, kept.packages)
    return SideTree(
        top=files,
        real=top,
        tree=tree,
        commit=commit,
        imports=_imports(slot, files, tops),
        state=own_folder(slot.state),
        lock=slot.lock,
        plumbing=plumbing,
        notes=notes,
    )


def _renewed(slot: Slot, plumbing: Plumbing, old: Kept, new: Kept) -> Kept:
    """Make the side tree hold another tree: by what differs where that can be trusted."""
    # A run that is killed from here on leaves a tree of which nobody knows what it is.
    (slot.folder / STATE).unlink(missing_ok=True)
    is_usable = old.tree and old.settings == new.settings
    if not is_usable or plumbing.has_other_attributes(old.tree, new.tree):
        remove(slot.folder / "modules")
        plumbing.empty()
    plumbing.become(new.tree)
    entries = plumbing.entries()
    links = {name: identity for mode, identity, name in entries if mode == GITLINK}
    packages = side_tree_node.folders_of(name for _, _, name in entries)
    symlinks = tuple(name for mode, _, name in entries if mode == SYMLINK)
    kept = replace(new, links=links, packages=packages, symlinks=symlinks)
    write_atomic(slot.folder / STATE, kept.text().encode())
    return kept


def _refuse_links(files: Path, names: Sequence[str], tops: Sequence[Path]) -> None:
    """Refuse links that lead from the side tree into a working tree, where other files lie."""
    for name in names:
        path = files / name
        target = os.path.realpath(path)
        if path.exists() and any(is_below(target, str(top)) for top in tops):
            from gates.toolkit.door import one_line

            shown = one_line(name)
            raise StageError(
                "link-into-working-tree",
                f"the link `{shown}` leads into your working tree, which is not what is judged",
                hint="let it name its target by a path that is relative to it",
                place=shown,
            )


def _point(slot: Slot, files: Path, common: Path, commit: str | None) -> None:
    """Let git find the repository from the files, with HEAD where it is to be."""
    own = own_folder(slot.git_dir)
    for lock in (slot.folder / "index.lock", own / "index.lock", own / "HEAD.lock"):
        lock.unlink(missing_ok=True)  # of a git that was killed: nobody else is in this slot
    link = files / ".git"
    if link.is_dir() and not link.is_symlink():
        remove(link)
    for path, text in (
        (own / "HEAD", f"{commit}\n" if commit else UNBORN),
        (own / "commondir", f"{common}\n"),
        (own / "gitdir", f"{link}\n"),
        (link, f"gitdir: {own}\n"),
    ):
        data = os.fsencode(text)
        if path.is_symlink() or not path.is_file() or path.read_bytes() != data:
            write_atomic(path, data)


def _show_index(index: Path, own: Path) -> None:
    """Give tools a copy of the index: what one of them does to it must not reach ours."""
    copy, found = own / "index.new", index.stat()
    shutil.copyfile(index, copy)
    # Files as old as their index are read again by git, so the copy must not look younger.
    os.utime(copy, ns=(found.st_atime_ns, found.st_mtime_ns))
    copy.replace(own / "index")


def _settings(*folders: Path) -> str:
    """Size and time of the files that decide, beside the tree, how git writes files."""
    names = ("config", "config.worktree", "info/attributes")
    told = []
    for path in dict.fromkeys(folder / name for folder in folders for name in names):
        with suppress(OSError):
            found = path.stat()
            told.append(f"{path} {found.st_size} {found.st_mtime_ns}")
    return "\n".join(told)


def work_trees(top: Path, common: Path) -> tuple[Path, ...]:
    """The work trees of a repository, this one first; an editable install may lead to any."""
    found = [top]
    if common.name == ".git":
        found.append(common.parent)
    for file in sorted(common.glob("worktrees/*/gitdir")):
        with suppress(OSError):
            found.append(Path(os.fsdecode(file.read_bytes()).rstrip("\n")).parent)
    return tuple(dict.fromkeys(found))


def _imports(slot: Slot, files: Path, tops: tuple[Path, ...]) -> Path:
    """The folder that keeps Python out of the work trees, see `side_tree_imports`."""
    folder = own_folder(slot.folder / IMPORTS)
    words = (tuple(map(str, tops)), str(files), str(folder))
    code = Path(side_tree_imports.__file__).read_bytes()
    # Escapes stand for bytes of a path that are no UTF-8.
    tops_text, files_text, folder_text = map(ascii, words)
    calls = f"\n\ndivert({tops_text}, {files_text})\nhand_on({folder_text})\n"
    path = folder / f"{side_tree_imports.NAME}.py"
    data = code + calls.encode("ascii")
    if not path.is_file() or path.read_bytes() != data:
        write_atomic(path, data)
    return folder


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a side tree from earlier.

    Attributes:
        tree: what it holds; empty where nobody knows.
        settings: by which settings of git it was written.
        links: the recorded commit of each submodule.
        packages: folders in which Node.js packages may be installed.
        symlinks: all symbolic links.
    """

    tree: str = ""
    settings: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    symlinks: tuple[str, ...] = ()

    @property
    def made(self) -> tuple[str, ...]:
        """The folders of links to installed packages, which may be there."""
        return tuple(f"{each}/{NODE_FOLDER}".lstrip("/") for each in self.packages)

    @classmethod
    def read(cls, path: Path) -> Kept:
        """What was kept, or nothing where that cannot be read."""
        try:
            told: object = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return cls()
        match told:
            case {
                "tree": str(tree),
                "settings": str(by),
                "links": dict(links),
                "packages": list(packages),
                "symlinks": list(symlinks),
            }:
                pairs = {str(name): str(commit) for name, commit in links.items()}
                folders, leading = tuple(map(str, packages)), tuple(map(str, symlinks))
                return cls(tree, by, pairs, folders, leading)
            case _:
                return cls()

    def text(self) -> str:
        """As `read` takes it."""
        return json.dumps(asdict(self))
