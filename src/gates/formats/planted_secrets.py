"""Made-up secrets, by which a scanner proves that it sees: one for each detector that is known.

They are put together when they are needed, so that no scanner finds one in this file.
"""

from __future__ import annotations

import string
from collections.abc import Collection

FILE = "canary.py"
"""The name under which they are planted: Python, so that the strings are quoted ones."""

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

_HEX = "0123456789abcdef"
_BASE64 = string.ascii_letters + string.digits + "+/"


def _shuffled(alphabet: str, step: int, length: int) -> str:
    """Each sign of the alphabet equally often, in no order that anyone would write."""
    return "".join(alphabet[(3 + at * step) % len(alphabet)] for at in range(length))


def _planted() -> dict[str, tuple[str, str]]:
    """By the detector's class name: what it calls its findings, and a line that it must find."""
    upper = _shuffled(string.ascii_uppercase + string.digits, 7, 16)
    mixed = _shuffled(string.ascii_letters + string.digits, 17, 36)
    quoted = 'VALUE = "{}"'
    return {
        "AWSKeyDetector": ("AWS Access Key", quoted.format("AK" + "IA" + upper)),
        "Base64HighEntropyString": (
            "Base64 High Entropy String",
            quoted.format(_shuffled(_BASE64, 37, 64)),
        ),
        "BasicAuthDetector": (
            "Basic Auth Credentials",
            quoted.format("https:" + "//canary:" + mixed + "@registry.example"),
        ),
        "GitHubTokenDetector": ("GitHub Token", quoted.format("gh" + "p_" + mixed)),
        "HexHighEntropyString": (
            "Hex High Entropy String",
            quoted.format(_shuffled(_HEX, 7, 32)),
        ),
        "KeywordDetector": ("Secret Keyword", "pass" + 'word = "' + mixed + '"'),
        "PrivateKeyDetector": (
            "Private Key",
            quoted.format("-----BEG" + "IN RSA PRIVATE " + "KEY-----"),
        ),
        "StripeDetector": ("Stripe Access Key", quoted.format("sk_" + "live_" + mixed[:24])),
    }


def source(detectors: Collection[str]) -> bytes:
    """A file that holds one secret for each of these detectors that is known; else empty."""
    lines = [line for name, (_, line) in _planted().items() if name in detectors]
    return "".join(f"{line}\n" for line in lines).encode()


def expected(detectors: Collection[str]) -> dict[str, str]:
    """What each of these detectors that is known calls its findings, by its class name."""
    return {name: rule for name, (rule, _) in _planted().items() if name in detectors}
