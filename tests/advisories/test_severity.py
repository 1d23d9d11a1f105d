from __future__ import annotations

from decimal import Decimal

import pytest
from advisories.samples import V2_HIGH, V3_CRITICAL, V3_HIGH, V4_MEDIUM, about, record

from gates.advisories import osv
from gates.advisories.severity import of_score, resolve
from gates.domain.finding import Severity


def read(*records: dict[str, object]) -> list[osv.Advisory]:
    return [osv.read(of, what="sample") for of in records]


def vector(kind: str, score: object) -> dict[str, object]:
    return {"severity": [{"type": kind, "score": score}]}


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("CRITICAL", Severity.CRITICAL),
        ("HIGH", Severity.HIGH),
        ("IMPORTANT", Severity.HIGH),
        ("MODERATE", Severity.MEDIUM),
        ("MEDIUM", Severity.MEDIUM),
        ("medium", Severity.MEDIUM),
        ("LOW", Severity.LOW),
        ("NEGLIGIBLE", Severity.LOW),
        ("SEVERE", Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
    ],
)
def test_every_label_has_its_severity(label: str, severity: Severity) -> None:
    resolved = resolve(read(record("A-1", database_specific={"severity": label})))
    assert resolved.severity is severity
    assert resolved.score is None
    assert bool(resolved.notes) is (severity is Severity.UNKNOWN)


@pytest.mark.parametrize(
    ("kind", "text", "severity", "score"),
    [
        ("CVSS_V2", V2_HIGH, Severity.HIGH, "10.0"),
        ("CVSS_V2", "AV:N/AC:M/Au:N/C:N/I:P/A:N", Severity.MEDIUM, "4.3"),
        ("CVSS_V2", "AV:L/AC:H/Au:M/C:N/I:N/A:P", Severity.LOW, "0.8"),
        ("CVSS_V3", V3_CRITICAL, Severity.CRITICAL, "9.8"),
        ("CVSS_V3", V3_HIGH, Severity.HIGH, "7.5"),
        ("CVSS_V4", V4_MEDIUM, Severity.MEDIUM, "6.9"),
        # a type that says another version than the vector
        ("CVSS_V3", V4_MEDIUM, Severity.MEDIUM, "6.9"),
        # no impact at all: an advisory stands all the same
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Severity.LOW, "0.0"),
        ("Ubuntu", "negligible", Severity.LOW, None),
    ],
)
def test_every_kind_of_vector_is_scored(
    kind: str, text: str, severity: Severity, score: str | None
) -> None:
    resolved = resolve(read(record("A-1", **vector(kind, text))))
    assert resolved.severity is severity
    assert resolved.score == (None if score is None else Decimal(score))
    assert resolved.source == "A-1"
    assert resolved.notes == ()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("CVSS_V3", ""),
        ("CVSS_V3", V3_CRITICAL.lower()),
        ("CVSS_V3", None),
        ("CVSS_V3", 9.8),
        ("CVSS_V3", "9.8"),
        ("CVSS_V9", V3_CRITICAL),
        (None, V3_CRITICAL),
    ],
)
def test_what_cannot_be_read_is_unknown_and_told(kind: str, text: object) -> None:
    resolved = resolve(read(record("A-1", **vector(kind, text))))
    assert resolved.severity is Severity.UNKNOWN
    assert resolved.score is None
    assert resolved.source == ""
    assert len(resolved.notes) == 1
    assert resolved.notes[0].startswith("A-1: ")


def test_no_data_is_unknown() -> None:
    assert resolve(read(record("A-1"))).severity is Severity.UNKNOWN
    assert resolve([]).severity is Severity.UNKNOWN


def test_the_highest_statement_counts_wherever_it_stands() -> None:
    resolved = resolve(
        read(
            record(
                "A-1",
                **vector("CVSS_V4", V4_MEDIUM),
                database_specific={"severity": "LOW"},
                affected=[
                    about(
                        "one",
                        versions=("1",),
                        severity=[{"type": "CVSS_V3", "score": V3_HIGH}],
                        ecosystem_specific={"severity": "MODERATE"},
                    )
                ],
            ),
            record("A-2", **vector("CVSS_V2", "AV:L/AC:H/Au:M/C:N/I:N/A:P")),
        )
    )
    assert (resolved.severity, resolved.score, resolved.source) == (
        Severity.HIGH,
        Decimal("7.5"),
        "A-1",
    )


def test_a_label_above_the_vector_decides_and_the_score_stays() -> None:
    resolved = resolve(
        read(
            record("A-1", **vector("CVSS_V3", V3_HIGH)),
            record("A-2", database_specific={"severity": "CRITICAL"}),
        )
    )
    assert (resolved.severity, resolved.score, resolved.source) == (
        Severity.CRITICAL,
        Decimal("7.5"),
        "A-2",
    )


def test_a_withdrawn_record_is_not_listened_to() -> None:
    gone = record("A-2", withdrawn="2026-05-02T00:00:00Z", **vector("CVSS_V3", V3_CRITICAL))
    assert resolve(read(record("A-1"), gone)).severity is Severity.UNKNOWN


@pytest.mark.parametrize(
    ("score", "version", "severity"),
    [
        ("9.0", 3, Severity.CRITICAL),
        ("8.9", 3, Severity.HIGH),
        ("7.0", 3, Severity.HIGH),
        ("6.9", 3, Severity.MEDIUM),
        ("4.0", 3, Severity.MEDIUM),
        ("3.9", 3, Severity.LOW),
        ("0.0", 3, Severity.LOW),
        ("10.0", 2, Severity.HIGH),
        ("7.0", 2, Severity.HIGH),
        ("6.9", 2, Severity.MEDIUM),
        ("3.9", 2, Severity.LOW),
    ],
)
def test_the_steps_of_the_scales(score: str, version: int, severity: Severity) -> None:
    assert of_score(Decimal(score), version=version) is severity


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("LOW", Severity.UNKNOWN),
        ("MODERATE", Severity.UNKNOWN),
        ("HIGH", Severity.HIGH),
        ("CRITICAL", Severity.CRITICAL),
    ],
)
@pytest.mark.parametrize("kind", ["CVSS_V3", "CVSS_V9"])
def test_an_unread_rating_may_be_worse_than_the_label(
    label: str, severity: Severity, kind: str
) -> None:
    vague = record("A-1", **vector(kind, "x"), database_specific={"severity": label})
    resolved = resolve(read(vague))
    assert resolved.severity is severity
    assert resolved.source == ("" if severity is Severity.UNKNOWN else "A-1")
    assert len(resolved.notes) == 1
    other = record("A-2", **vector(kind, "x"))
    assert resolve(read(record("A-1", database_specific={"severity": label}), other)).severity is (
        severity
    )


def test_a_strange_word_weighs_only_where_there_is_no_vector() -> None:
    strange = record("A-1", database_specific={"severity": "SEVERE"})
    low = record("A-2", database_specific={"severity": "LOW"})
    assert resolve(read(strange, low)).severity is Severity.UNKNOWN
    scored = record("A-3", **vector("CVSS_V4", V4_MEDIUM))
    assert resolve(read(strange, scored)).severity is Severity.MEDIUM
