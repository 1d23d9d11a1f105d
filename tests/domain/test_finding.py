from dataclasses import replace

from gates.domain.finding import Finding, Severity, Span, fingerprinted

ONE = Finding(
    rule="B602", severity=Severity.HIGH, message="shell", path="src/a.py", line=3, column=5
)


def test_a_fingerprint_survives_moved_lines() -> None:
    (before,) = fingerprinted((ONE,))
    (after,) = fingerprinted((replace(ONE, line=90, column=1),))
    assert before.fingerprint == after.fingerprint


def test_equal_findings_have_different_fingerprints() -> None:
    first, second = fingerprinted((ONE, replace(ONE, line=9)))
    assert first.fingerprint != second.fingerprint


def test_other_rules_paths_and_messages_have_other_fingerprints() -> None:
    others = (ONE, replace(ONE, rule="B1"), replace(ONE, path="b"), replace(ONE, message="m"))
    assert len({each.fingerprint for each in fingerprinted(others)}) == 4


def test_a_given_fingerprint_stays() -> None:
    (kept,) = fingerprinted((replace(ONE, fingerprint="given"),))
    assert kept.fingerprint == "given"


def test_the_place_says_what_is_known() -> None:
    assert ONE.place == "src/a.py:3:5"
    assert replace(ONE, column=0).place == "src/a.py:3"
    assert replace(ONE, line=0).place == "src/a.py"
    assert replace(ONE, path="", subject="jinja2 2.10").place == "jinja2 2.10"


def test_all_its_places_are_told_the_first_of_them_first() -> None:
    other = Span(path="src/b.py", line=1)

    assert replace(ONE, end_line=4, also=(other,)).spans == (
        Span(path="src/a.py", line=3, end_line=4),
        other,
    )
    assert replace(ONE, path="", line=0).spans == (Span(path=""),)


def test_each_severity_has_a_rank_of_its_own() -> None:
    ranks = sorted(Severity, key=lambda severity: severity.rank)
    assert [each.value for each in ranks] == [
        "critical",
        "high",
        "unknown",
        "medium",
        "low",
        "info",
    ]
