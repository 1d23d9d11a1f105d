from __future__ import annotations

from dataclasses import replace

from reports.runs import gate_runs, sample_run, undecided
from reports.test_shards_record import merged_run, shard_run

from gates.domain.plan import Exemption, Extended
from gates.domain.standing import Standing
from gates.reports.page_run import SHOWN_LEADS, SHOWN_ROWS, SHOWN_SHARDS, record_view, run_view

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()


def test_the_levels_hold_their_gates_in_order() -> None:
    view = run_view(sample_run(LINT, COVERAGE, undecided()), "", "")
    assert [(name, [gate.name for gate in gates]) for name, gates in view.levels] == [
        ("Level 1 Level 1", ["lint", "coverage"]),
        ("Level 2 Level 2", ["load"]),
    ]
    assert [gate.anchor for gate in view.open] == ["g2", "g3"]


def test_anchors_are_those_of_the_part_of_the_page() -> None:
    view = run_view(sample_run(COVERAGE), "", "", anchor="p7-")
    assert view.leads[0][:2] == ("p7-g1", "coverage")


def test_the_first_open_gates_lead_and_the_others_are_counted() -> None:
    view = run_view(sample_run(*[AUDIT] * (SHOWN_LEADS + 2)), "", "")
    assert (len(view.leads), view.more) == (SHOWN_LEADS, 2)


def test_criteria_stand_with_what_is_to_mend_first() -> None:
    run = sample_run()
    exempt = Exemption(criterion="L1-BENCH", reason="no API", owner="ana")
    coverage = replace(run.criteria, not_applicable=(("L1-BENCH", "no API"), ("L1-X", "gone")))
    plan = replace(run.plan, not_applicable=(exempt,))
    view = run_view(replace(run, criteria=coverage, plan=plan), "", "")
    states = list(dict.fromkeys(each.state for each in view.criteria))
    assert states == ["failed", "not covered", "not applicable", "met"]
    by_id = {(each.id, each.state): each for each in view.criteria}
    assert by_id["L1-BENCH", "not applicable"].behind == "no API (ana)"
    assert by_id["L1-X", "not applicable"].title == ""
    assert by_id["L1-X", "not applicable"].behind == "gone"
    assert by_id["L1-COVERAGE", "failed"].behind == "coverage"
    assert by_id["L1-LINT", "met"].threshold == "0 errors, 0 warnings"


def test_waivers_are_counted_by_how_they_stand() -> None:
    waiver = SAST.judged.waivers[0]
    waivers = Standing(source="w.yaml", sha256="1", total=3, expired=(waiver,), ending=(waiver,))
    view = run_view(replace(sample_run(), waivers=waivers), "", "")
    assert view.standing == "3 waivers in w.yaml: 1 expired, 1 expiring soon."
    fine = replace(waivers, total=1, expired=(), ending=())
    assert run_view(replace(sample_run(), waivers=fine), "", "").standing == "1 waiver in w.yaml."
    assert run_view(sample_run(), "", "").standing == ""
    assert view.waived[0].until == "2026-02-01"


def test_what_is_too_long_is_cut_and_counted() -> None:
    pair = SAST.judged.waived[0]
    judged = replace(SAST.judged, waived=(pair,) * (SHOWN_ROWS + 3))
    run = replace(sample_run(replace(SAST, judged=judged)), notes=("x",) * (SHOWN_ROWS + 4))
    view = run_view(run, "", "")
    assert (len(view.waived), view.unlisted) == (SHOWN_ROWS, 3)
    assert len(view.notes) == SHOWN_ROWS
    assert view.unsaid >= 4


def test_the_record_tells_what_exactly_was_judged() -> None:
    run = replace(sample_run(), waivers=Standing(source="w.yaml", sha256="1", total=0))
    seen = record_view(run, "a b.json", "0a")
    facts = dict(seen.facts)
    assert seen.argument == "'a b.json'"
    assert facts["commit"] == f"{'c' * 40} + changes not in it"
    assert facts["judged against"] == "b" * 40
    assert facts["machine"] == "runner, Linux 6.1, 2 CPUs, github"
    assert facts["waivers"] == "w.yaml, sha256 1"
    bare = replace(run, commit=None, tree=None, base=None, selection=None, waivers=None)
    alone = dict(
        record_view(replace(bare, where=replace(run.where, cpus=1, ci=None)), "", "").facts
    )
    assert alone["commit"] == "outside git"
    assert alone["machine"] == "runner, Linux 6.1, 1 CPU"
    assert not {"tree", "judged against", "selected by", "waivers"} & set(alone)


def test_the_head_shows_a_short_commit() -> None:
    facts = dict(run_view(sample_run(), "", "").facts)
    assert facts["commit"] == f"{'c' * 12} + changes not in it"
    assert facts["started"] == "31 Jan 2026, 12:00 UTC"
    assert dict(run_view(replace(sample_run(), commit=None), "", "").facts)["commit"] == (
        "outside git"
    )


def test_the_policies_that_are_extended_and_the_machines_are_told() -> None:
    run = merged_run()
    extends = (
        Extended(source="base.yaml", sha256="1"),
        Extended(source="git@x:a@b:c", sha256="2", is_pinned=True),
    )
    run = replace(run, plan=replace(run.plan, policy=replace(run.policy, extends=extends)))
    facts = record_view(run, "", "").facts
    assert [said for label, said in facts if label == "extends"] == [
        "base.yaml, sha256 1, not pinned",
        "git@x:a@b:c, sha256 2, pinned",
    ]
    merged = run.merged
    assert merged is not None
    first, second, *_ = merged.shards
    told = dict(facts)
    assert told["shard 1"] == f"{first.host}, 3.5 s, sha256 {first.record_sha256}"
    assert told["shard 2"] == "shard 2 is missing"
    assert told["plan of the shards"] == f"sha256 {merged.plan_sha256}"
    many = replace(run, merged=replace(merged, shards=(second,) * (SHOWN_SHARDS + 1)))
    assert dict(record_view(many, "", "").facts)["shards"].startswith(f"{SHOWN_SHARDS + 1}; the")


def test_the_page_of_a_shard_says_that_it_is_one() -> None:
    run = shard_run()
    assert run.shard is not None
    facts = dict(record_view(run, "", "").facts)
    assert facts["shard"] == f"{run.shard.index} of {run.shard.count}"
    assert facts["plan of the shards"] == f"sha256 {run.shard.plan_sha256}"
