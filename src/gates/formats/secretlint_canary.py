"""Made-up secrets, by which secretlint proves that the configured rules see.

They are put together when they are needed, so that no scanner finds one in this file.
"""

from __future__ import annotations

import string
from collections.abc import Collection
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats.tool_paths import some

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


@dataclass(frozen=True, slots=True)
class Sight:
    """What the rules saw of the planted file.

    Attributes:
        told: what was planted and found.
        notes: which kinds of secret the rules are blind to.
    """

    told: str
    notes: tuple[str, ...]


def sight(kinds: Collection[str]) -> Sight:
    """Hold what was found in the planted file beside what is there.

    Args:
        kinds: the kinds of secret that were found.

    Raises:
        StageError: none of those that were planted.
    """
    planted = frozenset(secrets())
    unseen = planted - set(kinds)
    if unseen == planted:
        raise StageError(
            "scanner-blind",
            "secretlint is blind: it found none of the secrets that were planted",
            hint="add the preset: @secretlint/secretlint-rule-preset-recommend; see `allows`",
            place="secretlint",
        )
    blind = f"the rules are blind to {some(unseen, limit=len(planted))}: planted, and not found"
    found = len(planted) - len(unseen)
    return Sight(
        f"{found} of {len(planted)} made-up secrets in a planted file", (blind,) if unseen else ()
    )
