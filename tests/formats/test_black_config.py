from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.black_config import BlackConfig, parse


def config(text: str) -> BlackConfig:
    return parse(f"[tool.black]\n{text}".encode(), name="pyproject.toml")


@pytest.mark.parametrize("data", [b"", b"tool = 1\n", b"[tool.ruff]\n"])
def test_without_a_section_nothing_is_configured(data: bytes) -> None:
    found = parse(data, name="pyproject.toml")

    assert found == BlackConfig()
    assert not found.leaves_out("build/a.py")


@pytest.mark.parametrize("key", ["exclude", "extend-exclude", "extend_exclude"])
@pytest.mark.parametrize("pattern", ["/build/", "^/src/build/$", r"build/a\.py$"])
def test_an_exclusion_is_looked_for_in_the_path_and_its_folders(key: str, pattern: str) -> None:
    found = config(f"{key} = '{pattern}'\n")

    assert found.is_there
    assert found.leaves_out("src/build/a.py")
    assert not found.leaves_out("src/a.py")


def test_an_expression_of_several_lines_may_hold_comments() -> None:
    found = config("exclude = '''\n^/src/  # all\n'''\n")

    assert found.leaves_out("src/a.py")
    assert not found.leaves_out("lib/a.py")


def test_what_is_not_included_is_left_out() -> None:
    found = config(r"include = '/src/.*\.py$'" + "\n")

    assert found.leaves_out("lib/a.py")
    assert not found.leaves_out("src/a.py")


def test_empty_expressions_leave_nothing_out() -> None:
    assert not config('include = ""\nexclude = ""\n').leaves_out("a.py")


def test_an_empty_match_leaves_nothing_out_and_includes() -> None:
    found = config('extend-exclude = "(/build/|)"\ninclude = "(x|)"\n')

    assert found.leaves_out("build/a.py")
    assert not found.leaves_out("src/a.py")


@pytest.mark.parametrize("key", ["cache-dir", "cache_dir"])
def test_a_cache_of_the_project_is_told(key: str) -> None:
    assert config(f'{key} = "x"\n').sets_cache


@pytest.mark.parametrize("data", [b"[tool", b"\xff", b"[tool.black]\nexclude = '('\n"])
def test_a_broken_configuration_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(data, name="pyproject.toml")

    assert caught.value.problem.slug == "bad-configuration"
