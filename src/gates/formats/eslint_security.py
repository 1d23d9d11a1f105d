"""Which weakness an ESLint rule is about, for rules that look for insecure code.

The rules are those of ESLint itself, of typescript-eslint and of eslint-plugin-security 3 and 4,
which name no weakness themselves; the numbers are of the Common Weakness Enumeration, chosen by
what each rule's own documentation says that it finds. Where no list of OWASP holds a weakness, the
one above it or the one behind it follows: homoglyphs misrepresent, timing exposes, and a regular
expression that does not come to an end is fed by input that nobody checked.
"""

from __future__ import annotations

from gates.domain.owasp import category_of

WEAKNESSES: dict[str, tuple[int, ...]] = {
    "no-eval": (95,),
    "no-implied-eval": (95,),
    "no-new-func": (95,),
    "no-script-url": (79,),
    "@typescript-eslint/no-implied-eval": (95,),
    "security/detect-bidi-characters": (1007, 451),
    "security/detect-buffer-noassert": (129,),
    "security/detect-child-process": (78,),
    "security/detect-disable-mustache-escape": (79,),
    "security/detect-eval-with-expression": (95,),
    "security/detect-invisible-characters": (1007, 451),
    "security/detect-new-buffer": (200,),
    "security/detect-no-csrf-before-method-override": (352,),
    "security/detect-non-literal-fs-filename": (22,),
    "security/detect-non-literal-regexp": (1333, 20),
    "security/detect-non-literal-require": (98,),
    "security/detect-object-injection": (915,),
    "security/detect-possible-timing-attacks": (208, 200),
    "security/detect-pseudoRandomBytes": (338,),
    "security/detect-unsafe-regex": (1333, 20),
}
"""Weaknesses by rule; a rule that is not here looks for none."""


def weakness(rule: str) -> tuple[tuple[int, ...], str]:
    """The weaknesses that a rule is about, and their OWASP category; nothing for other rules."""
    found = WEAKNESSES.get(rule, ())
    return found, category_of(found)
