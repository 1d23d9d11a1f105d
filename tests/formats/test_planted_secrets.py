from __future__ import annotations

from collections import Counter
from configparser import ConfigParser
from math import log2

import pytest
import yaml

from gates.formats.planted_secrets import FILE, FILES, INI, KNOWN, YAML, expected, sources


def entropy(text: str) -> float:
    """In bits a sign."""
    shares = [times / len(text) for times in Counter(text).values()]
    return -sum(share * log2(share) for share in shares)


def planted(detector: str) -> str:
    return sources((detector,))[FILE].decode().split('"')[1]


def test_each_known_detector_has_a_line_of_its_own() -> None:
    lines = sources(KNOWN)[FILE].decode().splitlines()

    assert len(lines) == len(KNOWN) == len(set(lines))
    assert set(expected(KNOWN)) == set(KNOWN)
    assert len(set(expected(KNOWN).values())) == len(KNOWN)


def test_only_detectors_that_are_on_are_planted_for() -> None:
    on = ("IPPublicDetector", "KeywordDetector")

    assert expected(on) == {"KeywordDetector": "Secret Keyword"}
    assert sources(on)[FILE].decode().startswith("password = ")
    assert sources(on)[FILE].count(b"\n") == 1


def test_for_unknown_detectors_nothing_is_planted() -> None:
    assert (sources(("Own",))[FILE], expected(("Own",))) == (b"", {})


def test_each_file_holds_each_secret_and_is_what_its_reader_takes() -> None:
    files = sources(KNOWN)

    assert tuple(files) == FILES
    for detector in KNOWN:
        assert all(planted(detector) in text.decode() for text in files.values())
    ini = ConfigParser()
    ini.read_string(files[INI].decode())
    assert len(ini["planted"]) == len(KNOWN) + len(ini.defaults())
    assert ini.defaults()
    assert len(yaml.safe_load(files[YAML])["planted"]) == len(KNOWN)


@pytest.mark.parametrize(
    ("detector", "bits", "own_limit"),
    [("HexHighEntropyString", 3.3, 3.0), ("Base64HighEntropyString", 4.8, 4.5)],
)
def test_entropy_is_that_of_an_ordinary_key(detector: str, bits: float, own_limit: float) -> None:
    assert own_limit < entropy(planted(detector)) == pytest.approx(bits, abs=0.05)


def test_no_other_secret_stands_in_for_the_one_of_the_highest_entropy() -> None:
    others = ("AWSKeyDetector", "GitHubTokenDetector", "KeywordDetector", "StripeDetector")

    highest = max(entropy(planted(detector)) for detector in others)
    assert highest < 4.5
