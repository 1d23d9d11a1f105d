from __future__ import annotations

from pathlib import Path

from gates.formats import secretlint_canary


def test_each_secret_stands_in_the_planted_file() -> None:
    text = secretlint_canary.text().decode()
    planted = secretlint_canary.secrets()

    assert len(planted) == len(set(planted.values())) == 6
    assert all(f"{secret}\n" in text for secret in planted.values())


def test_none_of_them_stands_in_the_source() -> None:
    source = Path(secretlint_canary.__file__).read_text()

    assert not [secret for secret in secretlint_canary.secrets().values() if secret in source]
