from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.advisories import locks, npm_witness
from gates.advisories.inventory import Inventory
from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.formats import npm_audit_json
from gates.formats.npm_audit_json import Advisory, AuditReport, Vulnerable
from gates.formats.package_lock import PackageLock

DATA = Path(__file__).parents[1] / "formats" / "data" / "npm_audit" / "11.19.1"


def lock_of(omit: tuple[str, ...] = ()) -> tuple[PackageLock, Inventory]:
    return locks.of_npm(DATA, "package-lock.json", omitted=omit)


def recorded(name: str) -> bytes:
    return (DATA / name).read_bytes()


def advisory(range_: str) -> Advisory:
    return Advisory("GHSA-1", ("npm-1",), Severity.LOW, "", (), "Bad", range_)


def refused(log: bytes) -> tuple[str, str]:
    lock, used = lock_of()
    with pytest.raises(StageError) as caught:
        npm_witness.require_asked(used, lock, log, "npm.log")
    return caught.value.problem.slug, caught.value.problem.summary


def test_each_version_has_the_advisories_that_are_about_it() -> None:
    report = npm_audit_json.read(recorded("found.json"), what="x")
    found = list(npm_witness.told(report, lock_of()[0]))
    assert [(str(of.package), of.id, of.fix_versions) for of in found] == [
        ("lodash 4.17.4", "GHSA-35jh-r3h4-6jhm", ("4.17.21",)),
        ("minimist 1.2.0", "GHSA-vh95-rmgr-6w4m", ("1.2.3",)),
        ("minimist 0.0.8", "GHSA-vh95-rmgr-6w4m", ("0.2.1",)),
    ]
    assert found[0].ratings


@pytest.mark.parametrize(
    ("range_", "versions"),
    [
        ("<0.2.1", ["0.0.8"]),
        ("nonsense", ["1.2.0", "0.0.8"]),
        # npm names these places, so it is about one of them, whatever we make of the range.
        (">9.0.0", ["1.2.0", "0.0.8"]),
    ],
)
def test_which_versions_an_advisory_is_about(range_: str, versions: list[str]) -> None:
    places = ("node_modules/minimist", "node_modules/wrapper/node_modules/minimist")
    report = AuditReport((Vulnerable("minimist", (advisory(range_),), places),), 7)
    found = npm_witness.told(report, lock_of()[0])
    assert [of.package.version for of in found] == versions


@pytest.mark.parametrize("place", ["node_modules/gone", "node_modules/lodash"])
def test_a_place_that_the_lock_does_not_have(place: str) -> None:
    report = AuditReport((Vulnerable("minimist", (advisory("*"),), (place,)),), 7)
    with pytest.raises(StageError, match="where the lock has none"):
        list(npm_witness.told(report, lock_of()[0]))


def test_another_number_of_packages_is_another_lock() -> None:
    npm_witness.require_total(AuditReport((), 7), lock_of()[0], "x")
    with pytest.raises(StageError, match="counts 6 packages, and the lock has 7"):
        npm_witness.require_total(AuditReport((), 6), lock_of()[0], "x")


def test_a_whole_request_that_was_answered() -> None:
    lock, used = lock_of()
    npm_witness.require_asked(used, lock, recorded("found.log"), "npm.log")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("offline", "packages-untold"),
        ("part", "packages-not-examined"),
        ("clean", "packages-not-examined"),
        ("not-allowed", "audit-failed"),
    ],
)
def test_what_a_log_does_not_prove(name: str, slug: str) -> None:
    assert refused(recorded(f"{name}.log"))[0] == slug


def test_packages_that_the_lock_does_not_have() -> None:
    log = recorded("found.log").replace(b"lodash: [", b"strange: [ '1' ], lodash: [", 1)
    assert refused(log) == (
        "contradiction",
        "npm asked for packages that are not in the lock: `strange 1`",
    )


def test_what_is_omitted_need_not_be_asked_for() -> None:
    lock, used = lock_of(("dev",))
    names = {of.name: [of.version] for of in used.entries}
    log = f"npm silly audit bulk request {json.dumps(names)}\n".encode()
    answer = recorded("found.log").split(b"npm silly audit }\n")[1]
    npm_witness.require_asked(used, lock, log + answer, "npm.log")
