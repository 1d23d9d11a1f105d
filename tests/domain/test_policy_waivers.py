from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from gates.domain.policy_change import Kind
from gates.domain.policy_waivers import compare_waivers
from gates.domain.waiver import Waiver

WAIVER = Waiver(
    gate="sast",
    finding="B101",
    scope="src/orders",
    reason="old",
    owner="ana",
    created=date(2026, 1, 1),
    expires=date(2026, 3, 1),
    place=".gates/waivers.yaml:3:5",
)


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({"expires": date(2026, 4, 1)}, [Kind.LOOSENED]),
        ({"expires": date(2026, 2, 1)}, [Kind.TIGHTENED]),
        ({"created": date(2025, 12, 1)}, [Kind.LOOSENED]),
        ({"reason": "new"}, [Kind.CHANGED]),
        ({"owner": "bo"}, [Kind.CHANGED]),
        ({"scope": "src"}, [Kind.LOOSENED, Kind.TIGHTENED]),
        ({"scope": ""}, [Kind.LOOSENED, Kind.TIGHTENED]),
        ({"scope": "src/orders/a.py"}, [Kind.CHANGED, Kind.TIGHTENED]),
        ({"scope": "src/orders-old"}, [Kind.LOOSENED, Kind.TIGHTENED]),
        ({"finding": "B102"}, [Kind.LOOSENED, Kind.TIGHTENED]),
        ({"gate": "lint"}, [Kind.LOOSENED, Kind.TIGHTENED]),
        ({"finding": "", "scope": "", "condition": "high"}, [Kind.LOOSENED, Kind.TIGHTENED]),
        ({"place": "x"}, []),
    ],
)
def test_each_part_of_a_waiver_is_compared(changed: dict[str, object], kinds: list[Kind]) -> None:
    after = replace(WAIVER, **changed)  # type: ignore[arg-type]
    assert [each.kind for each in compare_waivers((WAIVER,), (after,))] == kinds


def test_one_more_loosens_and_one_less_tightens() -> None:
    (added,) = compare_waivers((), (WAIVER,))
    assert (added.kind, added.place) == (Kind.LOOSENED, ".gates/waivers.yaml:3:5")
    assert added.what == "waiver of B101 in src/orders of gate `sast`"
    assert added.after == "2026-01-01 to 2026-03-01: old (ana)"
    (gone,) = compare_waivers((WAIVER,), ())
    assert (gone.kind, gone.place) == (Kind.TIGHTENED, ".gates/waivers.yaml")


def test_no_part_of_a_waiver_is_forgotten() -> None:
    assert {each.name for each in fields(Waiver)} == {
        "gate", "reason", "owner", "created", "expires", "finding", "condition", "scope", "place",
    }  # fmt: skip
