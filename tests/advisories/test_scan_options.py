from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from gates.advisories.scan_options import Asked
from gates.formats.scanned import Listed

LOCK = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {"": {}, "node_modules/a": {"version": "1.0.0"}},
    }
)
SBOM = b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"purl": "pkg:npm/b@2"}]}'
TODAY = date(2026, 5, 8)


def asked(**more: object) -> Asked:
    made = Asked(scanner="scanner", written_by="scanner --all", **more)  # type: ignore[arg-type]
    made.check()
    return made


def nothing(path: str) -> bytes:
    raise AssertionError(path)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"lock": "yarn.lock"}, "no lock that can be read"),
        ({"lock": "package-lock.json", "omit": ("peer",)}, "knows no `peer`"),
        ({"omit": ("dev",)}, "name that too"),
        ({"assume_lock": True}, "name that"),
        ({"assume_lock": True, "lock": "package-lock.json", "sbom": "s.json"}, "no `sbom`"),
    ],
)
def test_options_that_do_not_fit_together(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        asked(**options)


def test_without_options_nothing_stands_in(tmp_path: Path) -> None:
    audit = asked().audit(tmp_path, TODAY, nothing)
    assert (audit.used, audit.stand_in, audit.omits_dev) == (None, None, False)


def test_a_lock_is_read_and_stands_in_only_where_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text(LOCK, encoding="utf-8")
    plain = asked(lock="package-lock.json", omit=("dev",)).audit(tmp_path, TODAY, nothing)
    assert plain.used is not None
    assert (plain.stand_in, plain.omits_dev) == (None, True)
    assumed = asked(lock="package-lock.json", assume_lock=True).audit(tmp_path, TODAY, nothing)
    assert assumed.stand_in == ("package-lock.json", frozenset({Listed("npm", "a", "1.0.0")}))


def test_an_sbom_stands_in(tmp_path: Path) -> None:
    audit = asked(sbom="s.json").audit(tmp_path, TODAY, lambda _: SBOM, is_dated=True)
    assert audit.stand_in == ("s.json", frozenset({Listed("npm", "b", "2")}))
    assert audit.is_dated


def test_packages_of_the_base(tmp_path: Path) -> None:
    of = asked(lock="package-lock.json")
    assert of.subjects(lambda _: LOCK.encode(), tmp_path) == {"a 1.0.0"}
    assert asked().subjects(nothing, tmp_path) == frozenset()


def test_a_marker_of_the_base_must_stand_in_the_lock_still(tmp_path: Path) -> None:
    of, was = asked(lock="a.txt"), b'a==1.0 ; python_version < "3"\n'
    (tmp_path / "a.txt").write_bytes(was)
    assert of.subjects(lambda _: was, tmp_path) == {"a 1.0"}
    (tmp_path / "a.txt").write_text("a==1.0\n", encoding="utf-8")
    assert of.subjects(lambda _: was, tmp_path) == frozenset()
