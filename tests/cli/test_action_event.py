"""The event says what a change is compared with, and whose policy holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from repositories import Repo

from gates.cli.action_event import Event, policy_of, read
from gates.toolkit.history import Wanted

BASE = "b" * 40


def event(tmp_path: Path, name: str, payload: object, **environ: str) -> Event:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(payload))
    own = {"GITHUB_REPOSITORY": "shop/orders", "GITHUB_EVENT_PATH": str(path)}
    return read({"GITHUB_EVENT_NAME": name, **own, **environ})


def request(sender: str = "shop/orders", visibility: str = "public") -> dict[str, object]:
    base, head = {"sha": BASE, "ref": "main"}, {"repo": {"full_name": sender}}
    return {
        "repository": {"visibility": visibility, "default_branch": "main"},
        "pull_request": {"base": base, "head": head},
    }


def test_a_pull_request(tmp_path: Path) -> None:
    assert event(tmp_path, "pull_request", request(), GITHUB_BASE_REF="main") == Event(
        "pull_request", Wanted(branch="main"), BASE, is_public=True, is_proposal=True
    )


@pytest.mark.parametrize(
    "name", ["pull_request_target", "pull_request_review", "pull_request_review_comment"]
)
def test_each_event_of_a_pull_request_proposes_a_change(tmp_path: Path, name: str) -> None:
    found = event(tmp_path, name, request())
    assert (found.is_proposal, found.policy) == (True, BASE)


@pytest.mark.parametrize(
    ("payload", "actor"),
    [
        (request("fork/orders"), "ann"),
        (request(), "dependabot[bot]"),
        ({"pull_request": {"head": {"repo": None}}}, "ann"),
    ],
)
def test_who_may_not_write(tmp_path: Path, payload: object, actor: str) -> None:
    assert not event(tmp_path, "pull_request", payload, GITHUB_ACTOR=actor).may_write


def test_a_merge_queue(tmp_path: Path) -> None:
    found = event(tmp_path, "merge_group", {"merge_group": {"base_sha": BASE}})
    assert (found.wanted, found.policy, found.is_public) == (Wanted(commit=BASE), BASE, False)
    assert found.is_proposal


def test_a_push(tmp_path: Path) -> None:
    assert event(tmp_path, "push", {"before": BASE}).wanted == Wanted(commit=BASE)
    new = {"before": "0" * 40, "repository": {"default_branch": "trunk"}}
    assert event(tmp_path, "push", new).wanted == Wanted(branch="trunk")


@pytest.mark.parametrize("payload", [None, [], "x", {"pull_request": 3}])
def test_an_event_that_says_nothing(tmp_path: Path, payload: object) -> None:
    assert event(tmp_path, "schedule", payload) == Event("schedule", Wanted())
    found = event(tmp_path, "pull_request", payload)
    assert (found.policy, found.is_proposal) == ("", True)


def test_without_a_file_nothing_is_known() -> None:
    assert read({}) == Event("", Wanted())


def test_the_policy_is_that_of_the_base_which_the_merge_holds(repo: Repo) -> None:
    repo.write("a", "1")
    base = repo.commit()
    repo.write("a", "2")
    merge = repo.commit()
    asked = Event("pull_request", Wanted(branch="main"), policy=BASE)
    there = {"GITHUB_REF": "refs/pull/1/merge", "GITHUB_SHA": merge}
    assert policy_of(asked, repo.ask(), there) == base


def test_a_commit_that_github_did_not_make_names_no_policy(repo: Repo) -> None:
    repo.commit()
    repo.commit()
    asked = Event("pull_request", Wanted(branch="main"), policy=BASE)
    there = {"GITHUB_REF": "refs/pull/1/merge", "GITHUB_SHA": "c" * 40}
    assert policy_of(asked, repo.ask(), there) == BASE
    assert policy_of(Event("push", Wanted()), repo.ask(), there) == ""
