from __future__ import annotations

import json

import pytest
from cli.conftest import Gates
from monorepos import monorepo, policy


@pytest.fixture
def ran(gates: Gates) -> Gates:
    monorepo(gates.repo)
    gates.repo.write("services/mail/gates.yaml", policy(("lint", "false")))
    gates.repo.commit()
    assert gates("check").code == 1
    return gates


def test_the_rollup_is_explained_with_what_to_ask_next(ran: Gates) -> None:
    done = ran("explain")
    assert (done.code, done.err) == (0, "")
    assert "failed      services/mail" in done.out
    assert done.out.endswith("more: gates explain services/mail:lint\n")


def test_a_gate_of_a_project_is_explained_as_in_its_folder(ran: Gates) -> None:
    done = ran("explain", "services/mail:lint")
    assert (done.code, done.err) == (0, "")
    assert done.out == ran("-C", "services/mail", "explain", "lint").out
    assert f"cd {ran.repo.root / 'services/mail'}\n" in done.out
    assert "there, unchanged" in done.out


def test_a_name_that_one_project_has_is_enough(ran: Gates) -> None:
    assert ran("explain", "unit").out.startswith("api passed")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lint", "name one of `services/api:lint`, `services/mail:lint`, `packages/core:lint`"),
        ("unti", "did you mean `unit`?"),
        ("zzzzzzz", "`gates explain` lists what did not pass"),
        ("service/mail:lint", "did you mean `services/mail`?"),
        ("zzz:lint", "`gates explain` lists the projects"),
        ("services/mail:lnt", "did you mean `lint`?"),
    ],
)
def test_a_name_that_leads_to_no_gate_is_a_usage_error(ran: Gates, name: str, words: str) -> None:
    done = ran("explain", name)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_project_that_was_not_judged_has_nothing_to_explain(ran: Gates) -> None:
    # By its id: two checks within one second have no order.
    rollup = json.loads(ran("check", "--gate", "services/api:unit", "--report", "json").out)
    done = ran("explain", "services/mail:lint", "--record", rollup["id"])
    assert done.code == 2
    assert "was not judged" in done.err
    assert "`gates -C services/mail explain` tells of its own last run" in done.err


def test_without_a_rollup_the_last_run_of_the_project_is_explained(gates: Gates) -> None:
    monorepo(gates.repo)
    assert gates("explain", "services/api:unit").code == 2
    gates("-C", "services/api", "check")
    assert gates("explain", "services/api:unit").out.startswith("api passed")
    done = gates("explain", "services/none:unit")
    assert (done.code, "no project lies at `services/none`" in done.err) == (2, True)
