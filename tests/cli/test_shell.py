from __future__ import annotations

from pathlib import Path

import click
import pytest

from gates.cli.shell import of_shell


def asked(folder: str | None, environ: dict[str, str]) -> dict[str, str]:
    with click.Context(click.Command("gates")) as context:
        context.params["folder"] = folder
        return of_shell(environ)


def test_the_shell_stands_where_pwd_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real" / "part").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "real" / "part")
    real = str(tmp_path.resolve() / "real")
    assert of_shell({"PWD": str(tmp_path / "link" / "part"), "A": "b"}) == {
        "PWD": f"{real}/part",
        "A": "b",
    }
    assert asked("part", {"PWD": str(tmp_path / "link")}) == {"PWD": real}
    assert asked(str(tmp_path / "real" / "part"), {"PWD": str(tmp_path)}) == {
        "PWD": str(tmp_path.resolve())
    }


@pytest.mark.parametrize("named", ["", "relative", "/", "/not/there"])
def test_a_pwd_of_another_program_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert asked(None, {"PWD": named, "A": "b"}) == {"A": "b"}
