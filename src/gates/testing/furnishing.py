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
) -> Plan:
    """Put a sample into a new folder and a new repository, and read its gates.yaml.

    Args:
        folder: where; it must not be there yet.
        stage_type: the stage under test.
        sample: its files and options.
        environ: the environment of `gates`.

    Raises:
        ConfigError: where the sample's options or conditions cannot be used.
        StageError: where there is no git.
    """
    root = folder.resolve()
    root.mkdir(parents=True)
    policy = _policy(stage_type.uses, sample)
    for path, text in {**sample.files, "gates.yaml": policy}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            file.chmod(0o755)
    _commit(root, sample, environ)
    for path in sample.reports:
        # What stands in git is no report of a run: it must be younger than the commit.
        (root / path).touch()
    return _plan(policy, stage_type)


def faulty(sample: Sample) -> Sample:
    """The same project with its faults in it."""
    files = {**sample.files, **sample.faulty}
    return replace(sample, files=files, message=sample.faulty_message or sample.message)


def vacant(sample: Sample) -> Sample:
    """The same project without what there is to examine."""
    files = {path: text for path, text in sample.files.items() if path not in sample.vital}
    return replace(sample, files=files, reports=tuple(set(sample.reports) & files.keys()))


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
        name="gates.yaml",
        default_project="sample",
        load_stage=finder(stage_type),
        stage_names=lambda: tuple(sorted({*names(), stage_type.uses})),
    )
    return replace(plan, gates=ordered(plan.gates))


def _policy(uses: str, sample: Sample) -> str:
    """A gates.yaml with the gate under test and those that it needs; JSON is YAML."""
    gates: dict[str, object] = {name: name for name in sample.needs}
    own: dict[str, object] = {"uses": uses}
    if sample.options:
        own["with"] = dict(sample.options)
    if sample.require:
        own["require"] = list(sample.require)
    lines = ["version: 1", "project: sample"]
    if sample.sources:
        lines.append(f"sources: {json.dumps(sample.sources)}")
    lines += ["levels:", "  1:", f"    gates: {json.dumps({**gates, GATE: own})}", ""]
    return "\n".join(lines)


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
