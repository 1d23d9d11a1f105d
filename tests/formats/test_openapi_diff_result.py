from __future__ import annotations

import re
from pathlib import Path

import pytest
from formats.openapi_samples import document, get
from stages.fake_context import metrics_of

from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.formats import (
    openapi_changes,
    openapi_compare,
    openapi_keywords,
    openapi_payloads,
    openapi_shape,
)
from gates.formats.openapi_diff_result import SEVERITIES, measured
from gates.plugin import Tool

GATES = Tool(name="gates", version="1")
STRING, INTEGER = {"type": "string"}, {"type": "integer"}
ONE = {"/a": get(STRING), "/b": get()}


def test_nothing_changed() -> None:
    result = measured(document(ONE), document(ONE), path="openapi.json", tool=GATES)
    assert metrics_of(result) == {"breaking": 0, "changes": 0}
    assert (result.examined.count, result.examined.unit) == (2, "operations")
    assert result.findings == ()
    assert result.notes == ("openapi.json (1) against openapi.json (1)",)


def test_each_breaking_change_is_a_finding_with_its_place() -> None:
    new = document({"/a": get(INTEGER), "/c": get()})
    result = measured(document(ONE), new, path="api/openapi.json", tool=GATES)
    assert metrics_of(result) == {"breaking": 2, "changes": 3}
    changed, gone = result.findings
    assert (changed.rule, changed.severity, changed.path) == (
        "type",
        Severity.HIGH,
        "api/openapi.json",
    )
    pointer = "/paths/~1a/get/responses/200/content/application~1json/schema"
    assert changed.subject == f"#{pointer}"
    assert changed.line == new.line(pointer) > 1
    assert changed.message == (
        "the type is `integer`, and was `string` (GET /a, answer 200 application/json)"
    )
    assert changed.counts == ("breaking",)
    assert (gone.rule, gone.subject) == ("operation-removed", "#/paths/~1b/get")
    assert gone.line == new.line("/paths")
    assert changed.fingerprint != gone.fingerprint
    assert result.notes[1] == "1 change breaks nobody: operation-added"


def test_a_document_of_a_service_has_no_line() -> None:
    result = measured(document(ONE), document({"/b": get()}), path="", tool=GATES)
    (found,) = result.findings
    assert (found.path, found.line, found.place) == ("", 0, "#/paths/~1a/get")


def test_another_path_of_the_server_has_no_operation() -> None:
    servers = [{"url": "/v2"}]
    (found,) = measured(
        document(ONE), document(ONE, servers=servers), path="a", tool=GATES
    ).findings
    assert "(" not in found.message


def test_a_host_that_changed_is_told_in_words() -> None:
    old = document({**ONE, "/c": get()}, servers=[{"url": "https://a.example"}])
    new = document(ONE | {"/c": get()}, servers=[{"url": "https://b.example"}])
    result = measured(old, new, path="a", tool=GATES)
    assert metrics_of(result) == {"breaking": 0, "changes": 1}
    moved = "the server is on `https://b.example`, was on `https://a.example`"
    assert result.notes[1:] == (f"{moved}: nothing here shows that the old one still answers",)
    more = document({**ONE, "/c": get(), "/d": get()}, servers=[{"url": "https://b.example"}])
    assert measured(old, more, path="a", tool=GATES).notes[1] == (
        "1 change breaks nobody: operation-added"
    )


@pytest.mark.parametrize("old", [True, False])
def test_a_document_without_operations_shows_nothing(*, old: bool) -> None:
    pair = (document({}), document(ONE)) if old else (document(ONE), document({}))
    with pytest.raises(StageError, match="documents no operation"):
        measured(*pair, path="a", tool=GATES)


def test_every_rule_has_its_severity() -> None:
    modules = (openapi_changes, openapi_compare, openapi_keywords, openapi_payloads)
    texts = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules]
    calls = re.compile(r'(?:change|moved|broken)\(\s*"([a-z-]+)"|rule="([a-z-]+)"')
    told = {one or other for text in texts for one, other in calls.findall(text)}
    told |= {"success-removed", "answer-removed", *openapi_shape.LOWER, *openapi_shape.UPPER}
    compatible = {"field-added"}
    assert told - compatible == SEVERITIES.keys()
