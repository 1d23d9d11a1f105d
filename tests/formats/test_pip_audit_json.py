from __future__ import annotations

import json
from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats.pip_audit_json import Audited, Reported, Skipped, passed_over, read

DATA = Path(__file__).with_name("data") / "pip_audit" / "2.10.1"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def test_a_report_with_vulnerabilities() -> None:
    report = read(recorded("found"), what="found.json")
    assert report.skipped == ()
    assert report.audited == (
        Audited(
            "jinja2",
            "2.10",
            (Reported("GHSA-cana-ryca-nary", (), (), "About GHSA-cana-ryca-nary"),),
        ),
        Audited(
            "orderlib",
            "1.1.0",
            (
                Reported(
                    "PYSEC-2026-9001",
                    ("CVE-2026-90001", "GHSA-aaaa-bbbb-cccc"),
                    ("1.2.0",),
                    "About PYSEC-2026-9001",
                ),
            ),
        ),
        Audited("clean", "1.0", ()),
    )


def test_a_clean_report() -> None:
    report = read(recorded("clean"), what="x")
    assert [(of.name, of.vulnerabilities) for of in report.audited] == [
        ("clean", ()),
        ("other", ()),
    ]


def test_skipped_packages_are_not_audited_ones() -> None:
    report = read(recorded("all-skipped"), what="x")
    assert report.audited == ()
    assert [of.name for of in report.skipped] == ["jinja2", "requests"]
    assert "could not be audited" in report.skipped[0].reason
    report = read(recorded("url"), what="x")
    assert [of.name for of in report.audited] == ["clean"]
    assert isinstance(report.skipped[0], Skipped)


def test_an_empty_report_has_nothing() -> None:
    assert read(recorded("empty"), what="x").audited == ()


def report_of(*entries: object, fixes: object = ()) -> bytes:
    return json.dumps({"dependencies": entries, "fixes": fixes}).encode()


FINE = {"name": "a", "version": "1", "vulns": []}


def test_an_equal_entry_counts_once() -> None:
    assert len(read(report_of(FINE, {**FINE, "name": "A"}), what="x").audited) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"[]", "array"),
        (b"{}", "fixes"),
        (b'{"dependencies": []}', "fixes"),
        (b'{"fixes": []}', "dependencies"),
        (recorded("found")[:-9], "JSON"),
        (b"<<<<<<< HEAD\n" + recorded("clean"), "JSON"),
        (recorded("clean") * 2, "JSON"),
        (report_of(FINE, fixes=[{"name": "a"}]), "changed packages"),
        (report_of({"name": "a", "version": "1"}), "neither"),
        (report_of({**FINE, "skip_reason": "why"}), "both"),
        (report_of({"name": "a", "vulns": []}), "version"),
        (report_of({"name": "", "version": "1", "vulns": []}), "/name"),
        (report_of({"name": "a", "version": " ", "vulns": []}), "/version"),
        (report_of({"version": "1", "vulns": []}), "name"),
        (report_of({"name": "a", "version": "1", "vulns": None}), "/vulns"),
        (report_of({"name": "a", "version": "1", "vulns": [{"fix_versions": []}]}), "id"),
        (report_of({"name": "a", "version": "1", "vulns": [{"id": "A"}]}), "fix_versions"),
        (
            report_of({"name": "a", "version": "1", "vulns": [{"id": "A", "fix_versions": [1]}]}),
            "fix_versions/0",
        ),
        (
            report_of(
                FINE, {**FINE, "vulns": [{"id": "A", "fix_versions": [], "description": None}]}
            ),
            "twice",
        ),
        (report_of({"name": "a", "skip_reason": 3}), "skip_reason"),
        (report_of("a"), "/dependencies/0"),
    ],
)
def test_a_report_that_is_not_whole_is_an_error(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why) as caught:
        read(data, what="audit.json")
    assert caught.value.problem.place.startswith("audit.json")


def test_what_was_passed_over_stands_in_the_log() -> None:
    log = b"""\
WARNING:pip_audit._cli:--no-deps is supported, but users are encouraged to fully hash
WARNING:pip_audit._cache:pip 19 doesn't support the `cache dir` subcommand
WARNING:pip_audit._dependency_source.pip:pip-audit will run pip against another
WARNING:urllib3.connectionpool:Retrying
WARNING:pip_audit._service.osv:Unsupported OSV schema version: 2.0.0
No known vulnerabilities found
"""
    assert passed_over(log) == ("pip_audit._service.osv:Unsupported OSV schema version: 2.0.0",)
    assert passed_over(b"\xff\n") == ()


def test_every_cut_is_refused() -> None:
    refuses_every_cut(lambda data: read(data, what="x"), recorded("found"))
