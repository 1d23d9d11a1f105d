from __future__ import annotations

import pytest
from advisories.samples import V3_CRITICAL, about, record
from hypothesis import given
from hypothesis import strategies as st

from gates.advisories import osv
from gates.advisories.matching import Matcher, Package, vulnerabilities
from gates.advisories.osv import NPM, PYPI
from gates.advisories.versions import canonical
from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.formats.semver import read as read_version


def read(*records: dict[str, object]) -> list[osv.Advisory]:
    return [osv.read(of, what="sample", spelled=canonical) for of in records]


def is_affected(version: str, **entry: object) -> bool:
    (advisory,) = read(record("A-1", affected=[about("lib", **entry)]))  # type: ignore[arg-type]
    return Matcher().affects(advisory, Package("lib", version)) is not None


@pytest.mark.parametrize(
    ("version", "events", "expected"),
    [
        ("0", (("introduced", "0"), ("fixed", "1.2")), True),
        ("1.1.9", (("introduced", "0"), ("fixed", "1.2")), True),
        ("1.2", (("introduced", "0"), ("fixed", "1.2")), False),
        ("1.2.0", (("introduced", "0"), ("fixed", "1.2")), False),
        ("1.10", (("introduced", "0"), ("fixed", "1.9")), False),
        ("1.2rc1", (("introduced", "0"), ("fixed", "1.2")), True),
        ("1.2.post1", (("introduced", "0"), ("fixed", "1.2")), False),
        ("1!0.1", (("introduced", "0"), ("fixed", "1.2")), False),
        ("0.9", (("introduced", "1.0"), ("fixed", "1.2")), False),
        ("1.0", (("introduced", "1.0"), ("fixed", "1.2")), True),
        ("9", (("introduced", "1.0"),), True),
        ("1.2", (("introduced", "0"), ("last_affected", "1.2")), True),
        ("1.2.1", (("introduced", "0"), ("last_affected", "1.2")), False),
        # a local build of the last affected version
        ("1.2+cpu", (("introduced", "0"), ("last_affected", "1.2")), True),
        ("1.2+cpu", (("introduced", "0"), ("fixed", "1.2")), False),
        # several ranges in one, in any order
        (
            "1.5",
            (("introduced", "0"), ("fixed", "1.2"), ("introduced", "2"), ("fixed", "3")),
            False,
        ),
        ("2.5", (("fixed", "3"), ("introduced", "2"), ("fixed", "1.2"), ("introduced", "0")), True),
        ("2", (("introduced", "0"), ("fixed", "2"), ("introduced", "2"), ("fixed", "3")), True),
        ("1", (("introduced", "0"), ("limit", "2")), True),
        ("2", (("introduced", "0"), ("limit", "2")), False),
        ("2", (("introduced", "0"), ("limit", "*")), True),
        # without a beginning it has no lower end
        ("1", (("fixed", "2"),), True),
        ("2", (("fixed", "2"),), False),
    ],
)
def test_a_version_lies_in_a_range(
    version: str, events: tuple[tuple[str, str], ...], *, expected: bool
) -> None:
    assert is_affected(version, events=events) is expected


@pytest.mark.parametrize(
    ("version", "listed", "expected"),
    [
        ("1.0", ("1.0",), True),
        ("1.0.0", ("1",), True),
        ("1", ("1.0.0",), True),
        ("1.0rc1", ("1.0.c1",), True),
        ("1.0+cpu", ("1.0",), True),
        ("1.0+cpu", ("1.0+cpu",), True),
        ("1.0", ("1.0+cpu",), False),
        ("1.0", ("10", "1.0.1", "no-version"), False),
    ],
)
def test_a_version_is_listed(version: str, listed: tuple[str, ...], *, expected: bool) -> None:
    assert is_affected(version, versions=listed) is expected


def test_listed_or_in_a_range_is_enough() -> None:
    entry = {"versions": ("5.0",), "events": (("introduced", "0"), ("fixed", "1.2"))}
    assert [version for version in ("1.0", "2.0", "5.0") if is_affected(version, **entry)] == [
        "1.0",
        "5.0",
    ]


def test_ranges_of_commits_are_left_out_but_semver_counts() -> None:
    ranges = [
        {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abcdef"}]},
        {"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.2.0-rc.1"}]},
    ]
    assert is_affected("1.1", ranges=ranges)
    assert not is_affected("1.2.0rc1", ranges=ranges)
    assert not is_affected("0.9", ranges=ranges)


@pytest.mark.parametrize(
    "entry",
    [
        {"events": (("introduced", "0"), ("fixed", "2019-09-12"))},
        {"events": (("introduced", "first"),), "versions": ("9",)},
        {},
        {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]},
    ],
)
def test_what_cannot_be_evaluated_counts_and_is_told(entry: dict[str, object]) -> None:
    advisories = read(record("A-1", affected=[about("lib", **entry)]))  # type: ignore[arg-type]
    (found,) = vulnerabilities([Package("lib", "3.0")], advisories)
    assert found.id == "A-1"
    assert found.notes[0].startswith("A-1: ")


def test_a_withdrawn_record_matches_nothing() -> None:
    advisories = read(
        record("A-1", withdrawn="2026-05-02T00:00:00Z", affected=[about("lib", versions=("1",))])
    )
    assert vulnerabilities([Package("lib", "1")], advisories) == ()
    assert Matcher().affects(advisories[0], Package("lib", "1")) is None


def test_another_ecosystem_matches_nothing() -> None:
    entry = {"package": {"ecosystem": "npm", "name": "lib"}, "versions": ["1"]}
    assert vulnerabilities([Package("lib", "1")], read(record("A-1", affected=[entry]))) == ()


def test_an_unreadable_version_is_an_error_where_advisories_name_the_package() -> None:
    advisories = read(record("A-1", affected=[about("lib", versions=("1",))]))
    with pytest.raises(StageError, match="which is no PEP 440 version") as caught:
        vulnerabilities([Package("lib", "one")], advisories)
    assert caught.value.problem.slug == "version-unreadable"
    assert vulnerabilities([Package("other", "one")], advisories) == ()


def test_names_match_in_any_spelling_and_fix_versions_are_found() -> None:
    advisories = read(
        record("A-1", affected=[about("Jinja2", events=(("introduced", "0"), ("fixed", "2.10.1")))])
    )
    (found,) = vulnerabilities([Package.of("JINJA2", "2.10")], advisories)
    assert str(found.package) == "jinja2 2.10"
    assert found.fix_versions == ("2.10.1",)


def test_records_of_one_vulnerability_are_one_result() -> None:
    advisories = read(
        record(
            "PYSEC-1",
            aliases=["CVE-2026-1"],
            affected=[about("lib", events=(("introduced", "0"), ("fixed", "1.10")))],
        ),
        record(
            "GHSA-1",
            aliases=["CVE-2026-1"],
            published="2026-03-01T00:00:00Z",
            affected=[
                about("lib", events=(("introduced", "0"), ("fixed", "1.9"), ("fixed", "odd")))
            ],
        ),
        # known only by an alias of an alias, and rated only there
        record("XYZ-1", aliases=["GHSA-1"], severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}]),
        record("PYSEC-2", affected=[about("lib", versions=("1.0",))]),
    )
    first, second = vulnerabilities([Package("lib", "1.0")] * 2, advisories)
    assert (first.id, first.aliases) == ("CVE-2026-1", ("GHSA-1", "PYSEC-1", "XYZ-1"))
    assert first.severity is Severity.CRITICAL
    assert str(first.score) == "9.8"
    assert first.rated_by == "XYZ-1"
    assert first.fix_versions == ("1.9", "1.10", "odd")
    assert first.published is not None
    assert first.published.month == 3
    assert first.summary == "About GHSA-1"
    assert (second.id, second.severity, second.fix_versions) == ("PYSEC-2", Severity.UNKNOWN, ())


def test_a_record_on_two_cves_makes_no_waiver_of_one_cover_the_other() -> None:
    def of(name: str, *aliases: str, score: str) -> dict[str, object]:
        return record(
            name,
            aliases=list(aliases),
            affected=[about("lib", versions=("1.0",))],
            severity=[{"type": "CVSS_V3", "score": score}],
        )

    low = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
    advisories = read(
        of("PYSEC-1", "CVE-2026-1", score=low),
        of("GHSA-1", "CVE-2026-1", "CVE-2026-2", score=low),
        of("PYSEC-2", "CVE-2026-2", score=V3_CRITICAL),
    )
    first, second = vulnerabilities([Package("lib", "1.0")], advisories)
    assert (first.id, first.aliases) == ("CVE-2026-1", ("GHSA-1", "PYSEC-1"))
    assert (second.id, second.aliases) == ("CVE-2026-2", ("GHSA-1", "PYSEC-2"))
    assert (first.severity, second.severity) == (Severity.LOW, Severity.CRITICAL)


def test_two_versions_of_a_package_are_judged_apart() -> None:
    advisories = read(record("A-1", affected=[about("lib", versions=("1", "2"))]))
    found = vulnerabilities([Package("lib", of) for of in ("3", "2", "1")], advisories)
    assert [of.package.version for of in found] == ["1", "2"]


def test_what_the_source_states_counts_though_the_record_does_not_bear_it_out() -> None:
    package = Package("lib", "2")
    advisories = read(record("A-1", aliases=["B-1"], affected=[about("lib", versions=("1",))]))
    (found,) = vulnerabilities([package], advisories, [(package, "B-1")])
    assert "by the service's word" in found.notes[0]
    other = read(record("A-1", affected=[about("renamed", versions=("1",))]))
    assert len(vulnerabilities([package], other, [(package, "A-1")])) == 1


_VERSIONS = st.from_regex(
    r"\A(1!)?(0|[1-9][0-9]?)(\.(0|1|10)){0,3}(a1|rc2|\.post1|\.dev0)?(\+a)?\Z"
)


@given(_VERSIONS, st.lists(_VERSIONS, min_size=1, max_size=4, unique=True))
def test_a_listed_version_is_always_affected(version: str, others: list[str]) -> None:
    assert is_affected(version, versions=(*others, version))


def test_later_versions_come_in_order() -> None:
    matcher = Matcher()
    assert matcher.later(["2.10", "1.0", "2.9", "odd", "2.9"], "2.0") == ("2.9", "2.10", "odd")
    # Where the version itself cannot be read, any may be later.
    assert matcher.later(["1.0"], "odd") == ("1.0",)


def npm(further: dict[str, object], name: str = "lib") -> dict[str, object]:
    return {"package": {"ecosystem": "npm", "name": name}, **further}


def semver(*events: tuple[str, str]) -> list[dict[str, object]]:
    return [{"type": "SEMVER", "events": [{kind: version} for kind, version in events]}]


def of_npm(version: str, **entry: object) -> bool:
    advisories = read(record("A-1", affected=[npm(entry)]))
    return bool(vulnerabilities([Package("lib", version, NPM)], advisories))


@pytest.mark.parametrize(
    ("version", "events", "expected"),
    [
        ("0.0.0", (("introduced", "0"), ("fixed", "1.2.0")), True),
        ("0.0.0-0", (("introduced", "0"), ("fixed", "1.2.0")), True),
        ("1.2.0-rc.1", (("introduced", "0"), ("fixed", "1.2.0")), True),
        ("1.2.0", (("introduced", "0"), ("fixed", "1.2.0")), False),
        ("1.2.0+build", (("introduced", "0"), ("fixed", "1.2.0")), False),
        ("1.2.0-rc.2", (("introduced", "0"), ("fixed", "1.2.0-rc.10")), True),
        ("1.2.0-rc.10", (("introduced", "0"), ("fixed", "1.2.0-rc.2")), False),
        ("1.10.0", (("introduced", "0"), ("fixed", "1.9.0")), False),
        ("2.0.0-beta", (("introduced", "2.0.0"),), False),
        ("2.0.0", (("introduced", "2.0.0-beta"), ("fixed", "3.0.0")), True),
        ("1.2.0", (("introduced", "0"), ("last_affected", "1.2.0")), True),
        ("1.2.0+x", (("introduced", "0"), ("last_affected", "1.2.0")), True),
        ("1.2.1-0", (("introduced", "0"), ("last_affected", "1.2.0")), False),
        ("9.0.0", (("introduced", "0"),), True),
    ],
)
def test_an_npm_version_lies_in_a_range(
    version: str, events: tuple[tuple[str, str], ...], *, expected: bool
) -> None:
    assert of_npm(version, ranges=semver(*events)) is expected


@pytest.mark.parametrize(
    ("version", "listed", "expected"),
    [
        ("1.0.0", ("1.0.0",), True),
        ("1.0.0+a", ("1.0.0+b",), True),
        ("1.0.0", ("1.0", "1", "v1.0.0", "1.0.0-0"), False),
    ],
)
def test_an_npm_version_is_listed(version: str, listed: tuple[str, ...], *, expected: bool) -> None:
    assert of_npm(version, versions=list(listed)) is expected


@pytest.mark.parametrize(
    "entry",
    [
        {"ranges": semver(("introduced", "0"), ("fixed", "1.2"))},
        {"ranges": semver(("introduced", "0"), ("last_affected", "v1.2.0"))},
        {"ranges": semver(("introduced", "0.0"), ("fixed", "1.0.0"))},
        {},
    ],
)
def test_what_cannot_be_evaluated_of_npm_counts_and_is_told(entry: dict[str, object]) -> None:
    (found,) = vulnerabilities(
        [Package("lib", "3.0.0", NPM)], read(record("A-1", affected=[npm(entry)]))
    )
    assert found.notes[0].startswith("A-1: ")


def test_an_unreadable_version_of_npm_is_an_error() -> None:
    advisories = read(record("A-1", affected=[npm({"versions": ["1.0.0"]})]))
    with pytest.raises(StageError, match="which is no semantic version"):
        vulnerabilities([Package("lib", "1.0", NPM)], advisories)


def test_packages_of_one_name_in_two_ecosystems_are_apart() -> None:
    advisories = read(
        record("A-1", affected=[npm({"versions": ["1.0.0"]})]),
        record("A-2", affected=[about("lib", versions=("1.0.0",))]),
        record("A-3", affected=[about("lib", versions=("2.0.0",)), npm({"versions": ["3.0.0"]})]),
    )
    versions = ("1.0.0", "2.0.0", "3.0.0")
    packages = [Package("lib", of, each) for of in versions for each in (NPM, PYPI)]
    found = vulnerabilities(packages, advisories)
    assert [(of.id, of.package.ecosystem, of.package.version) for of in found] == [
        ("A-1", NPM, "1.0.0"),
        ("A-2", PYPI, "1.0.0"),
        ("A-3", PYPI, "2.0.0"),
        ("A-3", NPM, "3.0.0"),
    ]


def test_names_of_npm_are_as_they_are_written() -> None:
    advisories = read(record("A-1", affected=[npm({"versions": ["1.0.0"]}, "JSONStream")]))
    assert vulnerabilities([Package("jsonstream", "1.0.0", NPM)], advisories) == ()
    assert len(vulnerabilities([Package("JSONStream", "1.0.0", NPM)], advisories)) == 1


def test_what_mends_a_package_of_npm_comes_in_the_order_of_semver() -> None:
    ranges = [
        *semver(("introduced", "0"), ("fixed", "1.10.0")),
        *semver(("introduced", "2.0.0-0"), ("fixed", "2.0.0-rc.1"), ("fixed", "1.9.0")),
    ]
    (found,) = vulnerabilities(
        [Package("lib", "1.8.0", NPM)], read(record("A-1", affected=[npm({"ranges": ranges})]))
    )
    assert found.fix_versions == ("1.9.0", "1.10.0", "2.0.0-rc.1")


_NPM_VERSIONS = st.from_regex(r"[0-2]\.[0-2]\.[0-2](-(a|rc\.[0-2]|0))?(\+b)?", fullmatch=True)


@given(_NPM_VERSIONS, _NPM_VERSIONS, _NPM_VERSIONS)
def test_a_version_of_npm_is_affected_from_the_first_to_before_the_fixed_one(
    version: str, first: str, fixed: str
) -> None:
    at, start, end = (read_version(of) for of in (version, first, fixed))
    assert at is not None
    assert start is not None
    assert end is not None
    ranges = semver(("introduced", first), ("fixed", fixed))
    # What ends no later than it begins has no end: the order of versions counts.
    expected = start <= at < end if start < end else at >= start
    assert of_npm(version, ranges=ranges) is expected
    assert of_npm(version, versions=[first]) is (at == start)
