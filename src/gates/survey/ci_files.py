"""The files by which a CI system runs `gates`, for `gates init --ci`.

Each foreign action is pinned by its commit, with its version as a comment, and `gates` by its
version. Nothing that an outsider can write, such as the name of a branch, becomes part of a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gates import __version__
from gates.survey.ci_install import Command, Installation

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0"
NODE = "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0"
UV = "astral-sh/setup-uv@20cfd1bf945f4377ade1205e4dbc17946fc9a30d # v10.0.1"
UPLOAD = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1"

POETRY = "poetry==2.4.1"
PYTHON_VERSION = "3.12"
NODE_VERSION = "22"

GITHUB_FOLDER = ".github/workflows"
GITLAB_FILE = ".gitlab-ci.yml"
GITLAB_BESIDE = "gates.gitlab-ci.yml"
"""Where the GitLab file goes when there is one already."""

_NAMES = {1: "gates", 2: "gates-daily", 3: "gates-weekly"}
_TIMES = {2: "17 3 * * *", 3: "43 4 * * 1"}
_WHEN = {1: "each change", 2: "the default branch once a day", 3: "the default branch once a week"}
_MINUTES = {1: 30, 2: 120, 3: 350}


@dataclass(frozen=True, slots=True)
class CiFile:
    """A file to be written: its path from the top of the repository, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What the files are about.

    Attributes:
        folder: that of gates.yaml from the top of the repository; empty for the top.
        branch: the default branch.
        levels: those that gates.yaml has.
        installation: how its tools are installed.
    """

    folder: str
    branch: str
    levels: tuple[int, ...]
    installation: Installation


def github(project: Project) -> tuple[CiFile, ...]:
    """A workflow for each level that gates.yaml has."""
    return tuple(
        CiFile(f"{GITHUB_FOLDER}/{_NAMES[level]}.yml", _workflow(project, level))
        for level in project.levels
    )


def github_by_hand(project: Project) -> tuple[str, ...]:
    """What the settings of the repository must say, which no file can."""
    policy = _below(project.folder, "gates.yaml")
    return (
        f"require the check `gates` for {project.branch}: Settings, Rules, Rulesets",
        (
            f"name owners in .github/CODEOWNERS of /{policy}, /{_below(project.folder, '.gates/')}"
            " and /.github/, and require their review"
        ),
        "a pull request runs its own workflow file: only rules and owners keep it from changing it",
    )


def gitlab(project: Project, *, is_beside: bool) -> tuple[CiFile, ...]:
    """The GitLab file.

    Args:
        project: what it is about.
        is_beside: there is a file of pipelines already, which stays as it is.
    """
    return (CiFile(GITLAB_BESIDE if is_beside else GITLAB_FILE, _pipeline(project)),)


def gitlab_by_hand(*, is_beside: bool) -> tuple[str, ...]:
    """What the settings of the project must say, which no file can."""
    told = (f"add to {GITLAB_FILE}: include: [{{local: {GITLAB_BESIDE}}}]",) if is_beside else ()
    return (
        *told,
        "require pipelines to succeed: Settings, Merge requests, Merge checks",
        "for Levels 2 and 3, add scheduled pipelines with the variable GATES_LEVEL",
    )


def _workflow(project: Project, level: int) -> str:
    name = _NAMES[level]
    head = [
        (
            f"# Judges {_WHEN[level]} at Level {level} by {_below(project.folder, 'gates.yaml')}."
            " Written by `gates init --ci github`."
        ),
        f"name: {name}",
        "",
        *_triggers(project, level),
        "",
        "permissions: {}",
        "",
        *_concurrency(name, level),
        "",
        "jobs:",
        "  gates:",
        f"    name: {name}",
        "    runs-on: ubuntu-24.04",
        f"    timeout-minutes: {_MINUTES[level]}",
        "    permissions:",
        "      contents: read # to check out",
    ]
    if project.folder:
        head += ["    defaults:", "      run:", f"        working-directory: {project.folder}"]
    return "\n".join([*head, "    steps:", *_steps(project, level)]) + "\n"


def _triggers(project: Project, level: int) -> list[str]:
    if level == 1:
        pushed = ["  push:", f"    branches: [{project.branch}]"]
        return ["on:", "  pull_request:", "  merge_group:", *pushed]
    time = ["  schedule:", f'    - cron: "{_TIMES[level]}"', "      timezone: Etc/UTC"]
    return ["on:", *time, "  workflow_dispatch:"]


def _concurrency(name: str, level: int) -> list[str]:
    group = ["concurrency:", f"  group: {name}-${{{{ github.ref }}}}"]
    if level == 1:
        ends = "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}"
        return [*group, ends]
    return [*group, "  queue: max # what was measured is evidence: no run is dropped"]


def _steps(project: Project, level: int) -> list[str]:
    found = project.installation
    lines = [
        *_step("Check out the whole history, which changed lines are found in", CHECKOUT),
        "        with:",
        "          fetch-depth: 0",
        "          persist-credentials: false",
        *_step("Set up Python", PYTHON),
        "        with:",
        f'          python-version: "{PYTHON_VERSION}"',
    ]
    if any(command.argv[0] == "npm" for command in found.commands):
        with_node = ["        with:", f'          node-version: "{NODE_VERSION}"']
        with_node.append("          package-manager-cache: false")
        lines += [*_step("Set up Node.js", NODE), *with_node]
    if "uv" in found.managers:
        lines += [*_step("Set up uv", UV), "        with:", "          enable-cache: false"]
    if found.commands:
        lines += ["      - name: Install the project's tools"]
        if "poetry" in found.managers:
            lines += ["        env:", '          POETRY_VIRTUALENVS_IN_PROJECT: "true"']
        lines += ["        run: |", *_indented(_shell(found.commands, found.managers))]
    return [*lines, *_judging(level)]


def _judging(level: int) -> list[str]:
    lines = [
        "      - name: Install gates",
        "        run: |",
        '          python3 -I -m venv "$RUNNER_TEMP/gates"',
        (
            '          "$RUNNER_TEMP/gates/bin/python" -I -m pip install --quiet'
            f" gates=={__version__}"
        ),
        "      - name: Judge",
    ]
    # Isolated: what the checkout or PYTHONPATH holds under the name of a module is not imported.
    call = ['"$RUNNER_TEMP/gates/bin/python" -I -m gates check', f"--level {level}"]
    call.append("--report github")
    call += [
        f'--report "{format_}=$RUNNER_TEMP/gates-report/{name}"'
        for format_, name in (("json", "run.json"), ("html", "page.html"))
    ]
    if level == 1:
        lines += [
            "        env: # the policy of the base judges the change",
            (
                "          BASE: ${{ github.event.pull_request.base.sha"
                " || github.event.merge_group.base_sha }}"
            ),
        ]
        call.append('${BASE:+--policy-from "$BASE"}')
    script = ['mkdir -p "$RUNNER_TEMP/gates-report"']
    if level == max(_NAMES):
        told = "echo '::notice title=gates::pending: evidence or approval is awaited'"
        script += ["code=0", f"{' '.join(call)} || code=$?"]
        script += [f'if [ "$code" -eq 4 ]; then {told}; code=0; fi', 'exit "$code"']
    else:
        script.append(" ".join(call))
    return [
        *lines,
        "        run: |",
        *_indented(script),
        *_step("Keep record and page", UPLOAD, "always()"),
        "        with:",
        f"          name: {_NAMES[level]}-${{{{ github.run_attempt }}}}",
        "          path: ${{ runner.temp }}/gates-report",
        "          if-no-files-found: ignore",
    ]


def _pipeline(project: Project) -> str:
    folder = f"{project.folder}/" if project.folder else ""
    # Also where GitLab names no base: that is then an error, never the candidate's own policy.
    policy = '${CI_MERGE_REQUEST_IID:+--policy-from "$CI_MERGE_REQUEST_DIFF_BASE_SHA"}'
    reports = {"junit": "junit.xml", "gitlab": "codequality.json", "html": "page.html"}
    call = ["/opt/gates/bin/python -I -m gates check", '--level "$GATES_LEVEL"', policy]
    call += [f"--report {kind}=gates-report/{name}" for kind, name in reports.items()]
    lines = [
        f"# Judges each change by {folder}gates.yaml. Written by `gates init --ci gitlab`.",
        "gates:",
        f"  image: python:{PYTHON_VERSION} # pin it by its digest, as your registry names it",
        "  rules:",
        '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"',
        '    - if: $CI_PIPELINE_SOURCE == "schedule"',
        "    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
        "  variables:",
        '    GATES_LEVEL: "1"',
        '    GIT_DEPTH: "0" # changed lines are found in the whole history',
    ]
    found = project.installation
    if "poetry" in found.managers:
        lines.append('    POETRY_VIRTUALENVS_IN_PROJECT: "true"')
    lines.append("  script:")
    script = [f"cd {project.folder}"] if project.folder else []
    if any(command.argv[0] == "npm" for command in found.commands):
        script.append("apt-get update -qq && apt-get install -y -qq nodejs npm")
    script += _shell(found.commands, found.managers, temp="/opt")
    script += [
        "python3 -I -m venv /opt/gates",
        f"/opt/gates/bin/python -I -m pip install --quiet gates=={__version__}",
    ]
    script += ["mkdir -p gates-report"]
    lines += [f"    - {line}" for line in script]
    lines += ["    - >-", *(f"      {part}" for part in call)]
    return "\n".join([
        *lines,
        "  coverage: '/ line (\\d+(?:\\.\\d+)?) %/'",
        "  artifacts:",
        "    when: always",
        f"    paths: [{folder}gates-report/]",
        "    reports:",
        f"      junit: {folder}gates-report/junit.xml",
        f"      codequality: {folder}gates-report/codequality.json",
        "",
    ])  # fmt: skip


def _shell(
    commands: Sequence[Command], managers: Sequence[str], *, temp: str = "$RUNNER_TEMP"
) -> list[str]:
    """An installation as lines of a shell."""
    import shlex

    lines = []
    place = f'"{temp}/poetry/bin' if "$" in temp else f"{temp}/poetry/bin"
    end = '"' if "$" in temp else ""
    if "poetry" in managers:
        lines += [f"python3 -m venv {place.removesuffix('/bin')}{end}"]
        lines += [f"{place}/pip{end} install --quiet {POETRY}"]
    if "uv" in managers and "$" not in temp:
        lines += [f"python3 -m venv {temp}/uv", f"{temp}/uv/bin/pip install --quiet uv"]
    for command in commands:
        first, *rest = command.argv
        if first == "poetry":
            first = f"{place}/poetry{end}"
        elif first == "uv" and "$" not in temp:
            first = f"{temp}/uv/bin/uv"
        lines.append(f"{first} {shlex.join(rest)}")
    return lines


def _step(name: str, uses: str, condition: str = "") -> list[str]:
    wanted = [f"        if: {condition}"] if condition else []
    return [f"      - name: {name}", *wanted, f"        uses: {uses}"]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"          {line}" for line in lines]


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
