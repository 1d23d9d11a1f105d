import os
import subprocess
import sys

import click
import pytest
from cli.conftest import Gates

from gates import __version__
from gates.cli import main
from gates.cli.main import COMMANDS
from gates.domain.errors import ConfigError, Problem, StageError


def test_the_version(gates: Gates) -> None:
    assert gates("--version").out == f"gates {__version__}\n"
    assert gates("-C", ".", "--version").out == f"gates {__version__}\n"


def test_the_help_lists_every_command_and_the_exit_codes(gates: Gates) -> None:
    text = gates("--help").out
    assert all(name in text for name in COMMANDS)
    assert "Exit codes: 0 passed, 1 failed, 2 usage or configuration" in " ".join(text.split())


def test_each_command_has_help(gates: Gates) -> None:
    for name in COMMANDS:
        done = gates(name, "--help")
        assert done.code == 0, done.err
        assert done.out.startswith("Usage: ")


def test_a_defect_is_neither_a_pass_nor_a_failure(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    (gates.repo.root / "gates.yaml").unlink()
    (gates.repo.root / "gates.yaml").mkdir()
    done = gates("check")
    assert done.code in {2, 3}
    assert "error[" in done.err


@pytest.mark.parametrize("arguments", [("stages",), ("--help",), ("schema",), ("plan", "--help")])
def test_a_reader_that_went_away_is_no_verdict(gates: Gates, arguments: tuple[str, ...]) -> None:
    environ = {**os.environ, **gates.repo.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "gates", *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (RuntimeError("lost \x1b[31m"), 3, "error[internal-error]"),
        (KeyboardInterrupt(), 130, ""),
        (click.exceptions.Abort(), 130, ""),
        (click.UsageError("no such thing"), 2, "no such thing"),
        (ConfigError(Problem("s", "not so")), 2, "error[s]: not so"),
        (StageError("s", "not so"), 3, "error[s]: not so"),
    ],
)
def test_each_way_to_end_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    words: str,
) -> None:
    def breaks(*arguments: object, **more: object) -> None:
        del arguments, more
        raise error

    monkeypatch.setattr(main.group, "main", breaks)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == code
    assert words in capsys.readouterr().err


def test_a_screen_that_cannot_show_a_character_costs_no_verdict(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    done = gates("plan", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "\\xb7" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--gate", "\x1b]0;owned\x07lint"),
        ("check", "--level", "\x1b[31m2"),
        ("check", "--report", "\x1b[31m"),
        ("\x1b[31mcheck",),
        ("stages", "\x9b31mruff"),
    ],
)
def test_what_the_command_line_holds_steers_no_terminal(
    gates: Gates, arguments: tuple[str, ...]
) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    done = gates(*arguments)
    assert done.code == 2
    assert done.err
    assert not {"\x1b", "\x07", "\x9b"} & set(done.err + done.out)


def test_a_secret_on_the_command_line_is_not_repeated(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    for arguments in (("check", "--changed-from", "hunter2-secret"), ("hunter2-secret",)):
        done = gates(*arguments, API_TOKEN="hunter2-secret")
        assert done.code in {2, 3}
        assert "***" in done.err
        assert "hunter2" not in done.err + done.out


def test_the_name_of_a_folder_steers_no_terminal(gates: Gates) -> None:
    folder = gates.repo.root / "a\x1b]0;owned\x07b"
    folder.mkdir()
    (folder / "gates.yaml").write_text("version: 1\nlevels:\n  1: [ruff]\n")
    done = gates("-C", str(folder), "plan")
    assert done.code == 0
    assert not {"\x1b", "\x07"} & set(done.out)


@pytest.mark.parametrize(("code", "ends"), [(1, 1), (None, 3), ("words", 3)])
def test_a_command_that_ends_the_process_keeps_its_code(
    monkeypatch: pytest.MonkeyPatch, code: object, ends: int
) -> None:
    def leaves(*arguments: object, **more: object) -> None:
        del arguments, more
        raise SystemExit(code)

    monkeypatch.setattr(main.group, "main", leaves)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == ends
