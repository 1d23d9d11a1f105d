from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from stages.fake_context import fake_context, metrics_of
from stages.live_context import LiveContext, live_context

from gates.plugin import (
    Direction,
    MetricSpec,
    OutputUnreadable,
    StageError,
    StageResult,
    ToolCrashed,
    ToolMissing,
    ToolTimedOut,
    Unit,
)
from gates.stages.command import Command, CommandOptions

STATUS = "exit-status"
CAT = "print(open('o.txt').read())"
FILES = {"json": "/files", "unit": "files"}


def run(
    tmp_path: Path,
    options: CommandOptions,
    stdout: str = "",
    *,
    stderr: str = "",
    exit_code: int = 0,
) -> StageResult:
    ctx = fake_context(tmp_path)
    ctx.answer("tool", stdout=stdout, stderr=stderr, exit_code=exit_code)
    stage = Command(options)
    stage.check()
    return stage.run(ctx)


@pytest.mark.parametrize("exit_code", [0, 3, 255])
def test_an_exit_status_is_measured_whatever_it_is(tmp_path: Path, exit_code: int) -> None:
    options = CommandOptions(run="tool --all", examined=STATUS)

    result = run(tmp_path, options, exit_code=exit_code)

    assert metrics_of(result) == {"exit_status": exit_code}
    assert (result.examined.count, result.examined.unit) == (1, "commands")
    assert result.examined.note == "only its exit status was examined"
    assert result.notes == ("only its exit status was examined",)


def test_numbers_are_read_by_pointer_and_examined_is_counted(tmp_path: Path) -> None:
    options = CommandOptions(
        run=("tool",),
        examined=FILES,
        metrics={
            "broken": {"json": "/broken", "unit": "count"},
            "score": {"json": "/score", "direction": "higher"},
        },
    )

    result = run(tmp_path, options, '{"files": [1, 2, 3], "broken": 0, "score": 4.5}')

    assert metrics_of(result) == {"exit_status": 0, "broken": 0, "score": Decimal("4.5")}
    assert (result.examined.count, result.examined.unit) == (3, "files")
    assert not result.notes


@pytest.mark.live
def test_live_numbers_are_read_by_pattern_from_standard_error(tmp_path: Path) -> None:
    options = CommandOptions(
        run="tool",
        output="stderr",
        examined={"pattern": r"^(?P<value>\d+) pages", "unit": "pages"},
        metrics={
            "covered": {"pattern": r"(?P<value>[\d.]+) %", "unit": "%", "direction": "higher"},
            "slowest": {"pattern": r"slowest (?P<value>\S+) ms", "unit": "ms"},
        },
    )

    ctx = live_context(tmp_path)
    ctx.write("err.txt", "all good\n12 pages\n89.5 % covered\nslowest 37.5 ms\n")
    ctx.stand_in("tool", "cat err.txt >&2")
    stage = Command(options)
    stage.check()

    result = stage.run(ctx)

    assert metrics_of(result)["slowest"] == Decimal("0.0375")
    ratio = next(metric for metric in result.metrics if metric.name == "covered")
    assert Decimal(ratio.fraction[0]) / Decimal(ratio.fraction[1]) == Decimal("0.895")
    assert result.examined.count == 12


def test_without_a_pattern_nothing_else_runs(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.answer("tool", stdout='{"files": 1}')

    Command(CommandOptions(run="tool", examined=FILES)).run(ctx)

    assert ctx.runs == [("/tools/tool",)]


def test_patterns_are_not_run_on_long_output(tmp_path: Path) -> None:
    examined = {"pattern": "(?P<value>[0-9]+) files", "unit": "files"}

    with pytest.raises(OutputUnreadable, match="more than 1 MiB"):
        run(tmp_path, CommandOptions(run="tool", examined=examined), "x" * (2 << 20))


@pytest.mark.live
def test_live_a_pattern_that_does_not_end_is_ended_at_the_timeout(tmp_path: Path) -> None:
    ctx = live_context(tmp_path)
    ctx.timeout_s = 1
    ctx.write("o.txt", "a" * 32 + "!\n")
    examined = {"pattern": "(?P<value>(a+)+)$", "unit": "files"}

    with pytest.raises(ToolTimedOut):
        Command(CommandOptions(run=("python", "-c", CAT), examined=examined)).run(ctx)


@pytest.mark.live
def test_live_nothing_that_the_project_planted_runs_with_a_pattern(tmp_path: Path) -> None:
    ctx = live_context(tmp_path)
    ctx.environment["PYTHONPATH"] = str(ctx.root)
    ctx.write("re.py", "raise SystemExit(9)\n")
    (ctx.out / "json.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    examined = {"pattern": "(?P<value>[0-9]+) files", "unit": "files"}

    result = Command(
        CommandOptions(run=("python", "-Ic", "print('3 files')"), examined=examined)
    ).run(ctx)

    assert result.examined.count == 3


def test_a_file_that_the_command_writes_is_read(tmp_path: Path) -> None:
    def write(argv: tuple[str, ...]) -> None:
        Path(argv[1]).write_text('{"files": 2}', encoding="utf-8")

    ctx = fake_context(tmp_path)
    ctx.answer("tool", does=write)
    options = CommandOptions(run="tool {out}/r.json", output="{out}/r.json", examined=FILES)

    result = Command(options).run(ctx)

    assert result.examined.count == 2
    assert ctx.runs == [("/tools/tool", f"{ctx.out}/r.json")]


def test_a_file_that_the_command_does_not_write_is_unreadable(tmp_path: Path) -> None:
    options = CommandOptions(run="tool", output="r.json", examined=FILES)

    with pytest.raises(OutputUnreadable, match="was not written"):
        run(tmp_path, options)


@pytest.mark.parametrize(
    "stdout", ["", "12", '{"file": 1}', '{"files": "3"}', '{"files": -1}', '{"files": 1.5}']
)
def test_examined_that_is_no_count_is_unreadable(tmp_path: Path, stdout: str) -> None:
    with pytest.raises(OutputUnreadable):
        run(tmp_path, CommandOptions(run="tool", examined=FILES), stdout)


def test_with_ok_its_exit_codes_are_results(tmp_path: Path) -> None:
    options = CommandOptions(run="tool", examined=FILES, ok=(1,))

    assert metrics_of(run(tmp_path, options, '{"files": 1}', exit_code=1)) == {"exit_status": 1}


def test_with_ok_any_other_exit_code_is_an_error(tmp_path: Path) -> None:
    options = CommandOptions(run="tool", examined=FILES, ok=(1,))

    with pytest.raises(ToolCrashed):
        run(tmp_path, options, '{"files": 1}', exit_code=2)


def test_an_exit_code_that_is_a_result_is_not_a_pass() -> None:
    plain = Command(CommandOptions(run="tool", examined=STATUS))
    more = Command(CommandOptions(run="tool", examined=STATUS, ok=(1, 4)))

    assert [default.text for default in plain.conditions()] == ["exit_status == 0"]
    assert [default.text for default in more.conditions()] == ["exit_status == 0"]


def test_metrics_are_declared_by_the_options() -> None:
    metrics = {
        "p95": {"json": "/p95", "unit": "ms"},
        "done_parts": {"json": "/done", "unit": "%", "direction": "higher"},
        "bad": {"json": "/bad", "unit": "count"},
    }

    specs = Command(CommandOptions(run="tool", examined=STATUS, metrics=metrics)).specs()

    assert specs[1:] == (
        MetricSpec(name="p95", unit=Unit.SECONDS, direction=Direction.LOWER, title="p95"),
        MetricSpec(
            name="done_parts",
            unit=Unit.RATIO,
            direction=Direction.HIGHER,
            title="done parts",
        ),
        MetricSpec(
            name="bad",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="bad",
            noun="counted as `bad`",
        ),
    )


def refused(**options: object) -> CommandOptions:
    return CommandOptions.from_plain({"run": "tool", "examined": STATUS, **options})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (refused(run=""), "names no program"),
        (refused(run=[]), "names no program"),
        (refused(run="tool 'x"), "No closing quotation"),
        (refused(examined=""), "`examined` must be"),
        (refused(examined="files"), "`examined` must be"),
        (refused(examined={"json": "/a"}), "needs `unit`"),
        (refused(examined={"unit": "files"}), "either `json` or `pattern`"),
        (refused(examined={"json": "a", "unit": "files"}), "not a JSON pointer"),
        (refused(metrics={"Bad": {"json": "/a"}}), "cannot name a metric"),
        (refused(metrics={"exit_status": {"json": "/a"}}), "cannot name a metric"),
        (refused(metrics={"a": {"json": "/a", "pattern": "b"}}), "either"),
        (refused(metrics={"a": {"json": "/a", "uni": "ms"}}), "unknown key `uni`"),
        (refused(metrics={"a": {"json": "/a", "unit": "msec"}}), "no known unit"),
        (refused(metrics={"a": {"json": "/a", "direction": "up"}}), "direction"),
        (refused(metrics={"a": {"pattern": "("}}), "cannot be read"),
        (refused(metrics={"a": {"pattern": "(x)"}}), "one named group"),
        (refused(ok=[256]), "0 to 255"),
        (refused(output="/etc/x"), "must stay in the project"),
        (refused(output="../x"), "must stay in the project"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: CommandOptions, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Command(options).check()


def test_inputs_are_those_that_are_named(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.md": "", "b.py": ""})

    assert Command(refused()).inputs(ctx) == ()
    assert Command(refused(inputs=["*.md"])).inputs(ctx) == ("a.md",)


def live(tmp_path: Path) -> LiveContext:
    return live_context(tmp_path)


@pytest.mark.live
def test_live_a_script_of_the_project(tmp_path: Path) -> None:
    ctx = live(tmp_path)
    script = ctx.write("tools/count it", '#!/bin/sh\necho "{\\"files\\": $#}"\necho "$1" >seen\n')
    script.chmod(0o755)
    options = CommandOptions(run="'tools/count it' '$HOME; a  b' c", examined=FILES)

    result = Command(options).run(ctx)

    assert result.examined.count == 2
    assert (ctx.root / "seen").read_text() == "$HOME; a  b\n"
    assert result.tool.name == "count it"
    record: dict[str, object] = json.loads((ctx.out / "command.json").read_bytes())
    assert record["exit_status"] == 0


@pytest.mark.live
def test_live_a_failing_program_of_the_environment(tmp_path: Path) -> None:
    options = CommandOptions(run=("python", "-c", "raise SystemExit(7)"), examined=STATUS)

    assert metrics_of(Command(options).run(live(tmp_path))) == {"exit_status": 7}


@pytest.mark.live
@pytest.mark.parametrize("program", ["tools/none", "tools/plain", "tools"])
def test_live_a_path_that_is_no_program(tmp_path: Path, program: str) -> None:
    ctx = live(tmp_path)
    ctx.write("tools/plain", "echo\n")

    with pytest.raises(ToolMissing):
        Command(CommandOptions(run=f"./{program}", examined=STATUS)).run(ctx)


@pytest.mark.live
def test_live_a_program_ended_by_a_signal_is_no_result(tmp_path: Path) -> None:
    code = "import os; os.kill(os.getpid(), 9)"
    options = CommandOptions(run=("python", "-c", code), examined=STATUS)

    with pytest.raises(StageError):
        Command(options).run(live(tmp_path))
