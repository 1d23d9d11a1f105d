from __future__ import annotations

import tomllib

import pytest

from gates.domain.errors import StageError
from gates.formats.schemathesis_config import combined


def test_without_a_file_only_the_cache_is_off() -> None:
    found = combined(None, {})
    assert tomllib.loads(found.data.decode()) == {"cache": {"enabled": False}}
    assert found.notes == ()


def test_headers_stand_in_the_file_with_their_variables_unfilled() -> None:
    headers = {"Authorization": "Bearer ${TOKEN}", "X-Odd": 'a"b\\c\n\x7f'}
    assert tomllib.loads(combined(None, headers).data.decode())["headers"] == headers


def test_the_project_s_own_settings_stay_and_are_told() -> None:
    project = b"\xef\xbb\xbfworkers = 2\n[checks.unsupported_method]\nenabled = false\n"
    found = combined(project, {"X-A": "b"})
    assert tomllib.loads(found.data.decode()) == {
        "cache": {"enabled": False},
        "headers": {"X-A": "b"},
        "workers": 2,
        "checks": {"unsupported_method": {"enabled": False}},
    }
    assert found.notes == ("schemathesis.toml sets `checks`",)
    assert combined(b"workers = 2\n", {}).notes == ()


@pytest.mark.parametrize(
    ("project", "slug"),
    [
        (b'baseline = "known.json"', "setting-refused"),
        (b"[cache]\nenabled = true", "setting-refused"),
        (b"max-failures = 1", "setting-refused"),
        (b"max-time = 1", "setting-refused"),
        (b"[dictionaries]", "setting-refused"),
        (b"headers = {}", "headers-twice"),
        (b"headers = ", "not-toml"),
        (b"\xff", "not-toml"),
    ],
)
def test_what_has_no_place_in_a_gate_is_refused(project: bytes, slug: str) -> None:
    with pytest.raises(StageError) as caught:
        combined(project, {"X-A": "b"})
    assert caught.value.problem.slug == slug
    assert caught.value.problem.place == "schemathesis.toml"
