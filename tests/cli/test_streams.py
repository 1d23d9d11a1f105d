from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import KEPT, Ended, Gates

from gates.cli.streams import (
    DoorStream,
    OutputUnwritten,
    ReaderGone,
    StandardError,
    StandardOutput,
    finish,
    guard,
    guarded,
    write_commands,
)

POLICY = """\
version: 1
project: p
levels:
  1:
    gates:
      one: {uses: command, with: {run: COMMAND, examined: exit-status}}
"""


def redirected(gates: Gates, redirection: str, *arguments: str, **environ: str) -> Ended:
    """A command whose standard streams a shell closed or sent elsewhere."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    coverage = {key: text for key, text in os.environ.items() if key.startswith("COV")}
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-m", "gates", *arguments],
        cwd=gates.repo.root,
        env={**gates.repo.environ, **kept, **coverage, **environ},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def policy(gates: Gates, command: str) -> None:
    gates.policy(POLICY.replace("COMMAND", command))


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize(("command", "code"), [("/bin/true", 0), ("/bin/false", 1)])
def test_closed_streams_cost_no_verdict(
    gates: Gates, redirection: str, command: str, code: int
) -> None:
    policy(gates, command)
    done = redirected(gates, redirection, "check")
    assert (done.code, done.err) == (code, "")
    assert ("exit code" in done.out) is (">&-" not in redirection.replace("2>&-", ""))


@pytest.mark.parametrize(
    "arguments",
    [("check",), ("plan",), ("stages",), ("schema",), ("report", "json"), ("report", "console")],
)
def test_output_that_cannot_be_written_is_one_error(
    gates: Gates, arguments: tuple[str, ...]
) -> None:
    policy(gates, "/bin/true")
    assert gates("check").code == 0
    done = redirected(gates, ">/dev/full", *arguments)
    assert done.code == 3
    assert done.err == (
        "error[output-unwritten]: standard output could not be written: No space left on device\n"
    )
    assert redirected(gates, ">/dev/full 2>/dev/full", *arguments).code == 3


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", ">/dev/full 2>/dev/full"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("check", "--gate", "nope"), 2), (("nope",), 2), (("report", "json"), 2)],
)
def test_an_error_that_cannot_be_shown_keeps_its_exit_code(
    gates: Gates, redirection: str, arguments: tuple[str, ...], code: int
) -> None:
    policy(gates, "/bin/true")
    done = redirected(gates, redirection, *arguments)
    assert (done.code, done.out, done.err) == (code, "", "")


def test_bytes_reach_the_stream_or_become_our_errors(tmp_path: Path) -> None:
    with StandardOutput(str(tmp_path / "out"), "w") as stream:
        assert stream.write(b"abc") == 3
    with StandardOutput("/dev/full", "w") as full, pytest.raises(OutputUnwritten, match="No space"):
        full.write(b"abc")
    far, near = os.pipe()
    os.close(far)
    with StandardOutput(near, "w") as pipe, pytest.raises(ReaderGone):
        pipe.write(b"abc")
    with StandardError("/dev/full", "w") as full:
        assert full.write(b"abc") == 3
    with StandardError(str(tmp_path / "err"), "w") as stream:
        assert stream.write(b"ab") == 2
    assert [(tmp_path / name).read_bytes() for name in ("out", "err")] == [b"abc", b"ab"]


def test_a_stream_that_is_not_there_swallows_everything() -> None:
    with guarded(None, StandardOutput, 1) as stream:
        assert stream.write("\ud800 \N{MIDDLE DOT}") == 3
        stream.flush()


def test_other_streams_stay(tmp_path: Path) -> None:
    kept = io.StringIO()
    assert guarded(kept, StandardOutput, 1) is kept
    with (tmp_path / "out").open("w", encoding="ascii") as file:
        assert guarded(file, StandardOutput, 1) is file
        file.write("\N{MIDDLE DOT}")
    assert (tmp_path / "out").read_text() == "\\xb7"


def test_pythons_own_stream_keeps_its_encoding(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as file:
        with guarded(file, StandardOutput, file.fileno()) as stream:
            assert stream is not file
            assert stream.encoding == "ascii"
            stream.write("\N{MIDDLE DOT}")
        assert not file.closed
    assert (tmp_path / "out").read_text() == "\\xb7"


def test_guarding_leaves_streams_of_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    guard()
    sys.stdout.write("shown")
    finish()
    assert capsys.readouterr().out == "shown"


def doored(path: Path) -> DoorStream:
    like = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    return DoorStream(io.FileIO(path, "w"), like)


def test_in_ci_no_line_is_a_command_but_those_that_are_meant(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with doored(path) as stream:
        assert stream.write("::error::forged\n") == 16
        stream.writelines(["a ##[x]\n", ":", ":y::"])
        stream.write_commands("::error::ours\n")
        stream.write("  ")
        stream.write_commands("::notice::ours\n")
        print("::warning::forged", file=stream)
    assert path.read_text() == (
        ": :error::forged\na # #[x]\n: :y::\n::error::ours\n  ::notice::ours\n: :warning::forged\n"
    )


def test_what_the_stream_cannot_hold_is_written_with_escapes(tmp_path: Path) -> None:
    with doored(tmp_path / "out") as stream:
        stream.write("\ud800")
    assert (tmp_path / "out").read_text() == "\\ud800"


def test_commands_go_to_standard_output_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = io.StringIO()
    monkeypatch.setattr(sys, "stdout", other)
    write_commands("::error::x\n")
    assert other.getvalue() == "::error::x\n"
    with doored(tmp_path / "out") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        write_commands("::error::x\n")
    assert (tmp_path / "out").read_text() == "::error::x\n"


@pytest.mark.parametrize(("ci", "kind"), [("true", DoorStream), ("", io.TextIOWrapper)])
def test_only_a_ci_system_needs_the_door(
    monkeypatch: pytest.MonkeyPatch, ci: str, kind: type[io.TextIOWrapper]
) -> None:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CI", ci)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as other:
        made = guarded(other, StandardOutput, other.fileno())
    assert type(made) is kind
