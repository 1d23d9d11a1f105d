from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.mypy_config import STRICT, MypyConfig, inline, parse, weakenings

ALL_FLAGS = "".join(f"{name} = {str(on).lower()}\n" for name, on in STRICT.items())


def toml(text: str) -> MypyConfig:
    config = parse(f"[tool.mypy]\n{text}".encode(), name="pyproject.toml")
    assert config is not None
    return config


def ini(text: str) -> MypyConfig:
    config = parse(f"[mypy]\n{text}".encode(), name="mypy.ini")
    assert config is not None
    return config


@pytest.mark.parametrize(
    "config",
    [
        toml("strict = true\n"),
        ini("strict = True\n"),
        toml(ALL_FLAGS),
        ini(ALL_FLAGS),
        toml("strict = true\nno_implicit_reexport = true\nignore_missing_imports = true\n"),
        toml("strict = true\ndisallow_any_explicit = false\n"),
        toml('strict = true\ndisable_error_code = ["import-untyped"]\n'),
        toml('strict = true\n[[tool.mypy.overrides]]\nmodule = "tests.*"\nignore_errors = true\n'),
        toml('strict = true\n[[tool.mypy.overrides]]\nmodule = "a"\nignore_missing_imports=true\n'),
        ini("strict = true\n[mypy-tests.*]\nignore_errors = true\n[other]\nx = 1\n"),
    ],
)
def test_strict_is_strict(config: MypyConfig) -> None:
    assert config.laxities(("a", "a.b")) == ()


@pytest.mark.parametrize(
    ("config", "reasons"),
    [
        (MypyConfig(), ("`strict = true` is not set",)),
        (toml(""), ("`strict = true` is not set",)),
        (ini("strict = false\n"), ("`strict = true` is not set",)),
        (
            toml("strict = true\nwarn_return_any = false\n"),
            ("`warn_return_any` is less than strict",),
        ),
        (
            toml("strict = true\nallow_untyped_defs = true\n"),
            ("`disallow_untyped_defs` is less than strict",),
        ),
        (
            ini("strict = on\nno_extra_checks = 1\n"),
            ("`extra_checks` is less than strict",),
        ),
        (
            toml("strict = true\nimplicit_reexport = true\n"),
            ("`implicit_reexport` is less than strict",),
        ),
        (toml("strict = true\nignore_errors = true\n"), ("`ignore_errors` is on",)),
        (toml("strict = true\nno_strict_optional = true\n"), ("`strict_optional` is off",)),
        (toml('strict = true\nfollow_imports = "skip"\n'), ("`follow_imports` is `skip`",)),
        (
            ini("strict = true\ndisable_error_code = misc, arg-type\n"),
            ("`disable_error_code` holds arg-type, misc",),
        ),
        (
            toml(
                'strict = true\n[[tool.mypy.overrides]]\nmodule = ["x", "a.*"]\n'
                "disallow_any_explicit = false\n"
            ),
            ("`disallow_any_explicit` is off for `x` and `a.*`",),
        ),
        (
            ini("strict = true\n[mypy-x,*.b]\nignore_errors = true\n"),
            ("`ignore_errors` is on for `x` and `*.b`",),
        ),
    ],
)
def test_what_is_less_than_strict_is_named(config: MypyConfig, reasons: tuple[str, ...]) -> None:
    assert config.laxities(("a", "a.b")) == reasons


def test_strict_may_come_from_the_command_line() -> None:
    assert MypyConfig().laxities(("a",), strict=True) == ()
    assert toml("check_untyped_defs = false\n").laxities(("a",), strict=True) == (
        "`check_untyped_defs` is less than strict",
    )


@pytest.mark.parametrize(
    ("pattern", "module", "fits"),
    [
        ("a", "a", True),
        ("a", "a.b", False),
        ("a.*", "a", True),
        ("a.*", "a.b.c", True),
        ("a.*", "ab", False),
        ("*.b", "x.y.b", True),
        ("a.*.c", "a.c", True),
        ("a.*.c", "a.b.b.c", True),
        ("a.*.c", "a.b", False),
        ("*", "anything.at.all", True),
    ],
)
def test_patterns_fit_as_in_mypy(pattern: str, module: str, *, fits: bool) -> None:
    config = ini(f"strict = true\n[mypy-{pattern}]\nignore_errors = true\n")

    assert bool(config.laxities((module,))) is fits


@pytest.mark.parametrize("name", ["files", "packages", "modules"])
def test_what_is_checked_may_be_named(name: str) -> None:
    assert toml(f'{name} = ["a"]\n').names_files
    assert ini(f"{name} = a, b\n").names_files
    assert not toml("strict = true\n").names_files


@pytest.mark.parametrize(
    ("pattern", "path", "excluded"),
    [
        ("^src/gen/$", "src/gen/a.py", True),
        ("^gen/$", "src/gen/a.py", False),
        (r"_pb2\.py$", "src/x_pb2.py", True),
        (r"(a|b),c\.py$", "src/b,c.py", True),
        ("other", "src/a.py", False),
    ],
)
def test_exclude_is_searched_in_files_and_folders(
    pattern: str, path: str, *, excluded: bool
) -> None:
    assert toml(f"exclude = '{pattern}'\n").excludes(path) is excluded
    assert toml(f"exclude = ['zzz', '{pattern}']\n").excludes(path) is excluded
    assert ini(f"exclude = {pattern}\n").excludes(path) is excluded


def test_flags_are_on_by_themselves_or_by_strict() -> None:
    assert toml("disallow_any_explicit = true\n").is_on("disallow_any_explicit")
    assert toml("strict = true\n").is_on("disallow_untyped_defs")
    assert not toml("strict = true\n").is_on("disallow_any_explicit")
    assert not MypyConfig().is_on("disallow_untyped_defs")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"[project]\n", "pyproject.toml"),
        (b"tool = 1\n", "pyproject.toml"),
        (b"[tool]\nmypy = 1\n", "pyproject.toml"),
        (b"[flake8]\nx = 1\n", "setup.cfg"),
        (b"", "mypy.ini"),
    ],
)
def test_a_file_without_a_section_is_none(data: bytes, name: str) -> None:
    assert parse(data, name=name) is None


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"[tool", "pyproject.toml"), (b"\xff", "mypy.ini"), (b"x = 1\n", "mypy.ini")],
)
def test_a_broken_file_is_unreadable(data: bytes, name: str) -> None:
    with pytest.raises(OutputUnreadable, match="cannot be read"):
        parse(data, name=name)


def test_odd_overrides_are_passed_over() -> None:
    assert toml("overrides = 1\n").overrides == ()
    assert toml("overrides = [1]\n").overrides == ()
    assert toml("overrides = [{module = 1}]\n").overrides == ()


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("ignore-errors", ("`ignore_errors` is on",)),
        ("disallow-untyped-defs, warn-return-any=False", ("`warn_return_any` is off",)),
        ("allow-untyped-defs", ("`disallow_untyped_defs` is off",)),
        ("ignore-errors=False,", ()),
        ('disable-error-code="misc, arg-type"', ("`disable_error_code` holds arg-type, misc",)),
    ],
)
def test_inline_settings_are_read(comment: str, expected: tuple[str, ...]) -> None:
    assert tuple(weakenings(inline(comment))) == expected
