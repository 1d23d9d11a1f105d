"""Waivers in whole commands: an advisory that cannot be fixed has a way out, with an end."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from advisories.samples import V3_CRITICAL, about, record
from cli.conftest import Ended, Gates

POLICY = """\
version: 1
project: shop
levels:
  1:
    gates:
      audit:
        uses: advisories
        with: {source: osv.json, lock: requirements.txt}
      fine:
        uses: command
        with: {run: "true", examined: exit-status}
"""
UNFIXED = record(
    "GHSA-462w-v97r-4m45",
    aliases=["CVE-2099-0001"],
    affected=[about("jinja2", events=(("introduced", "0"),))],
    severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}],
)


def day(days: int) -> date:
    return datetime.now(UTC).date() + timedelta(days)


def waiver(first: int = -5, last: int = 60, **changed: str) -> str:
    keys = {
        "gate": "audit",
        "finding": "GHSA-462w-v97r-4m45",
        "scope": "jinja2",
        "reason": "no fix yet",
        "owner": "ana",
        "created": f"{day(first)}",
        "expires": f"{day(last)}",
        **changed,
    }
    return "  - " + "\n    ".join(f"{key}: {text}" for key, text in keys.items()) + "\n"


@pytest.fixture
def shop(gates: Gates) -> Gates:
    gates.repo.write("requirements.txt", "Jinja2==2.10\n")
    gates.repo.write("osv.json", json.dumps([UNFIXED]))
    gates.policy(POLICY)
    return gates


def check(shop: Gates, *entries: str, arguments: tuple[str, ...] = ()) -> Ended:
    shop.repo.write(".gates/waivers.yaml", "version: 1\nwaivers:\n" + "".join(entries))
    shop.repo.commit()
    return shop("check", *arguments)


def stored(shop: Gates) -> dict[str, object]:
    document: object = json.loads(shop("report", "json").out)
    assert isinstance(document, dict)
    schema = json.loads((files("gates.reports") / "run_v1.schema.json").read_text())
    jsonschema.validate(document, schema)
    return document


def standing(shop: Gates) -> dict[str, list[str]]:
    """The findings of the waivers that the record tells of, by how they stand."""
    waivers = stored(shop)["waivers"]
    assert isinstance(waivers, dict)
    return {
        key: [each["finding"] for each in told]
        for key, told in waivers.items()
        if isinstance(told, list) and told
    }


def test_without_a_waiver_it_has_no_way_out(shop: Gates) -> None:
    done = shop("check")
    assert done.code == 1
    assert "requirements.txt:1  critical CVE-2099-0001" in done.out
    document = stored(shop)
    assert document["waivers"] is None
    assert isinstance(document["policy"], dict)
    assert document["policy"]["waivers"] is None


def test_an_advisory_that_cannot_be_fixed_is_waived(shop: Gates, root: Path) -> None:
    done = check(shop, waiver())
    assert done.code == 0, done.out
    assert "waived        audit" in done.out
    assert "critical 0, 1 waived (== 0)" in done.out
    waived = f"waived until {day(60)} by ana: no fix yet"
    assert f"audit: CVE-2099-0001 requirements.txt:1: {waived}" in done.out
    assert "passed · Level 1 · 1 passed, 1 waived" in done.out
    document = stored(shop)
    assert document["verdict"] == "passed"
    assert standing(shop) == {}
    import hashlib

    digest = hashlib.sha256((root / ".gates" / "waivers.yaml").read_bytes()).hexdigest()
    assert isinstance(document["policy"], dict)
    assert document["policy"]["waivers"] == {"source": ".gates/waivers.yaml", "sha256": digest}
    again = shop("report", "console")
    assert again.out.splitlines()[-3:] == done.out.splitlines()[-3:]


def test_an_expired_waiver_is_told_and_its_finding_counts_again(shop: Gates) -> None:
    done = check(shop, waiver(first=-30, last=-3))
    assert done.code == 1
    assert "failed        audit" in done.out
    assert "critical is 1, required == 0" in done.out
    (told,) = (line for line in done.out.splitlines() if "waiver expired" in line)
    assert f"({day(-3)}): gate `audit`, GHSA-462w-v97r-4m45 in jinja2: no fix yet (ana)" in told
    assert told.endswith("(.gates/waivers.yaml:3:5)")
    assert standing(shop) == {"expired": ["GHSA-462w-v97r-4m45"]}
    assert "waiver expired" in shop("report", "console").out


def test_a_waiver_that_does_not_hold_yet_covers_nothing(shop: Gates) -> None:
    done = check(shop, waiver(first=3))
    assert done.code == 1
    assert f"waiver not valid before {day(3)}" in done.out
    assert standing(shop) == {"not_yet_valid": ["GHSA-462w-v97r-4m45"]}


def test_a_waiver_that_ends_soon_is_told(shop: Gates) -> None:
    done = check(shop, waiver(last=10))
    assert done.code == 0
    assert "waiver expires in " in done.out
    assert standing(shop) == {"expiring": ["GHSA-462w-v97r-4m45"]}


def test_a_waiver_that_covers_nothing_is_told(shop: Gates) -> None:
    done = check(shop, waiver(), waiver(finding="CVE-2099-0002"), waiver(scope="flask"))
    assert done.code == 0
    assert done.out.count("waiver unmatched: gate `audit`") == 2
    assert standing(shop) == {"unmatched": ["CVE-2099-0002", "GHSA-462w-v97r-4m45"]}


@pytest.mark.parametrize("arguments", [("--gate", "fine"), ("--changed-from", "HEAD")])
def test_no_waiver_is_unmatched_where_its_gate_was_not_judged(
    shop: Gates, arguments: tuple[str, ...]
) -> None:
    done = check(shop, waiver(finding="CVE-2099-0002"), arguments=arguments)
    assert done.code == 0 if "--gate" in arguments else 1
    assert "unmatched" not in done.out
    assert standing(shop) == {}


def test_an_errored_gate_is_not_waived(shop: Gates, root: Path) -> None:
    (root / "osv.json").unlink()
    done = check(shop, waiver())
    assert done.code == 3
    assert "unmatched" not in done.out


def test_a_condition_is_waived_with_its_reason(shop: Gates) -> None:
    text = waiver(finding="x", scope="x").replace("finding: x", "condition: critical")
    done = check(shop, text.replace("    scope: x\n", ""))
    assert done.code == 0
    assert "critical 1 (== 0 waived)" in done.out
    assert "audit: critical is 1, required == 0: waived until" in done.out
    assert standing(shop) == {}


def test_a_malformed_file_is_a_configuration_error(shop: Gates, root: Path) -> None:
    done = check(shop, waiver(gate="adit"), waiver(expires="soon"))
    assert done.code == 2
    assert ".gates/waivers.yaml:3:11" in done.err
    assert "did you mean `audit`?" in done.err
    assert ".gates/waivers.yaml:16:14" in done.err
    assert "^" in done.err
    assert not (root / ".gates" / "local").exists()


def test_a_link_is_a_configuration_error(shop: Gates, root: Path) -> None:
    shop.repo.write("elsewhere.yaml", "version: 1\nwaivers:\n" + waiver())
    (root / ".gates").mkdir()
    (root / ".gates" / "waivers.yaml").symlink_to("../elsewhere.yaml")
    done = shop("check")
    assert done.code == 2
    assert "`.gates/waivers.yaml` is a link" in done.err


def test_waivers_that_nobody_can_review_are_told(shop: Gates) -> None:
    shop.repo.write(".gitignore", ".gates/\n")
    done = check(shop, waiver())
    assert done.code == 0
    assert "`.gates/waivers.yaml` is ignored by git, so nobody can review it" in done.out
    shop.repo.git("add", "--force", ".gates/waivers.yaml")
    assert "`.gates/waivers.yaml` is in no commit yet" in shop("check").out
    shop.repo.git("commit", "--quiet", "-m", "waive")
    assert "nobody" not in shop("check").out


def test_in_ci_no_kept_waiver_answers(shop: Gates) -> None:
    assert check(shop, waiver()).code == 0
    git = Path(shop.repo.git("rev-parse", "--absolute-git-dir"))
    (file,) = git.glob("gates/*/waivers/*.json")
    file.unlink()
    assert shop("check", CI="true").code == 0
    assert list(git.glob("gates/*/waivers/*.json")) == []
