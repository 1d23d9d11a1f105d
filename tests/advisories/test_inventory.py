from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from gates.advisories.inventory import check_locks, from_environment, from_locks, named
from gates.advisories.matching import Package
from gates.domain.errors import StageError
from gates.formats.locked import Scope

A, B = "a" * 64, "b" * 64
UV = """\
version = 1
[[package]]
name = "orders"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "lib" }]
[[package]]
name = "lib"
version = "1.0"
source = { registry = "https://registry.example/simple" }
[[package]]
name = "tool"
version = "2"
source = { registry = "https://registry.example/simple" }
"""


def write(root: Path, **texts: str) -> None:
    for name, text in texts.items():
        (root / f"{name}.txt").write_text(text)


def refused(root: Path, *names: str) -> tuple[str, str]:
    with pytest.raises(StageError) as caught:
        from_locks(root, names or ("main.txt",))
    return caught.value.problem.slug, caught.value.problem.place


def test_an_option_is_one_path_or_several() -> None:
    assert named("") == ()
    assert named("a.txt") == ("a.txt",)
    assert named(("a.txt", "b.txt")) == ("a.txt", "b.txt")


@pytest.mark.parametrize("name", ["requirements.txt", "a/requirements.in", "uv.lock", "a/b.txt"])
def test_locks_are_known_by_their_names(name: str) -> None:
    check_locks([name])
    with pytest.raises(ValueError, match=r"`Pipfile\.lock` is no lock"):
        check_locks([name, "Pipfile.lock"])


def test_each_package_of_all_locks_is_there_once(tmp_path: Path) -> None:
    write(tmp_path, main="lib==1.0\n-r more.txt\n-e .\n", more="b==2\nlib==1\n", other="b==3\n")
    found = from_locks(tmp_path, ["./main.txt", "other.txt"], internal=["Un_used"])
    assert found.packages == (Package("b", "2"), Package("b", "3"), Package("lib", "1.0"))
    assert found.entry(Package("b", "3")).place == "other.txt:1"
    assert found.entry(Package("lib", "1.0")).place == "main.txt:1"
    assert [of.name for of in found.internal] == ["."]
    assert not found.is_scoped
    assert found.notes == (
        "internal, not looked up: .",
        "named as internal, and not there: Un_used",
    )
    assert found.files == tuple(
        (f"{name}.txt", sha256((tmp_path / f"{name}.txt").read_bytes()).hexdigest())
        for name in ("main", "more", "other")
    )
    with pytest.raises(KeyError):
        found.entry(Package("lib", "9"))


def test_nothing_internal_is_nothing_to_tell(tmp_path: Path) -> None:
    write(tmp_path, main="lib==1.0\n")
    assert from_locks(tmp_path, ["main.txt"]).notes == ()


def test_scopes_are_known_where_every_lock_tells_them(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(UV)
    found = from_locks(tmp_path, ["uv.lock"])
    assert found.is_scoped
    assert found.entry(Package("lib", "1.0")).scope is Scope.RUNTIME
    assert found.entry(Package("tool", "2")).scope is Scope.DEVELOPMENT
    write(tmp_path, main="lib==1.0\ntool==2\n")
    found = from_locks(tmp_path, ["uv.lock", "main.txt"])
    # What one lock needs at run time, the project needs; what a lock does not tell, nobody knows.
    assert found.entry(Package("lib", "1.0")).scope is Scope.RUNTIME
    assert found.entry(Package("tool", "2")).scope is Scope.UNKNOWN
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "uv.lock").write_text(UV)
    found = from_locks(tmp_path, ["uv.lock", "copy/uv.lock"])
    assert found.entry(Package("tool", "2")).scope is Scope.DEVELOPMENT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("lib @ git+https://registry.example/lib\n", "from a repository"),
        ("lib @ https://registry.example/lib.whl\n", "from an address"),
        ("./lib.whl\n", "from a file"),
    ],
)
def test_what_no_advisory_can_be_about_must_be_internal(
    tmp_path: Path, text: str, why: str
) -> None:
    write(tmp_path, main=f"ok==1\n{text}")
    with pytest.raises(StageError, match=why) as caught:
        from_locks(tmp_path, ["main.txt"])
    assert caught.value.problem.slug == "package-unknowable"
    assert caught.value.problem.place == "main.txt:2"


def test_a_package_can_be_named_as_internal(tmp_path: Path) -> None:
    write(tmp_path, main="My.Lib @ git+https://registry.example/lib\nown==1\nok==1\n")
    found = from_locks(tmp_path, ["main.txt"], internal=["my_lib", "own"])
    assert found.packages == (Package("ok", "1"),)
    assert found.notes == ("internal, not looked up: my-lib, own",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"a==1 --hash=sha256:{A}\nb==1\n", "main.txt:2"),
        (f"a==1 --hash=sha256:{A} --hash=sha256:{B[:-1]}\n", "main.txt:1"),
        (f"a==1 --hash=sha256:{A[:-1]}x\n", "main.txt:1"),
        (f"a==1 --hash=sha2:{A}\n", "main.txt:1"),
    ],
)
def test_a_lock_with_damaged_hashes_is_not_whole(tmp_path: Path, text: str, place: str) -> None:
    write(tmp_path, main=text)
    assert refused(tmp_path) == ("lock-hash", place)


def test_hashes_of_internal_packages_are_not_asked_for(tmp_path: Path) -> None:
    write(tmp_path, main=f"a==1 --hash=sha256:{A}\nown==1\n", other="b==1\n")
    assert len(from_locks(tmp_path, ["main.txt", "other.txt"], internal=["own"]).entries) == 2


def test_a_lock_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path, "gone.txt") == ("lock-absent", "gone.txt")
    write(tmp_path, main="-r gone.txt\n")
    assert refused(tmp_path) == ("lock-absent", "gone.txt")


def test_an_include_from_elsewhere_is_refused(tmp_path: Path) -> None:
    write(tmp_path, main="-r https://registry.example/more.txt\n")
    assert refused(tmp_path) == ("requirement-unreadable", "main.txt")


def test_a_huge_lock_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.formats.python_locks.MAX_BYTES", 3)
    write(tmp_path, main="a==1\n")
    assert refused(tmp_path) == ("lock-unreadable", "main.txt")


def test_an_environment_is_listed(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("")
    place = tmp_path / "lib" / "python3.11" / "site-packages" / "lib-1.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Name: lib\nVersion: 1\n")
    assert from_environment(tmp_path).packages == (Package("lib", "1"),)
    assert from_environment(tmp_path, internal=["lib"]).packages == ()
