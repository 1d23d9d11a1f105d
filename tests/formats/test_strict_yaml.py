from __future__ import annotations

import sys
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gates.formats import strict_yaml
from gates.formats.strict_yaml import Mark, RawText, YamlDocument

SOUND = b"""\
version: 1
levels:
  1:
    gates:
      lint: ruff   # a comment
      tests: {uses: pytest, timeout: 5m}
  2: [ruff, mypy]
targets:
  ratio: 0.10
  day: 2026-01-31
  none:
  quoted: "010"
  block: |
    yes
    no
"""


@pytest.fixture(params=["libyaml", "pure"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    return str(request.param)


def read(text: str | bytes) -> YamlDocument:
    return strict_yaml.read(text.encode() if isinstance(text, str) else text, name="g.yaml")


def slugs(text: str | bytes) -> list[str]:
    return [problem.slug for problem in read(text).problems]


@pytest.mark.usefixtures("loader")
def test_sound_file() -> None:
    document = read(SOUND)
    assert document.problems == ()
    assert document.is_whole
    assert document.value == {
        "version": 1,
        "levels": {
            1: {"gates": {"lint": "ruff", "tests": {"uses": "pytest", "timeout": "5m"}}},
            2: ["ruff", "mypy"],
        },
        "targets": {
            "ratio": Decimal("0.10"),
            "day": "2026-01-31",
            "none": None,
            "quoted": "010",
            "block": "yes\nno\n",
        },
    }


@pytest.mark.usefixtures("loader")
def test_marks() -> None:
    document = read(SOUND)
    lint = ("levels", 1, "gates", "lint")
    assert document.mark(lint) == Mark(5, 13)
    assert document.mark(lint, key=True) == document.mark((*lint, "[key]")) == Mark(5, 7)
    assert document.mark(("levels", 2, 1)) == Mark(7, 13)
    assert document.mark(("levels", "2", "LevelModel", 1)) == Mark(7, 13)
    assert document.mark(()) == Mark(1, 1)
    # What is missing is told at the key of the thing that misses it.
    assert document.mark((*lint[:3], "tests", "service")) == Mark(6, 7)
    assert document.mark(("nowhere",)) == Mark(1, 1)


def test_problems_of_later_checks_have_place_and_excerpt() -> None:
    problem = read(SOUND).problem(
        "unknown-key", "`timeuot`", ("levels", 1, "gates", "tests", "timeout"), key=True, hint="h"
    )
    assert problem.place == "g.yaml:6:29"
    assert problem.excerpt == "      tests: {uses: pytest, timeout: 5m}\n" + " " * 28 + "^"
    assert problem.hint == "h"


def test_raw_text() -> None:
    document = read(SOUND)
    assert document.raw_text(("targets", "ratio")) == RawText("0.10", quoted=False)
    assert document.raw_text(("targets", "quoted")) == RawText("010", quoted=True)
    assert document.raw_text(("targets", "block")) == RawText("yes\nno\n", quoted=True)
    assert document.raw_text(("targets", "none")) == RawText("", quoted=False)
    assert document.raw_text(("targets",)) is None
    assert document.raw_text(("targets", "nope")) is None


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("yaml-empty", "1:1")]),
        ("# only a comment\n", [("yaml-empty", "1:1")]),
        ("---\n", [("yaml-empty", "1:1")]),
        ("- a\n", [("yaml-top-level", "1:1")]),
        ("text", [("yaml-top-level", "1:1")]),
        ("'' ", [("yaml-top-level", "1:1")]),
        ("a: 1\nb: 2\na: 3\n", [("yaml-duplicate-key", "3:1")]),
        ("{a: 1, 'a': 3}", [("yaml-duplicate-key", "1:8")]),
        ("1: a\n'1': b\n", [("yaml-duplicate-key", "2:1")]),
        ("a: &x 1\nb: *x\n", [("yaml-anchor", "1:4"), ("yaml-alias", "2:4")]),
        ("&x a: 1\n*x : 2\n", [("yaml-anchor", "1:1"), ("yaml-alias", "2:1")]),
        ("a: &x [*x]\n", [("yaml-anchor", "1:4"), ("yaml-alias", "1:8")]),
        ("a: !!str 1\nb: ! x\nc: !py [1]\n", [("yaml-tag", f"{line}:4") for line in (1, 2, 3)]),
        ("a: !!python/object/apply:os.system [x]\n", [("yaml-tag", "1:4")]),
        ("<<: {a: 1}\n", [("yaml-merge-key", "1:1")]),
        ("on: push\nno: 1\n", [("yaml-ambiguous", "1:1"), ("yaml-ambiguous", "2:1")]),
        ("true: 1\n", [("yaml-key", "1:1")]),
        ("null: 1\n1.5: 2\n", [("yaml-key", "1:1"), ("yaml-key", "2:1")]),
        ("? \n: 1\n", [("yaml-key", "1:2")]),
        ("? [a]\n: b\n", [("yaml-key", "1:3")]),
        ("? {a: [b]}\n: c\n", [("yaml-key", "1:3")]),
        ("{[a]: b}: c\n", [("yaml-key", "1:1"), ("yaml-key", "1:2")]),
        ("a: yes\nb: [010, 1:30]\n", [("yaml-ambiguous", p) for p in ("1:4", "2:5", "2:10")]),
        ("a:\n\t- b\n", [("yaml-tab", "2:1")]),
        ("a: \x07\nb: no\n", [("yaml-character", "1:4"), ("yaml-ambiguous", "2:4")]),
        ("a: 1\n---\nb: 2\n", [("yaml-documents", "2:1")]),
        ("%YAML 1.1\n---\na: 1\n", [("yaml-directive", "1:1")]),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", [("yaml-directive", "1:1")]),
        ("a: b: c\n", [("yaml-syntax", "1:5")]),
        ("a: no\nb: 'c\n", [("yaml-ambiguous", "1:4"), ("yaml-syntax", "3:1")]),
        ("a: [b\n", [("yaml-syntax", "2:1")]),
        ("a: `b`\n", [("yaml-syntax", "1:4")]),
        ("a:\n  - b\n c: d\n", [("yaml-syntax", "3:2")]),
        ("a: [" + "[" * 63, [("yaml-depth", "1:67")]),
        ("a: " + "[" * 100_000, [("yaml-depth", "1:67")]),
        ("a: " + "{b: " * 60_000, [("yaml-depth", "1:256")]),
        ("- " * 100_000, [("yaml-depth", "1:129")]),
    ],
)
def test_hostile_and_surprising_files(text: str, expected: list[tuple[str, str]]) -> None:
    found = [(problem.slug, problem.place) for problem in read(text).problems]
    assert found == [(slug, f"g.yaml:{place}") for slug, place in expected]


def test_bytes_that_are_no_text() -> None:
    document = read(b"a: 1\nb: \xff\n")
    assert [problem.place for problem in document.problems] == ["g.yaml:2:4"]
    assert not document.is_whole
    assert document.value == {}
    assert document.mark(("a",)) == Mark(1, 1)


def test_size() -> None:
    body = b"a: " + b"x" * (strict_yaml.MAX_BYTES - 3)
    assert slugs(body) == []
    assert slugs(body + b"x") == ["yaml-too-big"]
    assert read(body + b"x").problems[0].place == "g.yaml"


def test_depth_64_is_read() -> None:
    assert slugs("a: " + "[" * 63 + "]" * 63) == []


def test_all_problems_are_told_by_place_and_the_rest_is_read() -> None:
    document = read("b: yes\na: &x 1\nb: 2\nc: 010\nd:\te\n")
    assert [problem.place for problem in document.problems] == [
        "g.yaml:1:4",
        "g.yaml:2:4",
        "g.yaml:3:1",
        "g.yaml:4:4",
        "g.yaml:5:3",
    ]
    document = read("b: yes\nc: [1, 010]\nd: 3\n")
    assert document.is_whole
    assert document.value == {"b": "yes", "c": [1, "010"], "d": 3}
    assert document.refused == {("b",), ("c", 1)}


def test_problems_are_counted() -> None:
    document = read("a: [" + "yes, " * 1000 + "]")
    assert len(document.problems) == strict_yaml.MAX_PROBLEMS
    assert not document.is_whole


def test_both_places_of_a_duplicate_are_named() -> None:
    problem = read("a: 1\nb:\n  c: 1\n  c: 2\n").problems[0]
    assert problem.summary == "key `c` stands twice, first at g.yaml:3:3"
    assert problem.place == "g.yaml:4:3"
    assert problem.excerpt == "  c: 2\n  ^"


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            'require: [p95{endpoint="GET /x"} < 50ms]',
            "quote a condition with tags, or put it in a block list",
        ),
        (
            'require: [line > 1, p95 {endpoint="GET /x"} < 50ms]',
            "quote a condition with tags, or put it in a block list",
        ),
        (
            'require: ["p95{endpoint="GET"} < 5ms"]',
            "put text that holds double quotes in single ones",
        ),
        ("run: a: b", "quote text that holds `: `, and check the indentation"),
        ("a: [b", ""),
    ],
)
def test_hints(text: str, hint: str) -> None:
    (problem,) = read(text).problems
    assert problem.slug == "yaml-syntax"
    assert problem.hint == hint


def test_conditions_with_tags_stand_in_block_lists_and_quotes() -> None:
    document = read("""a:\n  - p95{endpoint="GET /x"} < 5ms\nb: ['p95{e="x"} < 5ms']\n""")
    assert document.value == {"a": ['p95{endpoint="GET /x"} < 5ms'], "b": ['p95{e="x"} < 5ms']}


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.text("abyesno01:#-{}[]'\" ", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", min_size=1), TREES), st.booleans())
def test_what_a_writer_quotes_is_read_back(tree: dict[str, object], flow: bool) -> None:  # noqa: FBT001
    class Writer(yaml.SafeDumper):
        def ignore_aliases(self, _data: object) -> bool:
            return True

    text = yaml.dump(tree, Dumper=Writer, default_style=None, default_flow_style=flow)
    document = read(text)
    if any(problem.slug == "yaml-ambiguous" for problem in document.problems):
        return  # the writer knows YAML 1.1 only and left something bare that 1.2 reads otherwise
    assert document.problems == ()
    assert document.value == tree


@given(
    st.binary(max_size=80) | st.text("ab:-[]{}&*!|>'\"%@`#,?\n \t01", max_size=80).map(str.encode)
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    document = read(data)
    assert document.is_whole or document.problems
    assert isinstance(document.value, dict)


def test_yaml_is_imported_by_reading_only() -> None:
    import subprocess

    code = "import sys, gates.formats.strict_yaml; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("escape", "code"),
    [
        ("\\e]0;x\\a", "U+001B"),
        ("\\x07", "U+0007"),
        ("\\r", "U+000D"),
        ("\\N", "U+0085"),
        ("\\x9b", "U+009B"),
        ("\\0", "U+0000"),
        ("\\u202e", "U+202E"),
        ("\\L", "U+2028"),
    ],
)
def test_control_characters_that_escapes_write_are_refused(escape: str, code: str) -> None:
    document = read(f'version: 1\nproject: "a{escape}"\n"k{escape}": 1\nlist: ["{escape}"]\n')
    assert [problem.slug for problem in document.problems] == ["yaml-control"] * 3
    assert all(code in problem.summary for problem in document.problems)
    assert [problem.place for problem in document.problems] == [
        "g.yaml:2:10",
        "g.yaml:3:1",
        "g.yaml:4:8",
    ]
    assert document.refused == {("project",), ("list", 0)}


@pytest.mark.usefixtures("loader")
def test_a_tab_and_a_line_feed_may_be_escaped() -> None:
    document = read('text: "a\\tb\\nc"\n')
    assert (document.value, document.problems) == ({"text": "a\tb\nc"}, ())
