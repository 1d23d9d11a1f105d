from __future__ import annotations

import json
from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats.locked import Origin, Scope
from gates.formats.npm_tables import Tables
from gates.formats.package_lock import PackageLock, Place, is_lock, read

RECORDED = Path(__file__).with_name("data") / "npm_audit" / "11.19.1" / "package-lock.json"


def lock(packages: dict[str, object], version: int = 3) -> PackageLock:
    document = {"lockfileVersion": version, "packages": {"": {"name": "orders"}, **packages}}
    return read(json.dumps(document).encode(), name="package-lock.json")


def one(entry: dict[str, object], at: str = "node_modules/a") -> Place:
    (place,) = lock({at: entry}).places
    return place


def test_every_place_of_a_lock_that_npm_read() -> None:
    found = read(RECORDED.read_bytes(), name="package-lock.json")
    assert found.total == 7
    assert [(of.location, str(of.package.name), of.package.version) for of in found.places] == [
        ("node_modules/@scope/tool", "@scope/tool", "2.0.0"),
        ("node_modules/lodash", "lodash", "4.17.4"),
        ("node_modules/minimist", "minimist", "1.2.0"),
        ("node_modules/wrapper", "wrapper", "1.0.0"),
        ("node_modules/wrapper/node_modules/minimist", "minimist", "0.0.8"),
        ("packages/web", "shop-web", "0.1.0"),
    ]
    tool, *_, web = found.places
    assert (tool.package.scope, tool.package.hashes) == (Scope.DEVELOPMENT, ("sha512-AAAA",))
    assert (web.package.origin, web.package.path) == (Origin.FOLDER, "packages/web")
    assert tool.package.place == "package-lock.json"


def test_an_alias_has_the_name_of_what_it_stands_for() -> None:
    assert one({"name": "real", "version": "1.0.0"}, "node_modules/alias").package.name == "real"


@pytest.mark.parametrize(
    ("resolved", "origin"),
    [
        ("https://registry.example/a/-/a-1.0.0.tgz", Origin.INDEX),
        ("git+ssh://git@host.example/a.git#abc", Origin.VCS),
        ("github:a/b#abc", Origin.VCS),
        ("file:a-1.0.0.tgz", Origin.FILE),
    ],
)
def test_where_a_package_is_from(resolved: str, origin: Origin) -> None:
    assert one({"version": "1.0.0", "resolved": resolved}).package.origin is origin


def test_what_is_wanted_by_an_address_is_not_from_a_registry() -> None:
    address = "https://host.example/a.tgz"
    found = lock(
        {
            "node_modules/a": {"version": "1.0.0", "resolved": address},
            "node_modules/b": {"version": "1.0.0", "dependencies": {"a": address}},
        }
    )
    assert [of.package.origin for of in found.places] == [Origin.URL, Origin.INDEX]


@pytest.mark.parametrize(
    ("flags", "omitted", "is_omitted"),
    [
        ((), ("dev", "optional", "peer"), False),
        (("dev",), ("dev",), True),
        (("dev",), ("optional",), False),
        (("peer",), ("peer",), True),
        (("devOptional",), ("dev",), False),
        (("devOptional",), ("dev", "optional"), True),
    ],
)
def test_what_npm_omits(flags: tuple[str, ...], omitted: tuple[str, ...], is_omitted: bool) -> None:  # noqa: FBT001 - a row
    place = one({"version": "1.0.0", **dict.fromkeys(flags, True)})
    assert place.is_omitted(frozenset(omitted)) is is_omitted


def test_a_lock_of_version_1_is_nested() -> None:
    document = {
        "lockfileVersion": 1,
        "dependencies": {
            "a": {
                "version": "1.0.0",
                "integrity": "sha512-A",
                "dependencies": {"b": {"version": "2.0.0"}},
            },
            "alias": {"version": "npm:@scope/real@3.0.0", "dev": True},
            "folder": {"version": "file:packages/web"},
            "tarball": {"version": "file:c.tgz"},
            "address": {"version": "https://host.example/d.tgz"},
            "repository": {"version": "github:a/b#abc"},
        },
    }
    found = read(json.dumps(document).encode(), name="package-lock.json")
    assert found.total == len(found.places) + 1
    assert [
        (of.location, of.package.name, of.package.version, of.package.origin) for of in found.places
    ] == [
        ("node_modules/a", "a", "1.0.0", Origin.INDEX),
        ("node_modules/a/node_modules/b", "b", "2.0.0", Origin.INDEX),
        ("node_modules/alias", "@scope/real", "3.0.0", Origin.INDEX),
        ("node_modules/folder", "folder", "", Origin.FOLDER),
        ("node_modules/tarball", "tarball", "", Origin.FILE),
        ("node_modules/address", "address", "", Origin.URL),
        ("node_modules/repository", "repository", "", Origin.VCS),
    ]


def test_a_lock_without_packages() -> None:
    assert lock({}, 2) == PackageLock((), 0, {"": Tables()})
    assert read(b'{"lockfileVersion": 1}', name="l") == PackageLock((), 0)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{}", "lockfileVersion"),
        (b'{"lockfileVersion": 4}', "is 4; 1, 2 and 3"),
        (b'{"lockfileVersion": 3}', "packages"),
        (b'{"lockfileVersion": 3, "packages": {"node_modules/a": {"link": true}}}', "resolved"),
        (
            b'{"lockfileVersion": 3, "packages": {"m/a": {"link": true, "resolved": ""}}}',
            "to nowhere",
        ),
        (
            b'{"lockfileVersion": 3, "packages": {"m/a": {"link": true, "resolved": "b"}}}',
            "no entry",
        ),
        (b'{"lockfileVersion": 3, "packages": {"a/": {}}}', "has no name"),
        (b'{"lockfileVersion": 1, "dependencies": {"a": {}}}', "version"),
        (b'{"lockfileVersion": 3, "lockfileVersion": 3}', "twice"),
        (b"[" * 1000, "deep"),
    ],
)
def test_what_is_no_such_lock_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why):
        read(data, name="package-lock.json")


def test_names() -> None:
    assert is_lock("a/package-lock.json")
    assert is_lock("npm-shrinkwrap.json")
    assert not is_lock("package.json")


def test_every_cut_is_refused() -> None:
    refuses_every_cut(lambda data: read(data, name="l"), RECORDED.read_bytes())


def test_what_comes_in_the_archive_of_another() -> None:
    new = {"a": {"version": "1.0.0"}, "a/node_modules/b": {"version": "1.0.0", "inBundle": True}}
    packages = {f"node_modules/{at}": entry for at, entry in new.items()}
    old = {"version": "1.0.0", "dependencies": {"b": {"version": "1.0.0", "bundled": True}}}
    for document in (
        {"lockfileVersion": 3, "packages": packages},
        {"lockfileVersion": 1, "dependencies": {"a": old}},
    ):
        places = read(json.dumps(document).encode(), name="l").places
        assert {of.package.name: of.is_bundled for of in places} == {"a": False, "b": True}
