from __future__ import annotations

import json

from executor.conftest import scripted
from executor.test_shards import divided

from gates.reports import shards_matrix


def test_the_matrix_is_one_line_of_numbers() -> None:
    found = divided(*(scripted(f"g{at}") for at in range(5)), count=3)

    text = shards_matrix.report(found)

    assert text == '{"shard":[1,2,3]}\n'
    assert json.loads(text) == {"shard": [1, 2, 3]}
