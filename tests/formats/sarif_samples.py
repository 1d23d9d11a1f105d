"""SARIF made for tests: a report with one run, whose parts a test replaces."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gates.formats import sarif
from gates.formats.sarif import Result, Run
from gates.formats.strict_json import Value
from gates.formats.tool_paths import relative

RULE: dict[str, object] = {"id": "shell"}
RESULT: dict[str, object] = {"ruleId": "shell", "message": {"text": "runs a shell"}}


def located(uri: str, line: int = 3, *, base: str = "") -> list[dict[str, object]]:
    """The locations of a result."""
    address = {"uri": uri, "uriBaseId": base} if base else {"uri": uri}
    place = {"artifactLocation": address, "region": {"startLine": line}}
    return [{"physicalLocation": place}]


def run(**parts: object) -> dict[str, object]:
    """A run of the tool `sample` with one rule, without results."""
    driver = {"name": "sample", "version": "1.0", "rules": [RULE]}
    return {"tool": {"driver": driver}, "results": [], **parts}


def ruled(rule: Mapping[str, object], *results: Mapping[str, object], **parts: object) -> Run:
    """A run with results of one rule, as it is read."""
    driver = {"name": "sample", "rules": [{**RULE, **rule}]}
    whole = {"tool": {"driver": driver}, "results": [{**RESULT, **of} for of in results], **parts}
    return read(**whole)


def one(
    result: Mapping[str, object], rule: Mapping[str, object] | None = None, **parts: object
) -> Result:
    """A result that counts, as it is read."""
    (found,) = ruled(rule or {}, result, **parts).results
    return found


def report(*runs: dict[str, object], **parts: object) -> bytes:
    """A report that holds these runs."""
    return json.dumps({"version": "2.1.0", "runs": list(runs), **parts}).encode()


def read_all(data: bytes) -> tuple[Run, ...]:
    """All runs of a report, in a project that lies in `/project`."""
    return sarif.read(data, what="x.sarif", relative=lambda path: relative(path, "/project"))


def read(**parts: object) -> Run:
    """The one run of a report, with these parts."""
    return read_all(report(run(**parts)))[0]


def value(**parts: object) -> Value:
    """A run as a value, for readers of a part of it."""
    return Value(run(**parts), "x.sarif")
