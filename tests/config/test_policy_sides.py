from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repo

from gates.config import cache
from gates.config.policy_sides import of_checkout, of_commit, resolved
from gates.domain.errors import ConfigError
from gates.domain.policy_change import PolicyFile
from gates.toolkit.pinned import Pinned

POLICY = """\
version: 1
levels:
  1:
    gates:
      lint: ruff
      secrets: {uses: detect-secrets, with: {baseline: own.baseline}}
  2:
    gates:
      api: {uses: http, service: api, with: {plan: checks/api.yaml}}
services:
  api: {run: serve}
"""
WAIVERS = """\
version: 1
waivers:
  - {gate: policy, finding: policy-loosened, scope: gates.yaml, reason: agreed, owner: ana,
     created: 2026-01-01, expires: 2026-02-01}
"""


@pytest.fixture
def shop(repo: Repo) -> Repo:
    repo.write("gates.yaml", POLICY)
    repo.write(".gates/waivers.yaml", WAIVERS)
    repo.write(".gates/baseline.json", "{}")
    repo.write("own.baseline", "one")
    repo.write("checks/api.yaml", "two")
    repo.commit()
    return repo


def pinned(repo: Repo) -> Pinned:
    return Pinned(repo.root, repo.environ, repo.root)


def test_a_commit_has_its_policy_whatever_lies_there(shop: Repo) -> None:
    commit = shop.git("rev-parse", "HEAD")
    for name in ("gates.yaml", ".gates/waivers.yaml", "own.baseline"):
        shop.write(name, "other")
    found = of_commit(shop.ask(), commit, "shop", pinned(shop))
    assert found is not None
    assert [gate.name for gate in found.plan.gates] == ["lint", "secrets", "api"]
    assert found.plan.policy.source == f"gates.yaml@{commit}"
    assert found.waivers is not None
    assert found.waivers.source == f".gates/waivers.yaml@{commit}"
    assert [waiver.gate for waiver in found.side.waivers] == ["policy"]
    counted = {path: file.is_counted for path, file in found.side.files.items()}
    assert counted == {
        ".gates/baseline.json": True,
        "own.baseline": True,
        "checks/api.yaml": False,
    }


def test_both_sides_see_the_same_files(shop: Repo) -> None:
    commit = shop.git("rev-parse", "HEAD")
    base = of_commit(shop.ask(), commit, "shop", pinned(shop))
    plan = cache.load_cached(shop.root / "gates.yaml", state=None)
    shop.write(".gates/local/runs/x", "no policy")
    here = of_checkout(shop.root, shop.ask(), plan, None)
    assert base is not None
    assert here.files == base.side.files
    shop.write(".gates/new.yaml", "untracked")
    (shop.root / "own.baseline").unlink()
    later = of_checkout(shop.root, shop.ask(), plan, base.waivers)
    assert set(later.files) ^ set(here.files) == {".gates/new.yaml", "own.baseline"}
    assert later.waivers == base.side.waivers


def test_a_commit_without_a_policy_has_none(repo: Repo) -> None:
    assert of_commit(repo.ask(), repo.commit(), "shop", pinned(repo)) is None


def test_a_policy_without_waivers_is_one(repo: Repo) -> None:
    repo.write("gates.yaml", "version: 1\nlevels: {1: [ruff]}\n")
    found = of_commit(repo.ask(), repo.commit(), "shop", pinned(repo))
    assert found is not None
    assert (found.waivers, found.side.waivers, found.plan.project) == (None, (), "shop")


@pytest.mark.parametrize("name", ["gates.yaml", ".gates/waivers.yaml"])
def test_a_policy_that_cannot_be_used_is_an_error(shop: Repo, name: str) -> None:
    shop.write(name, "nonsense")
    commit = shop.commit()
    with pytest.raises(ConfigError):
        of_commit(shop.ask(), commit, "shop", pinned(shop))


def test_a_file_outside_is_not_read(repo: Repo) -> None:
    text = "version: 1\nlevels: {1: {gates: {s: {uses: detect-secrets, with: {baseline: ../x}}}}}\n"
    (repo.root.parent / "x").write_text("outside")
    path = repo.write("gates.yaml", text)
    plan = cache.load_cached(path, state=None)
    assert of_checkout(repo.root, repo.ask(), plan, None).files == {}


def test_a_revision_that_is_not_there_is_named(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit()
    assert resolved(repo.ask(), "HEAD") == commit
    for ref in ("nope", "--all", ""):
        with pytest.raises(ConfigError) as caught:
            resolved(repo.ask(), ref)
        assert caught.value.problems[0].slug == "unknown-ref"
    plain = tmp_path / "plain"
    plain.mkdir()
    with pytest.raises(ConfigError, match="no git repository"):
        resolved(repo.ask().at(plain), "HEAD")


def test_a_digest_is_all_that_is_compared() -> None:
    assert PolicyFile("a") != PolicyFile("b")
