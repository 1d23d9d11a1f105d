from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from monorepos import monorepo, policy
from repositories import Repo

from gates.config.kept import decode, encode
from gates.config.load import load
from gates.config.projects import _below, find, nested
from gates.config.schema import json_schema
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import Plan, ProjectEntry

HEAD = "version: 1\n"


def read(text: str) -> Plan:
    return load(text.encode(), name="gates.yaml", default_project="shop")


def found(repo: Repo, *patterns: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    entries = [ProjectEntry(pattern, f"gates.yaml:3:{at}") for at, pattern in enumerate(patterns)]
    done = find(repo.root, entries, repo.ask())
    return done.projects, done.without, done.unnamed


def refused(repo: Repo, *patterns: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        found(repo, *patterns)
    return caught.value.problems


def test_a_file_may_name_projects_in_place_of_levels() -> None:
    plan = read(HEAD + "projects: [services/*, packages/core]\n")
    assert plan.projects == (
        ProjectEntry("services/*", "gates.yaml:2:12"),
        ProjectEntry("packages/core", "gates.yaml:2:24"),
    )
    assert (plan.gates, plan.levels) == ((), ())
    both = read(HEAD + "projects: [a]\nlevels: {1: [ruff]}\n")
    assert len(both.projects) == len(both.gates) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file has no `levels`"),
        ("projects: []", "`projects` is empty"),
        ("projects:", "`projects` is empty; it should be a list"),
        ("projects: services/*", "`projects` should be a list, not text"),
        ("projects: ['']", "item 1 of `projects` is empty"),
        ("projects: [a]\nlevels: {}", "there are no levels"),
    ],
)
def test_what_names_no_projects_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(f"{HEAD}{text}\n")
    assert [each.summary for each in caught.value.problems] == [words]


def test_a_kept_plan_holds_its_projects() -> None:
    plan = read(HEAD + "projects: [services/*]\nlevels: {1: [ruff]}\n")
    assert decode(encode(plan)) == plan


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ({"version": 1, "projects": ["a"]}, True),
        ({"version": 1, "projects": ["a"], "levels": {"1": ["ruff"]}}, True),
        ({"version": 1, "levels": {"1": ["ruff"]}}, True),
        ({"version": 1}, False),
        ({"version": 1, "projects": []}, False),
        ({"version": 1, "projects": "a"}, False),
        ({"version": 1, "projects": ["a"], "levels": {}}, False),
    ],
)
def test_the_schema_says_the_same(document: object, is_valid: bool) -> None:  # noqa: FBT001
    schema = json_schema(stage_names=lambda: ("ruff",))
    assert jsonschema.Draft202012Validator(schema).is_valid(document) is is_valid


def test_paths_and_globs_name_folders_each_once(repo: Repo) -> None:
    monorepo(repo)
    both = ("packages/core", "services/api", "services/mail")
    assert found(repo, "packages/core", "services/*", "./services/api/") == (both, (), ())
    assert found(repo, "**/*")[0] == both
    assert found(repo, "**")[:2] == (both, ())
    assert found(repo, "*/[am]*")[0] == ("services/api", "services/mail")


def test_a_folder_inside_a_project_may_be_one(repo: Repo) -> None:
    monorepo(repo)
    repo.write("services/api/plugin/gates.yaml", policy(("lint", "true")))
    assert found(repo, "services/api", "services/api/*")[0] == (
        "services/api",
        "services/api/plugin",
    )


def test_what_is_left_out_is_told(repo: Repo) -> None:
    monorepo(repo)
    repo.write("services/old/gates.yml", "")
    repo.write("services/.hidden/gates.yaml", "")
    repo.write("services/node_modules/gates.yaml", "")
    for at in range(7):
        repo.write(f"tools/t{at}/gates.yaml", "")
    repo.write("new/gates.yaml", "")
    repo.git("add", "tools")
    (repo.root / "tools/t6/gates.yaml").unlink()
    entries = [ProjectEntry("services/*", "")]
    done = find(repo.root, entries, repo.ask())
    assert done.notes() == (
        "1 folder of `projects:` without gates.yaml, not judged: services/old",
        (
            "7 folders with a gates.yaml that no entry of `projects:` names, not judged:"
            " packages/core, tools/t0, tools/t1, tools/t2, tools/t3 and 2 more"
        ),
    )
    assert "services/.hidden" in found(repo, "services/.h*")[0]


def test_without_git_nothing_is_known_of_other_folders(tmp_path: Path, repo: Repo) -> None:
    bare = tmp_path / "bare"
    (bare / "a").mkdir(parents=True)
    (bare / "a" / "gates.yaml").write_text("")
    done = find(bare, [ProjectEntry("*", "")], repo.ask().at(bare))
    assert (done.projects, done.unnamed, done.notes()) == (("a",), (), ())


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("/srv/api", "`/srv/api` names no folder below that of gates.yaml"),
        ("../other", "`../other` names no folder below that of gates.yaml"),
        ("services/../..", "names no folder below"),
        (".", "`.` names no folder below that of gates.yaml"),
        ("servces/*", "`servces/*` matches no folder with a gates.yaml"),
        ("**/none*", "`**/none*` matches no folder with a gates.yaml"),
        ("services/none", "there is no folder `services/none`"),
        ("services/api/gates.yaml", "there is no folder `services/api/gates.yaml`"),
        ("services/api/src", "the folder `services/api/src` has no gates.yaml"),
    ],
)
def test_an_entry_that_leads_nowhere_is_refused(repo: Repo, pattern: str, words: str) -> None:
    monorepo(repo)
    (problem,) = refused(repo, "services/api", pattern)
    assert words in problem.summary
    assert (problem.slug, problem.place) == ("bad-project", "gates.yaml:3:1")
    assert problem.hint


def test_all_entries_that_lead_nowhere_are_told_at_once(repo: Repo) -> None:
    monorepo(repo)
    assert len(refused(repo, "none", "nothing/*", "services/*")) == 2


def test_links_count_where_they_lead(repo: Repo) -> None:
    monorepo(repo)
    (repo.root / "services/again").symlink_to("api")
    assert found(repo, "services/*")[0] == ("services/api", "services/mail")
    assert found(repo, "services/again")[0] == ("services/api",)


@pytest.mark.parametrize("target", ["../../outside", "..", "../.."])
def test_links_that_lead_away_are_refused(repo: Repo, tmp_path: Path, target: str) -> None:
    monorepo(repo)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "gates.yaml").write_text("")
    (tmp_path / "gates.yaml").write_text("")
    link = repo.root / "services/away"
    link.symlink_to(target)
    if target == "..":
        assert "there is no" not in refused(repo, "services/away")[0].summary
        return
    (problem,) = refused(repo, "services/away", "services/api")
    assert "`services/away` leads by a link out of the folder" in problem.summary
    assert refused(repo, "services/*")


def test_a_file_that_is_a_link_out_of_the_folder_is_refused(repo: Repo, tmp_path: Path) -> None:
    monorepo(repo)
    (tmp_path / "foreign.yaml").write_text(policy(("lint", "true")))
    (repo.root / "services/mail/gates.yaml").unlink()
    (repo.root / "services/mail/gates.yaml").symlink_to(tmp_path / "foreign.yaml")
    assert "`services/mail` leads by a link" in refused(repo, "services/*")[0].summary


def test_a_folder_that_cannot_be_read_is_refused(repo: Repo) -> None:
    with pytest.raises(ConfigError) as caught:
        _below(repo.root / "vanished", "*", linked=True)
    assert caught.value.problems[0].slug == "project-unreadable"


def test_a_glob_below_a_file_matches_nothing(repo: Repo) -> None:
    monorepo(repo)
    assert refused(repo, "gates.yaml/*")[0].slug == "bad-project"


def test_projects_of_projects_are_refused() -> None:
    plans = {"a": read(HEAD + "projects: [b]\n"), "c": read(HEAD + "levels: {1: [ruff]}\n")}
    (problem,) = nested(plans)
    assert (problem.slug, problem.place) == ("nested-projects", "a/gates.yaml:2:12")
