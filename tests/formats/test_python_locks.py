from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.locked import Locked, Origin, Scope
from gates.formats.python_locks import is_lock, read

UV = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "orders"
source = { editable = "." }
dependencies = [{ name = "flask", extra = ["async"] }]
[package.optional-dependencies]
pg = [{ name = "driver" }]
[package.dev-dependencies]
test = [{ name = "pytest" }]

[[package]]
name = "Flask"
version = "3.0.0"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "werk", marker = "sys_platform == 'linux'" }]
sdist = { url = "https://registry.example/f.tar.gz", hash = "sha256:bb", size = 1 }
wheels = [{ url = "https://registry.example/f.whl", hash = "sha256:aa" }, { url = "x" }]

[[package]]
name = "werk"
version = "1.0"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "flask" }]

[[package]]
name = "driver"
version = "2.0"
source = { git = "https://registry.example/driver?rev=a#a" }

[[package]]
name = "pytest"
version = "9.0"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "wheel-file"
version = "0.1"
source = { path = "x.whl" }

[[package]]
name = "from-url"
version = "0.1"
source = { url = "https://registry.example/x.whl" }
"""


def test_the_path_of_what_is_here_is_known() -> None:
    def paths(name: str, text: str) -> dict[str, str]:
        return {of.name: of.path for of in read(text.encode(), name=name) if of.path}

    assert paths("uv.lock", UV) == {"orders": ".", "wheel-file": "x.whl"}
    assert paths("poetry.lock", POETRY) == {"own": "own"}
    assert paths("pylock.toml", PYLOCK) == {"own": ".", "beside": "beside"}


def test_uv_lock() -> None:
    found = read(UV.encode(), name="sub/uv.lock")
    assert [(of.name, of.version, of.origin, of.scope) for of in found] == [
        ("orders", "", Origin.EDITABLE, Scope.RUNTIME),
        ("flask", "3.0.0", Origin.INDEX, Scope.RUNTIME),
        ("werk", "1.0", Origin.INDEX, Scope.RUNTIME),
        ("driver", "2.0", Origin.VCS, Scope.RUNTIME),
        ("pytest", "9.0", Origin.INDEX, Scope.DEVELOPMENT),
        ("wheel-file", "0.1", Origin.FILE, Scope.DEVELOPMENT),
        ("from-url", "0.1", Origin.URL, Scope.DEVELOPMENT),
    ]
    assert found[1].hashes == ("sha256:aa", "sha256:bb")
    assert found[0].place == "sub/uv.lock"


def test_without_a_package_of_its_own_the_scope_is_not_known() -> None:
    text = 'version = 1\n[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "x" }\n'
    assert read(text.encode(), name="uv.lock") == (Locked("a", "1", place="uv.lock"),)
    assert read(b"version = 1\n", name="uv.lock") == ()


POETRY = """\
[[package]]
name = "Flask"
version = "3.0.0"
optional = false
groups = ["dev", "main"]
files = [{ file = "f.whl", hash = "sha256:aa" }]

[[package]]
name = "pytest"
version = "9.0"
groups = ["dev"]
files = []
[package.source]
type = "legacy"
url = "https://registry.example/simple"

[[package]]
name = "own"
version = "0.1"
files = []
[package.source]
type = "directory"
url = "own"

[[package]]
name = "old"
version = "1"
category = "dev"

[metadata]
lock-version = "2.1"
content-hash = "x"
[metadata.files]
old = [{ file = "o.whl", hash = "md5:cc" }]
"""


def test_poetry_lock() -> None:
    found = read(POETRY.encode(), name="poetry.lock")
    assert [(of.name, of.version, of.origin, of.scope, of.hashes) for of in found] == [
        ("flask", "3.0.0", Origin.INDEX, Scope.RUNTIME, ("sha256:aa",)),
        ("pytest", "9.0", Origin.INDEX, Scope.DEVELOPMENT, ()),
        ("own", "0.1", Origin.FOLDER, Scope.UNKNOWN, ()),
        ("old", "1", Origin.INDEX, Scope.DEVELOPMENT, ("md5:cc",)),
    ]


PYLOCK = """\
lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "flask"
version = "3.0.0"
sdist = { name = "f.tar.gz", hashes = { sha256 = "bb" } }
wheels = [{ name = "f.whl", hashes = { sha256 = "aa", sha512 = "cc" } }]
[[packages]]
name = "nameless"
[[packages]]
name = "own"
directory = { path = ".", editable = true }
[[packages]]
name = "beside"
directory = { path = "beside" }
[[packages]]
name = "driver"
version = "2"
vcs = { type = "git", url = "x", commit-id = "a" }
[[packages]]
name = "remote"
archive = { url = "https://registry.example/x.zip", hashes = { sha256 = "dd" } }
[[packages]]
name = "local"
archive = { path = "x.zip", hashes = { sha256 = "ee" } }
"""


@pytest.mark.parametrize("name", ["pylock.toml", "pylock.dev.toml"])
def test_pylock(name: str) -> None:
    found = read(PYLOCK.encode(), name=name)
    assert [(of.name, of.version, of.origin, of.is_auditable) for of in found] == [
        ("flask", "3.0.0", Origin.INDEX, True),
        ("nameless", "", Origin.INDEX, False),
        ("own", "", Origin.EDITABLE, False),
        ("beside", "", Origin.FOLDER, False),
        ("driver", "2", Origin.VCS, False),
        ("remote", "", Origin.URL, False),
        ("local", "", Origin.FILE, False),
    ]
    assert found[0].hashes == ("sha256:aa", "sha256:bb", "sha512:cc")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("uv.lock", "", "version"),
        ("uv.lock", "version = 2\n", "version"),
        ("uv.lock", UV[:-30], "TOML"),
        ("uv.lock", "<<<<<<< HEAD\n" + UV, "TOML"),
        ("uv.lock", 'version = 1\n[[package]]\nname = "a"\nversion = "1"\n', "source"),
        (
            "uv.lock",
            'version = 1\n[[package]]\nname = "a"\nsource = {registry = "x"}\n',
            "no version",
        ),
        (
            "uv.lock",
            'version = 1\n[[package]]\nname = "a"\nversion = "1"\nsource = {x = "y"}\n',
            "kind",
        ),
        ("uv.lock", 'version = 1\n[[package]]\nname = ""\nsource = {registry = "x"}\n', "empty"),
        ("uv.lock", 'version = 1\npackage = "a"\n', "/package"),
        ("uv.lock", UV.replace('"driver"', '"../driver"'), "no name of a package"),
        ("pylock.toml", PYLOCK.replace('"flask"', '"flask x"'), "no name of a package"),
        ("poetry.lock", "", "metadata"),
        ("poetry.lock", '[metadata]\nlock-version = "3.0"\n', "lock-version"),
        ("poetry.lock", POETRY.replace('"directory"', '"unheard-of"'), "kind"),
        ("poetry.lock", POETRY.replace('version = "9.0"', ""), "no version"),
        ("pylock.toml", 'lock-version = "2.0"\n', "lock-version"),
        ("pylock.toml", PYLOCK.replace('name = "flask"', ""), "name"),
        ("Pipfile.lock", "{}", "known by its name"),
    ],
)
def test_a_lock_that_is_not_whole_is_an_error(name: str, text: str, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why) as caught:
        read(text.encode(), name=name)
    assert caught.value.problem.place == name


def test_bytes_that_are_no_text_and_too_many_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutputUnreadable, match="TOML"):
        read(b"\xff", name="uv.lock")
    monkeypatch.setattr("gates.formats.python_locks.MAX_BYTES", 3)
    with pytest.raises(OutputUnreadable, match="at most 3"):
        read(b"    ", name="uv.lock")


def test_locks_are_known_by_their_names() -> None:
    assert [
        is_lock(name) for name in ("uv.lock", "poetry.lock", "pylock.toml", "pylock.a.toml")
    ] == ([True] * 4)
    assert not is_lock("requirements.txt")


def test_markers_are_told() -> None:
    def told(name: str, text: str) -> dict[str, str]:
        return {of.name: of.marker for of in read(text.encode(), name=name) if of.marker}

    assert told("uv.lock", UV) == {"werk": "flask -> werk: sys_platform == 'linux'"}
    poetry = "[metadata]\nlock-version = '2.1'\n" + "".join(
        f"[[package]]\nname = '{name}'\nversion = '1'\n{markers}\n"
        for name, markers in (
            ("a", "markers = 'os_name == \"nt\"'"),
            ("b", "markers = { main = 'x', dev = 'y' }"),
            ("c", ""),
        )
    )
    assert told("poetry.lock", poetry) == {"a": 'os_name == "nt"', "b": "dev: y, main: x"}
    pylock = "lock-version = '1.0'\n[[packages]]\nname = 'a'\nversion = '1'\nmarker = 'm'\n"
    assert told("pylock.toml", pylock) == {"a": "m"}
