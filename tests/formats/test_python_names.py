from __future__ import annotations

import pytest

from gates.formats.python_names import normalised


@pytest.mark.parametrize(
    "name", ["friendly-bard", "Friendly_Bard", "FRIENDLY.BARD", "friendly-._-bard"]
)
def test_all_spellings_are_one_name(name: str) -> None:
    assert normalised(name) == "friendly-bard"
