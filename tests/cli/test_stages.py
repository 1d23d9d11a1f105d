import pytest
from cli.conftest import Gates

from gates.stages import BUILT_IN


def test_all_stages_are_listed_with_what_they_serve(gates: Gates) -> None:
    lines = gates("stages").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(BUILT_IN)
    assert any("L1-COVERAGE" in line for line in lines)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_each_stage_shows_what_it_declares(gates: Gates, name: str) -> None:
    text = gates("stages", name).out
    for title in ("metrics", "default conditions", "options", "errored when"):
        assert f"\n{title}\n" in text
