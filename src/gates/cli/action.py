"""The steps of the GitHub Action and workflows: `python -I -m gates.cli.action STEP`.

The action fetches, installs and checks; the reusable workflows plan, install, run shards and merge.
Inputs come as variables of the environment, never as words that a shell would read. This is no
command of `gates`: action.yml and the workflows of this repository call it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gates.cli import (
    action_event,
    action_fan_out,
    action_inputs,
    action_outcome,
    action_prepare,
    streams,
)
from gates.cli.action_inputs import Inputs
from gates.cli.terminal import show_error
from gates.domain.errors import ConfigError, GatesError, Problem, StageError
from gates.toolkit.attached import WITHHELD_FILES, commands_off, run_attached, without_rights
from gates.toolkit.files import write_atomic
from gates.toolkit.git import Git
from gates.toolkit.programs import is_program, reset_sigchld

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")
_JUDGING = ("check", "shard", "merge")
_OUTPUT, _SUMMARY = "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one check, outside the checkout, that is uploaded whole."""

    path: Path

    @property
    def record(self) -> Path:
        """The run record."""
        return self.path / "run.json"

    @property
    def page(self) -> Path:
        """The page for people."""
        return self.path / "page.html"

    @property
    def sarif(self) -> Path:
        """The findings for code scanning."""
        return self.path / "gates.sarif"


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one step in the current folder; its exit code.

    Args:
        arguments: the name of the step.
        environ: its environment.
    """
    reset_sigchld()
    # What is wrong is told in words of the checkout, as those of a gates.yaml: never a command.
    sys.stderr = streams.guarded(sys.stderr, streams.StandardError, 2)
    step = " ".join(arguments)
    try:
        return _taken(step, action_inputs.read(environ), Path.cwd().resolve(), environ)
    except GatesError as error:
        show_error(error)
        summary = error.problems[0].summary
        _annotate("error", summary)
        outcome = action_outcome.Outcome("errored", error.exit_code, summary)
        _hand_over(action_outcome.outputs(outcome, {}) if step in _JUDGING else "", environ)
        return error.exit_code


def _taken(step: str, inputs: Inputs, root: Path, environ: Mapping[str, str]) -> int:
    said: Mapping[str, str] = {}
    match step:
        case "check" | "shard" | "merge":
            return check(inputs, root, environ, step)
        case "fetch":
            action_prepare.fetch(inputs, root, environ)
        case "install":
            action_prepare.prepare(inputs, root, environ)
        case "plan":
            policy = _policy(inputs, action_event.read(environ), root, environ)
            said = action_fan_out.plan(inputs.level, inputs.shards, policy, environ)
        case _:
            hint = "fetch, install, check, plan, shard or merge"
            raise ConfigError(Problem("action-step", "this is no step", hint=hint))
    _hand_over("".join(f"{name}={text}\n" for name, text in said.items()), environ)
    return 0


def check(inputs: Inputs, root: Path, environ: Mapping[str, str], step: str = "check") -> int:
    """Run `gates` once, and hand its verdict, its numbers and its files to the workflow.

    Args:
        inputs: those of the action.
        root: the folder of gates.yaml.
        environ: the environment of the step.
        step: `check` for all gates, `shard` for those of one machine, `merge` for the verdict over
            all machines.
    """
    unfit = action_fan_out.refuse_unfit(environ.get("GATES_NEEDS", "")) if step == "merge" else ""
    if unfit:
        outcome = action_outcome.Outcome("errored", action_outcome.ERRORED, unfit)
        _annotate("error", unfit)
        _hand_over(action_outcome.outputs(outcome, {}), environ)
        return outcome.exit_code
    event = action_event.read(environ)
    folder = _folder(environ)
    said, summary = folder.path.with_suffix(".annotations"), folder.path.with_suffix(".summary")
    policy = _policy(inputs, event, root, environ)
    match step:
        case "check":
            said_to = ("check", *_selected(inputs, policy))
        case "shard":
            said_to = ("check", *action_fan_out.shard_arguments(inputs.shard, policy, environ))
        case _:
            said_to = action_fan_out.merge_arguments(policy, environ)
    argv = (*action_fan_out.gates(), *said_to, *_reports(inputs, folder), *inputs.args)
    with commands_off():
        env = environment(root, environ, summary)
        ended = run_attached(argv, env=env, stdout=said)
    outcome = action_outcome.of_record(
        action_outcome.read_record(folder.record), ended, inputs.accept
    )
    for kind, text in (("error", outcome.problem), ("notice", outcome.notice)):
        if text:  # first, since GitHub keeps the first ten of a kind
            _annotate(kind, text)
    if inputs.annotations:
        sys.stdout.write(said.read_text(encoding="utf-8", errors="replace"))
    sys.stdout.flush()
    _file(folder.sarif, inputs.category)
    text = action_outcome.outputs(outcome, _paths(inputs, folder, event, environ))
    _hand_over(text, environ, summary=summary if inputs.summary else None)
    return outcome.exit_code


def _policy(
    inputs: Inputs, event: action_event.Event, root: Path, environ: Mapping[str, str]
) -> str:
    """The revision whose policy holds; empty where that of the checkout does."""
    if inputs.policy_from == "off":
        return ""
    if inputs.policy_from != "auto":
        return inputs.policy_from
    found = action_event.policy_of(event, Git(root, environ), environ)
    if event.is_proposal and not found:
        raise StageError(
            "no-base",
            f"the event `{event.name}` does not tell the base whose policy judges the change",
            hint="name a revision in the input `policy-from`",
        )
    return found


def _selected(inputs: Inputs, policy: str) -> list[str]:
    argv = ["--level", str(inputs.level)]
    for name in inputs.gates:
        argv += ["--gate", name]
    return [*argv, "--policy-from", policy] if policy else argv


def _reports(inputs: Inputs, folder: Folder) -> list[str]:
    argv = ["--report", "github", "--report", f"json={folder.record}"]
    argv += ["--report", f"html={folder.page}"]
    return argv if inputs.sarif == "off" else [*argv, "--report", f"sarif={folder.sarif}"]


def environment(root: Path, environ: Mapping[str, str], summary: Path) -> dict[str, str]:
    """The environment of `gates check`: without tokens, and with the Python that was set up.

    Args:
        root: the folder of gates.yaml.
        environ: the environment of the step.
        summary: the file for its summary; its outputs, which are told by its record, go beside it.
    """
    env = without_rights(environ)
    env[_SUMMARY], env[_OUTPUT] = str(summary), str(summary.with_suffix(".unused"))
    env["PATH"] = action_prepare.search_path(environ)
    # What actions/setup-python set up is the project's environment where there is no other.
    python = environ.get("pythonLocation", "")
    has_own = environ.get("VIRTUAL_ENV") or (root / ".venv").is_dir()
    if python and not has_own and is_program(f"{python}/bin/python"):
        env["VIRTUAL_ENV"] = python
    return env


def _paths(
    inputs: Inputs, folder: Folder, event: action_event.Event, environ: Mapping[str, str]
) -> dict[str, str]:
    """Outputs that name files, and what the next steps do with them."""
    sarif = str(folder.sarif) if folder.sarif.is_file() else ""
    may = event.may_write and (event.is_public or inputs.sarif == "upload")
    return {
        "record": str(folder.record) if folder.record.is_file() else "",
        "page": str(folder.page) if folder.page.is_file() else "",
        "sarif-file": sarif,
        "upload-sarif": "true" if sarif and may and inputs.sarif in {"auto", "upload"} else "false",
        "folder": str(folder.path),
        "artifact": _artifact(inputs, environ),
    }


def _artifact(inputs: Inputs, environ: Mapping[str, str]) -> str:
    """The name of what is uploaded; the attempt in it, since no name is taken twice in a run."""
    if inputs.artifact == "off":
        return ""
    name = inputs.artifact
    if name == "auto":
        name = f"gates-{environ.get('GITHUB_JOB', 'check')}"
    return f"{_UNFIT.sub('-', name)}-{environ.get('GITHUB_RUN_ATTEMPT', '1')}"


def _annotate(kind: str, text: str) -> None:
    """Say something on the page of the run that belongs to no line."""
    from gates.reports.github import command

    sys.stdout.write(f"{command(kind, {'title': 'gates'}, text)}\n")


def _folder(environ: Mapping[str, str]) -> Folder:
    import tempfile

    top = Path(environ.get("RUNNER_TEMP") or tempfile.gettempdir()) / "gates"
    top.mkdir(parents=True, exist_ok=True)
    return Folder(Path(tempfile.mkdtemp(prefix="report-", dir=top)))


def _file(sarif: Path, category: str) -> None:
    """Put the findings under a category of the user's; code scanning takes that of the file."""
    if category and sarif.is_file():
        from gates.reports.sarif import filed_under

        write_atomic(sarif, filed_under(sarif.read_text(encoding="utf-8"), category).encode())


def _hand_over(text: str, environ: Mapping[str, str], *, summary: Path | None = None) -> None:
    """Say all that this step says to its workflow, when all tools have ended.

    A tool finds the files for that without being told where they are: whatever it wrote there, a
    variable or a path for later steps too, is gone.
    """
    said = {_OUTPUT: text.encode()}
    if summary is not None and summary.is_file():
        said[_SUMMARY] = summary.read_bytes()
    for name in sorted(WITHHELD_FILES):
        if environ.get(name):
            write_atomic(Path(environ[name]), said.get(name, b""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
