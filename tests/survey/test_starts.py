import os
import sys
from pathlib import Path

import pytest
from survey.scenes import Ground

from gates.domain.stage_result import Tool
from gates.domain.survey import SeenTool
from gates.survey import starts
from gates.survey.starts import Starts


def seen(path: Path, version: str = "") -> SeenTool:
    tool = Tool(name=path.name, version=version, path=str(path), how=".venv")
    return Starts({"PATH": os.environ["PATH"]}).look(tool)


@pytest.fixture
def all_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every start counts as slow, so that no busy machine decides a test."""
    monkeypatch.setattr(starts, "SLOW_S", -1.0)


@pytest.fixture
def none_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starts, "SLOW_S", 1e9)


@pytest.mark.usefixtures("none_slow")
def test_a_quick_start_needs_no_reason(place: Ground) -> None:
    found = seen(place.program(place.home / "tool", "echo tool, version 1.2.3"))
    assert (found.version, found.slow, found.hint) == ("1.2.3", "", "")
    assert found.seconds is not None
    assert found.seconds > 0


@pytest.mark.usefixtures("none_slow")
def test_a_version_that_is_known_stays(place: Ground) -> None:
    assert seen(place.program(place.home / "tool", "echo 1.2"), "9.9").version == "9.9"
    assert seen(place.program(place.home / "mute", "exit 0")).version == ""


def test_a_program_that_fails_is_told(place: Ground) -> None:
    found = seen(place.program(place.home / "tool", "exit 7"))
    assert found.slow == "`--version` ended with exit code 7"
    assert found.seconds is None


def test_a_program_that_does_not_start_is_told(place: Ground) -> None:
    found = seen(place.program(place.home / "tool", "", interpreter="/nowhere/python"))
    assert found.slow.startswith("it does not start: ")


@pytest.mark.usefixtures("none_slow")
@pytest.mark.parametrize(
    ("name", "script", "reason"),
    [
        ("tool", 'echo 1.0\n: pyenv exec "$0"', "a shim"),
        (".pyenv/shims/tool", "echo 1.0", "a shim"),
        ("tool", "echo 1.0\n: uv run tool", "a script around `uv run`"),
        ("tool", "echo 1.0\n: docker run image", "a script around `docker run`"),
    ],
)
def test_shims_and_wrappers_are_told_however_quick(
    place: Ground, name: str, script: str, reason: str
) -> None:
    found = seen(place.program(place.home / name, script))
    assert found.slow.startswith(reason)
    assert found.hint


@pytest.mark.usefixtures("all_slow")
def test_a_slow_program_of_another_kind(place: Ground) -> None:
    found = seen(place.program(place.home / "tool", "echo 1.0"))
    assert (found.slow, found.hint) == ("", "")


def python_tool(place: Ground) -> Path:
    path = place.root / ".venv" / "bin" / "tool"
    return place.program(path, "print('1.0')", interpreter=sys.executable)


@pytest.mark.usefixtures("all_slow")
def test_a_package_without_byte_code_is_told(place: Ground) -> None:
    made = place.environment({})
    package = made / "lib" / "python3.11" / "site-packages" / "tool"
    package.mkdir()
    found = seen(python_tool(place))
    assert found.slow == "its package has no byte-code, so each start compiles it"
    assert found.hint.endswith(f"-m compileall -q {made}/lib")
    (package / "__pycache__").mkdir()
    assert "byte-code" not in seen(python_tool(place)).slow


@pytest.mark.usefixtures("all_slow")
def test_a_slow_interpreter_is_told_with_what_it_runs_first(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = place.environment({})
    site = made / "lib" / "python3.11" / "site-packages"
    (site / "hook.pth").write_text("import os\n")
    (site / "path.pth").write_text("/elsewhere\n")
    monkeypatch.setattr(starts, "SLOW_INTERPRETER_S", -1.0)
    found = seen(python_tool(place))
    assert found.slow.startswith("its interpreter alone takes ")
    assert found.slow.endswith("; it runs hook.pth first")


@pytest.mark.usefixtures("all_slow")
@pytest.mark.parametrize("script", ["exit 0", None])
def test_else_the_tool_itself_is_slow(
    place: Ground, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    made = place.environment({})
    monkeypatch.setattr(starts, "SLOW_INTERPRETER_S", 1e9)
    python = made / "bin" / "python"
    if script is None:
        python.unlink()
    assert seen(python_tool(place)).slow == ""


@pytest.mark.usefixtures("all_slow")
def test_an_interpreter_that_does_not_start_is_no_reason(place: Ground) -> None:
    made = place.environment({})
    place.program(made / "bin" / "python", "", interpreter="/nowhere/sh")
    assert seen(python_tool(place)).slow == ""


def test_a_program_that_went_away_has_no_head(tmp_path: Path) -> None:
    assert starts._head(str(tmp_path / "gone")) == b""
