from __future__ import annotations

import pytest

from gates.formats.log_secrets import is_plain, is_secret_name, looks_secret, named_values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("POST /login?password=hunter", "hunter"),
        ("GET /x?y=1&api_key=abcdef", "abcdef"),
        ("body: username=bob&password=hunter2", "hunter2"),
        ("password=letters&next=/", "letters"),
        ("access_token=abcdef1234", "abcdef1234"),  # pragma: allowlist secret
        ('body {"password": "hunter"}', "hunter"),  # pragma: allowlist secret
        (r"{\"password\": \"hunter\"}", "hunter"),
        ("payload: {'password': 'hunter2'}", "hunter2"),  # pragma: allowlist secret
        ("login failed, password: hunter2hunter2", "hunter2hunter2"),
        ("Cookie: sessionid=8f3b2c1d9e0a", "sessionid=8f3b2c1d9e0a"),
        ("Authorization: Basic YTpi", "YTpi"),
        ("X-Api-Key: k-1234", "k-1234"),
        ("user=bob password=hunter2 ok", "hunter2"),
        ("password = 'hunter'", "hunter"),  # pragma: allowlist secret
        ("password=$ecret!", "$ecret!"),
        ("password1=hunter2", "hunter2"),
    ],
)
def test_a_secret_with_its_name_in_a_text(text: str, value: str) -> None:
    assert list(named_values(text)) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "password reset requested; token: expired",
        "token_count: 12, max_tokens=100",
        "password=*** token=[REDACTED] secret=%2A%2A%2A",
        "UPDATE users SET password = $1, token = ? WHERE id = :id AND token=%(token)s",
        "token: {'a'}",
        "unexpected token: x1y2",
        "password = request.form['password']",
        "    token = sign(user.id, key)",
        "call(password=password, token=settings.token)",
        "if password == hash(other):",
        "def login(password: str) -> Token:",
        "PWD=/home/app",
        "at 12:00:01 a=1",
        "password too short",
        "secret: see the vault",
        "token=${TOKEN} secret=$SECRET",
    ],
)
def test_what_only_speaks_of_secrets(text: str) -> None:
    assert list(named_values(text)) == []


def test_all_secrets_of_a_text_are_told() -> None:
    text = "a=1&token=one1&password=two2&x=token"
    assert list(named_values(text)) == ["one1", "two2"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("clientSecret", True),
        ("http.authorization", True),
        ("JSESSIONID", True),
        ("password-verify", True),
        ("token2", True),
        ("tokens", False),
        ("author", False),
        ("shipping", False),
    ],
)
def test_names(name: str, *, found: bool) -> None:
    assert is_secret_name(name) is found


def test_values() -> None:
    assert [is_plain(text) for text in ("hunter", " ", "****", "Expired")] == [
        True,
        False,
        False,
        False,
    ]
    assert [looks_secret(text) for text in ("hunter2", "Basic abc", "a=b; c=d")] == [True] * 3
    assert [looks_secret(text) for text in ("too short.", "abc", "a.b.c", "Basic ")] == [False] * 4
