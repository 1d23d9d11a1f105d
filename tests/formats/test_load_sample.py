from __future__ import annotations

from gates.formats.load_record import read
from gates.formats.load_sample import sample


def test_the_sample_is_a_whole_record() -> None:
    record = read(sample(20_000).encode())
    assert {time for cell in record.cells for time in cell.times} == {20_000}
    assert sum(cell.succeeded for cell in record.measured) == 4000
