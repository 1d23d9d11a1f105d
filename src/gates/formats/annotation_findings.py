"""Explicit `Any` and functions without types as findings, by the names of mypy's rules for them."""

from __future__ import annotations

from collections.abc import Mapping

from gates.domain.finding import Finding, Severity
from gates.formats.python_annotations import Annotations


def findings_of(files: Mapping[str, Annotations]) -> tuple[Finding, ...]:
    """What the annotations of these files, by relative path, lack or give away."""
    return tuple(
        Finding(
            rule=rule,
            severity=Severity.HIGH,
            message=message.format(place.text),
            path=path,
            line=place.line,
            column=place.column,
            counts=(metric,),
        )
        for path, annotations in files.items()
        for rule, metric, message, places in (
            ("explicit-any", "any", "`{}` is an explicit Any", annotations.anys),
            ("no-untyped-def", "untyped", "{}", annotations.untyped),
        )
        for place in places
    )
