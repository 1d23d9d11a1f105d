from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import fake_context

from gates.plugin import ToolMissing
from gates.plugin.commands import found, run_filled, split
from gates.testing.fake_service import FakeService


def test_a_text_is_split_as_a_shell_does_and_a_list_is_kept() -> None:
    assert split("a 'b c' {url}") == ("a", "b c", "{url}")
    assert split(("a", "b c")) == ("a", "b c")
    for nothing in ("", (), ("",)):
        with pytest.raises(ValueError, match="names no program"):
            split(nothing)
    with pytest.raises(ValueError, match="No closing quotation"):
        split("'")


def test_a_program_by_name_or_by_path(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"bin/run": "#!/bin/sh\n", "bin/text": ""})
    (ctx.root / "bin/run").chmod(0o755)

    assert found(ctx, "k6").path == "/tools/k6"
    assert found(ctx, "bin/run").path == str(ctx.root / "bin/run")
    for absent in ("bin/text", "bin/none"):
        with pytest.raises(ToolMissing):
            found(ctx, absent)


def test_placeholders_are_filled_in_each_word(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.given_services = {"api": FakeService(port=8080)}
    ctx.answer("k6")

    run_filled(ctx, "k6 run --url={url}/x")

    assert ctx.runs == [("/tools/k6", "run", "--url=http://127.0.0.1:8080/x")]
