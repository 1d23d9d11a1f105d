from __future__ import annotations

import pytest

from gates.domain.errors import StageError
from gates.formats.chosen_files import choose

FILES = ("src/a.py", "src/sub/b.py", "--fix.py", "c.py")


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        ((".",), ("--fix.py", "c.py", "src/a.py", "src/sub/b.py")),
        (("./src/",), ("src/a.py", "src/sub/b.py")),
        (("src/sub", "--fix.py"), ("--fix.py", "src/sub/b.py")),
        (("*.py",), ("--fix.py", "c.py")),
        (("src", "src/a.py"), ("src/a.py", "src/sub/b.py")),
    ],
)
def test_paths_choose_what_they_name_or_hold(
    paths: tuple[str, ...], chosen: tuple[str, ...]
) -> None:
    assert choose(FILES, paths) == chosen


def test_a_path_that_holds_nothing_is_told() -> None:
    with pytest.raises(StageError) as caught:
        choose(FILES, ("src", "nothing"))

    assert (caught.value.problem.slug, caught.value.problem.place) == ("path-missing", "nothing")


def test_the_whole_project_may_hold_none() -> None:
    assert choose((), (".",)) == ()
