from __future__ import annotations

from gates.formats.planted_secrets import KNOWN, expected, source


def test_each_known_detector_has_a_line_of_its_own() -> None:
    lines = source(KNOWN).decode().splitlines()

    assert len(lines) == len(KNOWN) == len(set(lines))
    assert set(expected(KNOWN)) == set(KNOWN)
    assert len(set(expected(KNOWN).values())) == len(KNOWN)


def test_only_detectors_that_are_on_are_planted_for() -> None:
    on = ("IPPublicDetector", "KeywordDetector")

    assert expected(on) == {"KeywordDetector": "Secret Keyword"}
    assert source(on).decode().startswith("password = ")
    assert source(on).count(b"\n") == 1


def test_for_unknown_detectors_nothing_is_planted() -> None:
    assert (source(("Own",)), expected(("Own",))) == (b"", {})


def test_entropy_is_the_highest_that_the_alphabet_allows() -> None:
    base64 = source(("Base64HighEntropyString",)).decode().split('"')[1]
    hexadecimal = source(("HexHighEntropyString",)).decode().split('"')[1]

    assert len(set(base64)) == len(base64) == 64
    assert {hexadecimal.count(sign) for sign in "0123456789abcdef"} == {2}
