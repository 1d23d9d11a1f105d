from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import OutputUnreadable
from gates.executor.beside import Nothing, SideSeen, reports, variables
from gates.toolkit.git import Git
from gates.toolkit.locks import RUN_FOLDER
from gates.toolkit.side_tree import SideTree, staged


@pytest.fixture
def side(repo: Repo, tmp_path: Path) -> Iterator[SideTree]:
    repo.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    repo.write(".gitignore", "out/\n")
    repo.write("a.txt", "a\n")
    repo.commit()
    with staged(repo.ask(), repo.environ) as made:
        yield made


def test_a_file_that_is_only_touched_did_not_change(side: SideTree, repo: Repo) -> None:
    git = Git(side.top, repo.environ)
    seen = SideSeen.of(git, side)
    assert (seen.tree.tree, seen.tree.is_dirty) == (side.tree, False)
    (side.top / "a.txt").touch()
    (side.top / "left.txt").write_text("new files go with the next run")
    assert seen.changed_since(git) == (False, "")
    (side.top / "a.txt").write_text("b\n")
    changed, note = seen.changed_since(git)
    assert changed
    assert note.endswith("yours are untouched")


def test_a_message_alone_cannot_have_changed(repo: Repo) -> None:
    assert Nothing().changed_since(repo.ask()) == (False, "")


def test_tools_are_kept_out_of_the_working_tree_and_from_running_gates(side: SideTree) -> None:
    given = {"PYTHONPATH": "own", RUN_FOLDER: "/above"}
    told = variables(side, side.top, given)
    assert told["PYTHONPATH"] == f"{side.imports}:own"
    assert told[RUN_FOLDER] == f"/above:{side.top}"
    assert variables(side, side.top, {})["PYTHONPATH"] == str(side.imports)


def test_reports_are_of_the_working_tree(side: SideTree, repo: Repo) -> None:
    git = Git(side.top, repo.environ)
    repo.write("out/report.xml", "<x/>")
    found = reports(side, git, side.top, ["out/report.xml"])
    assert found.read("out/report.xml", max_bytes=99).data == b"<x/>"
    repo.write("a.txt", "edited\n")
    with pytest.raises(OutputUnreadable, match="differs from it"):
        reports(side, git, side.top, [])


def test_a_program_that_was_made_runnable_did_change(side: SideTree, repo: Repo) -> None:
    repo.git("config", "core.fileMode", "false")
    git = Git(side.top, repo.environ)
    seen = SideSeen.of(git, side)
    (side.top / "a.txt").chmod(0o755)
    assert seen.changed_since(git)[0]
