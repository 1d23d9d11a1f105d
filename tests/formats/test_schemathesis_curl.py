from __future__ import annotations

import shlex
import subprocess

import pytest

from gates.formats.schemathesis_curl import MAX_BODY, curl_line

URL = "http://127.0.0.1:80/a?b=c&d"


def test_a_request_is_one_line() -> None:
    assert curl_line("GET", URL) == "curl -i 'http://127.0.0.1:80/a?b=c&d'"
    line = curl_line("POST", "http://a", [("X-A", "it's")], b'{"a": 1}')
    assert shlex.split(line) == [
        "curl", "-i", "-X", "POST", "-H", "X-A: it's", "--data-raw", '{"a": 1}', "http://a",
    ]  # fmt: skip
    assert "-X GET" in curl_line("GET", URL, (), b"a")


@pytest.mark.parametrize("body", [b"\0", b"a\\n%s\n\xff'", b"\x01" + b"7", bytes(range(56))])
def test_a_body_that_does_not_print_is_piped_in(body: bytes) -> None:
    first, _, rest = curl_line("POST", "http://a", (), body).rpartition(" | ")
    assert shlex.split(rest) == ["curl", "-i", "-X", "POST", "--data-binary", "@-", "http://a"]
    done = subprocess.run(("/bin/sh", "-c", first), check=True, capture_output=True)
    assert done.stdout == body


def test_what_does_not_print_is_never_in_a_line() -> None:
    assert (
        curl_line("GET", "http://a", [("X-A", "\x1b[1mé\n")]) == "curl -i -H 'X-A: ?[1m??' http://a"
    )


def test_a_long_body_is_only_told_of() -> None:
    line = curl_line("POST", "http://a", (), b"x" * (MAX_BODY + 1))
    assert f"@BODY-OF-{MAX_BODY + 1}-BYTES" in line
    assert "xxx" not in line
