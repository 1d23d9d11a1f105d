from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.weakening import WeakeningItem
from gates.formats.tool_settings import compare, compare_text

PYPROJECT = """\
[tool.coverage.report]
fail_under = 90
[tool.coverage.run]
omit = ["a.py"]
[tool.mypy]
strict = true
[tool.ruff.lint]
select = ["E", "F"]
[tool.pytest.ini_options]
addopts = "--strict-markers"
"""
SETUP = "[coverage:report]\nfail_under = 90\n[mypy]\nstrict = true\n[flake8]\nignore = E1\n"


def items(before: dict[str, str], after: dict[str, str]) -> list[WeakeningItem]:
    old = {path: text.encode() for path, text in before.items()}
    new = {path: text.encode() for path, text in after.items()}
    both = before.keys() | after.keys()
    changed = frozenset(path for path in both if before.get(path) != after.get(path))
    return list(compare(old, new, changed=changed))


def told(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [f"{one.rule}:{one.path}:{one.line}" for one in items(before, after) if one.is_counted]


def edited(was: str, now: str) -> list[str]:
    assert was in PYPROJECT
    return told({"pyproject.toml": PYPROJECT}, {"pyproject.toml": PYPROJECT.replace(was, now)})


def test_what_weakens_is_counted_with_its_line() -> None:
    assert edited("90", "89") == ["floor-lowered:pyproject.toml:2"]
    assert edited('"a.py"', '"a.py", "b.py"') == ["exclusion-grown:pyproject.toml:4"]
    assert edited("strict = true", "strict = false") == ["strictness-off:pyproject.toml:6"]
    assert edited('"E", ', "") == ["selection-shrunk:pyproject.toml:8"]
    assert edited('"--strict-markers"', '"-k a"') == [
        "command-weakened:pyproject.toml:10",
        "command-weakened:pyproject.toml:10",
    ]
    assert edited("[tool.mypy]\nstrict = true\n", "") == ["settings-deleted:pyproject.toml:0"]
    assert edited("strict = true\n", "") == [
        "settings-deleted:pyproject.toml:0",
        "strictness-off:pyproject.toml:0",
    ]


def test_what_demands_more_is_not_told() -> None:
    after = PYPROJECT.replace("90", "95").replace('["a.py"]', "[]")
    assert items({"pyproject.toml": PYPROJECT}, {"pyproject.toml": after}) == []


def test_what_nobody_can_order_is_told() -> None:
    after = PYPROJECT.replace("strict = true", "strict = true\npython_version = '3.9'")
    (one,) = items({"pyproject.toml": PYPROJECT}, {"pyproject.toml": after})
    assert (one.rule, one.is_counted) == ("setting-changed", False)
    assert one.text == "`mypy.python_version` is `3.9`, before not set"
    (one,) = items({"p/tox.ini": "[tox]\nenvlist = a\n"}, {"p/tox.ini": "[tox]\nenvlist = a, b\n"})[
        :1
    ] or [one]
    assert not one.is_counted


def test_a_detail_of_an_entry_that_was_there_is_only_told() -> None:
    before = '[[IgnoredVulns]]\nid = "a"\nreason = "x"\n'
    path = "osv-scanner.toml"
    assert told({path: before}, {path: before.replace('"x"', '"y"')}) == []
    assert len(told({path: before}, {path: f'{before}[[IgnoredVulns]]\nid = "b"\n'})) == 1


def test_settings_that_move_to_another_file_are_compared_there() -> None:
    rc = "[report]\nfail_under = 90\n[run]\nomit = a.py\n"
    rest = PYPROJECT.partition("[tool.mypy]")
    after = {"pyproject.toml": "".join(rest[1:]), ".coveragerc": rc}
    assert told({"pyproject.toml": PYPROJECT}, after) == []
    after[".coveragerc"] = rc.replace("90", "80")
    assert told({"pyproject.toml": PYPROJECT}, after) == ["floor-lowered:.coveragerc:2"]


def test_a_new_file_that_takes_the_place_of_another_is_seen_through() -> None:
    before = {"pyproject.toml": PYPROJECT}
    assert told(before, {**before, "mypy.ini": ""}) == [
        "settings-deleted:mypy.ini:0",
        "strictness-off:mypy.ini:0",
    ]
    assert told(before, {**before, "a/b/ruff.toml": ""}) == ["settings-replaced:a/b/ruff.toml:0"]
    assert told({}, {"a/ruff.toml": ""}) == []


def test_what_cannot_be_read_counts() -> None:
    before = {"pyproject.toml": PYPROJECT}
    assert told(before, {"pyproject.toml": "x = ["}) == ["settings-unreadable:pyproject.toml:0"]
    assert told({}, {"tsconfig.json": "{"}) == ["settings-unreadable:tsconfig.json:0"]
    assert told(before, {}) == [f"settings-deleted:pyproject.toml:{n}" for n in (0, 0, 0, 0)]
    (one,) = items({"tsconfig.json": "{"}, {"tsconfig.json": "{}"})
    assert (one.rule, one.is_counted) == ("settings-unreadable", False)


@given(st.integers(0, len(PYPROJECT)))
def test_no_cut_of_a_file_passes_for_the_whole(at: int) -> None:
    cut = PYPROJECT[:at]
    if len(PYPROJECT.rstrip()) <= at:
        return
    assert told({"pyproject.toml": PYPROJECT}, {"pyproject.toml": cut}) != []


@given(st.integers(0, len(SETUP)))
def test_no_cut_of_an_ini_file_passes_for_the_whole(at: int) -> None:
    cut = SETUP[:at]
    found = items({"setup.cfg": SETUP}, {"setup.cfg": cut})
    if "[flake8]" not in cut:
        assert any(one.is_counted for one in found)


@given(st.binary(max_size=60), st.sampled_from(["pyproject.toml", "setup.cfg", "bandit.yaml"]))
def test_whatever_a_file_holds_is_compared(data: bytes, path: str) -> None:
    list(compare({path: b""}, {path: data}, changed=frozenset({path})))


CONFIG = """export default [
  { rules: { "no-eval": "error", "eqeqeq": 2 }, ignores: ["a"] },
  { coverage: { thresholds: { lines: 90, branches: 80 } } },
];
"""


@pytest.mark.parametrize(
    ("was", "now", "wanted"),
    [
        ('"error"', "'off'", ["severity-lowered"]),
        ("2", "0", ["severity-lowered"]),
        ("},\n]", "}, { coverageExclude: [] },\n]", ["exclusion-grown"]),
        ("lines: 90", "lines: 89.5", ["floor-lowered"]),
        ("lines: 90, ", "", ["floor-lowered"]),
        ("lines: 90", "lines: 90, passWithNoTests: true", ["laxity-on"]),
        ("90", "95", []),
        (CONFIG, " ", ["settings-deleted"]),
    ],
)
def test_a_configuration_that_is_a_program(was: str, now: str, wanted: list[str]) -> None:
    after = CONFIG.replace(was, now)
    found = list(compare_text("eslint.config.js", CONFIG.encode(), after.encode()))
    assert [one.rule for one in found if one.is_counted] == wanted
    assert found
