"""What runs attached may print whatever it likes, and commands nothing."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from runner.grammar import Listener

from gates.domain.errors import ToolCrashed
from gates.toolkit.attached import commands_off, run_attached, without_rights

ENV = {"PATH": os.environ["PATH"]}


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", text)


def test_a_step_has_rights_that_its_tools_have_not() -> None:
    environ = {
        "GITHUB_TOKEN": "x",
        "GH_TOKEN": "x",
        "GH_ENTERPRISE_TOKEN": "x",
        "GITHUB_OUTPUT": "x",
        "GITHUB_ENV": "x",
        "GITHUB_PATH": "x",
        "GITHUB_STATE": "x",
        "GITHUB_STEP_SUMMARY": "x",
        "GATES_INPUT_TOKEN": "x",
        "ACTIONS_RUNTIME_URL": "x",
    }
    kept = {"PATH": "/bin", "GITHUB_SHA": "1", "DB_PASSWORD": "x", "UV_INDEX_OWN_PASSWORD": "x"}
    assert without_rights({**environ, **kept}) == kept


def test_no_command_is_obeyed_meanwhile(capfd: pytest.CaptureFixture[str]) -> None:
    forged = "::error::a\\n##[set-output name=x]1\\r::add-mask::0"
    with commands_off():
        code = run_attached(python(f"import sys; sys.stderr.write('{forged}')"), env=ENV)
    sys.stdout.write("::notice::ours\n")
    told = Listener()
    told.feed(capfd.readouterr().out)
    assert code == 0
    assert [each.message for each in told.annotations] == ["ours"]
    assert (told.outputs, len(told.masks)) == ({}, 1)


def test_commands_are_obeyed_again_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ToolCrashed), commands_off():
        run_attached(("/nothing/here",), env=ENV)
    told = Listener()
    told.feed(capfd.readouterr().out)
    assert told.is_listening()


def test_its_output_goes_to_a_file_and_its_messages_to_ours(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = tmp_path / "said"
    text = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert run_attached(python(text), env=ENV, stdout=said) == 3
    assert said.read_text() == "out\n"
    found = capfd.readouterr()
    assert (found.out, found.err) == ("err\n", "")


def test_a_signal_is_told() -> None:
    assert run_attached(python("import os; os.kill(os.getpid(), 9)"), env=ENV) == -9


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_what_a_runner_sends_is_handed_on(name: str) -> None:
    before = signal.getsignal(signal.Signals[name])
    text = (
        "import os, signal, sys, time\n"
        f"signal.signal(signal.{name}, lambda *_: sys.exit(7))\n"
        f"os.kill(os.getppid(), signal.{name})\n"
        "time.sleep(30)\n"
    )
    assert run_attached(python(text), env=ENV) == 7
    assert signal.getsignal(signal.Signals[name]) is before
