from __future__ import annotations

from dataclasses import replace

from reports.rollups import projects, sample_rollup
from reports.runs import gate_runs, sample_run

from gates.reports.page_rollup import SHOWN_GATES, rollup_view


def test_each_project_has_its_row() -> None:
    view = rollup_view(sample_rollup(), "r.json", "0a")
    assert [(each.label, each.shown, each.run is not None) for each in view.projects] == [
        ("orders", "passed", True),
        ("services/api (orders)", "failed", True),
        ("packages/core", "unaffected", False),
        ("packages/old", "skipped", False),
        ("services/mail (mailer)", "errored", False),
    ]
    assert view.projects[4].hint == "mount a file system with locks"
    assert view.projects[1].reason == "`services/api/x.py` changed"
    assert view.facts[0] == ("projects", "5 projects")
    assert view.record.path == "r.json"


def test_a_project_tells_its_open_gates_with_their_places_in_the_page() -> None:
    view = rollup_view(sample_rollup(), "", "")
    assert [each[:3] for each in view.projects[1].open] == [
        ("p2-g2", "failed", "coverage"),
        ("p2-g4", "errored", "audit"),
    ]
    assert view.projects[1].run is not None
    assert view.projects[1].run.record.sha256 == projects()[1].sha256


def test_open_gates_beyond_the_first_are_counted() -> None:
    run = sample_run(*[gate_runs()[3]] * (SHOWN_GATES + 3))
    view = rollup_view(sample_rollup(replace(projects()[1], run=run)), "", "")
    assert (len(view.projects[0].open), view.projects[0].more) == (SHOWN_GATES, 3)


def test_one_project_is_one() -> None:
    view = rollup_view(sample_rollup(projects()[0]), "", "")
    assert view.facts[0] == ("projects", "1 project")
