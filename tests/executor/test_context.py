from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from executor import stages
from executor.conftest import Runner, scripted
from executor.stages import SH

from gates.domain.run import Run
from gates.domain.status import Status
from gates.executor import context as contexts
from gates.plugin import Context, Examined, Options, Stage, StageResult, Tool, count


def result() -> StageResult:
    return StageResult(
        metrics=(count("errors", 0),), examined=Examined(count=1, unit="files"), tool=SH
    )


class Looking(stages.Shell):
    """Asks its context everything, and notes the answers."""

    uses = "looking"

    def run(self, ctx: Context) -> StageResult:
        answers = {
            "sources": ctx.sources(".py").files,
            "files": ctx.files("*.md"),
            "setting": [ctx.setting("LANG_OF_TEST"), ctx.setting("NOT_SET")],
            "timeout": ctx.timeout_s,
            "level": ctx.level,
            "cache": ctx.kept_cache("c", ("a.py",)).is_dir(),
        }
        given = ctx.given_report("given.json").data
        parts = [part.data.decode() for part in ctx.given_reports(("parts/*.txt",))]
        earlier = [(ctx.before(name) or b"").decode() for name in ("README.md", "given.json")]
        (ctx.out / "answers.json").write_text(json.dumps([answers, given.decode(), parts, earlier]))
        return result()


class Versions(stages.Shell):
    """Asks a program in the environment for its version."""

    uses = "versions"

    def run(self, ctx: Context) -> StageResult:
        told: Tool = ctx.tool(self.options.script)
        ctx.note(f"version `{told.version}`")
        return result()


class Planting(stages.Shell):
    """Plants a file, and tells where it lay."""

    uses = "planting"

    def run(self, ctx: Context) -> StageResult:
        path = ctx.plant("canary.py", b"eval(input())")
        assert path.read_bytes() == b"eval(input())"
        ctx.note(str(path))
        return replace(result(), canary="B307 in a planted file")


@pytest.fixture
def looking(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setitem(stages.STAGES, "looking", _known(Looking))
    monkeypatch.setitem(stages.STAGES, "versions", _known(Versions))
    monkeypatch.setitem(stages.STAGES, "planting", _known(Planting))
    return run


def _known(kind: object) -> type[Stage[Options]]:
    assert isinstance(kind, type)
    assert issubclass(kind, Stage)
    return kind


def test_a_stage_sees_the_project_through_its_context(looking: Runner) -> None:
    looking.repo.write(".gitignore", "given.json\nparts\n")
    looking.repo.write("README.md", "as it was")
    looking.repo.commit()
    looking.repo.write("README.md", "as it is")
    looking.repo.commit()
    looking.repo.write("given.json", "{}")
    looking.repo.write("parts/2.txt", "two")
    looking.repo.write("parts/1.txt", "one")
    done = looking(scripted("look", uses="looking"), environ={"LANG_OF_TEST": "x"})
    assert done.gate("look").judged.reason == "errors is 0"
    told = json.loads((Path(done.folder) / "look" / "out" / "answers.json").read_text())
    assert told == [
        {
            "sources": ["a.py"],
            "files": ["README.md"],
            "setting": ["x", ""],
            "timeout": 600,
            "level": 1,
            "cache": True,
        },
        "{}",
        ["one", "two"],
        ["as it was", ""],
    ]
    artifacts = [each.path for each in done.gate("look").artifacts]
    assert artifacts == ["given.json", "parts/1.txt", "parts/2.txt"]


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ("echo 'tool v1.2.3, made by us'", "1.2.3"),
        ("echo '(2.0)' >&2", "2.0"),
        ("echo no number", ""),
        ("exit 3", ""),
    ],
)
def test_a_program_is_asked_for_its_version(looking: Runner, script: str, version: str) -> None:
    program = looking.repo.root / ".venv" / "bin" / "versioned"
    program.parent.mkdir(parents=True)
    (program.parent.parent / "pyvenv.cfg").write_text("")
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    done = looking(scripted("ask", "versioned", uses="versions"))
    assert done.gate("ask").notes == (f"version `{version}`",), done.gate("ask").judged.reason


class AskingTwice(Versions):
    """Asks for the version twice, and works on."""

    uses = "asking-twice"

    def run(self, ctx: Context) -> StageResult:
        ctx.tool(self.options.script)
        told = ctx.tool(self.options.script)
        ctx.run(SH, "-c", "true")
        ctx.note(f"version `{told.version}`")
        return result()


def test_a_program_that_never_says_its_version_costs_no_time_of_the_gate(
    looking: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contexts, "VERSION_LIMIT_S", 3)
    monkeypatch.setitem(stages.STAGES, "asking-twice", _known(AskingTwice))
    program = looking.repo.root / ".venv" / "bin" / "endless"
    program.parent.mkdir(parents=True)
    (program.parent.parent / "pyvenv.cfg").write_text("")
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    done = looking(scripted("ask", "endless", uses="asking-twice", timeout_s=3))
    assert done.gate("ask").notes == (
        "`endless --version` did not end, so its version is not known",
        "version ``",
    ), done.gate("ask").judged.reason
    assert done.gate("ask").judged.status is Status.PASSED
    names = [Path(log).name for log in done.gate("ask").logs]
    assert names == ["02-sh.stdout", "02-sh.stderr", "01-endless.stdout", "01-endless.stderr"]


def shell(run: Runner, script: str) -> Run:
    return run(scripted("lint", script))


def test_the_last_words_are_the_last_line_that_says_anything(run: Runner) -> None:
    done = shell(run, "echo first; echo last; echo; exit 5")
    assert done.gate("lint").judged.reason == "`sh` ended with exit code 5: last"
    silent = shell(run, "exit 5")
    assert silent.gate("lint").judged.reason == "`sh` ended with exit code 5"


def test_output_past_the_limit_is_not_read_in_part(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contexts, "OUTPUT_LIMIT", 10)
    gate = shell(run, "echo 0; echo 12345678").gate("lint")
    assert gate.status is Status.ERRORED
    assert "is larger than 64 MiB" in gate.judged.reason
    broken = shell(run, "echo 1234567890123; echo why >&2; exit 4").gate("lint")
    assert broken.judged.reason == "`sh` ended with exit code 4: why"


def test_logs_that_are_gone_are_an_error(run: Runner) -> None:
    script = 'rm -f "$(readlink /proc/$$/fd/1)" "$(readlink /proc/$$/fd/2)"; exit'
    gone = shell(run, f"{script} 0").gate("lint")
    assert (gone.status, gone.judged.problem is not None) == (Status.ERRORED, True)
    assert "No such file" in gone.judged.reason
    assert shell(run, f"{script} 6").gate("lint").judged.reason == "`sh` ended with exit code 6"


def test_what_is_planted_lies_outside_and_is_gone_when_the_gate_ends(looking: Runner) -> None:
    done = looking(scripted("plant", uses="planting"))
    gate = done.gate("plant")
    (told,) = gate.notes
    assert not Path(told).is_relative_to(looking.repo.root)
    assert not Path(told).parent.exists()
    assert gate.canary == "B307 in a planted file"
