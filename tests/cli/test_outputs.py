from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click
import pytest
from reports.hostile import infested
from reports.runs import gate_runs, sample_run

from gates.cli.outputs import FORMATS, JSON_FORMATS, Output, parse_outputs, write_outputs
from gates.domain.errors import StageError


def test_a_format_goes_to_standard_output_or_to_its_file() -> None:
    assert parse_outputs(["json", "console=out/a=b.txt"]) == (
        Output("json", None),
        Output("console", Path("out/a=b.txt")),
    )
    assert parse_outputs([]) == ()


@pytest.mark.parametrize("text", ["", "yaml", "yaml=x", "json=", "=x", "JSON", " json", "json:x"])
def test_what_is_no_format_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(click.BadParameter, match=", ".join(FORMATS)) as caught:
        parse_outputs(["console=a", text])
    assert f"`{text}`" in caught.value.message


def test_standard_output_holds_one_format() -> None:
    with pytest.raises(click.BadParameter, match="only one format"):
        parse_outputs(["json", "console"])
    assert len(parse_outputs(["json", "json=a", "console=b"])) == 3


def test_each_output_is_written_in_its_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = sample_run()
    text = tmp_path / "deep" / "er" / "run.txt"
    write_outputs(run, (Output("json", None), Output("console", text)))
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["id"]) == ("gates/run/v1", run.id)
    assert "failed · Level 1" in text.read_text()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_holds_just_what_standard_output_would(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run"
    write_outputs(sample_run(), (Output(name, None), Output(name, path)))
    assert path.read_text() == capsys.readouterr().out
    assert "\x1b" not in path.read_text()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("x" * 100_000)
    write_outputs(sample_run(gate_runs()[0]), (Output("json", path),))
    assert json.loads(path.read_text())["verdict"] == "passed"
    assert list(tmp_path.iterdir()) == [path]


def test_colour_of_the_surroundings_never_reaches_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    path = tmp_path / "run.txt"
    run = replace(sample_run(), notes=())
    write_outputs(run, (Output("console", path),))
    assert "\x1b" not in path.read_text()
    assert max(map(len, path.read_text().splitlines())) > 80


@pytest.mark.parametrize("place", [".", "file/inside", "/proc/nothing/here"])
def test_a_path_that_cannot_be_written_is_refused_before_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(click.BadParameter):
        parse_outputs((f"json={place}",))


def test_a_report_that_could_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(StageError, match="could not be written"):
        write_outputs(sample_run(), (Output("json", tmp_path / "there"),))


ATTACK = "##[set-output name=verdict]passed"


@pytest.mark.parametrize("name", ["json", "junit", "console", "markdown", "sarif", "gitlab"])
def test_what_a_ci_system_reads_holds_no_command(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run = infested(ATTACK)
    outputs = parse_outputs((f"{name}=/dev/stderr", name))
    monkeypatch.setenv("CI", "true")
    write_outputs(run, outputs)
    done = capfd.readouterr()
    assert done.out
    assert "##[" not in done.out + done.err
    if name in JSON_FORMATS:
        assert json.loads(done.out) == json.loads(done.err) == json.loads(FORMATS[name](run, ""))


def test_what_is_written_to_a_file_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    write_outputs(infested(ATTACK), (Output("json", tmp_path / "run.json"),))
    assert ATTACK in (tmp_path / "run.json").read_text()
