"""Each workflow, action and file for a CI system that is here, or that we write, is taken there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from workflows.validators import (
    actionlint_problems,
    sarif_problems,
    schema_problems,
    scripts,
    shellcheck_problems,
    zizmor_problems,
)

from gates import __version__
from gates.cli.action_inputs import PREFIX, Inputs
from gates.survey import ci_files
from gates.survey.ci_files import Project
from gates.survey.ci_install import installation

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
DEPENDABOT = ROOT / ".github" / "dependabot.yml"

PIN = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+){2}")
LOCKS = ("uv.lock", "poetry.lock", "requirements.txt", "package-lock.json", "none")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `init --ci` writes for each kind of project, each in a repository of its own."""
    top = tmp_path_factory.mktemp("written")
    for lock in LOCKS:
        project = top / f"project-{lock.replace('.', '-')}"
        project.mkdir()
        (project / lock).write_text("x")
        found = installation(project, has_environment=False)
        for folder in ("", "services/a"):
            said = Project(folder=folder, branch="main", levels=(1, 2, 3), installation=found)
            place = project / (folder or "top")
            for file in (*ci_files.github(said), *ci_files.gitlab(said, is_beside=False)):
                path = place / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(file.text)
    return top


def files(top: Path, name: str) -> list[Path]:
    found = sorted(top.rglob(name))
    assert found
    return found


def test_the_schemas_hold() -> None:
    assert schema_problems("github-workflows", *WORKFLOWS) == ""
    assert schema_problems("github-actions", ACTION) == ""
    assert schema_problems("dependabot", DEPENDABOT) == ""


def test_the_schemas_hold_for_what_we_write(written: Path) -> None:
    assert schema_problems("github-workflows", *files(written, "gates*.yml")) == ""
    assert schema_problems("gitlab-ci", *files(written, ".gitlab-ci.yml")) == ""


def test_a_schema_that_does_not_hold_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("on: push\njobs: {a: {runs: x}}\n")
    assert schema_problems("github-workflows", tmp_path / "a.yml")


def test_nothing_is_weak(written: Path) -> None:
    assert zizmor_problems(ACTION, DEPENDABOT, *WORKFLOWS) == ""
    assert zizmor_problems(*files(written, "gates*.yml")) == ""


def test_what_is_weak_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v7}]}}\n"
    )
    assert "unpinned" in zizmor_problems(tmp_path / "a.yml")


def test_the_workflows_mean_something(written: Path, tmp_path: Path) -> None:
    every = [*WORKFLOWS, *files(written, "gates*.yml")]
    for number, path in enumerate(every):
        # Actionlint looks up a reusable workflow beside the one that calls it.
        (tmp_path / f"{number}.yml").write_bytes(path.read_bytes())
    assert actionlint_problems(tmp_path) == []


def test_what_means_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "on: push\njobs: {a: {runs-on: ubuntu-24.04, needs: b, steps: [{run: x}]}}\n"
    )
    assert len(actionlint_problems(tmp_path)) == 1


def test_no_script_is_doubtful(written: Path) -> None:
    every = [ACTION, *WORKFLOWS, *files(written, "*.yml")]
    found = {script for path in every for script in scripts(path)}
    assert len(found) > 5
    told = shellcheck_problems("\n".join(f"(\n{script}\n)" for script in sorted(found)))
    assert told == ""
    assert shellcheck_problems((ROOT / ".github" / "action" / "install.sh").read_text()) == ""


def test_a_doubtful_script_is_told() -> None:
    assert "SC2086" in shellcheck_problems("rm -r $1/${{ inputs.x }}")


def test_findings_that_github_would_not_take_are_told(tmp_path: Path) -> None:
    result = {"ruleIndex": 7, "message": {"text": "m"}, "locations": []}
    run = {"tool": {"driver": {"name": "gates"}}, "results": [result]}
    (tmp_path / "a.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    assert sarif_problems(tmp_path / "a.sarif")


def uses(path: Path) -> Iterator[str]:
    for line in path.read_text().splitlines():
        found = re.fullmatch(r"\s*(?:- )?uses: (.*)", line)
        if found and not found[1].startswith("./"):
            yield found[1]


def test_each_foreign_action_is_pinned_by_its_commit(written: Path) -> None:
    every = [ACTION, *WORKFLOWS, *files(written, "gates*.yml")]
    found = {each for path in every for each in uses(path)}
    assert [each for each in found if not PIN.fullmatch(each)] == []
    # One version of each, here and in what we write.
    names = [each.partition("@")[0] for each in found]
    assert sorted(names) == sorted(set(names))


def test_no_input_becomes_part_of_a_script() -> None:
    for path in (ACTION, *WORKFLOWS):
        for script in scripts(path):
            assert "${{" not in script, path.name


def test_the_steps_hand_over_each_input_that_is_read_and_no_token_to_the_tools() -> None:
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    given = {
        step["run"].split()[-1]: {name for name in step["env"] if name.startswith(PREFIX)}
        for step in steps
        if "gates.cli.action" in step.get("run", "")
    }
    # A program can read the environment of the process that started it.
    assert given["install"] == {f"{PREFIX}LEVEL", f"{PREFIX}INSTALL"}
    assert given["fetch"] - given["check"] == {f"{PREFIX}TOKEN", f"{PREFIX}INSTALL"}
    names = {name.removeprefix(PREFIX).lower() for name in given["fetch"]}
    assert names == set(Inputs.__dataclass_fields__) - {"shards", "shard"}


def test_no_python_is_started_in_a_checkout_that_could_bring_its_modules(written: Path) -> None:
    every = [ACTION, *WORKFLOWS, *files(written, "gates*.yml"), *files(written, ".gitlab-ci.yml")]
    lines = {line.strip() for path in every for each in scripts(path) for line in each.splitlines()}
    started = {line for line in lines if re.search(r"(python3?|pip)\b.* -m |/pip\"? ", line)}
    own = {line for line in started if "gates" in line}
    assert own
    assert [line for line in own if not re.search(r"python3?\"? -I ", line)] == []


@pytest.mark.parametrize("name", ["judge.yml", "pull-request.yml", "daily.yml", "weekly.yml"])
def test_the_reusable_workflows_install_this_version(name: str) -> None:
    text = (ROOT / ".github" / "workflows" / name).read_text()
    assert f"default: gates=={__version__}\n" in text


def test_the_required_check_runs_whatever_became_of_the_shards() -> None:
    gates = yaml.safe_load((ROOT / ".github" / "workflows" / "judge.yml").read_text())["jobs"][
        "gates"
    ]
    assert (gates["name"], gates["if"], gates["needs"]) == ("gates", "always()", ["plan", "shard"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_empty_at_the_top(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] == {}
