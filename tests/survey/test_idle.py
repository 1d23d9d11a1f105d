import pytest

from gates.survey.idle import is_idle


@pytest.mark.parametrize(
    "words",
    [
        ("true",),
        ("/usr/bin/true", "x"),
        (":",),
        ("echo", "fine"),
        ("env", "true"),
        ("/usr/bin/env", "-i", "A=b", "-u", "C", "/bin/true"),
        ("env", "-S", "true x"),
        ("env",),
        ("sh", "-c", "true"),
        ("/bin/bash", "-lc", "/bin/true"),
        ("sh", "-u", "-c", ""),
    ],
)
def test_programs_that_end_well_whatever_they_look_at(words: tuple[str, ...]) -> None:
    assert is_idle(words)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("ruff", "check", "."),
        ("env", "ruff"),
        ("env", "-S", "'"),
        ("sh",),
        ("sh", "check.sh"),
        ("sh", "-e", "-c", "ruff check .; true"),
        ("sh", "-ec", "ruff check .; true"),
    ],
)
def test_programs_that_may_fail(words: tuple[str, ...]) -> None:
    assert not is_idle(words)


@pytest.mark.parametrize(
    "script",
    [
        "ruff check . || true",
        "ruff check . || :",
        "ruff check . || exit 0",
        "ruff check .; true",
        "ruff check .\ntrue\n",
        "ruff check .; exit 0",
        "ruff check . &",
        "ruff check . 2>&1 | tee log",
        "ruff check . || echo 'a && b'",
        "A=1 true",
        "true && echo fine",
        "for f in *; do ruff $f; done; :",
        "ruff check . > log 2>&1 || sh -c true",
        "exit 0; ruff check .",
        "ruff check . || true;",
        " ",
    ],
)
def test_scripts_that_end_well_whatever_they_look_at(script: str) -> None:
    assert is_idle(("sh", "-c", script))


@pytest.mark.parametrize(
    "script",
    [
        "ruff check .",
        "ruff check . 2>&1",
        "true && ruff check .",
        "ruff check . && true",
        "true; ruff check .",
        "set -e; ruff check .; true",
        "ruff check . || exit 1; true",
        "ruff check .; exit 3; true",
        "echo '|| true' | ruff -",
        "ruff check '; true'",
        "cat files | ruff -",
        "cat files",
        "if a; then true; fi",
        "ruff 'check",
        "A=1",
    ],
)
def test_scripts_that_may_fail(script: str) -> None:
    assert not is_idle(("sh", "-c", script))
