from __future__ import annotations

import json
import os
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
    assert from_environment(tmp_path, root=tmp_path).packages == (Package("lib", "1"),)
    assert from_environment(tmp_path, root=tmp_path, internal=["lib"]).packages == ()


@pytest.mark.parametrize("inside", [True, False])
def test_an_editable_of_an_environment_must_lie_in_the_project(
    tmp_path: Path, *, inside: bool
) -> None:
    root = tmp_path / "project"
    (root / "own").mkdir(parents=True)
    env = tmp_path / "env"
    place = env / "lib" / "python3.11" / "site-packages" / "own-1.dist-info"
    place.mkdir(parents=True)
    (env / "pyvenv.cfg").write_text("")
    (place / "METADATA").write_text("Name: own\nVersion: 1\n")
    folder = root / "own" if inside else tmp_path / "other"
    direct = {"url": folder.as_uri(), "dir_info": {"editable": True}}
    (place / "direct_url.json").write_text(json.dumps(direct))
    if inside:
        assert [of.name for of in from_environment(env, root=root).internal] == ["own"]
        return
    with pytest.raises(StageError, match="`own` is installed from a folder"):
        from_environment(env, root=root)
    assert len(from_environment(env, root=root, internal=["own"]).internal) == 1


OUTSIDE = (
    "-e /opt/x",
    "-e ../x",
    "../x",
    "x @ file:///opt/x",
    "x @ file://elsewhere/x",
    "-e ~/x",
    "-e ./${NAME}",
    "-e ./link",
    "./vendor/x.tar.bz2",
    "./vendor/x",
    "x @ ./vendor/x.whl",
    "-e ./loop",
    f"-e ./{'x' * 300}",
    "-e ./.venv/src/x",
)


@pytest.mark.parametrize("line", OUTSIDE)
def test_what_does_not_lie_in_the_project_is_not_internal(tmp_path: Path, line: str) -> None:
    root = tmp_path / "project"
    (root / "vendor").mkdir(parents=True)
    (root / "vendor" / "x").write_text("an archive without an ending")
    (root / "link").symlink_to("/opt")
    (root / "loop").symlink_to("loop")
    (root / ".venv" / "src").mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text("")
    write(root, main=f"ok==1\n{line}\n")
    with pytest.raises(StageError) as caught:
        from_locks(root, ["main.txt"])
    assert caught.value.problem.slug in {"package-unknowable", "requirement-unreadable"}
    assert caught.value.problem.place == "main.txt:2"


def test_what_does_not_lie_in_the_project_may_be_named(tmp_path: Path) -> None:
    write(tmp_path, main="ok==1\n-e /opt/x\ny @ file:///opt/y\n")
    found = from_locks(tmp_path, ["main.txt"], internal=["/opt/x", "Y"])
    assert found.packages == (Package("ok", "1"),)


@pytest.mark.parametrize("line", ["-e .", "-e .[dev]", "./own", "own @ file://{root}/own"])
def test_a_folder_in_the_project_is_internal(tmp_path: Path, line: str) -> None:
    write(tmp_path, main=f"ok==1\n{line.format(root=tmp_path)}\n")
    assert len(from_locks(tmp_path, ["main.txt"]).internal) == 1


def test_a_path_must_lie_in_the_project_wherever_it_counts_from(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "dev.txt").write_text("ok==1\n-e ..\n")
    assert refused(tmp_path, "more/dev.txt") == ("package-unknowable", "more/dev.txt:2")


@pytest.mark.parametrize("source", ['editable = "{}"', 'virtual = "{}"', 'directory = "{}"'])
def test_sources_of_uv_count_from_its_lock(tmp_path: Path, source: str) -> None:
    (tmp_path / "sub").mkdir()
    lock = tmp_path / "sub" / "uv.lock"
    for path, inside in (("../own", True), ("../../own", False), ("/opt/own", False)):
        lock.write_text(UV.replace('virtual = "."', source.format(path)))
        if inside:
            assert len(from_locks(tmp_path, ["sub/uv.lock"]).internal) == 1
        else:
            assert refused(tmp_path, "sub/uv.lock") == ("package-unknowable", "sub/uv.lock")


def test_a_directory_of_pylock_must_lie_in_the_project(tmp_path: Path) -> None:
    text = 'lock-version = "1.0"\n[[packages]]\nname = "own"\ndirectory = {{ path = "{}" }}\n'
    (tmp_path / "pylock.toml").write_text(text.format("own"))
    assert len(from_locks(tmp_path, ["pylock.toml"]).internal) == 1
    (tmp_path / "pylock.toml").write_text(text.format("../own"))
    assert refused(tmp_path, "pylock.toml") == ("package-unknowable", "pylock.toml")


def test_a_pipe_is_no_lock(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "main.txt")
    assert refused(tmp_path) == ("lock-absent", "main.txt")
