from __future__ import annotations

import pytest
from formats.sarif_samples import one

from gates.domain.errors import OutputUnreadable
from gates.formats.sarif_components import level_of, number_of, properties_of, text_of
from gates.formats.strict_json import Value

CWE: dict[str, object] = {"name": "CWE", "guid": "AB"}


@pytest.mark.parametrize(
    ("properties", "cwe"),
    [
        ({"tags": ["security", "external/cwe/cwe-079"]}, (79,)),
        ({"tags": ["CWE-79: Improper Neutralization", "OWASP-A03:2021 - Injection"]}, (79,)),
        ({"tags": ["cwe_89", "CWE 22", "CWE-022"]}, (89, 22)),
        ({"cwe": "CWE-502"}, (502,)),
        ({"cwe": ["CWE-502", "CWE-20"], "tags": ["CWE-20"]}, (20, 502)),
        ({"tags": ["acwe-7", "CWE-x", "CWE-0", "CWE"]}, ()),
        ({"tags": "CWE-79", "cwe": 79}, (79,)),
        ({"tags": [79, None]}, ()),
        ({}, ()),
    ],
)
def test_tags_name_weaknesses(properties: dict[str, object], cwe: tuple[int, ...]) -> None:
    assert properties_of(Value({"properties": properties}, "x")).cwe == cwe
    assert one({"properties": properties}).cwe == cwe
    assert one({}, {"properties": properties}).cwe == cwe


@pytest.mark.parametrize(
    ("reference", "cwe"),
    [
        ({"id": "79", "toolComponent": {"name": "CWE"}}, (79,)),
        ({"id": "CWE-079", "toolComponent": {"name": "cwe"}}, (79,)),
        ({"id": "79", "toolComponent": {"index": 1}}, (79,)),
        ({"id": "79", "toolComponent": {"guid": "ab"}}, (79,)),
        ({"id": "79", "toolComponent": {"index": 0}}, ()),
        ({"id": "79", "toolComponent": {"guid": "cd"}}, ()),
        ({"id": "79", "toolComponent": {}}, ()),
        ({"id": "x", "toolComponent": {"name": "CWE"}}, ()),
        ({"id": "79"}, ()),
    ],
)
def test_a_taxonomy_names_weaknesses(reference: dict[str, object], cwe: tuple[int, ...]) -> None:
    taxonomies = [{"name": "OWASP"}, CWE]
    related = {"relationships": [{"target": reference}]}

    assert one({"taxa": [reference]}, taxonomies=taxonomies).cwe == cwe
    assert one({}, related, taxonomies=taxonomies).cwe == cwe


def test_weaknesses_of_the_result_stand_first_and_each_once() -> None:
    found = one({"properties": {"tags": ["CWE-89"]}}, {"properties": {"tags": ["CWE-1", "CWE-89"]}})

    assert found.cwe == (89, 1)


def test_what_is_absent_is_empty() -> None:
    bare = Value({}, "x")

    assert (text_of(bare, "a"), text_of(None, "a"), level_of(bare)) == ("", "", "")
    assert (number_of(bare, "a"), number_of(None, "a")) == (-1, -1)


@pytest.mark.parametrize("properties", [[], "x", 1])
def test_properties_are_an_object(properties: object) -> None:
    with pytest.raises(OutputUnreadable, match="not an object"):
        properties_of(Value({"properties": properties}, "x"))
