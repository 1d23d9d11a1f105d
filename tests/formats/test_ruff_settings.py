from __future__ import annotations

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.ruff_settings import (
    FORMATTER,
    LINTER,
    Settings,
    enabled,
    languages,
    path,
    refuse_passed_over,
)
from gates.formats.tool_paths import Tree

TREE = Tree(roots=("/link", "/p"), files=frozenset(), sources=frozenset())


def test_enabled_rules_are_read_by_plain_name() -> None:
    settings = b"a\nlinter.rules.enabled = [\n\tx (E1),\n\ty, z (F2),\n]\nb\n"

    assert enabled(settings) == {"x": "E1", "yz": "F2"}
    assert enabled(recorded("ruff/0.17.6/settings-empty.txt")) == {}


def test_recorded_security_rules_are_read() -> None:
    rules = enabled(recorded("ruff_security/0.17.6/settings.txt"))

    assert rules["suspiciousevalusage"] == "S307"
    assert rules["ioerror"] == "E902"


def test_settings_without_rules_are_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="which rules are enabled"):
        enabled(b"linter.rules.should_fix = []\n")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (recorded("ruff/0.17.6/settings.txt"), "/project/pyproject.toml"),
        (b'Settings path: "/a \\"b\\"/ruff.toml"\n', '/a "b"/ruff.toml'),
        (b"Resolved settings for: x\n", ""),
    ],
)
def test_the_configuration_that_governs_a_file(settings: bytes, expected: str) -> None:
    assert path(settings) == expected


def test_each_folder_with_configuration_is_asked_once() -> None:
    asked: list[str] = []

    def ask(path_: str) -> bytes:
        asked.append(path_)
        return path_.encode()

    settings = Settings(ask, ("pyproject.toml", "src/sub/ruff.toml"))

    answers = [
        settings.of(one) for one in ("a.py", "src/b.py", "src/sub/c.py", "src/sub/x/d.py", "e.py")
    ]

    assert asked == ["a.py", "src/sub/c.py"]
    assert answers == [b"a.py", b"a.py", b"src/sub/c.py", b"src/sub/c.py", b"a.py"]


def test_the_rules_of_a_folder_are_read_once() -> None:
    asked: list[str] = []

    def ask(path_: str) -> bytes:
        asked.append(path_)
        return b"linter.rules.enabled = [\n\tassert (S101),\n]\n"

    settings = Settings(ask, ())

    assert settings.rules("a.py") == {"assert": "S101"}
    assert settings.rules("src/b.py") is settings.rules("a.py")
    assert asked == ["a.py"]


def settings_with(*patterns: str, part: str = LINTER, root: str = "/p") -> Settings:
    listed = "".join(f'\t"{pattern}",\n' for pattern in patterns)
    own = f"{part}.exclude = [\n{listed}]\n" if patterns else f"{part}.exclude = []\n"
    text = f'{own}linter.project_root = "{root}"\n' if root else own
    return Settings(lambda _: text.encode(), ())


SHOWN = b"/p/ruff.toml\n/p/src/a.py\n/link/src/sub/b.py\n"


@pytest.mark.parametrize(
    ("missing", "patterns"),
    [
        ([], []),
        (["src/excluded.py"], []),
        (["src/a.py"], ["a.py"]),
        (["src/a.py"], ["src"]),
        (["src/a.py"], ["src/*.py"]),
        (["src/a.py"], ["x", "/p/src/a.py"]),
        (["src/a.py"], ["{a,b}.py"]),
        (["src/sub/b.py"], ["sub"]),
        (["src/sub/b.py"], ["src/sub"]),
        (["src/sub/b.py"], ["/link/src"]),
    ],
)
def test_what_configuration_leaves_out_is_no_file_passed_over(
    missing: list[str], patterns: list[str]
) -> None:
    refuse_passed_over(missing, SHOWN, TREE, settings_with(*patterns), of=LINTER)


@pytest.mark.parametrize("patterns", [[], ["b.py"], ["rc/a.py"], ["/q/src/a.py"]])
def test_a_file_that_ruff_would_look_at_is_passed_over(patterns: list[str]) -> None:
    with pytest.raises(StageError, match=r"`src/a\.py`") as caught:
        refuse_passed_over(["src/a.py"], SHOWN, TREE, settings_with(*patterns), of=LINTER)

    assert caught.value.problem.slug == "files-passed-over"
    assert caught.value.problem.hint


def test_exclusions_are_relative_to_their_configuration() -> None:
    below = settings_with("a.py", "sub/b.py", part=FORMATTER, root="/p/src")

    refuse_passed_over(
        ["src/a.py", "src/sub/b.py"], b"/p/src/sub/b.py\n", TREE, below, of=FORMATTER
    )
    without = settings_with("sub/b.py", part=FORMATTER, root="")
    with pytest.raises(StageError):
        refuse_passed_over(["src/sub/b.py"], b"/p/src/sub/b.py\n", TREE, without, of=FORMATTER)


def test_exclusions_that_are_not_told_are_unreadable() -> None:
    other = settings_with("a.py", part=FORMATTER)

    with pytest.raises(OutputUnreadable, match="what it excludes"):
        refuse_passed_over(["src/a.py"], SHOWN, TREE, other, of=LINTER)


def mapped(inner: str) -> bytes:
    lines = (f"linter.extension = ExtensionMapping({{{inner}}})", "linter.typing_extensions = true")
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (recorded("ruff/0.17.6/settings.txt"), {}),
        (mapped('"py": Markdown, "foo": Python'), {".py": "Markdown", ".foo": "Python"}),
        (mapped(r'"a\"b": Pyi'), {'.a"b': "Pyi"}),
        (b"linter.exclude = []\n", {}),
    ],
)
def test_the_languages_of_endings(settings: bytes, expected: dict[str, str]) -> None:
    assert languages(settings) == expected


def test_languages_that_are_not_told_are_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="for which language"):
        languages(b"linter.typing_extensions = true\n")


@pytest.mark.parametrize(
    ("inner", "refused"),
    [
        ("", ""),
        ('"py": Python, "pyi": Pyi, "md": Python', ""),
        ('"pyi": Python', ""),
        ('"py": Markdown', "`a.py` for Markdown"),
        ('"py": Pyi', "`a.py` for Pyi"),
        ('"pyi": Ipynb', "`b.pyi` for Ipynb"),
    ],
)
def test_python_that_is_taken_for_something_else_is_refused(inner: str, refused: str) -> None:
    settings = Settings(lambda _: mapped(inner) + b'Settings path: "/p/ruff.toml"\n', ())

    if not refused:
        settings.refuse_foreign(("a.py", "b.pyi", "c.md"))
        return
    with pytest.raises(StageError, match=refused) as caught:
        settings.refuse_foreign(("a.py", "b.pyi", "c.md"))
    assert (caught.value.problem.slug, caught.value.problem.place) == ("not-python", "/p/ruff.toml")
