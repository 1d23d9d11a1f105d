"""A double of GitHub's runner: it executes a composite action step by step, without GitHub.

What it takes from the runner: bash as it is called there, the environment, `if:` and the status of
steps, the four files, outputs, the commands in the output with the limits that all steps of one
composite action share, and what actions register to be run when all is over. Actions that are used
are fakes which refuse inputs that the real ones do not have.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from runner import grammar
from runner.expressions import Surroundings, Value, condition, filled

FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
SHELLS = {"bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"), "sh": ("sh", "-e")}
REFUSED_VARIABLE = "NODE_OPTIONS"
STEP_KEYS = frozenset({
    "continue-on-error", "env", "id", "if", "name", "run", "shell", "uses", "with",
    "working-directory",
})  # fmt: skip


class BadActionError(ValueError):
    """An action.yml, or a use of an action, that GitHub would not take."""


@dataclass(frozen=True, slots=True)
class Used:
    """One use of a foreign action: its name without its version, and what it was given."""

    action: str
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a foreign action does: whether it succeeds, its outputs and its own output.

    Attributes:
        post: the name under which it acts again at the end; empty where it does not.
        only_after_success: it does so only where all went well, as a cache saves.
    """

    has_succeeded: bool = True
    outputs: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    post: str = ""
    only_after_success: bool = False


Fake = Callable[[Mapping[str, str], "Machine"], Answer]


@dataclass(slots=True)
class Machine:
    """The machine that a step stands on.

    Attributes:
        workspace: the checkout.
        temp: RUNNER_TEMP.
        environ: what every step sees; GITHUB_ENV adds to it.
        github: more of the context `github`, by name.
        event: the payload of the event.
        fakes: the foreign actions by name.
    """

    workspace: Path
    temp: Path
    environ: dict[str, str]
    github: Mapping[str, Value] = field(default_factory=dict)
    event: Mapping[str, Value] = field(default_factory=dict)
    fakes: Mapping[str, Fake] = field(default_factory=dict)
    used: list[Used] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    artifacts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What was uploaded under each name, which may be taken once."""

    def github_context(self) -> dict[str, Value]:
        """The context `github`."""
        plain: dict[str, Value] = {
            "workspace": str(self.workspace),
            "event": self.event,
            "event_name": "push",
            "job": "gates",
            "ref_type": "branch",
            "run_attempt": "1",
            "run_id": "4711",
            "sha": "0" * 40,
            "token": "a-token-of-the-machine",
        }
        return {**plain, **self.github}


@dataclass(frozen=True, slots=True)
class Step:
    """How one step ended.

    Attributes:
        outcome: `success`, `failure` or `skipped`, before `continue-on-error` counts.
        conclusion: the same after it.
    """

    name: str
    outcome: str
    conclusion: str
    outputs: Mapping[str, str]
    log: str = ""
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How an action ended, and everything that GitHub would keep of it."""

    has_succeeded: bool
    outputs: Mapping[str, str]
    steps: Mapping[str, Step]
    told: grammar.Listener
    summary: bytes
    used: tuple[Used, ...]
    posts: tuple[str, ...]

    @property
    def log(self) -> str:
        """The output of all steps."""
        return "\n".join(step.log for step in self.steps.values())


def run_action(folder: Path, given: Mapping[str, str], machine: Machine) -> Ended:
    """Execute the composite action of a folder.

    Args:
        folder: that of its action.yml.
        given: what stands under `with:`.
        machine: where.

    Raises:
        BadActionError: GitHub would refuse the action, or an input that it does not have.
    """
    action = _mapping(yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8")))
    runs = _mapping(action["runs"])
    if runs.get("using") != "composite":
        raise BadActionError("only composite actions are executed")
    course = _Course(folder, machine, _inputs(action, given))
    for number, step in enumerate(_list(runs["steps"])):
        course.take(number, _mapping(step))
    here = course.surroundings()
    outputs = {
        name: filled(_mapping(each)["value"], here)
        for name, each in _mapping(action.get("outputs") or {}).items()
    }
    posts = [
        name
        for name, only_after_success in reversed(course.posts)
        if not (course.has_failed and only_after_success)
    ]
    return Ended(
        has_succeeded=not course.has_failed,
        outputs=outputs,
        steps=course.steps,
        told=course.told,
        summary=bytes(course.summary),
        used=tuple(machine.used),
        posts=tuple(posts),
    )


def _inputs(action: Mapping[str, object], given: Mapping[str, str]) -> dict[str, Value]:
    declared = _mapping(action.get("inputs") or {})
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise BadActionError(f"unexpected inputs: {', '.join(unknown)}")
    values: dict[str, Value] = {}
    for name, each in declared.items():
        said = _mapping(each)
        default = said.get("default", "")
        if not isinstance(default, str):
            raise BadActionError(f"the default of `{name}` is no text")
        if said.get("required") and name not in given:
            raise BadActionError(f"the input `{name}` is missing")
        values[name] = given.get(name, default)
    return values


@dataclass(slots=True)
class _Course:
    """An action under way."""

    folder: Path
    machine: Machine
    inputs: Mapping[str, Value]
    steps: dict[str, Step] = field(default_factory=dict)
    told: grammar.Listener = field(default_factory=grammar.Listener)
    summary: bytearray = field(default_factory=bytearray)
    posts: list[tuple[str, bool]] = field(default_factory=list)
    has_failed: bool = False

    def surroundings(self) -> Surroundings:
        steps: dict[str, Value] = {
            name: {
                "outcome": step.outcome,
                "conclusion": step.conclusion,
                "outputs": step.outputs,
            }
            for name, step in self.steps.items()
        }
        github = {**self.machine.github_context(), "action_path": str(self.folder)}
        contexts: dict[str, Value] = {
            "env": self.machine.environ,
            "github": github,
            "inputs": self.inputs,
            "runner": {
                "temp": str(self.machine.temp),
                "os": "Linux",
                "arch": "X64",
                "environment": "github-hosted",
            },
            "steps": steps,
        }
        return Surroundings(
            contexts,
            {
                "always": lambda _: True,
                "cancelled": lambda _: False,
                "failure": lambda _: self.has_failed,
                "success": lambda _: not self.has_failed,
                "hashFiles": self._hash,
            },
        )

    def _hash(self, patterns: Sequence[Value]) -> str:
        import hashlib

        found = sorted({p for each in patterns for p in self.machine.workspace.glob(str(each))})
        digest = hashlib.sha256()
        for path in found:
            digest.update(path.read_bytes())
        return digest.hexdigest() if found else ""

    def take(self, number: int, step: Mapping[str, object]) -> None:
        """Execute one step, or pass over it."""
        unknown = sorted(set(step) - STEP_KEYS)
        if unknown:
            raise BadActionError(f"a step of a composite action has no {', '.join(unknown)}")
        name = str(step.get("id") or f"step-{number}")
        here = self.surroundings()
        wanted = step.get("if")
        if not condition(wanted, here, has_failed=self.has_failed):
            self.steps[name] = Step(name, "skipped", "skipped", {})
            return
        self.told.resume()
        ended = self._run(name, step, here) if "run" in step else self._use(name, step, here)
        forgives = filled(step.get("continue-on-error", False), here) == "true"
        if ended.outcome == "failure" and not forgives:
            self.has_failed = True
        conclusion = "success" if forgives else ended.outcome
        self.steps[name] = Step(
            name, ended.outcome, conclusion, ended.outputs, ended.log, ended.exit_code
        )

    def _run(self, name: str, step: Mapping[str, object], here: Surroundings) -> Step:
        shell = step.get("shell")
        if shell not in SHELLS:
            raise BadActionError(f"`{name}` names no shell, which composite actions must")
        folder = self.machine.temp / "_runner_file_commands" / name
        folder.mkdir(parents=True, exist_ok=True)
        files = {each: folder / each for each in FILES}
        for path in files.values():
            path.write_bytes(b"")
        script = folder / "script"
        script.write_text(filled(step["run"], here), encoding="utf-8")
        where = self.machine.workspace / filled(step.get("working-directory", ""), here)
        done = subprocess.run(
            [*SHELLS[str(shell)], str(script)],
            cwd=where,
            env={**self._environ(step, here), **{key: str(path) for key, path in files.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=300,
        )
        log = done.stdout.decode("utf-8", errors="replace")
        return self._after(name, done.returncode, log, files)

    def _after(self, name: str, code: int, log: str, files: Mapping[str, Path]) -> Step:
        """Read what a step wrote to its output and its files; a bad file fails it."""
        self.told.outputs.clear()
        refused = len(self.told.refused)
        self.told.feed(log)
        outputs = dict(self.told.outputs)
        has_failed = code != 0 or len(self.told.refused) > refused
        shown = files["GITHUB_STEP_SUMMARY"].read_bytes()
        kept = grammar.summary(shown)
        self.summary += kept
        if len(kept) < len(shown):
            self.told.feed(
                "::error::$GITHUB_STEP_SUMMARY upload aborted, supports content up to 1024k"
            )
        try:
            outputs |= grammar.pairs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
            added = _variables(files["GITHUB_ENV"].read_text(encoding="utf-8"))
            self.machine.environ |= added
        except grammar.BadFileError as error:
            self.told.feed(f"::error::Unable to process file command: {error}")
            has_failed = True
        lines = files["GITHUB_PATH"].read_text(encoding="utf-8").split("\n")
        self.machine.paths[:0] = [line for line in reversed(lines) if line]
        outcome = "failure" if has_failed else "success"
        return Step(name, outcome, outcome, outputs, log, code)

    def _environ(self, step: Mapping[str, object], here: Surroundings) -> dict[str, str]:
        github = self.machine.github_context()
        environ = {
            **self.machine.environ,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.folder),
            "RUNNER_TEMP": str(self.machine.temp),
            "RUNNER_OS": "Linux",
            **{
                f"GITHUB_{key.upper()}": str(value)
                for key, value in github.items()
                if key not in {"event", "token"}
            },
        }
        for key, value in _mapping(step.get("env") or {}).items():
            environ[key] = filled(value, here)
        environ["PATH"] = ":".join([*self.machine.paths, environ["PATH"]])
        return environ

    def _use(self, name: str, step: Mapping[str, object], here: Surroundings) -> Step:
        action, _, version = str(step["uses"]).partition("@")
        if len(version) != 40:  # a tag or a branch can be moved
            raise BadActionError(f"`{action}` is not pinned by its commit")
        if action not in self.machine.fakes:
            raise BadActionError(f"there is no fake of `{action}`")
        given = {key: filled(each, here) for key, each in _mapping(step.get("with") or {}).items()}
        self.machine.used.append(Used(action, given))
        answer = self.machine.fakes[action](given, self.machine)
        if answer.post:
            self.posts.append((answer.post, answer.only_after_success))
        self.told.feed(answer.log)
        outcome = "success" if answer.has_succeeded else "failure"
        return Step(name, outcome, outcome, answer.outputs, answer.log)


def _variables(text: str) -> dict[str, str]:
    added = grammar.pairs(text)
    if REFUSED_VARIABLE in added:
        raise grammar.BadFileError(f"Can't store {REFUSED_VARIABLE}")
    return added


def _mapping(found: object) -> Mapping[str, object]:
    if not isinstance(found, dict):
        raise BadActionError(f"{found!r} is no mapping")
    return {str(key): each for key, each in found.items()}


def _list(found: object) -> list[object]:
    if not isinstance(found, list):
        raise BadActionError(f"{found!r} is no list")
    return found
