from gates.domain.errors import ConfigError, GatesError, Problem, StageError, ToolMissing


def test_exit_codes_tell_usage_from_not_measured() -> None:
    assert ConfigError.exit_code == 2
    assert StageError.exit_code == GatesError.exit_code == 3


def test_a_stage_error_holds_its_problem() -> None:
    error = ToolMissing("tool-missing", "`ruff` is nowhere", hint="install it", place="x")
    assert error.problem == Problem("tool-missing", "`ruff` is nowhere", "x", "install it")
    assert str(error) == "`ruff` is nowhere"


def test_all_problems_are_in_the_text() -> None:
    assert str(ConfigError(Problem("a", "one"), Problem("b", "two"))) == "one; two"
