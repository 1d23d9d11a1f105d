from cli.conftest import Gates


def test_the_plan_shows_conditions_and_where_they_come_from(gates: Gates) -> None:
    gates.policy(
        "version: 1\nlevels:\n  1:\n    gates:\n      tests: pytest\n"
        "      coverage:\n        require: [line >= 95%]\n"
    )
    done = gates("plan")
    assert done.code == 0, done.err
    assert "line >= 95 %  gates.yaml:7:" in done.out
    assert "in place of the default `line >= 90%`" in done.out
    assert "asks gate `tests` for coverage" in done.out
    assert done.out.index("\ntests") < done.out.index("\ncoverage")


def test_a_kept_plan_shows_the_same(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff, mypy]\n")
    assert gates("plan").out == gates("plan").out


def test_one_gate_can_be_shown(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff, mypy]\n")
    assert "mypy" not in gates("plan", "--gate", "ruff").out
