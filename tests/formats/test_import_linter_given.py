from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_given import Given, parse

DATA = "import_linter/2.16"
NAMES = (
    "Layers",
    "Core stands :smile:\n[bold]KEPT alone[/bold] (really)",
    "No json",
    "Independent",
    "Every package has its place",
    "No cycles",
    "Store is protected",
)
"""The second as it may stand in a configuration: import-linter prints it with rich."""

CLEAN = recorded(f"{DATA}/clean.txt") + b"exit code 0\n"
FINDINGS = recorded(f"{DATA}/findings.txt") + b"exit code 1\n"


def judged(data: bytes, *contracts: str) -> Given:
    config = ImportLinterConfig(name="pyproject.toml", roots=("shop",), contracts=contracts)
    return parse(data, config, what="lint.txt")


def test_recorded_runs_are_read() -> None:
    clean, findings = judged(CLEAN, "No json"), judged(FINDINGS, *NAMES)

    assert (clean.exit_code, clean.outcome.files, clean.outcome.kept) == (0, 7, (True,))
    assert (findings.exit_code, findings.outcome.kept.count(False)) == (1, 6)


def test_they_are_refused_wherever_they_are_cut() -> None:
    refuses_every_cut(lambda data: judged(data, "No json"), CLEAN)
    refuses_every_cut(lambda data: judged(data, *NAMES), FINDINGS)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not end with the line"),
        (b"\xff", "does not end with the line"),
        (recorded(f"{DATA}/clean.txt"), "does not end with the line"),
        (CLEAN.replace(b"code 0", b"code 2"), "ended with exit code 2"),
        (CLEAN.replace(b"1 kept", b"2 kept"), "does not add up"),
        (CLEAN + CLEAN, "does not add up"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says):
        judged(data, "No json")


def test_a_run_that_could_not_check_is_no_result() -> None:
    data = recorded(f"{DATA}/syntax.txt") + b"exit code 1\n"

    with pytest.raises(StageError, match="it says: Syntax error"):
        judged(data, "No json")


@pytest.mark.parametrize(
    ("contracts", "says"),
    [
        (("Others",), "the contract `No json` where `pyproject.toml` holds `Others`"),
        (("No json", "More"), "the contract no more where `pyproject.toml` holds `More`"),
        ((), "the contract `No json` where `pyproject.toml` holds no more"),
    ],
)
def test_a_report_of_other_contracts_is_refused(contracts: tuple[str, ...], says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says) as caught:
        judged(CLEAN, *contracts)
    assert caught.value.problem.slug == "foreign-report"


@pytest.mark.parametrize(
    "name", ["No json [x]", "[bold]No[/bold] json", "No [x] json", ":a: No json"]
)
def test_what_is_printed_in_another_way_is_the_same_contract(name: str) -> None:
    assert judged(CLEAN, name).exit_code == 0
