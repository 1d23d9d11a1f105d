from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli.conftest import KEPT, Gates

from gates.cli.completion import (
    COMPLETED,
    INSTALL,
    OPTIONS,
    Known,
    attach,
    kept_names,
    written_names,
)
from gates.cli.main import COMMANDS, group
from gates.cli.outputs import FORMATS
from gates.stages import BUILT_IN

POLICY = """\
version: 1
levels:
  1:
    name: Automated
    gates: {lint: ruff, "format": ruff-format, tests: pytest}
  2: [mypy, {name: fast, uses: load}, {uses: locust}, 7, {with: {}}]
"""
BASH = shutil.which("bash") or ""
NAMES = ["lint", "format", "tests", "mypy", "fast", "locust"]


class Bash:
    """Runs the completion function of bash as a TAB would."""

    def __init__(self, gates: Gates, folder: Path) -> None:
        self.gates = gates
        self.program = folder / "gates"
        self.program.write_text(
            f"#!{sys.executable}\nfrom gates.__main__ import main\nmain()\n", encoding="utf-8"
        )
        self.program.chmod(0o755)
        self.script = folder / "gates.bash"
        self.script.write_text(gates("completion", "bash").out, encoding="utf-8")

    def __call__(self, *words: str) -> list[str]:
        """The candidates for the last of these words."""
        line = " ".join(map(shlex.quote, ("gates", *words)))
        script = (
            f". {shlex.quote(str(self.script))}\n"
            "compopt() { :; }\n"  # only inside a real TAB
            f"COMP_WORDS=({line})\nCOMP_CWORD={len(words)}\nCOMPREPLY=()\n"
            "_gates_completion gates\n"
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        coverage = {key: text for key, text in os.environ.items() if key.startswith("COV")}
        path = f"{self.program.parent}{os.pathsep}{kept['PATH']}"
        done = subprocess.run(
            [BASH, "--norc", "--noprofile", "-c", script],
            cwd=self.gates.repo.root,
            env={**self.gates.repo.environ, **kept, **coverage, "PATH": path},
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert done.stderr == b""
        return done.stdout.decode().split()


@pytest.fixture
def bash(gates: Gates, tmp_path: Path) -> Bash:
    if not BASH:
        pytest.skip("no bash here")
    folder = tmp_path / "bin"
    folder.mkdir()
    return Bash(gates, folder)


def test_bash_completes_commands_and_their_options(bash: Bash) -> None:
    assert sorted(bash("")) == sorted(COMMANDS)
    assert bash("ex") == ["explain"]
    assert "--gate" in bash("check", "--")


def test_bash_completes_what_gates_yaml_names(bash: Bash) -> None:
    bash.gates.policy(POLICY)
    assert bash("check", "--gate", "") == NAMES
    assert bash("check", "--gate", "f") == ["format", "fast"]
    assert bash("plan", "--gate", "lin") == ["lint"]
    assert bash("explain", "t") == ["tests"]


LISTING = """\
import sys
sys.argv = ["gates"]
from gates.__main__ import main
try:
    main()
finally:
    heavy = {"yaml", "pydantic", "pydantic_core", "rich", "subprocess"} & set(sys.modules)
    print(*sorted(heavy), file=sys.stderr)
"""


def asked(gates: Gates, words: str, folder: str = ".") -> tuple[list[str], str]:
    """What a TAB behind `gates check --gate ` is told, and the heavy modules that were loaded."""
    line = f"gates {words}"
    asking = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", LISTING],
        cwd=gates.repo.root / folder,
        env={**gates.repo.environ, **asking, "_GATES_COMPLETE": "bash_complete"},
        capture_output=True,
        check=False,
    )
    told = done.stdout.decode().splitlines()
    return [line.partition(",")[2] for line in told], done.stderr.decode().strip()


def test_names_come_from_the_kept_plan_without_a_reader_of_yaml(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff, mypy]\n")
    assert asked(gates, "check --gate ") == (["ruff", "mypy"], "yaml")
    assert gates("plan").code == 0
    assert asked(gates, "check --gate ") == (["ruff", "mypy"], "")


def test_a_kept_plan_answers_only_for_the_gates_yaml_that_stands_here(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    assert gates("plan").code == 0
    gates.policy("version: 1\nlevels:\n  1: [mypy]\n")
    assert asked(gates, "plan --gate ") == (["mypy"], "yaml")
    gates.repo.write("inner/gates.yaml", "version: 1\nlevels:\n  1: [bandit]\n")
    assert asked(gates, "plan --gate ", "inner") == (["bandit"], "yaml")
    assert gates("-C", "inner", "plan").code == 0
    assert asked(gates, "plan --gate ", "inner") == (["bandit"], "")


def test_a_kept_plan_that_is_damaged_answers_nothing(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    assert gates("plan").code == 0
    (kept,) = (gates.repo.root / ".git" / "gates").glob("*/plans/*.json")
    kept.chmod(0o600)
    kept.write_bytes(kept.read_bytes()[:-9])
    assert asked(gates, "plan --gate ") == (["ruff"], "yaml")


def test_without_git_the_file_is_read(tmp_path: Path) -> None:
    assert kept_names(tmp_path / "gates.yaml", b"") == ()


def test_the_commands_of_a_group_are_completed_too() -> None:
    @click.group(name="some")
    def some() -> None: ...

    @some.command(name="diff")
    @click.option("--report", "reports", multiple=True)
    @click.argument("reports_read", nargs=-1)
    def diff(**given: object) -> None: ...

    attach(some)
    kinds = [isinstance(param.type, Known) for param in diff.params]
    assert kinds == [True, False]


def test_files_stay_files() -> None:
    command = group.get_command(click.Context(group), "stamp")
    assert command is not None
    attach(command)
    assert not any(isinstance(param.type, Known) for param in command.params)


FISH, ZSH = shutil.which("fish") or "", shutil.which("zsh") or ""

# Only zsh's own completion knows these; both here say what the script hands over.
ZSH_STUBS = """\
compdef() { :; }
compadd() { print -l -- $completions; }
_describe() { print -l -- $completions_with_descriptions; }
"""


@pytest.mark.skipif(not FISH, reason="no fish here, so its script was not run")
def test_fish_completes(bash: Bash, tmp_path: Path) -> None:
    bash.gates.policy(POLICY)
    script = tmp_path / "gates.fish"
    script.write_text(bash.gates("completion", "fish").out, encoding="utf-8")
    done = subprocess.run(
        [FISH, "--no-config", "-c", f"source {script}; complete -C 'gates check --gate f'"],
        cwd=bash.gates.repo.root,
        env={**os.environ, "PATH": f"{bash.program.parent}:{os.environ['PATH']}"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split() == ["fast", "format"]


@pytest.mark.skipif(not ZSH, reason="no zsh here, so its script was not run")
def test_zsh_completes(bash: Bash, tmp_path: Path) -> None:
    bash.gates.policy(POLICY)
    script = tmp_path / "gates.zsh"
    script.write_text(bash.gates("completion", "zsh").out, encoding="utf-8")
    asking = "words=(gates check --gate f)\nCURRENT=4\n_gates_completion\n"
    done = subprocess.run(
        [ZSH, "-f", "-c", f"{ZSH_STUBS}source {script}\n{asking}"],
        cwd=bash.gates.repo.root,
        env={**os.environ, "PATH": f"{bash.program.parent}:{os.environ['PATH']}"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split() == ["format", "fast"]


def test_bash_completes_in_the_folder_that_was_named(bash: Bash) -> None:
    bash.gates.repo.write("inner/gates.yaml", "version: 1\nlevels:\n  1: [bandit]\n")
    assert bash("-C", "inner", "explain", "") == ["bandit"]
    assert bash("-C", "none", "explain", "") == []


def test_bash_completes_stages_and_formats(bash: Bash) -> None:
    assert bash("stages", "p") == sorted(name for name in BUILT_IN if name.startswith("p"))
    assert "check" in bash("stages", "c")
    assert "check" not in bash("stages", "check", "c")
    assert bash("report", "") == list(FORMATS)
    assert bash("check", "--report", "j") == ["json", "junit"]
    assert bash("check", "--level", "") == ["1", "2", "3"]


def test_bash_completes_records_the_newest_first(bash: Bash) -> None:
    bash.gates.policy(POLICY)
    ids = ["20260101T000000Z-aaaaaa", "20260201T000000Z-bbbbbb"]
    for name in ids:
        (bash.gates.repo.root / ".gates" / "local" / "runs" / name).mkdir(parents=True)
    assert bash("report", "json", "--record", "") == ids[::-1]
    assert bash("explain", "--record", "202602") == ids[1:]


@pytest.mark.parametrize(
    "policy",
    [
        None,
        b"",
        b"\xff\xfe",
        b"levels: [",
        b"levels: 7",
        b"levels: {1: {gates: 7}, 2: null, 3: [[ruff]]}",
        b'levels: {1: ["a b", "$(x)", "*", "\\e[31m"]}',
    ],
)
def test_a_gates_yaml_that_cannot_be_read_completes_nothing(
    bash: Bash, policy: bytes | None
) -> None:
    if policy is not None:
        (bash.gates.repo.root / "gates.yaml").write_bytes(policy)
    assert bash("check", "--gate", "") == []
    assert bash("report", "json", "--record", "") == []


def test_the_names_of_a_file_that_is_wrong_elsewhere_are_read() -> None:
    assert list(written_names(POLICY.encode() + b"unknown: 010\n")) == NAMES


@pytest.mark.parametrize("shell", INSTALL)
def test_the_script_says_how_to_install_it(gates: Gates, shell: str) -> None:
    done = gates("completion", shell)
    assert done.code == 0
    lines = done.out.splitlines()
    assert f"# To install: {INSTALL[shell]}" in lines[:2]
    assert f"_GATES_COMPLETE={shell}_complete" in done.out
    if shell == "zsh":
        assert lines[0] == "#compdef gates"
    if program := shutil.which(shell):
        checked = subprocess.run([program, "-n"], input=done.out.encode(), check=False)
        assert checked.returncode == 0


def test_an_unknown_shell_is_a_usage_error(gates: Gates) -> None:
    assert gates("completion", "tcsh").code == 2


def test_each_parameter_that_is_completed_is_there() -> None:
    for name, param in COMPLETED:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert param in {each.name for each in command.params}
    names = {
        param.name
        for name in COMMANDS
        if (command := group.get_command(click.Context(group), name)) is not None
        for param in command.params
    }
    assert set(OPTIONS) <= names


def test_a_variable_left_in_the_environment_lets_nothing_pass(gates: Gates) -> None:
    gates.policy(
        'version: 1\nlevels:\n  1:\n    - {uses: command, with: {run: "false",'
        " examined: exit-status}}\n"
    )
    for variable in ("_GATES_COMPLETE", "_PYTHON _M_GATES_COMPLETE"):
        done = gates("check", **{variable: "bash_source"})
        assert done.code == 1
        assert "failed" in done.out


def test_a_run_loads_nothing_of_it(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    script = (
        "import sys\nsys.argv = ['gates', 'plan']\ntry:\n    from gates.__main__ import main\n"
        "    main()\nfinally:\n"
        "    loaded = {'gates.cli.completion', 'click.shell_completion'} & set(sys.modules)\n"
        "    print(sorted(loaded), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=gates.repo.root,
        env={**gates.repo.environ, "PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr.decode().splitlines()[-1] == "[]"
