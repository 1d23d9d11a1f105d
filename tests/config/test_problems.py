from __future__ import annotations

from gates.config.problems import Problems, suggest
from gates.formats import strict_yaml


def _problems(text: str) -> Problems:
    return Problems(strict_yaml.read(text.encode(), name="gates.yaml"))


def test_problems_come_in_the_order_of_their_places() -> None:
    problems = _problems("a: 1\nb: {c: 2}\n")
    problems.add("second", "second", ("b", "c"))
    problems.add("key", "first of its line", ("b",), key=True)
    problems.add("first", "first", ("a",))
    assert [each.place for each in problems.error().problems] == [
        "gates.yaml:1:4",
        "gates.yaml:2:1",
        "gates.yaml:2:8",
    ]


def test_ten_stands_behind_nine() -> None:
    problems = _problems("".join(f"k{at}: 1\n" for at in range(1, 12)))
    problems.add("x", "late", ("k10",))
    problems.add("x", "early", ("k9",))
    assert [each.summary for each in problems.error().problems] == ["early", "late"]


def test_a_problem_shows_its_line_with_a_caret() -> None:
    problems = _problems("a: 1\n")
    problems.add("slug", "summary", ("a",), hint="do this")
    (problem,) = problems.error().problems
    assert (problem.slug, problem.hint, problem.excerpt) == ("slug", "do this", "a: 1\n   ^")


def test_what_the_reader_refused_is_not_refused_again() -> None:
    problems = _problems("a: 010\n")
    assert len(problems) == 1
    problems.add("bad-value", "not a number", ("a",))
    assert len(problems) == 1
    problems.add("unknown-key", "unknown key", ("a",), key=True)
    assert len(problems) == 2


def test_the_same_problem_is_told_once() -> None:
    problems = _problems("a: 1\n")
    assert not problems
    problems.add("x", "the same", ("a",))
    problems.add("x", "the same", ("a",))
    assert problems
    assert len(problems) == 1


def test_a_problem_of_the_whole_file_comes_first() -> None:
    data = b"a: 1\n" * 60_000
    problems = Problems(strict_yaml.read(data, name="gates.yaml"))
    problems.add("x", "later", ())
    assert problems.error().problems[0].slug == "yaml-too-big"


def test_a_hint_names_the_nearest_and_the_known() -> None:
    assert suggest("lin", ["line", "branch"], plural="its metrics") == (
        "did you mean `line`? its metrics: line, branch"
    )
    assert suggest("zzz", ["line"], plural="keys") == "keys: line"
    assert suggest("zzz", [], plural="gates") == "there are no gates"


def test_a_long_list_is_cut() -> None:
    names = [f"name-{at:02}" for at in range(20)]
    assert suggest("name-0", names, plural="names") == "did you mean `name-00`?"
    assert suggest("zzz", names, plural="names").endswith("name-11 and 8 more")
