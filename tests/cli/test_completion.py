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

from gates.cli.completion import COMPLETED, INSTALL, written_names
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
