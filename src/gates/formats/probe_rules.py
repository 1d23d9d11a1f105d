"""The rules of HTTP probes: how grave a breach is, which weakness it shows, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gates.domain.condition import subject
from gates.domain.finding import Finding, Severity
from gates.domain.metric import tags_of
from gates.domain.owasp import category_of
from gates.formats.probe_model import Check


@dataclass(frozen=True, slots=True)
class Rule:
    """What a breach means.

    Attributes:
        severity: how grave it is.
        cwe: numbers of the weaknesses that it shows; the first that OWASP lists names its category.
        fix: what mends it.
    """

    severity: Severity
    cwe: tuple[int, ...] = ()
    fix: str = ""


# CWE-16 comes first where a setting of the server is what is wrong: it names A02, as OWASP's own
# text does; the more exact CWE-693 would name another category.
_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
RULES: Mapping[str, Rule] = {
    "http/status": Rule(_MEDIUM),
    "http/header": Rule(_MEDIUM),
    "http/body": Rule(_MEDIUM),
    "http/json": Rule(_MEDIUM),
    "http/time": Rule(_MEDIUM),
    "http/hsts-missing": Rule(
        _MEDIUM, (319,), "send `Strict-Transport-Security: max-age=31536000` or more"
    ),
    "http/csp-missing": Rule(
        _MEDIUM, (16, 693), "send a Content-Security-Policy; `default-src 'none'` does for an API"
    ),
    "http/nosniff-missing": Rule(_LOW, (16, 693), "send `X-Content-Type-Options: nosniff`"),
    "http/frame-protection-missing": Rule(
        _MEDIUM, (1021,), "send `frame-ancestors 'none'` in the policy, or `X-Frame-Options: DENY`"
    ),
    "http/referrer-policy-missing": Rule(_LOW, (200,), "send `Referrer-Policy: no-referrer`"),
    "http/software-told": Rule(_LOW, (497,), "leave the header, or the version in it, out"),
    "http/answer-cacheable": Rule(
        _MEDIUM, (525, 524), "send `Cache-Control: no-store` on what is meant for one caller"
    ),
    "http/cors-foreign-origin": Rule(_HIGH, (942,), "answer only the origins that are meant"),
    "http/cors-null-origin": Rule(_HIGH, (942,), "never allow the origin `null`"),
    "http/cors-any-origin": Rule(
        _MEDIUM, (942,), "name the origins; or say `any_origin: true` where all are meant"
    ),
    "http/cors-credentials": Rule(_HIGH, (942,), "never allow credentials with any origin"),
    "http/cors-preflight": Rule(_HIGH, (942,), "refuse the preflight of a foreign origin"),
    "http/cors-own-origin": Rule(_MEDIUM, (), "allow the origin that gates.yaml names"),
    "http/cors-vary": Rule(_LOW, (525, 524), "send `Vary: Origin` where the answer depends on it"),
    "http/authentication-missing": Rule(
        Severity.CRITICAL, (306,), "ask for credentials, or name it in `public`"
    ),
    "http/authentication-not-shown": Rule(
        _MEDIUM, (306,), "look at credentials first; or give a valid request in `operations`"
    ),
    "http/token-not-verified": Rule(Severity.CRITICAL, (287,), "verify each token"),
    "http/rate-limit-missing": Rule(_MEDIUM, (799, 770), "answer 429 from the documented count on"),
    "http/rate-limit-early": Rule(_LOW, (), "allow as many requests as are documented"),
    "http/rate-limit-lifted": Rule(
        _MEDIUM, (799, 770), "refuse each request until the window is over"
    ),
    "http/rate-limit-bypassed": Rule(
        _MEDIUM, (799, 348), "of X-Forwarded-For take only the last address, and only from a proxy"
    ),
    "http/retry-after-invalid": Rule(_LOW, (), "send `Retry-After` with seconds within the window"),
    "http/login-unlimited": Rule(_HIGH, (307,), "answer 429 after the documented attempts"),
    "http/login-limit-early": Rule(_LOW, (), "allow as many attempts as are documented"),
    "http/login-limit-bypassed": Rule(
        _HIGH,
        (307,),
        "look at no password while the attempts are used up, however the name is written and"
        " whatever X-Forwarded-For says",
    ),
    "http/login-failing": Rule(_MEDIUM, (), "answer a wrong password by 401"),
    "http/wrong-password-accepted": Rule(Severity.CRITICAL, (287,), "verify the password"),
    "http/users-told": Rule(_MEDIUM, (204, 203, 200), "answer an unknown user as a wrong password"),
    "http/role-exceeded": Rule(_HIGH, (863,), "refuse it by 401 or 403"),
    "http/role-refused": Rule(_MEDIUM, (), "allow it, or mend the matrix"),
    "http/role-not-shown": Rule(
        _MEDIUM, (863,), "give a request that is valid; or name the status in the cell"
    ),
    "http/role-not-in-matrix": Rule(_MEDIUM, (862,), "add a row to `roles`"),
    "http/health-failing": Rule(_MEDIUM, (), "answer 200 with what is declared"),
    "http/metrics-unreadable": Rule(_MEDIUM, (), "serve valid text of Prometheus"),
    "http/tls13-missing": Rule(_HIGH, (327,), "offer TLS 1.3"),
    "http/tls-outdated": Rule(_HIGH, (327,), "take no version before TLS 1.2"),
}
"""Every rule by its id; a check of no other can be told."""


def findings(name: str, checks: Iterable[Check]) -> tuple[Finding, ...]:
    """A finding for each check of a set that does not hold.

    Args:
        name: of the set.
        checks: all of the set.
    """
    from collections import Counter

    seen: Counter[str] = Counter()
    found = []
    for check in checks:
        # What came may hold a time or an id, and a port differs from run to run: neither is
        # identity.
        identity = f"{check.rule}\0{name}\0{check.subject}\0{check.expected}"
        if not check.holds:
            found.append(_finding(name, check, f"{identity}\0{seen[identity]}"))
        seen[identity] += 1
    return tuple(found)


def _finding(name: str, check: Check, identity: str) -> Finding:
    from hashlib import blake2b

    rule = RULES[check.rule]
    fix = "; ".join(part for part in (rule.fix, check.curl) if part)
    return Finding(
        rule=check.rule,
        severity=rule.severity,
        message=f"expected {check.expected}, got {check.got}",
        subject=check.subject,
        counts=("failed", subject("failed", tags_of({"set": name}))),
        cwe=rule.cwe,
        owasp=category_of(rule.cwe),
        fix=fix,
        fingerprint=blake2b(identity.encode("utf-8", "replace"), digest_size=16).hexdigest(),
    )
