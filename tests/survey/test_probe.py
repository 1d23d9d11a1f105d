from pathlib import Path

import pytest
from survey.scenes import Ground, plan_of

from gates.domain.errors import StageError, ToolMissing
from gates.domain.stage_result import Tool
from gates.plugin import Context
from gates.survey.probe import NotAsked, Probe


@pytest.fixture
def probe(place: Ground) -> Probe:
    place.repo.write("src/shop/app.py")
    place.repo.commit()
    place.environment()
    return Probe(place.scene(TOKEN_PLACE="x"), plan_of("lint: ruff"))


def test_it_looks_as_a_run_would(probe: Probe, place: Ground) -> None:
    ctx: Context = probe
    assert ctx.root == place.root
    assert ctx.sources(".py").files == ("src/shop/app.py",)
    assert ctx.files("**/*.py") == ("src/shop/app.py",)
    assert ctx.tool("ruff").version == "0.17.6"
    assert ctx.change().base.how == "HEAD is the first commit"
    assert ctx.setting("TOKEN_PLACE") == "x"
    assert ctx.clean(b"a\nb") == "a b"
    assert (ctx.level, ctx.asked, dict(ctx.needed)) == (1, frozenset(), {})
    assert ctx.today.year > 2000
    assert not ctx.out.exists()
    with pytest.raises(ToolMissing):
        ctx.tool("black")


def test_sources_that_match_nothing_are_an_error(place: Ground) -> None:
    from dataclasses import replace

    plan = replace(plan_of("lint: ruff"), include=("lib",))
    with pytest.raises(StageError):
        Probe(place.scene(), plan).sources(".py")


def test_it_runs_reads_and_writes_nothing(probe: Probe) -> None:
    tool = Tool(name="ruff", version="1")
    for act in (
        lambda: probe.run(tool, "check"),
        lambda: probe.report(Path("x")),
        lambda: probe.given_report("x"),
        lambda: probe.given_reports(("x",)),
        lambda: probe.before("x"),
        lambda: probe.kept_cache("x", ()),
        lambda: probe.plant("x", b""),
    ):
        with pytest.raises(NotAsked):
            act()
