from __future__ import annotations

import os

import pytest
from cli.conftest import Gates

POLICY = """\
version: 1
project: orders
levels:
  1: [{uses: pytest, with: {report: out/junit.xml}}]
"""
ONE_TEST = '<testsuites><testsuite><testcase classname="a" name="b"/></testsuite></testsuites>'


@pytest.fixture
def shop(gates: Gates) -> Gates:
    gates.repo.write(".gitignore", "out/\n.gates/local/\n")
    gates.policy(POLICY)
    gates.repo.write("out/junit.xml", ONE_TEST)
    return gates


def test_a_stamped_report_is_judged_whatever_its_age(shop: Gates) -> None:
    done = shop("stamp", "out/*.xml")
    tree = shop.repo.git("rev-parse", "HEAD^{tree}")
    assert (done.code, done.out) == (0, f"stamped out/junit.xml: tree {tree[:12]}\n")
    os.utime(shop.repo.root / "out/junit.xml", (1, 1))
    assert shop("check").code == 0
    (shop.repo.root / "out/junit.xml.stamp").unlink()
    assert shop("check").code == 3
    assert shop("stamp", "out/*.xml").code == 3


def test_a_stamped_report_is_of_no_other_files(shop: Gates) -> None:
    assert shop("stamp", "out/junit.xml").code == 0
    shop.repo.write("a.py", "x = 1\n")
    os.utime(shop.repo.root / "a.py", (1, 1))
    done = shop("check")
    assert done.code == 3
    assert "was made from other files" in done.out


def test_a_stamp_that_git_tracks_proves_nothing(shop: Gates) -> None:
    assert shop("stamp", "out/junit.xml").code == 0
    shop.repo.git("add", "--force", "out/junit.xml.stamp")
    shop.repo.git("commit", "--quiet", "-m", "bring a stamp")
    done = shop("check")
    assert done.code == 3
    assert "the stamp `junit.xml.stamp` is tracked by git" in done.out


@pytest.mark.parametrize(
    ("name", "told"),
    [("out/*.json", "no report matches"), ("out/none.xml", "is not there")],
)
def test_what_is_not_there_is_not_stamped(shop: Gates, name: str, told: str) -> None:
    done = shop("stamp", name)
    assert (done.code, done.out) == (3, "")
    assert told in done.err
