"""`gates check --policy-from`: the base's policy counts, and loosening it is a failed gate."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import jsonschema
import pytest
from cli.conftest import Ended, Gates

FINE = 'uses: command, with: {run: "true", examined: exit-status}'
POLICY = f"""\
version: 1
project: shop
levels:
  1:
    gates:
      fine: {{{FINE}}}
      strict: {{{FINE}}}
"""
NO_STRICT = POLICY.replace(f"      strict: {{{FINE}}}\n", "")


@pytest.fixture
def shop(gates: Gates) -> Gates:
    gates.policy(POLICY)
    gates.repo.git("tag", "base")
    return gates


def stored(shop: Gates) -> dict[str, object]:
    document: object = json.loads(shop("report", "json").out)
    assert isinstance(document, dict)
    schema = json.loads((files("gates.reports") / "run_v1.schema.json").read_text())
    jsonschema.validate(document, schema)
    return document


def statuses(shop: Gates) -> dict[str, str]:
    gates = stored(shop)["gates"]
    assert isinstance(gates, list)
    return {gate["name"]: gate["status"] for gate in gates}


def check(shop: Gates, *arguments: str) -> Ended:
    return shop("check", "--policy-from", "base", *arguments)


def test_an_unchanged_policy_passes(shop: Gates) -> None:
    found = check(shop)
    assert found.code == 0, found
    assert statuses(shop) == {"policy": "passed", "fine": "passed", "strict": "passed"}
    base = shop.repo.git("rev-parse", "base")
    policy = stored(shop)["policy"]
    assert isinstance(policy, dict)
    assert policy["source"] == f"gates.yaml@{base}"
    assert f"judged by the policy of `base` (commit {base[:12]})" in found.out


def test_a_removed_gate_still_counts_and_its_removal_fails(shop: Gates) -> None:
    shop.policy(NO_STRICT.replace("true", "false"))
    found = check(shop)
    assert found.code == 1
    # The base's command ran: the head's `false` would have failed.
    assert statuses(shop) == {"policy": "failed", "fine": "passed", "strict": "passed"}
    assert "gate `strict`" in found.out


@pytest.mark.parametrize(
    "arguments", [("--gate", "fine"), ("--changed-from", "base"), ("--level", "1", "-j", "1")]
)
def test_no_option_leaves_the_gate_out(shop: Gates, arguments: tuple[str, ...]) -> None:
    shop.policy(NO_STRICT)
    assert check(shop, *arguments).code == 1
    assert statuses(shop)["policy"] == "failed"


def waivers(gate: str, finding: str, scope: str) -> str:
    today = datetime.now(UTC).date()
    return (
        "version: 1\nwaivers:\n"
        f"  - {{gate: {gate}, finding: {finding}, scope: {scope}, reason: agreed, owner: ana,\n"
        f"     created: {today - timedelta(5)}, expires: {today + timedelta(30)}}}\n"
    )


def test_only_waivers_of_the_base_count(shop: Gates) -> None:
    excuse = waivers("policy", "policy-removed", "gates.yaml")
    shop.repo.write(".gates/waivers.yaml", excuse)
    shop.policy(NO_STRICT)
    assert check(shop).code == 1
    assert statuses(shop)["policy"] == "failed"
    shop.policy(POLICY)
    shop.repo.git("tag", "-f", "base")
    shop.policy(NO_STRICT)
    assert check(shop).code == 0
    assert statuses(shop)["policy"] == "waived"
    # Without --policy-from the waiver speaks of a gate that is not there, and nothing is wrong.
    assert shop("check").code == 0


def test_added_gates_are_told_as_not_judged(shop: Gates) -> None:
    shop.policy(POLICY + f"      more: {{{FINE}}}\n")
    found = check(shop)
    assert found.code == 0
    assert "gate `more`: added by this change, and not judged before it is merged" in found.out


def test_the_first_policy_is_told(gates: Gates) -> None:
    gates.repo.write("x")
    gates.repo.commit()
    gates.repo.git("tag", "base")
    gates.policy(POLICY)
    found = check(gates)
    assert found.code == 0
    assert "the first policy" in found.out
    assert statuses(gates)["policy"] == "passed"


@pytest.mark.parametrize(
    ("ref", "slug"), [("nope", "unknown-ref"), ("HEAD~99", "unknown-ref"), ("-x", "unknown-ref")]
)
def test_without_the_base_nothing_is_judged(shop: Gates, ref: str, slug: str) -> None:
    found = shop("check", f"--policy-from={ref}")
    assert (found.code, f"error[{slug}]" in found.err) == (2, True), found


def test_an_unreadable_base_is_an_error(shop: Gates) -> None:
    shop.policy("version: 1\nlevels: {1: [rufff]}\n")
    shop.repo.git("tag", "-f", "base")
    shop.policy(POLICY)
    found = check(shop)
    assert (found.code, "no stage is named `rufff`" in found.err) == (2, True)


def test_a_level_that_only_the_head_has_is_refused(shop: Gates) -> None:
    shop.policy(POLICY + f"  2:\n    gates:\n      late: {{{FINE}}}\n")
    found = check(shop, "--level", "2")
    assert (found.code, "error[empty-level]" in found.err) == (2, True)


def test_a_nearer_policy_that_was_removed_is_refused(shop: Gates) -> None:
    shop.repo.write("inner/gates.yaml", POLICY)
    shop.repo.commit()
    shop.repo.git("tag", "-f", "base")
    shop.repo.git("rm", "-q", "inner/gates.yaml")
    shop.repo.write("inner/x")
    shop.repo.commit()
    found = shop("-C", "inner", "check", "--policy-from", "base")
    assert (found.code, "error[policy-removed]" in found.err) == (2, True), found


@pytest.mark.parametrize("option", ["--staged", "--pre-push", "--commit-msg=x"])
def test_hooks_have_no_other_policy(shop: Gates, option: str) -> None:
    found = check(shop, option)
    assert found.code == 2
    assert "--policy-from" in found.err


def test_projects_are_judged_by_their_own_bases(gates: Gates) -> None:
    one = POLICY.replace("project: shop\n", "")
    for name in "ab":
        gates.repo.write(f"services/{name}/gates.yaml", one)
    gates.policy("version: 1\nprojects: [services/*]\n")
    gates.repo.git("tag", "base")
    assert check(gates).code == 0
    gates.repo.write("services/a/gates.yaml", NO_STRICT.replace("project: shop\n", ""))
    gates.repo.write("services/c/gates.yaml", one)
    gates.repo.commit()
    found = check(gates)
    assert found.code == 1, found
    assert "project `services/c`: added by this change" in found.out
    gates.repo.git("checkout", "-q", "base", "--", "services/a")
    gates.repo.git("rm", "-q", "-r", "services/b")
    gates.repo.commit()
    found = check(gates)
    assert found.code == 1, found
    assert "project `services/b`" in found.out


def test_a_shared_policy_is_in_the_record(shop: Gates) -> None:
    shop.repo.write("shared/gates.yaml", POLICY)
    shop.policy("version: 1\nextends: shared/gates.yaml\n")
    assert shop("check").code == 0
    policy = stored(shop)["policy"]
    assert isinstance(policy, dict)
    (behind,) = policy["extends"]
    assert (behind["source"], behind["pinned"]) == ("shared/gates.yaml", False)
    # The same gates from another file are no change; one that is taken from that file is.
    assert shop("policy", "diff", "base").code == 0
    shop.repo.write("shared/gates.yaml", NO_STRICT)
    found = shop("policy", "diff", "base")
    assert (found.code, "removed   gate `strict`" in found.out) == (1, True), found


def test_a_shared_policy_of_the_base_counts(shop: Gates) -> None:
    shop.repo.write("shared/gates.yaml", POLICY)
    shop.policy("version: 1\nextends: shared/gates.yaml\n")
    shop.repo.git("tag", "-f", "base")
    shop.repo.write("shared/gates.yaml", NO_STRICT)
    shop.repo.commit()
    assert check(shop).code == 1
    assert statuses(shop) == {"policy": "failed", "fine": "passed", "strict": "passed"}


def test_a_nearer_policy_does_not_take_the_place_of_one_further_up(shop: Gates) -> None:
    shop.repo.write("sub/gates.yaml", NO_STRICT)
    shop.repo.write("sub/.gates/waivers.yaml", waivers("policy", "policy-removed", "gates.yaml"))
    told = shop("-C", "sub", "check", "--policy-from", "base")
    assert told.code == 1, told
    assert "the policy of this folder, `../gates.yaml`: judged by a new one" in told.out
    told = shop("-C", "sub", "policy", "diff", "base")
    assert told.code == 1, told
    assert "removed   the policy of this folder, `../gates.yaml`" in told.out


def test_a_project_that_the_policy_further_up_names_may_come(gates: Gates) -> None:
    gates.policy(f"{POLICY}projects: [services/*]\n")
    gates.repo.git("tag", "base")
    gates.repo.write("services/a/gates.yaml", NO_STRICT)
    told = gates("-C", "services/a", "check", "--policy-from", "base")
    assert told.code == 0, told
    assert "the first policy" in told.out
