from __future__ import annotations

import pytest
from advisories.samples import V3_CRITICAL, about, record

from gates.advisories import osv
from gates.advisories.packing import pack, unpack

RECORDS = (
    record("A-1"),
    record(
        "A-2",
        aliases=["CVE-1"],
        published=None,
        withdrawn="2026-05-02T00:00:00Z",
        affected=[
            about("lib", versions=("1", "2"), events=(("introduced", "0"), ("fixed", "3"))),
            about("öther"),
        ],
        severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}],
        database_specific={"severity": "HIGH"},
    ),
)


@pytest.mark.parametrize("document", RECORDS)
def test_a_record_comes_back_as_it_was(document: dict[str, object]) -> None:
    given = {key: value for key, value in document.items() if value is not None}
    advisory = osv.read(given, what="x")
    text = pack(advisory)
    assert unpack(text) == advisory
    assert "\n" not in text


@pytest.mark.parametrize("text", ["", "[]", '["A-1"]', "3", "[1, 2, 3, 4, 5, 6, 7, 8]"])
def test_what_pack_did_not_write_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        unpack(text)
