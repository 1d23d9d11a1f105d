from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.formats import secretlint_canary


def test_each_secret_stands_in_the_planted_file() -> None:
    text = secretlint_canary.text().decode()
    planted = secretlint_canary.secrets()

    assert len(planted) == len(set(planted.values())) == 6
    assert all(f"{secret}\n" in text for secret in planted.values())


def test_none_of_them_stands_in_the_source() -> None:
    source = Path(secretlint_canary.__file__).read_text()

    assert not [secret for secret in secretlint_canary.secrets().values() if secret in source]


def test_what_the_rules_are_blind_to_is_named() -> None:
    kinds = set(secretlint_canary.secrets())

    whole = secretlint_canary.sight([*kinds, "OTHER"])
    assert (whole.told, whole.notes) == ("6 of 6 made-up secrets in a planted file", ())

    part = secretlint_canary.sight(kinds - {"SENDGRID_KEY", "PrivateKey"})
    assert part.told == "4 of 6 made-up secrets in a planted file"
    assert part.notes == (
        "the rules are blind to `PrivateKey`, `SENDGRID_KEY`: planted, and not found",
    )


@pytest.mark.parametrize("kinds", [(), ("OTHER",)])
def test_rules_that_see_nothing_are_an_error(kinds: tuple[str, ...]) -> None:
    with pytest.raises(StageError, match="secretlint is blind") as caught:
        secretlint_canary.sight(kinds)
    assert caught.value.problem.slug == "scanner-blind"
