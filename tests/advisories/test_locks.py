from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.advisories import locks
from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.locked import Scope


def npm(**packages: object) -> str:
    entries = {f"node_modules/{name.replace('__', '/')}": of for name, of in packages.items()}
    return json.dumps({"lockfileVersion": 3, "packages": {"": {}, **entries}})


LOCK = npm(
    a={"version": "1.0.0", "dev": True},
    b={"version": "2.0.0", "optional": True},
    b__node_modules__a={"version": "1.0.0"},
    web={"link": True, "resolved": "packages/web"},
).replace('"node_modules/web"', '"packages/web": {"version": "0.1.0"}, "node_modules/web"')


def project(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def of_npm(folder: Path, text: str, **options: tuple[str, ...]) -> list[str]:
    root = project(folder)
    (root / "package-lock.json").write_text(text, encoding="utf-8")
    _, used = locks.of_npm(root, "package-lock.json", **options)
    return [str(of) for of in used.packages]


def test_what_is_to_be_looked_up(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text(LOCK, encoding="utf-8")
    lock, used = locks.of_npm(tmp_path, "./package-lock.json")
    assert lock.total == 5
    assert [(of.name, of.version, of.scope) for of in used.entries] == [
        ("a", "1.0.0", Scope.RUNTIME),
        ("b", "2.0.0", Scope.RUNTIME),
    ]
    assert [of.name for of in used.internal] == ["web"]
    assert [name for name, _ in used.files] == ["package-lock.json"]


def test_what_is_omitted_and_what_is_internal(tmp_path: Path) -> None:
    assert of_npm(tmp_path, LOCK, omitted=("optional",)) == ["a 1.0.0"]
    assert of_npm(tmp_path, LOCK, internal=("a", "nobody")) == ["b 2.0.0"]
    _, used = locks.of_npm(tmp_path, "package-lock.json", internal=("a", "nobody"))
    assert used.unused == ("nobody",)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"version": "1.0.0", "resolved": "github:a/b#c"}, "from a repository"),
        ({"version": "1.0.0", "resolved": "file:a.tgz"}, "from a file"),
        ({}, "has no version"),
    ],
)
def test_what_no_advisory_can_be_about(tmp_path: Path, entry: object, why: str) -> None:
    with pytest.raises(StageError, match=why):
        of_npm(tmp_path, npm(a=entry))
    assert of_npm(tmp_path, npm(a=entry, b={"version": "1.0.0"}), internal=("a",)) == ["b 1.0.0"]


def test_a_folder_outside_the_project_is_not_its_own(tmp_path: Path) -> None:
    text = npm(a={"link": True, "resolved": "../a"}).replace(
        '"node_modules/a"', '"../a": {"version": "1.0.0"}, "node_modules/a"'
    )
    with pytest.raises(StageError, match="not in the project"):
        of_npm(tmp_path, text)


def test_locks_of_both_kinds_are_put_together(tmp_path: Path) -> None:
    root = project(tmp_path, **{"package-lock__json": LOCK, "main__txt": "six==1.17.0\n"})
    used = locks.read(root, ("package-lock.json", "main.txt"), internal=("a", "nobody"))
    assert [str(of) for of in used.packages] == ["b 2.0.0", "six 1.17.0"]
    assert used.unused == ("nobody",)
    assert [name for name, _ in used.files] == ["package-lock.json", "main.txt"]
    assert locks.read(root, ()).entries == ()


def test_a_lock_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="cannot be read"):
        locks.of_npm(tmp_path, "package-lock.json")


def test_names_that_no_reader_is_for() -> None:
    locks.check(("package-lock.json", "a/uv.lock", "requirements.txt"))
    with pytest.raises(ValueError, match=r"`yarn.lock` .*package-lock.json"):
        locks.check(("yarn.lock",))


def test_packages_of_the_base() -> None:
    before = {"package-lock.json": LOCK.encode(), "a.txt": b"-r b.txt\nsix==1.0\n"}.get
    assert locks.subjects(before, ("package-lock.json", "gone/package-lock.json")) == {
        "a 1.0.0",
        "b 2.0.0",
        "web 0.1.0",
    }
    # A file that was not there held nothing.
    assert locks.subjects(before, ("./a.txt", "gone.txt")) == {"six 1.0"}
    assert locks.subjects(before, ()) == frozenset()


def test_what_stood_under_a_marker(tmp_path: Path) -> None:
    was = b'a==1.0 ; python_version < "3"\nb==1.0\n'
    (tmp_path / "a.txt").write_bytes(was)
    assert locks.subjects(lambda _: was, ("a.txt",), root=tmp_path) == {"a 1.0", "b 1.0"}
    assert locks.subjects(lambda _: was, ("a.txt",)) == {"b 1.0"}
    with pytest.raises(StageError, match="cannot be read"):
        locks.subjects(lambda _: was, ("b.txt",), root=tmp_path)


def test_a_lock_at_the_base_that_is_not_whole() -> None:
    with pytest.raises(OutputUnreadable):
        locks.subjects(lambda _: b"{", ("package-lock.json",))
    with pytest.raises(OutputUnreadable):
        locks.subjects(lambda _: b"six>=1\n", ("a.txt",))
