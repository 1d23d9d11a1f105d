from __future__ import annotations

import base64
import json
import re
import time
import urllib.parse
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gates.toolkit.door import Door, Redactor, neutralise, one_line, unbroken

# Every derived form of it differs.
SECRET = "s3cr3t/&<\"'\\ v\u00e4lue+42"  # pragma: allowlist secret
KEY = "PRIVATE KEY"
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]"
)


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]52;c;cm0gLXJm\x1b\\text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\text", "text"),
        ("\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\\x9dosc\x9ctext", "text"),
        ("\x1b]0;never ended\nnext line", "0;never ended\nnext line"),
        ("\x1b[2Jgone?\x1b[3", "gone?3"),
        ("\x1bcreset\x1b(B", "reset"),
        ("\x1b\x1b[31m[31mx", "[31mx"),
        ("dos\r\nline", "dos\nline"),
        ("10 %\r20 %", "10 %\n20 %"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("user\u202etxt.exe\u2066\u200f", "usertxt.exe"),
        ("in\U000e0041visible", "invisible"),
        ("name\udcff", "name\ufffd"),
        (b"bytes \xff\xfe \x1b[31m", "bytes \ufffd\ufffd "),
        ("gr\u00fc\u00df \U0001f600", "gr\u00fc\u00df \U0001f600"),
    ],
)
def test_what_steers_goes_and_what_tells_stays(raw: str | bytes, safe: str) -> None:
    assert neutralise(raw) == safe


pieces = st.one_of(
    st.text(), st.sampled_from(["\x1b", "[", "]", "31m", "\x07", "\x9b", "\r", "\u202e", "\\", ";"])
)


@given(st.lists(pieces).map("".join))
def test_nothing_that_steers_is_ever_left(raw: str) -> None:
    safe = neutralise(raw)
    assert not UNSAFE.search(safe)
    assert neutralise(safe) == safe


@given(st.binary())
def test_any_bytes_become_safe_text(raw: bytes) -> None:
    assert not UNSAFE.search(neutralise(raw))


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_one_line_is_one_short_line(raw: str, limit: int) -> None:
    line = one_line(raw, limit=limit)
    assert "\n" not in line
    assert len(line) <= limit


def test_a_line_that_is_cut_says_so() -> None:
    assert one_line("  a\n  b\tc ") == "a b c"
    assert one_line("abcdef", limit=4) == "abc…"


def forms(secret: str) -> list[str]:
    raw = secret.encode()
    return [
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe="").lower(),
        urllib.parse.quote_plus(secret),
        escape(secret),
        escape(secret, {'"': "&quot;", "'": "&apos;"}),
        base64.b64encode(raw).decode().rstrip("="),
    ]


@pytest.mark.parametrize("form", forms(SECRET))
def test_every_form_of_a_secret_is_masked(form: str) -> None:
    shown = Redactor({"DEPLOY_TOKEN": SECRET}).redact(f"before {form} after")
    assert shown.replace("=", "") == "before *** after"


@pytest.mark.parametrize("before", ["", "u", "us", "use"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_masked_wherever_the_secret_stands_in_it(before: str, encode: object) -> None:
    assert callable(encode)
    secret = "hunter2-hunter2?>~~"  # pragma: allowlist secret
    encoded = encode(f"{before}{secret}:tail".encode()).decode()
    shown = Redactor({"API_KEY": secret}).redact(encoded)
    assert "***" in shown
    kept = "".join(shown.split("***"))
    assert len(kept) <= len(encoded) - len(secret)


def test_the_lines_of_a_long_secret_are_masked_one_by_one() -> None:
    redactor = Redactor({"SIGNING_KEY": "first-line-1\n  second-line\nshort\n"})
    assert (
        redactor.redact("log: first-line-1\nlog: second-line short") == "log: ***\nlog: *** short"
    )


@pytest.mark.parametrize(
    "name",
    ["GITHUB_TOKEN", "db_password", "MYSQL_PWD", "AWS_SECRET_ACCESS_KEY", "SENTRY_DSN", "GH_PAT"],
)
def test_a_variable_is_secret_by_its_name(name: str) -> None:
    assert Redactor({name: "0123456789"}).redact("0123456789") == "***"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOME", "/home/somebody"),
        ("API_TOKEN", "short"),
        ("PWD", "/work/folder"),
        ("A_TOKEN", "*" * 9),
    ],
)
def test_other_values_stay(name: str, value: str) -> None:
    assert Redactor({name: value}).redact(f"{value} ***") == f"{value} ***"


def test_the_password_of_a_url_is_masked_wherever_it_stands() -> None:
    redactor = Redactor({"DATABASE": "postgresql://app:p%40ss/w0rd-x@db.example:5432/app"})
    assert redactor.redact("login with p@ss/w0rd-x") == "login with ***"
    assert redactor.redact("raw p%40ss/w0rd-x") == "raw ***"


def test_a_password_that_is_the_users_name_hides_no_other_word() -> None:
    redactor = Redactor({"DATABASE": "postgresql://postgres:postgres@db.example/app"})
    shown = redactor.redact("postgres at postgresql://postgres:postgres@db.example/app")
    assert shown == "postgres at postgresql://***@db.example/app"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ghp_" + "a1" * 18, "***"),
        ("github_pat_" + "a1_" * 10, "***"),
        ("glpat-" + "a1" * 10, "***"),
        ("AKIA" + "A1" * 8, "***"),
        ("xoxb-" + "1" * 12, "***"),
        ("sk_live_" + "a1" * 10, "***"),
        ("pypi-" + "a1" * 30, "***"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.abc-_9", "***"),
        ("Authorization: Bearer abcdefgh", "Authorization: Bearer ***"),
        ('"authorization": "Basic YWxhZGRpbjpv"', '"authorization": "Basic ***"'),
        ("use bearer abcdefghijklmnopqrstu", "use bearer ***"),
        ("the bearer of this", "the bearer of this"),
        ("https://u:pw@host.example/x", "https://***@host.example/x"),  # pragma: allowlist secret
        ("ssh://git@host.example/x", "ssh://git@host.example/x"),
        ("https://host.example/a@b", "https://host.example/a@b"),
        (
            f"-----BEGIN RSA {KEY}-----\nab+/=\n-----END RSA {KEY}-----\nend",
            "***\nend",
        ),
        (f"-----BEGIN {KEY}-----\ncut off", "***"),
    ],
)
def test_well_known_shapes_are_masked(text: str, shown: str) -> None:
    assert Redactor({}).redact(text) == shown


def test_a_secret_torn_by_control_sequences_is_masked() -> None:
    door = Door(Redactor({"DEPLOY_TOKEN": "abcdefgh12345678"}))
    assert door.text("x abcd\x1b[31mefgh\x001234\u202e5678 y\n") == "x *** y\n"


def test_a_line_is_cut_only_after_the_secret_is_masked() -> None:
    door = Door(Redactor({"DEPLOY_TOKEN": "abcdefgh 12345678"}))
    assert door.line("see abcdefgh 12345678", limit=12) == "see ***"
    assert door.line("see abcdefgh\n  12345678") == "see ***"


secrets = st.text(min_size=8, max_size=30).filter(
    lambda text: "***" not in text and len(" ".join(text.split())) >= 8
)


@given(st.text(max_size=20), secrets, st.text(max_size=20))
@example("", "a\rb\x1b[0mcdefgh", "")
def test_no_secret_ever_passes(before: str, secret: str, after: str) -> None:
    door = Door(Redactor({"THE_SECRET": secret}))
    for shown in (
        door.text(before + secret + after),
        door.line(before + secret + after, limit=999),
    ):
        assert not UNSAFE.search(shown)
        assert neutralise(secret) not in shown or len(neutralise(secret)) < 8


def test_hostile_text_is_handled_in_linear_time() -> None:
    door = Door(Redactor({f"TOKEN_{number}": f"{number:04d}-secret-value" for number in range(20)}))
    started = time.process_time()
    for unit in (
        f"-----BEGIN {KEY}-----",
        "://a:b",
        "\x1b]0;",
        "eyJaaaaaaaa.",
        "\x1b[",
        "bearer ",
    ):
        door.text(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 10


def test_a_recorded_name_is_whole_and_keeps_its_blanks() -> None:
    door = Door(Redactor({"API_TOKEN": "s3cr3t-value-1"}))
    assert door.name(f"a  b/{'x' * 400}") == f"a  b/{'x' * 400}"
    assert door.name(b"a\x1b[2J\n\tb/s3cr3t-value-1") == "a  b/***"


def test_unbroken_text_stays_on_its_line() -> None:
    assert unbroken("a  b \N{MIDDLE DOT}") == "a  b \N{MIDDLE DOT}"
    assert unbroken("a\x1b]0;t\x07\nb\tc\u202ed\u2028e") == "a b cd e"
