"""Made-up secrets, by which secretlint proves that the configured rules see.

They are put together when they are needed, so that no scanner finds one in this file.
"""

from __future__ import annotations

import string

FILE = "canary.txt"
"""The name under which they are planted."""

_SIGNS = string.ascii_letters + string.digits


def _mixed(length: int) -> str:
    """Letters and digits in no order that anyone would write."""
    return "".join(_SIGNS[(5 + at * 23) % len(_SIGNS)] for at in range(length))


def secrets() -> dict[str, str]:
    """What each rule of the recommended preset calls a kind of secret, with one that opens nothing.

    They are those of https://github.com/secretlint/secretlint, preset `recommend`, in 9 to 13.
    """
    key = " PRIVATE " + "KEY-----"
    return {
        "AWSSec" + "retAccessKey": "AWS_SEC" + "RET_ACCESS_KEY = " + _mixed(40),
        "GITHUB_TOKEN": "gh" + "p_" + _mixed(36),
        "NPM_ACCESS_TOKEN": "npm" + "_" + _mixed(36),
        # A key is looked at from its first signs on: "MII" begins the encoding of any.
        "PrivateKey": f"-----BEGIN RSA{key}\nMII{_mixed(61)}\n{_mixed(64)}\n-----END RSA{key}",
        "SENDGRID_KEY": "SG." + _mixed(22) + "." + _mixed(43),
        "SLACK_TOKEN": "xo" + "xb-" + "1234567890" * 2 + "-" + _mixed(24),
    }


def text() -> bytes:
    """The planted file."""
    return "".join(f"{secret}\n\n" for secret in secrets().values()).encode()
