"""Puts a sample into a repository of its own, with a gates.yaml that names the stage under test."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.plan import Plan
from gates.plugin import Options, Sample, Stage
from gates.stages import load, names
from gates.testing.tape import LONG_AGO_S
from gates.toolkit.programs import find_program, run_program

GATE = "sampled"
"""The name of the gate under test."""

POLICY = "gates.yaml"

GIT = ".git"
"""Stands in `Sample.vital` for the repository as a whole."""

_OWNER = {
    "GIT_AUTHOR_NAME": "Sample",
    "GIT_AUTHOR_EMAIL": "sample@registry.example",
    "GIT_COMMITTER_NAME": "Sample",
    "GIT_COMMITTER_EMAIL": "sample@registry.example",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def furnish(
    folder: Path,
    stage_type: type[Stage[Options]],
    sample: Sample,
    environ: Mapping[str, str],
    *,
    in_git: bool = True,
) -> Plan:
    """Put a sample into a new folder and a new repository, and read its gates.yaml.

    Args:
        folder: where; it must not be there yet.
        stage_type: the stage under test.
        sample: its files and options.
        environ: the environment of `gates`.
        in_git: make a repository of it.

    Raises:
        ConfigError: where the sample's options or conditions cannot be used.
        StageError: `bad-sample`, or where there is no git or it refuses the sample.
    """
    refuse(sample)
    root = folder.resolve()
    root.mkdir(parents=True)
    policy = _policy(stage_type.uses, sample)
    for path, text in {**sample.files, POLICY: policy}.items():
        _write(root / path, text, path)
    if in_git:
        _commit(root, sample, environ)
    for path in sample.reports:
        # What stands in git is no report of a run: it must be younger than the commit.
        (root / path).touch()
    return _plan(policy, stage_type)


def refuse(sample: Sample) -> None:
    """Refuse a sample that cannot be put into a folder of its own.

    Raises:
        StageError: `bad-sample`: a path does not stay in the project, a text cannot be written, or
            a name is that of no file.
    """
    for files in (sample.files, sample.faulty):
        for path, text in files.items():
            _refuse_path(path)
            _refuse_text(text, path)
    for what, text in (("message", sample.message), ("faulty_message", sample.faulty_message)):
        _refuse_text(text, what)
    known = {"reports": sample.files.keys(), "vital": {*sample.files, GIT}}
    for what, named in (("reports", sample.reports), ("vital", sample.vital)):
        for name in named:
            if name not in known[what]:
                raise _bad(f"`{what}` names {name!a}, which is not in `files`", what)
    try:
        json.dumps([dict(sample.options), sample.require, sample.sources])
        json.dumps([_needs(sample), dict(sample.services)])
    except (TypeError, ValueError) as error:
        raise _bad(f"its options are no plain data: {error}", "options") from error
    for name, service in sample.services.items():
        if isinstance(service, Mapping) and "url" in service:
            raise _bad(f"service `{name}` runs elsewhere: start it here, by `run`", "services")


def _refuse_path(path: str) -> None:
    parts = path.split("/")
    if not path or path.startswith("/") or "\0" in path or {"", ".", ".."} & set(parts):
        raise _bad(f"the path {path!a} does not stay in the project", ascii(path))
    if parts[0] == GIT:
        raise _bad(f"the path {path!a} belongs to git", ascii(path))
    _refuse_text(path, ascii(path))


def _refuse_text(text: str, place: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        summary = f"{place}: character {error.start} is half of a surrogate pair, and no text"
        raise _bad(summary, place) from error


def _bad(summary: str, place: str) -> StageError:
    hint = "mend `sample` in the class of the stage"
    return StageError("bad-sample", f"the sample cannot be used: {summary}", hint=hint, place=place)


def _write(file: Path, text: str, path: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    except OSError as error:
        raise _bad(f"{path!a} cannot be written: {error.strerror}", ascii(path)) from error
    if text.startswith("#!"):
        file.chmod(0o755)


def faulty(sample: Sample) -> Sample:
    """The same project with its faults in it."""
    files = {**sample.files, **sample.faulty}
    return replace(sample, files=files, message=sample.faulty_message or sample.message)


def vacant(sample: Sample) -> Sample:
    """The same project without what there is to examine."""
    left_out = sample.vital or tuple(sample.files)
    files = {path: text for path, text in sample.files.items() if path not in left_out}
    reports = tuple(name for name in sample.reports if name in files)
    vital = tuple(name for name in left_out if name == GIT)
    return replace(sample, files=files, reports=reports, vital=vital)


def finder(stage_type: type[Stage[Options]]) -> Callable[[str], type[Stage[Options]]]:
    """Finds the stage under test by its name, whether or not it is installed."""

    def find(uses: str) -> type[Stage[Options]]:
        return stage_type if uses == stage_type.uses else load(uses)

    return find


def _plan(policy: str, stage_type: type[Stage[Options]]) -> Plan:
    from gates.config.load import load as load_policy
    from gates.executor.schedule import ordered

    plan = load_policy(
        policy.encode(),
        name=POLICY,
        default_project="sample",
        load_stage=finder(stage_type),
        stage_names=lambda: tuple(sorted({*names(), stage_type.uses})),
        is_guarded=False,
    )
    return replace(plan, gates=ordered(plan.gates))


def _policy(uses: str, sample: Sample) -> str:
    """A gates.yaml with the gate under test and those that it needs; JSON is YAML."""
    gates = _needs(sample)
    own: dict[str, object] = {"uses": uses}
    if sample.services and not any(_is_served(gate) for gate in gates.values()):
        own["service"] = next(iter(sample.services))
    if sample.options:
        own["with"] = dict(sample.options)
    if sample.require:
        own["require"] = list(sample.require)
    lines = ["version: 1", "project: sample"]
    if sample.sources:
        lines.append(f"sources: {json.dumps(sample.sources)}")
    if sample.services:
        lines.append(f"services: {json.dumps(dict(sample.services))}")
    lines += ["levels:", "  1:", f"    gates: {json.dumps({**gates, GATE: own})}", ""]
    return "\n".join(lines)


def _needs(sample: Sample) -> dict[str, object]:
    """The gates beside the one under test, by name."""
    if isinstance(sample.needs, Mapping):
        return dict(sample.needs)
    return {name: name for name in sample.needs}


def _is_served(gate: object) -> bool:
    return isinstance(gate, Mapping) and "service" in gate


def _commit(root: Path, sample: Sample, environ: Mapping[str, str]) -> None:
    """Make a repository with one commit of an hour that is long past."""
    git = find_program("git", environ.get("PATH", ""), outside=root)
    if git is None:
        raise StageError("tool-missing", "`git` is not installed", place="git")
    env = {
        "PATH": environ.get("PATH", ""),
        "GIT_AUTHOR_DATE": f"{LONG_AGO_S} +0000",
        "GIT_COMMITTER_DATE": f"{LONG_AGO_S} +0000",
        **_OWNER,
    }
    commands = (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all", *_left_out(sample)),
        ("commit", "--quiet", "--allow-empty", f"--message={sample.message}"),
    )
    for command in commands:
        done = run_program([git, "-C", str(root), *command], env=env)
        if done.exit_code:
            words = done.stderr.decode("utf-8", "replace").strip()
            raise StageError("sample-repository", f"`git {command[0]}`: {words}")


def _left_out(sample: Sample) -> tuple[str, ...]:
    return ("--", ".", *(f":(exclude){name}" for name in sample.reports))
