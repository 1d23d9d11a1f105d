from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest
from samples import CHANGED, ERRORS, LINE, condition, gate, plan

from gates.config.waivers import load
from gates.domain.condition import Role
from gates.domain.errors import ConfigError, Problem
from gates.domain.waiver import Waiver

PLAN = plan(
    gate(name="audit"),
    gate(
        condition("line >= 90%", LINE),
        condition('line{path="src/a.py"} >= 95%', LINE),
        condition("errors == 0", ERRORS, Role.WARN),
        name="coverage",
        specs=(LINE, ERRORS),
    ),
)
ENTRY = {
    "gate": "audit",
    "finding": "CVE-2024-0001",
    "scope": "jinja2",
    "reason": "no fix yet",
    "owner": "ana",
    "created": "2026-01-01",
    "expires": "2026-02-01",
}
CONDITION = {**ENTRY, "gate": "coverage", "condition": "line", "finding": None, "scope": None}


def entry(**changed: str | None) -> str:
    """An entry of the file; a key that is None is left out."""
    return _written({**ENTRY, **changed})


def _written(keys: dict[str, str | None]) -> str:
    lines = [f"{key}: {text}" for key, text in keys.items() if text is not None]
    return "  - " + "\n    ".join(lines) + "\n"


def read(*entries: str) -> tuple[Waiver, ...]:
    return load(("version: 1\nwaivers:\n" + "".join(entries)).encode(), PLAN)


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        load(dedent(text).encode(), PLAN)
    return caught.value.problems


def lines(*entries: str) -> list[str]:
    text = "version: 1\nwaivers:\n" + "".join(entries)
    return [
        f"{problem.place.removeprefix('.gates/waivers.yaml:')} {problem.slug}: {problem.summary}"
        for problem in refused(text)
    ]


def test_a_waiver_of_a_finding_is_read() -> None:
    (waiver,) = read(entry())
    assert waiver == Waiver(
        gate="audit",
        finding="CVE-2024-0001",
        scope="jinja2",
        reason="no fix yet",
        owner="ana",
        created=date(2026, 1, 1),
        expires=date(2026, 2, 1),
    )
    assert waiver.place == ".gates/waivers.yaml:3:5"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("line", "line"),
        ("'line{path=\"src/a.py\"}'", 'line{path="src/a.py"}'),
        ("'line{ path = src/a.py }'", None),
        ("'line { path = \"src/a.py\" }'", 'line{path="src/a.py"}'),
    ],
)
def test_a_waiver_of_a_condition_is_spelled_as_conditions_are(
    text: str, spelled: str | None
) -> None:
    written = _written({**CONDITION, "condition": text})
    if spelled is None:
        assert "is not a metric" in lines(written)[0]
        return
    (waiver,) = read(written)
    assert (waiver.condition, waiver.finding, waiver.scope) == (spelled, "", "")


def test_no_waivers_are_none() -> None:
    assert load(b"version: 1\nwaivers: []\n", PLAN) == ()


def test_a_fingerprint_needs_no_scope() -> None:
    (waiver,) = read(entry(finding="0f" * 16, scope=None))
    assert waiver.scope == ""


def test_the_longest_waiver_holds_for_a_year() -> None:
    (waiver,) = read(entry(created="2024-01-01", expires="2025-01-01"))
    assert (waiver.expires - waiver.created).days == 366
    assert read(entry(created="2026-01-01", expires="2026-01-01"))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"gate": None}, "3:5 missing-key: this waiver has no `gate`"),
        ({"reason": None}, "3:5 missing-key: this waiver has no `reason`"),
        ({"owner": None}, "3:5 missing-key: this waiver has no `owner`"),
        ({"created": None}, "3:5 missing-key: this waiver has no `created`"),
        ({"expires": None}, "3:5 missing-key: this waiver has no `expires`"),
        ({"reason": "''"}, "6:5 empty-value: `reason` is empty"),
        ({"reason": "' '"}, "6:13 empty-value: this holds nothing but blanks"),
        ({"owner": '"a\\u202eb"'}, "7:12 yaml-control: the control character U+202E"),
        ({"scope": None}, "3:5 missing-key: the waiver of `CVE-2024-0001` has no `scope`"),
        ({"scope": "''"}, "5:5 empty-value: `scope` is empty"),
        ({"scope": "../x"}, "5:12 bad-scope: `../x` is neither a path within the project nor"),
        ({"finding": None}, "3:5 bad-waiver: this waiver has neither `finding` nor `condition`"),
        ({"condition": "errors"}, "3:5 bad-waiver: this waiver has both `finding` and"),
        ({"gate": "audti"}, "3:11 unknown-gate: gates.yaml has no gate `audti`"),
        ({"gate": "ruff"}, "3:11 unknown-gate: gates.yaml has no gate `ruff`"),
        ({"created": "soon"}, "8:14 bad-date: `soon` is no day"),
        ({"created": "2026-02-30"}, "8:14 bad-date: `2026-02-30` is no day"),
        ({"expires": "2025-12-31"}, "9:14 bad-expiry: it expires on 2025-12-31, before its"),
        ({"expires": "2027-01-03"}, "9:14 bad-expiry: it expires 367 days after its first day"),
        ({"expires": "9999-12-31"}, "9:14 bad-expiry: it expires"),
        ({"expires": "5"}, "9:14 bad-value: `expires` should be text, not a number"),
        ({"until": "2026-02-01"}, "10:5 unknown-key: unknown key `until`"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(changed: dict[str, str | None], told: str) -> None:
    (line, *others) = lines(entry(**changed))
    assert line.startswith(told)
    assert others == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"condition": "lime"}, "4:16 unknown-condition: gate `coverage` requires nothing of"),
        ({"condition": "errors"}, "unknown-condition: gate `coverage` requires nothing of"),
        ({"condition": "line >= 90%"}, "bad-condition: `line >= 90%` is not a metric"),
        ({"condition": "'line{}'"}, "bad-condition: `line{}` is not a metric"),
        ({"scope": "src"}, "bad-waiver: a condition has no `scope`"),
    ],
)
def test_a_condition_that_nobody_requires_is_told(
    changed: dict[str, str | None], told: str
) -> None:
    keys = {key: text for key, text in CONDITION.items() if text is not None}
    order = ("gate", "condition", "scope", "reason", "owner", "created", "expires")
    merged = {**keys, **changed}
    (line,) = lines(_written({key: merged.get(key) for key in order}))
    assert told in line


def test_unknown_names_come_with_the_nearest_known_one() -> None:
    text = "version: 1\nwaivers:\n" + entry(gate="audti", reson="x")
    hints = [problem.hint for problem in refused(text)]
    assert any("did you mean `audit`?" in hint for hint in hints)
    assert any("did you mean `reason`?" in hint for hint in hints)
    condition = _written({**CONDITION, "condition": "lines"})
    (problem,) = refused("version: 1\nwaivers:\n" + condition)
    assert "did you mean `line`?" in problem.hint


def test_all_problems_are_told_at_once_in_the_order_of_their_places() -> None:
    told = lines(entry(owner=None, expires="soon"), entry(gate="nope"), entry(reason="' '"))
    assert [line.split(" ")[1] for line in told] == [
        "missing-key:",
        "bad-date:",
        "unknown-gate:",
        "empty-value:",
    ]
    problems = refused("version: 1\nwaivers:\n" + entry(expires="soon"))
    assert "^" in problems[0].excerpt


def test_one_thing_is_waived_once() -> None:
    again = entry(created="2026-02-02", expires="2026-03-01", reason="still none")
    (line,) = lines(entry(), again)
    assert line == (
        "10:5 same-waiver: CVE-2024-0001 in jinja2 is waived twice, the first time on line 3"
    )
    assert len(read(entry(), entry(scope="flask"), entry(scope="src"))) == 3
    (line,) = lines(entry(scope="src"), entry(scope="src/"))
    assert "same-waiver" in line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- gate: audit\n", "the top level is a list"),
        ("version: 1\n", "the file has no `waivers`"),
        ("waivers: []\n", "the file has no `version`"),
        ("version: 2\nwaivers: [5]\n", "this `gates` reads version 1 of the file, not 2"),
        ("version: true\nwaivers: []\n", "`version` should be the number 1"),
        ("version: '1'\nwaivers: []\n", "`version` should be the number 1"),
        ("version: 1\nwaivers: {}\n", "`waivers` should be a list, not a mapping"),
        ("version: 1\nwaivers:\n", "`waivers` should be a list, not empty"),
        ("version: 1\nwaivers: [CVE-1]\n", "a waiver should be a mapping, not text"),
        ("version: 1\nwaivers: []\nwavers: []\n", "unknown key `wavers`"),
        ("version: 1\nwaivers: []\nwaivers: []\n", "waivers"),
        ("version: 1\nwaivers: [&a {}]\n", "anchor"),
        ("version: 1\nwaivers: [\n", ""),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, told: str) -> None:
    assert told in refused(text)[0].summary
    assert all(problem.place.startswith(".gates/waivers.yaml") for problem in refused(text))


def test_a_key_that_stands_twice_is_refused() -> None:
    assert "expires" in lines(entry() + "    expires: 2027-01-01\n")[0]


def test_the_file_that_the_documentation_shows_is_taken() -> None:
    page = (Path(__file__).parents[2] / "docs" / "waivers.md").read_text()
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    changed = gate(condition("changed_line >= 90%", CHANGED), name="coverage", specs=(CHANGED,))
    waivers = load(shown.encode(), plan(gate(name="audit"), changed))
    assert [waiver.what for waiver in waivers] == [
        "CVE-2024-22195 in jinja2",
        "condition `changed_line`",
    ]
