from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from cli.conftest import Gates
from reports.rollups import sample_rollup
from reports.runs import sample_run

from gates.cli.page import page

POLICY = """\
version: 1
project: shop
levels:
  1:
    gates:
      fine:
        uses: command
        with: {run: "true", examined: exit-status}
"""


def test_a_check_writes_the_page_with_the_digest_of_its_record(gates: Gates) -> None:
    gates.policy(POLICY)
    assert gates("check", "--report", "html=page.html").code == 0
    (record,) = (gates.repo.root / ".gates" / "local" / "runs").glob("*/run.json")
    digest = sha256(record.read_bytes()).hexdigest()
    written = (gates.repo.root / "page.html").read_text(encoding="utf-8")
    assert digest in written
    assert gates("report", "html").out == written


def test_the_page_of_a_named_record_tells_that_file(gates: Gates) -> None:
    gates.policy(POLICY)
    gates("check")
    (record,) = (gates.repo.root / ".gates" / "local" / "runs").glob("*/run.json")
    copy = gates.repo.root / "kept.json"
    copy.write_bytes(record.read_bytes())
    shown = gates("report", "html", "--record", "kept.json").out
    assert "sha256sum kept.json" in shown
    assert sha256(copy.read_bytes()).hexdigest() in shown


def test_a_record_that_is_gone_has_no_digest(tmp_path: Path) -> None:
    assert "sha256 of the file" not in page(sample_run(), "")
    assert "sha256 of the file" not in page(replace(sample_run(), folder=""), "")
    assert "sha256 of the file" not in page(sample_run(), str(tmp_path / "none.json"))


def test_a_rollup_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "rollup.json").write_bytes(b"x")
    shown = page(replace(sample_rollup(), folder=str(tmp_path)), "")
    assert sha256(b"x").hexdigest() in shown
