import pytest
from cli.conftest import Gates

LINT = "version: 1\nproject: shop\nsources: [app.py]\nlevels:\n  1:\n    gates:\n      lint: ruff\n"


@pytest.fixture
def shop(gates: Gates) -> Gates:
    gates.repo.write("app.py", '"""An app."""\n')
    return gates


@pytest.mark.live
def test_a_sound_project_exits_0_and_nothing_is_measured(shop: Gates) -> None:
    shop.policy(LINT)
    done = shop("doctor")
    assert done.code == 0, done.err
    assert "shop · 1 gate · " in done.out
    assert "each gate can run, and each can fail" in done.out
    assert "L1-TESTS" in done.out
    assert done.err == ""
    assert not (shop.repo.root / ".gates").exists()


def test_a_gate_that_cannot_run_exits_3_and_says_what_is_next(shop: Gates) -> None:
    shop.policy(LINT.replace("app.py", "lib"))
    done = shop("doctor")
    assert done.code == 3
    assert "gates that cannot run\n  lint  `lib` in `sources` matches no file" in done.out
    assert "next: correct the entry or remove it" in done.out
    assert "1 of 1 gate cannot run" in done.out


def test_a_gate_that_could_not_fail_exits_0(gates: Gates) -> None:
    gates.policy(
        "version: 1\nlevels:\n  1:\n    gates:\n      own:\n        uses: command\n"
        "        with: {run: 'true', examined: exit-status}\n"
    )
    done = gates("doctor")
    assert done.code == 0
    assert "1 of 1 gate could not fail" in done.out


def test_a_bad_policy_exits_2(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [rufff]\n")
    assert gates("doctor").code == 2


def test_an_environment_that_is_not_there_exits_3(shop: Gates) -> None:
    shop.policy(LINT.replace("sources:", "environment: venv\nsources:"))
    done = shop("doctor")
    assert done.code == 3
    assert "error[environment-missing]" in done.err


def test_projects_are_looked_at_one_by_one(shop: Gates) -> None:
    shop.policy("version: 1\nprojects: [services/*]\n")
    done = shop("doctor")
    assert done.code == 0, done.err
    assert "no gate stands in this folder\n" in done.out
    assert "projects: the folders of `projects:` are looked at one by one" in done.out
    assert "criteria of Level 1" not in done.out
