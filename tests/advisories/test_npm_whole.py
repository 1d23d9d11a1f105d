from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gates.advisories import locks, npm_whole
from gates.domain.errors import OutputUnreadable, StageError

ASKED = {"dependencies": {"ok": "1.0.0", "evil": "1.0.0"}}
OK = {"node_modules/ok": {"version": "1.0.0"}}
BOTH = {**OK, "node_modules/evil": {"version": "1.0.0"}}
WEB: dict[str, object] = {
    "node_modules/web": {"resolved": "packages/web", "link": True},
    "packages/web": {"version": "0.1.0", "dependencies": {"evil": "1.0.0"}},
}


def write(root: Path, name: str, document: object) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(json.dumps(document), encoding="utf-8")


def lock(root: Path, entries: Mapping[str, object], **project: object) -> None:
    document = {"lockfileVersion": 3, "packages": {"": project, **entries}}
    write(root, "package-lock.json", document)


def judge(root: Path, *, omitted: tuple[str, ...] = ()) -> int:
    """How many packages are looked up."""
    return len(locks.of_npm(root, "package-lock.json", omitted=omitted)[1].entries)


def refused(root: Path, *, omitted: tuple[str, ...] = ()) -> str:
    with pytest.raises(StageError) as caught:
        judge(root, omitted=omitted)
    assert caught.value.problem.slug == "lock-stale"
    assert caught.value.problem.hint == "make the lock anew: `npm install --package-lock-only`"
    summary = caught.value.problem.summary
    assert summary.startswith("the lock is not of this package.json: ")
    return summary.partition(": ")[2]


def test_a_lock_that_is_whole(tmp_path: Path) -> None:
    lock(tmp_path, BOTH, **ASKED)
    write(tmp_path, "package.json", ASKED)
    assert judge(tmp_path) == 2
    assert npm_whole.notes(tmp_path, "package-lock.json") == ()


def test_what_the_lock_itself_asks_for_is_there(tmp_path: Path) -> None:
    lock(tmp_path, OK, **ASKED)
    assert refused(tmp_path) == "the project needs `evil`, which the lock does not have"
    (note,) = npm_whole.notes(tmp_path, "sub/package-lock.json")
    assert note.startswith("there is no sub/package.json")


@pytest.mark.parametrize(
    "written",
    [
        ASKED,
        {"dependencies": {"ok": "1.0.0"}, "devDependencies": {"evil": "1.0.0"}},
        {"dependencies": {"ok": "1.0.0"}, "peerDependencies": {"evil": "1.0.0"}},
    ],
)
def test_a_package_json_that_asks_for_more_than_the_lock(
    tmp_path: Path, written: dict[str, object]
) -> None:
    lock(tmp_path, OK, dependencies={"ok": "1.0.0"})
    write(tmp_path, "package.json", written)
    assert refused(tmp_path) == "`package.json` asks otherwise for `evil`"


def test_a_package_json_that_asks_for_another_version(tmp_path: Path) -> None:
    lock(tmp_path, BOTH, **ASKED)
    write(tmp_path, "package.json", {"dependencies": {"ok": "1.0.0", "evil": "^2.0.0"}})
    assert refused(tmp_path) == "`package.json` asks otherwise for `evil`"


def test_what_is_optional_or_a_peer_may_be_missing(tmp_path: Path) -> None:
    asked = {
        "dependencies": {"ok": "1.0.0"},
        "optionalDependencies": {"a": "1.0.0"},
        "peerDependencies": {"b": "1.0.0"},
    }
    lock(tmp_path, OK, **asked)
    write(tmp_path, "package.json", asked)
    assert judge(tmp_path) == 1


def test_what_is_for_development_may_be_missing_where_it_is_omitted(tmp_path: Path) -> None:
    asked = {"dependencies": {"ok": "1.0.0"}, "devDependencies": {"evil": "1.0.0"}}
    lock(tmp_path, OK, **asked)
    write(tmp_path, "package.json", asked)
    assert refused(tmp_path).startswith("the project needs `evil`")
    assert judge(tmp_path, omitted=("dev",)) == 1


def test_what_a_package_needs_is_there(tmp_path: Path) -> None:
    needing = {"version": "1.0.0", "dependencies": {"evil": "1.0.0"}}
    lock(tmp_path, {"node_modules/ok": needing})
    assert refused(tmp_path) == "`node_modules/ok` needs `evil`, which the lock does not have"
    lock(tmp_path, {"node_modules/ok": needing, "node_modules/ok/node_modules/evil": needing})
    assert judge(tmp_path) == 2


def test_a_workspace_asks_for_what_its_package_json_says(tmp_path: Path) -> None:
    asked = {"workspaces": ["packages/*"]}
    lock(tmp_path, WEB, **asked)
    assert refused(tmp_path) == "`packages/web` needs `evil`, which the lock does not have"
    lock(tmp_path, {**WEB, "packages/web/node_modules/evil": {"version": "1.0.0"}}, **asked)
    assert judge(tmp_path) == 1
    write(tmp_path, "packages/web/package.json", {"devDependencies": {"more": "1.0.0"}})
    assert refused(tmp_path) == "`packages/web/package.json` asks otherwise for `evil`, `more`"


@pytest.mark.parametrize("pattern", ["packages/*", "./packages/*/", "packages/**", "packages/new"])
def test_a_workspace_that_the_lock_does_not_know(tmp_path: Path, pattern: str) -> None:
    asked = {"workspaces": ["packages/web", pattern]}
    write(tmp_path, "packages/web/package.json", {"dependencies": {"evil": "1.0.0"}})
    write(tmp_path, "packages/new/package.json", {})
    write(tmp_path, "package.json", asked)
    lock(tmp_path, {**WEB, **BOTH}, **asked)
    assert refused(tmp_path) == "the lock has no entry for the workspace `packages/new`"
    lock(tmp_path, {**WEB, **BOTH}, workspaces=["packages/web"])
    assert refused(tmp_path) == "`package.json` has other `workspaces`"


def test_what_is_no_workspace_needs_no_entry(tmp_path: Path) -> None:
    asked = {"workspaces": ["packages/*", "!packages/old"]}
    write(tmp_path, "packages/old/package.json", {})
    write(tmp_path, "packages/web/tests/sample/package.json", {})
    write(tmp_path, "package.json", asked)
    lock(tmp_path, {**WEB, **BOTH}, **asked)
    assert judge(tmp_path) == 2


def test_a_folder_outside_has_a_lock_of_its_own(tmp_path: Path) -> None:
    outside = {"version": "1.0.0", "dependencies": {"evil": "1.0.0"}}
    link = {"resolved": "../other", "link": True}
    lock(tmp_path, {**OK, "node_modules/other": link, "../other": outside})
    with pytest.raises(StageError, match="a folder that is not in the project"):
        judge(tmp_path)
    entries = locks.of_npm(tmp_path, "package-lock.json", internal=("other",))[1].entries
    assert [of.name for of in entries] == ["ok"]


def test_version_1_is_held_against_the_package_json_alone(tmp_path: Path) -> None:
    document = {"lockfileVersion": 1, "dependencies": {"ok": {"version": "1.0.0"}}}
    write(tmp_path, "package-lock.json", document)
    write(tmp_path, "package.json", {"dependencies": {"ok": "1.0.0"}})
    assert judge(tmp_path) == 1
    write(tmp_path, "package.json", ASKED)
    assert refused(tmp_path) == "the project needs `evil`, which the lock does not have"


def test_a_package_json_that_cannot_be_read(tmp_path: Path) -> None:
    lock(tmp_path, OK)
    (tmp_path / "package.json").write_text("{")
    with pytest.raises(OutputUnreadable):
        judge(tmp_path)
