"""The hooks of a repository: where they lie, how ours get there, and how they go.

A hook of somebody else is never lost: it is kept beside ours, which runs it first (git calls one
file for each hook, and Git LFS or Gerrit need theirs). One that a manager of hooks made is refused:
the manager would write its own again over ours, or run both in a circle.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import ConfigError, Problem
from gates.toolkit.door import one_line
from gates.toolkit.files import write_atomic
from gates.toolkit.git import Git
from gates.toolkit.hook_script import ARGUMENTS, KEPT, Maker, folder_of, maker_of, manager_of
from gates.toolkit.programs import is_below

_MODE = 0o755
_MOST_BYTES = 1 << 20  # what makes a hook ours or a manager's stands in its first lines
_BY_MANIFEST = ("pre-commit", "prek")


@dataclass(frozen=True, slots=True)
class HooksFolder:
    """Where git looks for the hooks of a repository.

    Attributes:
        path: the folder, absolute; it may not be there yet.
        top: the top of the work tree, in which hooks run.
    """

    path: Path
    top: Path

    def shown(self, name: str) -> str:
        """A hook's path, as short as a reader can use it."""
        return one_line(str(self.path / name).removeprefix(f"{self.top}/"))


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one hook.

    Attributes:
        path: its file, as it is shown.
        done: what was done with it.
    """

    path: str
    done: str


def hooks_folder(git: Git) -> HooksFolder:
    """Find the folder of hooks, by `core.hooksPath` where that is set; see git-config(1).

    Raises:
        ConfigError: there is no work tree, or the folder is one that other repositories share.
        ToolCrashed: git could not be asked.
    """
    top = git.toplevel()
    if top is None:
        hint = "run it inside a checkout; `git init` makes one"
        place = str(git.root)
        raise ConfigError(Problem("no-repository", "no git work tree here", place=place, hint=hint))
    here = git.at(top)
    said = os.fsdecode(here.ask("config", "--show-scope", "--get", "core.hooksPath").stdout)
    scope, _, named = said.removesuffix("\n").partition("\t")
    if said and (scope in {"global", "system"} or not named):
        raise _not_ours(scope, named, git.common_dir() or top)
    found = os.fsdecode(here.ask("rev-parse", "--git-path", "hooks").stdout).removesuffix("\n")
    folder = Path(os.path.normpath(top / found))
    if os.path.lexists(folder) and not folder.is_dir():
        summary = "what `core.hooksPath` names is not a folder, so git runs no hooks"
        hint = "git config --unset core.hooksPath"
        raise ConfigError(Problem("hooks-path", summary, place=str(folder), hint=hint))
    return HooksFolder(folder, top)


def install_hooks(hooks: HooksFolder, scripts: Mapping[str, bytes], git: Git) -> tuple[Change, ...]:
    """Write hooks; all of them, or none where one cannot be written.

    Args:
        hooks: where.
        scripts: each hook's file by its name.
        git: the repository.

    Raises:
        ConfigError: a file that stands there must not be replaced.
        OSError: a file could not be written.
    """
    problems = [each for name in scripts for each in _obstacle(hooks, name, scripts[name], git)]
    if problems:
        raise ConfigError(*problems)
    hooks.path.mkdir(parents=True, exist_ok=True)
    return tuple(each for name in scripts for each in _install(hooks, name, scripts[name]))


def uninstall_hooks(hooks: HooksFolder, names: Iterable[str]) -> tuple[Change, ...]:
    """Take away the hooks that `install_hooks` wrote, and put back those that it kept.

    Raises:
        ConfigError: a hook of ours was edited; nothing is taken away then.
        OSError: a file could not be removed.
    """
    chosen = tuple(names)
    edited = [name for name in chosen if _maker(hooks.path / name) is Maker.EDITED]
    if edited:
        raise ConfigError(*(_edited(hooks, name) for name in edited))
    return tuple(each for name in chosen for each in _uninstall(hooks, name))


def _install(hooks: HooksFolder, name: str, script: bytes) -> Iterable[Change]:
    path = hooks.path / name
    maker = _maker(path)
    if maker is Maker.GATES and _read(path) == script and os.access(path, os.X_OK):
        yield Change(hooks.shown(name), "is as it should be")
        return
    if maker is Maker.OTHER:
        path.rename(hooks.path / f"{name}{KEPT}")
        yield Change(hooks.shown(f"{name}{KEPT}"), "is the hook that was there: it runs first")
    write_atomic(path, script, mode=_MODE)
    yield Change(hooks.shown(name), "brought up to date" if maker is Maker.GATES else "written")


def _uninstall(hooks: HooksFolder, name: str) -> Iterable[Change]:
    path, kept = hooks.path / name, hooks.path / f"{name}{KEPT}"
    if _maker(path) is Maker.GATES:
        path.unlink()
        yield Change(hooks.shown(name), "removed")
    if os.path.lexists(kept):
        if os.path.lexists(path):
            yield Change(hooks.shown(kept.name), f"left, as another `{name}` stands in its place")
        else:
            kept.rename(path)
            yield Change(hooks.shown(name), "put back as it was before")


def _obstacle(hooks: HooksFolder, name: str, script: bytes, git: Git) -> Iterable[Problem]:
    path = hooks.path / name
    maker = _maker(path)
    place = hooks.shown(name)
    if maker is Maker.EDITED:
        yield _edited(hooks, name)
    elif maker is Maker.MANAGER:
        yield _managed(manager_of(_read(path)), name, place)
    elif maker is Maker.GATES and folder_of(_read(path)) != folder_of(script):
        summary = f"this hook judges `{one_line(folder_of(_read(path)))}` already"
        hint = "name both under `projects:` of one gates.yaml; or `gates install-hook --uninstall`"
        yield Problem("hook-of-another-folder", summary, place=place, hint=hint)
    elif maker is Maker.OTHER and git.is_tracked(path):
        yield _tracked(name, place)
    elif maker is Maker.OTHER and os.path.lexists(hooks.path / f"{name}{KEPT}"):
        summary = f"both this hook and `{name}{KEPT}` are of somebody else"
        hint = "join them into one file, or remove the one that is not needed"
        yield Problem("hook-kept-twice", summary, place=place, hint=hint)


def _maker(path: Path) -> Maker | None:
    """Who made a hook; None where there is none. A link is never ours: we write files."""
    if not os.path.lexists(path):
        return None
    maker = maker_of(_read(path))
    is_link = path.is_symlink() and maker in {Maker.GATES, Maker.EDITED}
    return Maker.OTHER if is_link else maker


def _read(path: Path) -> bytes:
    """The beginning of a file; nothing of what is no file, or leads nowhere."""
    if not path.is_file():
        return b""
    with path.open("rb") as handle:
        return handle.read(_MOST_BYTES)


def _not_ours(scope: str, named: str, git_dir: Path) -> ConfigError:
    if not named:
        summary = "`core.hooksPath` is empty, so git runs no hooks"
        hint = "take the entry out of git's configuration"
        return ConfigError(Problem("hooks-path", summary, hint=hint))
    summary = f"`core.hooksPath` of the {scope} configuration is a folder that all repositories use"
    own = git_dir / "hooks"
    hint = f'give this one its own: git config core.hooksPath "{one_line(str(own))}"'
    return ConfigError(Problem("hooks-path", summary, place=one_line(named), hint=hint))


def _edited(hooks: HooksFolder, name: str) -> Problem:
    summary = "this hook was written by `gates` and edited since"
    hint = f"move it to `{name}{KEPT}` to keep the edits, or remove it; then run this again"
    return Problem("hook-edited", summary, place=hooks.shown(name), hint=hint)


def _managed(manager: str, name: str, place: str) -> Problem:
    summary = f"this hook is {manager}'s, which may write it again at any time"
    hint = f"let {manager} run `gates {ARGUMENTS[name]}`".replace('"$message"', "FILE")
    if manager in _BY_MANIFEST:
        hint = f"add the hooks of `gates` to what {manager} runs; docs/commit-hook.md shows it"
    return Problem("hook-of-manager", summary, place=place, hint=hint)


def _tracked(name: str, place: str) -> Problem:
    summary = "this hook is a file of the project, which git tracks"
    call = ARGUMENTS[name].replace('"$message"', '"$1"')
    return Problem("hook-tracked", summary, place=place, hint=f"add a line to it: gates {call}")


def relative_folder(folder: Path, top: Path) -> str:
    """The folder of gates.yaml, relative to the top of the repository that holds it.

    Raises:
        ConfigError: it lies outside, so no commit here is judged by it.
    """
    if not is_below(str(folder), str(top)):
        summary = "the gates.yaml that governs this folder lies outside its repository"
        hint = "put one into the repository: `gates init`"
        raise ConfigError(Problem("policy-outside", summary, place=str(folder), hint=hint))
    return os.path.relpath(folder, top)
