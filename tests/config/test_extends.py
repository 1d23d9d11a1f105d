"""Shared policies: found in the checkout, in a commit, and in a pinned revision; else refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import Repo

from gates.config import cache, extends
from gates.config.extends import Book, Checkout, Commit, Nowhere, Reference, shelf_of
from gates.config.load import load, load_book
from gates.domain.errors import ConfigError
from gates.domain.plan import Plan

SHARED = """\
version: 1
levels:
  1:
    gates:
      lint: ruff
      coverage:
        uses: coverage
        require: [line >= 80%, branch >= 70%]
      tests: pytest
"""
OWN = """\
version: 1
extends: ../../policy/gates.yaml
levels:
  1:
    gates:
      coverage: {require: [line >= 90%]}
      types: mypy
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def shop(repo: Repo) -> Repo:
    repo.write("policy/gates.yaml", SHARED)
    repo.write("services/shop/gates.yaml", OWN)
    repo.commit()
    return repo


def shelf(repo: Repo, state: Path, folder: str = "services/shop") -> Checkout:
    root = repo.root / folder
    return shelf_of(root, repo.ask().at(root), state, repo.environ)


def read(repo: Repo, state: Path, folder: str = "services/shop") -> Plan:
    path = repo.root / folder / "gates.yaml"
    return cache.load_cached(path, state=state, shelf=lambda: shelf(repo, state, folder))


def refused(read_it: Callable[[], object]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_it()
    return [f"{each.place} {each.slug}: {each.summary}" for each in caught.value.problems]


def test_a_project_adds_gates_and_tightens_conditions(shop: Repo, state: Path) -> None:
    plan = read(shop, state)
    assert [gate.name for gate in plan.gates] == ["lint", "coverage", "tests", "types"]
    required = [each for each in plan.gate("coverage").conditions if each.metric == "line"]
    assert [(each.text, each.origin) for each in required] == [("line >= 90%", "gates.yaml:6:28")]
    assert plan.gate("lint").place == "../../policy/gates.yaml:5:7"
    (behind,) = plan.policy.extends
    assert (behind.source, behind.is_pinned) == ("../../policy/gates.yaml", False)
    assert plan.policy.source == "gates.yaml"
    assert plan.project == "shop"


def test_a_kept_plan_answers_only_for_the_same_bytes_behind_it(shop: Repo, state: Path) -> None:
    first = read(shop, state)
    assert read(shop, state) == first
    shop.write("policy/gates.yaml", SHARED.replace("lint: ruff", "lint: ruff\n      sast: bandit"))
    second = read(shop, state)
    assert [gate.name for gate in second.gates] == ["lint", "sast", "coverage", "tests", "types"]
    assert second.policy.extends[0].sha256 != first.policy.extends[0].sha256
    (shop.root / "policy/gates.yaml").unlink()
    (problem,) = refused(lambda: read(shop, state))
    assert problem == ("gates.yaml:2:10 extends-absent: there is no file `../../policy/gates.yaml`")


DOUBT = " (cannot be told to be as strict)"


@pytest.mark.parametrize(
    ("changed", "place", "what", "told"),
    [
        (
            "coverage: {require: [line >= 70%]}",
            "6:28",
            "condition on `line` of gate `coverage`",
            "`line >= 80%`; here: `line >= 70%`",
        ),
        (
            "coverage: {warn: [branch >= 90%]}",
            "6:25",
            "condition on `branch` of gate `coverage`",
            "`branch >= 70%`; here: `warn: branch >= 90%`",
        ),
        (
            "lint: {drop: [warnings]}",
            "6:7",
            "condition on `warnings` of gate `lint`",
            "`warnings == 0`; here: `dropped`",
        ),
        (
            "tests: {with: {args: [-x]}}",
            "6:7",
            f"option `args` of gate `tests`{DOUBT}",
            "`[]`; here: `[-x]`",
        ),
        (
            "tests: {when: ci}",
            "6:7",
            "`when` of gate `tests`",
            "`push, ci`; here: `ci`",
        ),
    ],
)
def test_what_loosens_is_refused_at_its_place(  # noqa: PLR0917 - one for each part of a case
    shop: Repo, state: Path, changed: str, place: str, what: str, told: str
) -> None:
    text = OWN.replace("coverage: {require: [line >= 90%]}", changed)
    shop.write("services/shop/gates.yaml", text.replace("      types: mypy\n", ""))
    wanted = (
        f"gates.yaml:{place} loosens-shared: {what} is looser than the policy that is extended:"
        f" {told}"
    )
    assert refused(lambda: read(shop, state)) == [wanted]


def test_another_stage_is_no_way_around(shop: Repo, state: Path) -> None:
    shop.write("services/shop/gates.yaml", OWN.replace("types: mypy", "lint: ruff-format"))
    found = refused(lambda: read(shop, state))
    assert found[0].startswith(f"gates.yaml:7:7 loosens-shared: stage of gate `lint`{DOUBT}")


def test_exemptions_levels_and_services_cannot_be_taken_back(shop: Repo, state: Path) -> None:
    text = """\
version: 1
extends: ../../policy/gates.yaml
not_applicable: {L1-SAST: {reason: none, owner: ana}}
levels: {2: {gates: {lint: ruff}}}
"""
    shop.write("services/shop/gates.yaml", text)
    found = refused(lambda: read(shop, state))
    assert any("`L1-SAST` under `not_applicable`" in each for each in found), found
    assert any("level of gate `lint`" in each for each in found), found


def test_sources_and_tools_are_the_projects_own(shop: Repo, state: Path) -> None:
    text = OWN.replace(
        "levels:", "sources: {include: [src], exclude: [old]}\nenvironment: .env\nlevels:"
    )
    shop.write("services/shop/gates.yaml", text)
    plan = read(shop, state)
    assert (plan.include, plan.exclude, plan.environment) == (("src",), ("old",), ".env")


def test_a_file_may_add_nothing_but_its_name(shop: Repo, state: Path) -> None:
    text = "version: 1\nproject: shop\nextends: ../../policy/gates.yaml\n"
    shop.write("services/shop/gates.yaml", text)
    assert [gate.name for gate in read(shop, state).gates] == ["lint", "coverage", "tests"]


def test_a_mistake_in_either_file_is_told_at_its_place(shop: Repo, state: Path) -> None:
    shop.write("services/shop/gates.yaml", OWN.replace("types: mypy", "types: mypi"))
    assert refused(lambda: read(shop, state)) == [
        "gates.yaml:7:14 unknown-stage: no stage is named `mypi`"
    ]
    shop.write("policy/gates.yaml", SHARED.replace("lint: ruff", "lint: rufff"))
    assert refused(lambda: read(shop, state)) == [
        "../../policy/gates.yaml:5:13 unknown-stage: no stage is named `rufff`"
    ]


@pytest.mark.parametrize(
    ("value", "slug"),
    [
        ("/etc/gates.yaml", "bad-extends"),
        ('""', "bad-extends"),
        ("3", "bad-value"),
        ("[a]", "bad-value"),
        ("../../../outside.yaml", "extends-outside"),
        ("../none.yaml", "extends-absent"),
        ("{git: ../x, rev: main}", "bad-revision"),
        ("{git: ../x, rev: 0123abc}", "bad-revision"),
        ("{git: -x, rev: " + "a" * 40 + "}", "bad-repository"),
        ("{git: ../x, rev: " + "a" * 40 + ", branch: main}", "unknown-key"),
        ("{git: ../nowhere, rev: " + "a" * 40 + "}", "pinned-unreachable"),
    ],
)
def test_what_cannot_be_extended_is_refused(shop: Repo, state: Path, value: str, slug: str) -> None:
    shop.write("services/shop/gates.yaml", OWN.replace("../../policy/gates.yaml", value))
    found = refused(lambda: read(shop, state))
    assert [each.split()[1].rstrip(":") for each in found] == [slug]
    assert found[0].startswith("gates.yaml:2:")


def test_a_link_does_not_lead_out(shop: Repo, state: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text(SHARED)
    (shop.root / "policy/gates.yaml").unlink()
    (shop.root / "policy/gates.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert "extends-outside" in refused(lambda: read(shop, state))[0]


def test_chains_are_followed_and_circles_refused(shop: Repo, state: Path) -> None:
    company = "version: 1\nlevels: {1: {gates: {sast: bandit}}}\n"
    shop.write("policy/company.yaml", company)
    shop.write("policy/gates.yaml", SHARED.replace("levels:", "extends: company.yaml\nlevels:"))
    plan = read(shop, state)
    assert [each.source for each in plan.policy.extends] == [
        "../../policy/gates.yaml",
        "../../policy/company.yaml",
    ]
    assert plan.gate("sast").place == "../../policy/company.yaml:2:22"
    shop.write("policy/company.yaml", f"extends: gates.yaml\n{company}")
    assert "extends-cycle" in refused(lambda: read(shop, state))[0]


def test_too_long_a_chain_is_refused(shop: Repo, state: Path) -> None:
    for at in range(extends.DEPTH + 2):
        shop.write(f"policy/{at}.yaml", f"version: 1\nextends: {at + 1}.yaml\n")
    shop.write("policy/gates.yaml", "version: 1\nextends: 0.yaml\n")
    assert "extends-depth" in refused(lambda: read(shop, state))[0]


def test_a_file_of_projects_cannot_be_extended(shop: Repo, state: Path) -> None:
    shop.write("policy/gates.yaml", "version: 1\nprojects: [services/*]\n")
    assert "names projects" in refused(lambda: read(shop, state))[0]


def test_a_commit_reads_what_it_had(shop: Repo, state: Path) -> None:
    commit = shop.commit()
    shop.write("policy/gates.yaml", "nonsense")
    here = shelf(shop, state)
    book = Book(OWN.encode(), f"gates.yaml@{commit}", Commit(here.git, commit, here.pinned))
    assert len(load_book(book, default_project="shop").gates) == 4
    gone = Book(
        OWN.replace("policy/gates", "policy/none").encode(),
        "x",
        Commit(here.git, commit, here.pinned),
    )
    assert "extends-absent" in refused(lambda: load_book(gone, default_project="shop"))[0]
    assert Commit(here.git, commit, here.pinned).sibling("/etc/passwd") is None


def test_a_pinned_revision_is_fetched_once(
    shop: Repo, state: Path, tmp_path: Path, shared: Repo
) -> None:
    del tmp_path
    company = "version: 1\nlevels: {1: {gates: {sast: bandit}}}\n"
    shared.write("lib/company.yaml", company)
    shared.write("lib/gates.yaml", SHARED.replace("levels:", "extends: company.yaml\nlevels:"))
    commit = shared.commit()
    pin = f"{{git: {shared.root}, rev: {commit}, path: lib/gates.yaml}}"
    shop.write("services/shop/gates.yaml", OWN.replace("../../policy/gates.yaml", pin))
    plan = read(shop, state)
    assert [each.source for each in plan.policy.extends] == [
        f"{shared.root}@{commit}:lib/gates.yaml",
        f"{shared.root}@{commit}:lib/company.yaml",
    ]
    assert all(each.is_pinned for each in plan.policy.extends)
    shared.root.rename(shared.root.with_name("moved"))
    assert read(shop, state) == plan
    for kept in (state / "plans").iterdir():
        kept.unlink()
    assert read(shop, state) == plan


@pytest.fixture
def shared(repo: Repo, tmp_path: Path) -> Repo:
    other = Repo(tmp_path / "shared", repo.environ)
    other.root.mkdir()
    other.git("init", "--quiet", "--initial-branch=main")
    return other


def test_a_text_alone_extends_nothing() -> None:
    text = b"version: 1\nextends: other.yaml\nlevels: {1: [ruff]}\n"
    found = refused(lambda: load(text, name="gates.yaml", default_project="x"))
    assert "extends-absent" in found[0]
    assert Nowhere().sibling("x") is None


def test_a_kept_plan_that_cannot_be_checked_is_not_used(shop: Repo, state: Path) -> None:
    plan = read(shop, state)
    assert extends.is_current(plan.policy, shelf(shop, state))
    assert not extends.is_current(plan.policy, Nowhere())
    (shop.root / "policy/gates.yaml").unlink()
    (shop.root / "policy/gates.yaml").mkdir()
    assert not extends.is_current(plan.policy, shelf(shop, state))


def test_outside_git_only_the_folder_itself_is_read(tmp_path: Path, state: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "shared.yaml").write_text(SHARED)
    plain = Repo(folder, {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    book = shelf(plain, state, ".").find(Reference("shared.yaml"))
    assert book.extended.source == "shared.yaml"
    with pytest.raises(ConfigError):
        shelf(plain, state, ".").find(Reference("../state/x"))
