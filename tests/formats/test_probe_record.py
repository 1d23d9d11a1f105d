"""What a probe hands over."""

from __future__ import annotations

import json
from dataclasses import replace

from gates.formats.probe_model import Check
from gates.formats.probe_record import metrics, record, told
from gates.formats.probe_session import Asked

GOOD = Check(
    rule="http/status", subject="GET /a", expected="status 200", got="200", holds=True, curl="curl"
)
BAD = replace(GOOD, got="\x1b[31m500", holds=False)
SETS = {"requests": (GOOD, BAD), "health": (GOOD,)}


def clean(text: str) -> str:
    return text.replace("\x1b[31m", "")


def test_numbers_of_the_whole_and_of_each_set() -> None:
    found = {(m.name, m.tags): (m.value, m.numerator, m.denominator) for m in metrics(SETS, 9)}
    assert found == {
        ("checks", ()): (None, 2, 3),
        ("failed", ()): (1, None, None),
        ("requests", ()): (9, None, None),
        ("checks", (("set", "requests"),)): (None, 1, 2),
        ("failed", (("set", "requests"),)): (1, None, None),
        ("checks", (("set", "health"),)): (None, 1, 1),
        ("failed", (("set", "health"),)): (0, None, None),
    }


def test_findings_are_fit_to_be_shown() -> None:
    (found,) = told(SETS, clean)
    assert found.message == "expected status 200, got 500"
    assert found.fix == "curl"
    assert found.fingerprint


def test_the_record() -> None:
    asked = [Asked("GET", "/a", "anonymous", 200, 3)]
    document = json.loads(record(SETS, asked, clean))
    assert document["schema"] == "gates/http/v1"
    assert document["requests"] == [
        {"method": "GET", "path": "/a", "identity": "anonymous", "status": 200, "milliseconds": 3}
    ]
    assert [each["holds"] for each in document["checks"]] == [True, False, True]
    assert document["checks"][1]["got"] == "500"
    assert document["checks"][2]["set"] == "health"
