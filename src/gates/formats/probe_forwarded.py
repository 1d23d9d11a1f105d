"""Made-up addresses of a caller, which a limit must not believe.

A proxy puts the address of whoever asked it at the end of `X-Forwarded-For` (RFC 7239 for
`Forwarded`). Only that last one is from the proxy; whatever stands before, the caller wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

Headers = tuple[tuple[str, str], ...]

EXAMPLE = "198.18.0.7"
"""An address for a command that is shown: no machine of the Internet has it (RFC 2544)."""


class Belief(Enum):
    """Whose word a limit takes for the address of a caller."""

    NOBODY = "nobody"
    PROXY = "proxy"
    ANYBODY = "anybody"


def forwarded(*addresses: str) -> Headers:
    """Headers that say where a request came from, the last proxy's word at the end."""
    return (
        ("X-Forwarded-For", ", ".join(addresses)),
        ("X-Real-IP", addresses[-1]),
        ("Forwarded", ", ".join(f"for={address}" for address in addresses)),
    )


def believed(is_let: Callable[[Headers], bool], *, most: int, tolerance: int) -> Belief:
    """Whose word a limit takes that holds just now.

    A service that trusts this machine as its proxy counts by the last address: so that one is kept
    until it is used up, and then another is put before it.

    Args:
        is_let: asks with these headers, and tells whether it was let through.
        most: requests by which the limit of one address must hold.
        tolerance: how many requests may be let through while it holds.
    """
    if not is_let(forwarded(_fresh())):
        return Belief.NOBODY
    proxy = _fresh()
    let = 0
    while is_let(forwarded(proxy)):
        let += 1
        if let == most:
            return Belief.ANYBODY
    if is_let(forwarded(_fresh(), proxy)):
        return Belief.ANYBODY
    return Belief.NOBODY if let <= tolerance else Belief.PROXY


def note(label: str) -> str:
    """What a reader must know where a limit takes the word of a proxy."""
    return (
        f"{label} counts by the last address of X-Forwarded-For, as if this machine were its"
        " proxy: whoever reaches the service past its proxy lifts the limit"
    )


def _fresh() -> str:
    """An address that nobody has and that was not used before (RFC 2544)."""
    import secrets

    number = secrets.randbelow(1 << 17)
    return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
