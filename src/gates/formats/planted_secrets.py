"""Made-up secrets, by which a scanner proves that it sees: one for each detector that is known.

They are put together when they are needed, so that no scanner finds one in this file.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Sequence

FILE = "canary.py"
"""The name under which they are planted: Python, so that the strings are quoted ones."""

INI = "canary.ini"
"""A file of which the tool's reader loses all that follows the first section."""

YAML = "canary.yaml"
"""A file of which the tool's reader loses all: comments and items of a list."""

FILES = (FILE, INI, YAML)
"""All files in which they are planted."""

KNOWN = (
    "AWSKeyDetector",
    "Base64HighEntropyString",
    "BasicAuthDetector",
    "GitHubTokenDetector",
    "HexHighEntropyString",
    "KeywordDetector",
    "PrivateKeyDetector",
    "StripeDetector",
)
"""Class names of the detectors for which a secret is known."""

_HEX = "03579bcdef"  # pragma: allowlist secret
_BASE64 = string.ascii_letters[::3] + string.digits[::2] + "+/PRS"
_OTHER = string.ascii_letters[::4] + string.digits[::2]


def _shuffled(alphabet: str, step: int, length: int) -> str:
    """Each sign of the alphabet about equally often, in no order that anyone would write.

    The fewer signs, the lower is the entropy: log2 of their number, in bits. That of a real key is
    below the highest one, and a limit that such a key passes must make the scanner blind.
    """
    return "".join(alphabet[(3 + at * step) % len(alphabet)] for at in range(length))


def _planted() -> dict[str, tuple[str, str, str]]:
    """By the detector's class name: what it calls its findings, and a setting that it must find."""
    upper = _shuffled(string.ascii_uppercase + string.digits, 7, 16)
    mixed = _shuffled(_OTHER, 7, 36)
    return {
        "AWSKeyDetector": ("AWS Access Key", "VALUE", "AK" + "IA" + upper),
        "Base64HighEntropyString": (
            "Base64 High Entropy String",
            "VALUE",
            _shuffled(_BASE64, 5, 2 * len(_BASE64)),
        ),
        "BasicAuthDetector": (
            "Basic Auth Credentials",
            "VALUE",
            "https:" + "//canary:" + mixed + "@registry.example",
        ),
        "GitHubTokenDetector": ("GitHub Token", "VALUE", "gh" + "p_" + mixed),
        "HexHighEntropyString": (
            "Hex High Entropy String",
            "VALUE",
            _shuffled(_HEX, 7, 4 * len(_HEX)),
        ),
        "KeywordDetector": ("Secret Keyword", "pass" + "word", mixed),
        "PrivateKeyDetector": (
            "Private Key",
            "VALUE",
            "-----BEG" + "IN RSA PRIVATE " + "KEY-----",
        ),
        "StripeDetector": ("Stripe Access Key", "VALUE", "sk_" + "live_" + mixed[:24]),
    }


def sources(detectors: Collection[str]) -> dict[str, bytes]:
    """Files that each hold one secret for each of these detectors that is known, by name.

    Two are such as the tool reads by a reader of its own, which loses what is planted there: it is
    found where the text itself is scanned as well.
    """
    settings = [(key, value) for name, (_, key, value) in _planted().items() if name in detectors]
    lines = [f'{key} = "{value}"' for key, value in settings]
    numbered = [f'{key}_{at} = "{value}"' for at, (key, value) in enumerate(settings)]
    comments, items = [f"# {line}" for line in lines], [f"  - {line}" for line in lines]
    return {
        FILE: _text(lines),
        INI: _text(["[DEFAULT]", "kind = canary", "", "[planted]", *numbered]),
        YAML: _text(["kind: canary", *comments, "planted:", *items]),
    }


def expected(detectors: Collection[str]) -> dict[str, str]:
    """What each of these detectors that is known calls its findings, by its class name."""
    return {name: rule for name, (rule, _, _) in _planted().items() if name in detectors}


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
