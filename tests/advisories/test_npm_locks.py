from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from gates.advisories.npm_locks import read
from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.locked import Scope

if TYPE_CHECKING:
    from pathlib import Path

    from gates.advisories.inventory import Inventory

LOCK = "package-lock.json"
SHA512 = "sha512-" + base64.b64encode(bytes(64)).decode()
SHA1 = "sha1-" + base64.b64encode(bytes(20)).decode()


def entry(version: str = "1.0.0", integrity: str = SHA512, **further: object) -> dict[str, object]:
    return {"version": version, "integrity": integrity, **further}


def write(folder: Path, packages: dict[str, object], name: str = LOCK) -> None:
    places = {f"node_modules/{at}": of for at, of in packages.items()}
    document = {"lockfileVersion": 3, "packages": {"": {}, **places}}
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(document), encoding="utf-8")


def told(used: Inventory) -> list[str]:
    return [f"{of.ecosystem} {of}" for of in used.packages]


def test_what_is_to_be_looked_up(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "@s/b": entry("2.0.0", dev=True),
            "a": entry(),
            "c": {"name": "real", **entry("3.0.0-rc.1", f"{SHA1} {SHA512}?opt")},
            "@s/b/node_modules/a": entry(dev=True),
        },
    )
    used = read(tmp_path, [f"./{LOCK}"])
    assert told(used) == ["npm @s/b 2.0.0", "npm a 1.0.0", "npm real 3.0.0-rc.1"]
    assert [of.scope for of in used.entries] == [
        Scope.DEVELOPMENT,
        Scope.RUNTIME,
        Scope.RUNTIME,
    ]
    assert [(name, len(digest)) for name, digest in used.files] == [(LOCK, 64)]
    assert told(read(tmp_path, [LOCK], internal=["a", "nobody"], omitted=["dev"])) == [
        "npm real 3.0.0-rc.1"
    ]
    assert read(tmp_path, [LOCK], internal=["a", "nobody"]).unused == ("nobody",)


def test_a_lock_of_version_1(tmp_path: Path) -> None:
    inner = {"b": {"version": "2.0.0", "integrity": SHA512}}
    outer = {"version": "1.0.0", "integrity": SHA1, "dependencies": inner}
    text = json.dumps({"lockfileVersion": 1, "dependencies": {"a": outer}})
    (tmp_path / LOCK).write_text(text, encoding="utf-8")
    assert told(read(tmp_path, [LOCK])) == ["npm a 1.0.0", "npm b 2.0.0"]


def test_several_locks_are_put_together(tmp_path: Path) -> None:
    write(tmp_path, {"a": entry(dev=True), "b": entry()})
    write(tmp_path, {"a": entry()}, f"web/{LOCK}")
    used = read(tmp_path, [LOCK, f"web/{LOCK}"], internal=["b"])
    assert told(used) == ["npm a 1.0.0"]
    assert used.entries[0].scope is Scope.RUNTIME
    assert [name for name, _ in used.files] == [LOCK, f"web/{LOCK}"]
    assert [of.name for of in used.internal] == ["b"]


def test_a_lock_that_npm_does_not_read_proves_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": entry()})
    write(tmp_path, {"b": entry()}, "npm-shrinkwrap.json")
    with pytest.raises(StageError) as caught:
        read(tmp_path, [LOCK])
    assert caught.value.problem.slug == "lock-shadowed"
    assert told(read(tmp_path, ["npm-shrinkwrap.json"])) == ["npm b 1.0.0"]
    assert len(read(tmp_path, [LOCK, "npm-shrinkwrap.json"]).entries) == 2


@pytest.mark.parametrize(
    ("integrity", "why"),
    [
        ("", "has no `integrity`, though others have"),
        ("md5-AAAA", "of an unknown kind, `md5`"),
        (SHA512[:-8], "cut off or damaged"),
        (SHA512[:-1], "cut off or damaged"),
        ("sha512-\u00e4", "cut off or damaged"),
        ("sha512-" + "!" * 88, "cut off or damaged"),
        (SHA1.replace("sha1", "sha256"), "sha256 `integrity`"),
        (f"{SHA512} sha1-", "sha1 `integrity`"),
    ],
)
def test_hashes_are_whole_for_all_or_there_are_none(
    tmp_path: Path, integrity: str, why: str
) -> None:
    bad = {"b": entry(integrity=integrity), "b/node_modules/a": entry()}
    write(tmp_path, {"a": entry(), **bad})
    with pytest.raises(OutputUnreadable, match=why) as caught:
        read(tmp_path, [LOCK])
    assert caught.value.problem.slug == "lock-hash"
    assert len(read(tmp_path, [LOCK], internal=["b"]).entries) == 1


def test_a_lock_without_any_hash_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"a": {"version": "1.0.0"}, "b": {"version": "1.0.0"}})
    assert len(read(tmp_path, [LOCK]).entries) == 2


def test_only_what_comes_in_an_archive_needs_no_hash_of_its_own(tmp_path: Path) -> None:
    bundled = {"version": "1.0.0", "inBundle": True}
    write(tmp_path, {"a": entry(), "a/node_modules/b": bundled})
    assert told(read(tmp_path, [LOCK])) == ["npm a 1.0.0", "npm b 1.0.0"]
    write(tmp_path, {"a": entry(), "b": bundled})
    with pytest.raises(OutputUnreadable, match="has no `integrity`"):
        read(tmp_path, [LOCK])
    write(tmp_path, {"a": entry(), "a/node_modules/b": {"version": "1.0.0"}})
    with pytest.raises(OutputUnreadable, match="has no `integrity`"):
        read(tmp_path, [LOCK])


@pytest.mark.parametrize(
    "source", ["git+ssh://git@code.example/b.git#0", "file:b.tgz", "github:a/b"]
)
def test_what_was_never_released_is_unknowable(tmp_path: Path, source: str) -> None:
    write(tmp_path, {"a": entry(), "b": entry(resolved=source)})
    with pytest.raises(StageError) as caught:
        read(tmp_path, [LOCK])
    assert caught.value.problem.slug == "package-unknowable"
    assert told(read(tmp_path, [LOCK], internal=["b"])) == ["npm a 1.0.0"]


def test_an_absent_lock(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        read(tmp_path, [LOCK])
    assert caught.value.problem.slug == "lock-absent"
