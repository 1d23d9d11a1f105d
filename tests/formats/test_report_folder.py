from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.report_folder import folder_of
from gates.formats.tool_paths import Tree

FILES = frozenset({"src/a.py", "src/b.py", "a.py"})
TREE = Tree(roots=("/project", "/real/project"), files=FILES, sources=FILES)


def folder(*paths: str) -> str:
    return folder_of(paths, TREE, FILES.__contains__, what="x.txt")


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (("/project/src/a.py", "src/b.py"), "/project"),
        (("./src/a.py",), "/project"),
        (("/real/project/src/a.py",), "/real/project"),
        (("/ci/work/src/a.py", "/ci/work/src/b.py"), "/ci/work"),
        (("/ci/src/../src/a.py",), "/ci"),
        # Of several folders, the topmost.
        (("/ci/src/a.py",), "/ci"),
        ((), "/project"),
    ],
)
def test_the_folder_below_which_every_path_is_a_file_of_ours(
    paths: tuple[str, ...], found: str
) -> None:
    assert folder(*paths) == found


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        (("/ci/work/src/a.py", "/ci/work/src/c.py"), r"`/ci/work/src/a\.py`, `/ci/work/src/c\.py`"),
        (("/ci/one/src/a.py", "/ci/two/src/b.py"), r"`/ci/one/src/a\.py`"),
        (("/project/src/c.py",), r"`src/c\.py`"),
        (("src/c.py", "/project/src/a.py"), r"`src/c\.py`, which"),
        (("../a.py",), r"`\.\./a\.py`"),
    ],
)
def test_a_report_about_other_files_is_refused(paths: tuple[str, ...], named: str) -> None:
    with pytest.raises(OutputUnreadable, match=f"`x.txt` is about {named}") as caught:
        folder(*paths)

    assert caught.value.problem.slug == "foreign-report"
