from cli.conftest import Gates

from gates import __version__
from gates.cli.main import COMMANDS


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
