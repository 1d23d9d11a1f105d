from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from formats.locust_records import about, record

from gates.domain.errors import StageError
from gates.formats import load_record
from gates.formats.locust_about import _STOPPED, SHOWN, notes, read, refuse, why_no_record


def refused(data: bytes) -> StageError:
    with pytest.raises(StageError) as caught:
        refuse(read(data, what="about.json"), str)
    assert caught.value.problem.hint
    return caught.value


def test_a_run_that_came_to_its_end_is_not_refused() -> None:
    refuse(read(about(), what="about.json"), str)


@pytest.mark.parametrize("word", sorted(_STOPPED))
def test_what_ended_a_run_is_told_in_words(word: str) -> None:
    problem = refused(about(complete=False, stopped=[word, "this and that"])).problem

    assert problem.slug == word
    assert "this and that" in problem.summary


def test_a_word_of_another_version_is_an_early_end_too() -> None:
    assert (
        "ended the run early" in refused(about(complete=False, stopped=["x", "y"])).problem.summary
    )


def test_a_run_without_requests_is_refused_with_the_most_frequent_exception() -> None:
    errors = {"KeyError: 'id'": 2, "ValueError: no total": 9}

    assert "no total" in refused(about(requests=0, errors=errors)).problem.summary
    assert refused(about(requests=0)).problem.slug == "no-requests"


def test_a_class_without_users_is_refused_with_its_name() -> None:
    names = [f"Class{number}" for number in range(SHOWN + 2)]

    found = refused(about(idle=names)).problem

    assert (found.slug, found.summary.endswith("Class4 and 2 more")) == ("class-idle", True)
    assert refused(about(requests=0, idle=names)).problem.slug == "no-requests"


def test_notes_tell_how_requests_came_into_the_record() -> None:
    run = load_record.read(record())
    plain = read(about(), what="about.json")
    told = read(about(own=2, unheard=1000), what="about.json")

    assert notes([plain], run) == ()
    own, unheard = notes([plain, told], run)
    assert own.startswith("2 of 840 requests")
    assert unheard.startswith("of 1,000 requests Locust told nothing")


def test_an_endpoint_of_the_warm_up_alone_is_told() -> None:
    lines = record(seconds=1, each=1).replace(b'["GET /orders"]', b'["GET /orders", "POST /login"]')
    cell = b'{"at": -1, "endpoint": 1, "times": [[5, 1]], "failed": {}}\n'
    head, _, rest = lines.partition(b"\n")
    first, _, last = rest.partition(b"\n")
    run = load_record.read(b"\n".join((head, first, cell + last)))

    (found,) = notes([read(about(), what="about.json")], run)

    assert found.endswith("not measured: POST /login")


def test_every_cut_is_refused() -> None:
    refuses_every_cut(
        lambda data: read(data, what="about.json"), about(errors={"a": 1}, idle=["A"])
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("[x] vm/ERROR/locust.main: No User class found!", "has no user class"),
        ("[x] vm/ERROR/locust.main: Unknown User(s): Nobody", "no user class `Nobody`"),
        ("[x] vm/ERROR/locust.main: Gave up waiting for workers to connect", "not all workers"),
        ("The Locust master port (127.0.0.1:5557) was busy. Close any", "127.0.0.1:5557, is taken"),
        ("locust: error: unrecognized arguments: --exit-code", "too old: unrecognized arguments"),
        ("Traceback:\n  File x\nModuleNotFoundError: No module named 'a'", "No module named 'a'"),
        ("some\nwords\n\n", "it said last: words"),
        ("", "ended with 3 and our add-on left no record"),
    ],
)
def test_why_there_is_no_record(said: str, told: str) -> None:
    problem = why_no_record(3, said).problem

    assert told in problem.summary
    assert problem.hint
