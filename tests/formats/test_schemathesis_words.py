from __future__ import annotations

from collections import Counter

import pytest

from gates.formats.schemathesis_words import NO_LIMIT, advice, answers_of


def test_answers_are_counted() -> None:
    assert answers_of(Counter({401: 61, 404: 1})) == "of 62 answers 61 were 401, 1 was 404"
    assert answers_of(Counter()) == "no request reached it"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "give credentials"),
        (403, "give credentials"),
        (404, "`servers`"),
        (405, "`servers`"),
        (429, NO_LIMIT),
        (500, "log"),
        (422, "give examples"),
    ],
)
def test_the_most_frequent_answer_tells_the_next_step(status: int, said: str) -> None:
    assert said in advice(Counter({status: 3, 200: 1}))


def test_without_an_answer_the_document_is_looked_at() -> None:
    assert "`exclude`" in advice(Counter())
