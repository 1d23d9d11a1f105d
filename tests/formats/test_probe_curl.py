"""The command that asks the same, as a shell reads it."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from gates.formats.probe_curl import curl, quoted
from gates.formats.probe_model import Ask, Identity

URL = "http://127.0.0.1:8000"
ADMIN = Identity(name="shop-admin", headers=(("Authorization", "Bearer {token}"),))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (Ask(method="GET", path="/a?b=c"), [f"{URL}/a?b=c"]),
        (Ask(method="HEAD", path="/"), ["--head", f"{URL}/"]),
        (Ask(method="DELETE", path="/a"), ["-X", "DELETE", f"{URL}/a"]),
        (
            Ask(method="POST", path="/a", json={"b": "it's"}, has_json=True),
            ["-X", "POST", f"{URL}/a", "--json", '{"b": "it\'s"}'],
        ),
        (
            Ask(method="PUT", path="/a", body="x y", headers=(("X-A", "b"),)),
            ["-X", "PUT", f"{URL}/a", "-H", "X-A: b", "--data-binary", "x y"],
        ),
    ],
)
def test_a_shell_splits_it_into_these_words(ask: Ask, words: list[str]) -> None:
    assert shlex.split(curl(URL, ask, None)) == ["curl", "-si", *words]


def test_a_token_stands_by_its_owners_name() -> None:
    line = curl(URL, Ask(method="GET", path="/"), ADMIN)
    assert line.endswith('-H "Authorization: Bearer ${SHOP_ADMIN_TOKEN}"')


def test_only_a_setting_stands_for_something_in_a_shell() -> None:
    word = quoted('a ${NAME} `b` $c "d" \\ e')
    script = f"NAME='x y'; printf %s {word}"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode() == 'a x y `b` $c "d" \\ e'
