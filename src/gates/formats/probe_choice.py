"""Which sets a probe looks at, and which of its options belong to them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from gates.formats.probe_limits import Limit, limit_of
from gates.formats.probe_login import Login
from gates.formats.probe_model import ANONYMOUS
from gates.formats.probe_plan import REQUEST

SETS = (
    "requests", "headers", "cors", "authentication", "roles", "health", "metrics", "tls", "login",
    "rate-limit",
)  # fmt: skip
"""Every set, in the order in which they are looked at: what uses a limit up comes last."""

BELONGS: Mapping[str, frozenset[str]] = {
    "openapi": frozenset({"authentication", "roles"}),
    "public": frozenset({"authentication", "roles"}),
    "pages": frozenset({"headers", "cors", "rate-limit"}),
    "private": frozenset({"headers", "cors"}),
    "refused": frozenset({"headers"}),
    "hsts": frozenset({"headers"}),
    "origins": frozenset({"cors"}),
    "any_origin": frozenset({"cors"}),
    "limits": frozenset({"rate-limit"}),
    "tolerance": frozenset({"rate-limit", "login"}),
    "login": frozenset({"login"}),
    "health": frozenset({"health"}),
    "metrics_page": frozenset({"metrics"}),
}
"""Options with the sets that look at them; any other is for all."""

NEEDS_PLAN = ("requests", "roles", "login")
"""Sets that stand on a plan."""

_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?", re.ASCII)
_LOGIN_KEYS = ("identity", "attempts", "user", "password")


def check_sets(sets: Sequence[str], *, plan: str, given: Collection[str]) -> None:
    """Refuse a choice that does not fit together.

    Args:
        sets: names of what is to be looked at.
        plan: path of the plan, or empty.
        given: names of the options that are not at their defaults.

    Raises:
        ValueError: with one line that says why.
    """
    unknown = [name for name in sets if name not in SETS]
    if unknown or len(set(sets)) != len(sets) or not sets:
        raise ValueError(f"`sets` holds each once of {', '.join(SETS)}")
    needing = next((name for name in NEEDS_PLAN if name in sets), "")
    if needing and not plan:
        raise ValueError(f"set `{needing}` needs `plan`: a file that says who asks what")
    if "rate-limit" in sets and len(sets) > 1:
        raise ValueError(
            "set `rate-limit` uses up what the other sets need: give it a gate of its own"
        )
    for name, owners in BELONGS.items():
        if name in given and owners.isdisjoint(sets):
            known = " and ".join(sorted(f"`{each}`" for each in owners))
            raise ValueError(f"`{name}` is looked at by {known}, and `sets` names neither")
    for name in ("login", "rate-limit"):
        option = {"login": "login", "rate-limit": "limits"}[name]
        if name in sets and option not in given:
            raise ValueError(f"set `{name}` needs `{option}`: what is documented")


def check_names(
    *,
    paths: Sequence[str],
    operations: Sequence[str],
    requests: Sequence[str],
    origins: Sequence[str],
) -> None:
    """Refuse what cannot be asked.

    Args:
        paths: must begin with a slash.
        operations: must be `METHOD /path`.
        requests: the same, or empty.
        origins: must be a scheme and a host.

    Raises:
        ValueError: with one line that says why.
    """
    for path in paths:
        if not path.startswith("/") or " " in path:
            raise ValueError(f"`{path}` is no path of the service: begin with `/`")
    for label in (*operations, *(each for each in requests if each)):
        if REQUEST.fullmatch(label) is None:
            raise ValueError(f"`{label}` is no request: write `GET /path`")
    for origin in origins:
        if _ORIGIN.fullmatch(origin) is None:
            raise ValueError(f"`{origin}` is no origin: write `https://shop.example`")


def limits_of(given: Mapping[str, str], *, page: str, plan: str) -> Mapping[str, Limit]:
    """The documented limits by caller, each with its path.

    Raises:
        ValueError: with one line that says why.
    """
    from dataclasses import replace

    limits = {}
    for name, text in given.items():
        if name != ANONYMOUS and not plan:
            raise ValueError(f"`limits` names `{name}`, who stands in a `plan`")
        limit = limit_of(text)
        limits[name] = limit if limit.path else replace(limit, path=page)
    return limits


def login_of(given: Mapping[str, str]) -> Login:
    """What is tried at a login.

    Raises:
        ValueError: with one line that says why.
    """
    unknown = [key for key in given if key not in _LOGIN_KEYS]
    if unknown or "identity" not in given or "attempts" not in given:
        raise ValueError(
            "`login` says `identity` and `attempts` (`5/15min`), and where they are not `/email`"
            " and `/password`, the JSON pointers `user` and `password`"
        )
    login = Login(
        identity=given["identity"],
        user=given.get("user", "/email"),
        password=given.get("password", "/password"),
        attempts=limit_of(given["attempts"]),
    )
    if not login.user.startswith("/") or not login.password.startswith("/"):
        raise ValueError("`user` and `password` of `login` are JSON pointers: begin with `/`")
    return login
