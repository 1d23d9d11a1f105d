from __future__ import annotations

import pytest
from repositories import Repo

from gates.config.base_projects import folders, named
from gates.domain.plan import ProjectEntry

FOUND = ("libs/x/core", "services/a", "services/b", "services/node_modules/c", "services/.hidden")


def test_folders_with_a_policy_are_those_of_the_commit(repo: Repo) -> None:
    for folder in ("services/a", "services/b", "."):
        repo.write(f"{folder}/gates.yaml")
    commit = repo.commit()
    repo.write("services/later/gates.yaml")
    assert folders(repo.ask(), commit) == ("services/a", "services/b")
    assert folders(repo.ask().at(repo.root / "services"), commit) == ("a", "b")


@pytest.mark.parametrize(
    ("pattern", "hits"),
    [
        ("services/*", ("services/a", "services/b")),
        ("./services/a/", ("services/a",)),
        ("services/[b]", ("services/b",)),
        ("services/.*", ("services/.hidden",)),
        ("**/core", ("libs/x/core",)),
        ("**", ("libs/x/core", "services/a", "services/b")),
        ("nothing", ()),
    ],
)
def test_entries_name_what_they_name_on_the_disk(pattern: str, hits: tuple[str, ...]) -> None:
    assert named((ProjectEntry(pattern, ""),), FOUND) == hits
