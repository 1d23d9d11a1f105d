from __future__ import annotations

from gates.domain.finding import Severity
from gates.formats.annotation_findings import findings_of
from gates.formats.python_annotations import Annotations, Place


def test_each_place_is_a_finding_that_counts_for_its_metric() -> None:
    files = {
        "a.py": Annotations(anys=(Place(1, 4, "t.Any"),)),
        "b.py": Annotations(untyped=(Place(2, 1, "`f` is not fully typed: `{x}`"),)),
        "c.py": Annotations(),
    }

    found = findings_of(files)

    assert [(one.rule, one.place, one.message, one.counts) for one in found] == [
        ("explicit-any", "a.py:1:4", "`t.Any` is an explicit Any", ("any",)),
        ("no-untyped-def", "b.py:2:1", "`f` is not fully typed: `{x}`", ("untyped",)),
    ]
    assert {one.severity for one in found} == {Severity.HIGH}
