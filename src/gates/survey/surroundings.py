"""Facts of environment and repository that decide what gates see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.survey import Fact
from gates.survey import environments, installed, manifest
from gates.survey.environments import OWN
from gates.toolkit import changes
from gates.toolkit.git import Git
from gates.toolkit.node_programs import NODE_FOLDER
from gates.toolkit.tools import Toolbox

_ID = 10


def of_environments(
    toolbox: Toolbox, git_root: Path | None, environ: Mapping[str, str], *, is_python: bool = True
) -> Iterator[Fact]:
    """The environments in the order in which tools are looked up, and one that is not among them.

    Args:
        toolbox: looks tools up.
        git_root: the top of the repository, or None outside one.
        environ: the environment of `gates`.
        is_python: the project holds Python, so that it should have an environment of its own.
    """
    seen: set[Path] = set()
    for environment in toolbox.environments:
        if environment.path not in seen:
            used = ", its Python is used" if environment.path == toolbox.prefix else ""
            text = f"{environment.path} ({environment.how}{used})"
            yield Fact(name="environment", text=text)
        seen.add(environment.path)
    if is_python and toolbox.prefix is None:
        yield Fact(name="environment", text="none holds an interpreter", is_doubtful=True)
    if is_python and all(environment.how == OWN for environment in toolbox.environments):
        yield _unused(toolbox.root, git_root, environ)
    put_aside = environments.overruled(toolbox.root, environ)
    if put_aside and toolbox.environments[0].how == "VIRTUAL_ENV":
        yield Fact(
            name="environment",
            text=f"VIRTUAL_ENV goes before {put_aside}, so another shell finds other tools",
            is_doubtful=True,
            hint="`deactivate`, or name one in gates.yaml: `environment: .venv`",
        )


def _unused(root: Path, git_root: Path | None, environ: Mapping[str, str]) -> Fact:
    """That the project's own environment is not in use, and how it would be."""
    around = environments.find_environment(root, git_root, environ)
    text, hint = "the project has none of its own that `gates` can find", "python3 -m venv .venv"
    if around.named:
        text, hint = f"`{around.named}` is not in use", f"`environment: {around.named}`"
        hint += " in gates.yaml"
    elif around.launcher:
        text = f"{around.environ['VIRTUAL_ENV']} is the project's, and is not in use"
        hint = f"{around.launcher}gates doctor"
    return Fact(name="environment", text=text, is_doubtful=True, hint=hint)


def of_packages(root: Path) -> Iterator[Fact]:
    """Whether the Node packages that a project asks for are there, as its lock names them."""
    found = manifest.lock_of(root)
    if not manifest.asked_for(root):
        return
    command = found[1] if found else "npm install"
    folders = [each / NODE_FOLDER for each in manifest.upwards(root)]
    there = next((folder for folder in folders if folder.is_dir()), None)
    if there is None:
        text = f"{NODE_FOLDER} is not there, so no tool of the project is"
        yield Fact(name="packages", text=text, is_doubtful=True, hint=command)
        return
    stale = installed.differences(root)
    if stale:
        yield Fact(name="packages", text=stale, is_doubtful=True, hint=command)
        return
    named = f", as {found[0].name} names them" if found else ""
    yield Fact(name="packages", text=f"{there}{named}")


def of_repository(git: Git, environ: Mapping[str, str]) -> Iterator[Fact]:
    """Where the repository is, what a change is held against, and what hides history."""
    top = git.toplevel()
    if top is None:
        yield Fact(
            name="git",
            text="the project is in no repository: nothing tells what changed",
            is_doubtful=True,
            hint="git init",
        )
        return
    head = git.head()
    yield Fact(name="git", text=f"{top}, {_head(git, head)}")
    if head is None:
        return
    base = changes.resolve_base(git, named=None, environ=environ)
    yield Fact(name="base", text=f"{base.commit[:_ID]} ({base.how})")
    if git.is_shallow():
        yield Fact(
            name="git",
            text="the clone is shallow: commits before its end are not there to compare with",
            is_doubtful=True,
            hint="git fetch --unshallow, or `fetch-depth: 0` in the checkout step",
        )
    if git.resolve("refs/remotes/origin/HEAD") is None:
        named = "git remote set-head origin --auto, or " if _has_origin(git) else ""
        yield Fact(
            name="git",
            text="origin/HEAD is not known: on a branch, outside CI, only its last commit counts as"
            " the change",
            is_doubtful=True,
            hint=f"{named}`gates check --changed-from REF`",
        )


def of_planted(git: Git) -> Iterator[Fact]:
    """What the checkout brings that it must not: then `gates check` refuses to run at all."""
    for path in git.tracked_forbidden()[:1]:
        yield Fact(
            name="git",
            text=f"`{path}` is tracked, and a checkout must not bring its own tools or answers",
            is_doubtful=True,
            hint="git rm -r --cached, and name the folder in .gitignore",
        )


def of_state(state: Path, root: Path, runs: int) -> Iterator[Fact]:
    """Where the kept answers and the records lie."""
    yield Fact(name="kept", text=str(state).removeprefix(f"{root}/"))
    yield Fact(name="records", text=f".gates/local/runs, {runs} run{'s' if runs != 1 else ''}")


def _has_origin(git: Git) -> bool:
    return b"origin" in git.ask("remote").stdout.split()


def _head(git: Git, head: str | None) -> str:
    if head is None:
        return "nothing is committed yet"
    try:
        answer = git.ask("symbolic-ref", "--quiet", "--short", "HEAD")
    except StageError:
        return f"at {head[:_ID]}"
    branch = answer.stdout.decode(errors="replace").strip()
    if answer.exit_code or not branch:
        return f"detached at {head[:_ID]}"
    return f"branch {branch} at {head[:_ID]}"
