from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_version

from gates.advisories.osv import ECOSYSTEMS, NPM, PYPI
from gates.advisories.versions import SCHEMES, canonical

_VERSIONS = st.from_regex(
    r"\A(1!)?(0|[1-9][0-9]?)(\.(0|1|10)){0,3}(a1|rc2|\.post1|\.dev0)?(\+a)?\Z"
)


@given(_VERSIONS)
def test_the_canonical_spelling_is_that_of_packaging(version: str) -> None:
    assert canonical(version) == canonicalize_version(version)


@pytest.mark.parametrize("version", ["no version", "1.0-n653", "", "1..2"])
def test_what_is_no_version_keeps_its_spelling(version: str) -> None:
    assert canonical(version) == version
    assert canonical(version, NPM) == version


@pytest.mark.parametrize(
    ("version", "ecosystem", "spelled"),
    [
        ("1.0", PYPI, "1"),
        ("1.0.0", NPM, "1.0.0"),
        ("1.0.0+build", NPM, "1.0.0"),
        ("1.0+build", NPM, "1.0+build"),
        ("1.0", "go", "1.0"),
    ],
)
def test_each_ecosystem_spells_in_its_own_way(version: str, ecosystem: str, spelled: str) -> None:
    assert canonical(version, ecosystem) == spelled


def test_every_ecosystem_has_a_scheme() -> None:
    assert SCHEMES.keys() == ECOSYSTEMS.keys()


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_the_lowest_version_is_a_version(ecosystem: str) -> None:
    scheme = SCHEMES[ecosystem]
    assert scheme.read(scheme.lowest) is not None


def test_only_python_has_builds_of_a_version() -> None:
    assert SCHEMES[PYPI].builds_on("1.0+cpu") == ("1.0+cpu", "1.0")
    assert SCHEMES[PYPI].builds_on("1.0") == ("1.0",)
    assert SCHEMES[PYPI].builds_on("odd") == ("odd",)
    assert SCHEMES[NPM].builds_on("1.0.0+cpu") == ("1.0.0+cpu",)
