"""Names and spellings of Python packages, compared as the package index compares them."""

from __future__ import annotations


def normalised(name: str) -> str:
    """Give the one spelling under which two names of the same package are equal.

    The rule is that of PEP 503: lower case, and each run of `-`, `_` and `.` becomes one `-`.
    """
    text = name.lower().replace("_", "-").replace(".", "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text
