"""`gates check` for git's hooks: `--staged`, `--pre-push` and `--commit-msg`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from gates import app
from gates.cli.one_run import judged
from gates.cli.outputs import Output, write_outputs
from gates.cli.rollup import check_projects
from gates.cli.terminal import show_error
from gates.domain.errors import ConfigError, GatesError, Problem
from gates.domain.moment import Moment
from gates.domain.run import Run, Selection
from gates.domain.status import Verdict
from gates.toolkit.door import one_line
from gates.toolkit.git import Git
from gates.toolkit.programs import reset_sigchld
from gates.toolkit.side_tree import SideTree, committed, staged

STANDARD_PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where programs are looked for where whoever calls the hook says nothing."""

MOST_BYTES = 64 << 20
_MOST_OF_MERGE = 1 << 20
SHOWN_ID = 10

GRAVITY = (130, 143, 1, 3, 2, 4, 0)
"""Exit codes of several runs, the one that decides first."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Which of git's hooks is served; at most one.

    Attributes:
        staged: judge the index.
        pre_push: judge what is pushed.
        commit_msg: judge the message in this file.
    """

    staged: bool = False
    pre_push: bool = False
    commit_msg: str | None = None

    @property
    def is_asked(self) -> bool:
        """Whether any of them is."""
        return self.staged or self.pre_push or self.commit_msg is not None

    def refuse_two(self, changed_from: str | None) -> None:
        """Refuse options of which each says what is judged.

        Raises:
            click.UsageError: more than one is given.
        """
        given = {
            "--staged": self.staged,
            "--pre-push": self.pre_push,
            "--commit-msg": self.commit_msg is not None,
            "--changed-from": changed_from is not None,
        }
        named = [name for name, is_given in given.items() if is_given]
        if len(named) > 1:
            raise click.UsageError(f"{' and '.join(named)} exclude each other")


def check_hook(hook: Hook, selection: Selection, outputs: Sequence[Output]) -> int:
    """Judge what a hook of git is about; the exit code.

    Raises:
        ConfigError: there is no gates.yaml in what is judged, or nothing says what is pushed.
        StageError: there is no repository, or its index holds conflicts.
        ToolCrashed: git could not make the side tree.
    """
    reset_sigchld()
    if not os.environ.get("PATH"):
        os.environ["PATH"] = STANDARD_PATH
    if hook.commit_msg is not None:
        return _message(hook.commit_msg, selection, outputs)
    git = Git(Path.cwd(), os.environ)
    if hook.pre_push:
        return _pushed(git, selection, outputs)
    with staged(git, os.environ) as side:
        base = "HEAD" if side.commit else None
        asked = replace(selection, changed_from=base, moment=Moment.COMMIT, asked="--staged")
        return _finished(_judged(side, asked, outputs), outputs)


def _judged(side: SideTree, selection: Selection, outputs: Sequence[Output]) -> Run | int:
    """Judge a side tree: its run, or the exit code of a roll-up."""
    loaded = replace(_loaded(side), side=side)
    if loaded.plan.projects:
        return check_projects(loaded, selection, outputs)
    return judged(loaded, selection, outputs)


def _loaded(side: SideTree) -> app.Loaded:
    try:
        return app.load(side.at(Path.cwd()), os.environ)
    except ConfigError as error:
        raise ConfigError(*(_at_home(problem, side) for problem in error.problems)) from error


def _at_home(problem: Problem, side: SideTree) -> Problem:
    """The problem, told of the place that the user knows."""
    hint = side.told(problem.hint)
    if problem.slug == "no-policy" and list(side.real.glob("**/gates.yaml")):
        hint = "it is not in what is judged: `git add gates.yaml`"
    return replace(
        problem, summary=side.told(problem.summary), place=side.told(problem.place), hint=hint
    )


def _finished(done: Run | int, outputs: Sequence[Output]) -> int:
    if isinstance(done, int):
        return done
    write_outputs(done, outputs)
    return done.exit_code


def _pushed(git: Git, selection: Selection, outputs: Sequence[Output]) -> int:
    """Judge each commit that is pushed; the gravest outcome decides, and is what is reported."""
    from gates.toolkit import pushed  # a commit must not wait for it

    given = pushed.refs(_standard_input(), os.environ)
    screen = sys.stderr if any(output.path is None for output in outputs) else sys.stdout
    for ref in given:
        if not ref.new:
            screen.write(f"{one_line(ref.name)} deletes a ref: there is nothing to judge\n")
    done: list[Run | int] = []
    for each in pushed.commits(git, given, os.environ):
        names = ", ".join(map(one_line, each.names))
        since = f"what {each.base[:SHOWN_ID]} does not have" if each.base else "all of it"
        screen.write(f"commit {each.commit[:SHOWN_ID]} of {names}: {since}\n")
        screen.flush()
        asked = replace(
            selection,
            changed_from=each.base,
            moment=Moment.PUSH,
            asked=f"--pre-push {each.commit[:SHOWN_ID]}",
        )
        try:
            with committed(git, each.commit, os.environ) as side:
                done.append(_judged(side, asked, outputs))
        except GatesError as error:
            # The other commits are judged all the same: one of them may be known to be bad.
            show_error(error)
            done.append(error.exit_code)
        if _code(done[-1]) in {130, 143}:
            break
    if not done:
        screen.write("partial: nothing is pushed that holds files, so nothing was judged\n")
        return Verdict.PARTIAL.exit_code
    return _finished(min(done, key=lambda one: GRAVITY.index(_code(one))), outputs)


def _code(done: Run | int) -> int:
    return done if isinstance(done, int) else done.exit_code


def _given(file: str, loaded: app.Loaded) -> str:
    """The file by absolute path; git names it from the top of the work tree."""
    top = loaded.git.toplevel()
    if top is not None and not Path(file).exists() and (top / file).exists():
        return str(top / file)
    return os.path.realpath(file)


def _standard_input() -> bytes:
    stream = sys.stdin
    if stream is None or stream.closed or stream.isatty():
        return b""
    return stream.buffer.read(MOST_BYTES)


def _is_gits_merge(path: str, git: Git) -> bool:
    """Whether the message is that of a merge which nobody reworded, as no run judges them."""
    from gates.formats.conventional_commits import cleaned, is_gits_merge

    folder = git.git_dir()
    if folder is None or not (folder / "MERGE_HEAD").is_file() or not Path(path).is_file():
        return False
    with open(path, "rb") as message:  # noqa: PTH123 - the beginning alone
        text = message.read(_MOST_OF_MERGE).decode(errors="replace")
    return is_gits_merge(cleaned(text, "#"))


def _message(file: str, selection: Selection, outputs: Sequence[Output]) -> int:
    """Judge the message in a file by the gates whose stage does that, and by no other."""
    from gates.executor.due import MESSAGES

    loaded = app.load(Path.cwd(), os.environ)
    gates = loaded.plan.up_to(selection.level)
    names = tuple(
        gate.name for gate in gates if gate.uses == MESSAGES and Moment.COMMIT in gate.when
    )
    if not names:
        sys.stderr.write(
            f"partial: no gate up to level {selection.level} judges messages at a commit, so this"
            f" one was not judged; `{MESSAGES}` is the stage that does\n"
        )
        return Verdict.PARTIAL.exit_code
    path = _given(file, loaded)
    if _is_gits_merge(path, loaded.git):
        sys.stderr.write("partial: git itself worded this merge, so its message was not judged\n")
        return Verdict.PARTIAL.exit_code
    plan = replace(
        loaded.plan,
        gates=tuple(
            replace(gate, options={**gate.options, "file": path}) if gate.name in names else gate
            for gate in loaded.plan.gates
        ),
    )
    asked = replace(
        selection, gates=names, moment=Moment.COMMIT, asked=f"--commit-msg {one_line(file)}"
    )
    return _finished(judged(replace(loaded, plan=plan, message=path), asked, outputs), outputs)
