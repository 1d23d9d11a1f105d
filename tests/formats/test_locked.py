from __future__ import annotations

import pytest

from gates.formats.locked import Locked, Origin


@pytest.mark.parametrize("origin", list(Origin))
def test_only_what_an_index_gave_can_be_audited(origin: Origin) -> None:
    locked = Locked("a", "1", origin)
    assert locked.is_auditable is (origin is Origin.INDEX)
    assert locked.is_internal is (origin in {Origin.EDITABLE, Origin.FOLDER})


def test_without_a_version_nothing_can_be_audited() -> None:
    assert not Locked("a", "").is_auditable
