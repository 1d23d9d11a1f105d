from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.npm_audit_log import asked, was_answered

DATA = Path(__file__).with_name("data") / "npm_audit" / "11.19.1"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.log").read_bytes()


def packages(log: bytes) -> set[tuple[str, str]] | None:
    found = asked(log, what="log")
    return None if found is None else set(found)


def test_every_package_that_npm_asked_for() -> None:
    assert packages(recorded("found")) == {
        ("@scope/tool", "2.0.0"),
        ("lodash", "4.17.4"),
        ("minimist", "0.0.8"),
        ("minimist", "1.2.0"),
        ("wrapper", "1.0.0"),
    }
    assert was_answered(recorded("found"))


def test_a_request_for_nothing() -> None:
    assert packages(recorded("part")) == set()
    assert not was_answered(recorded("part"))


@pytest.mark.parametrize("name", ["offline", "no-lock"])
def test_without_a_request_it_is_not_known(name: str) -> None:
    assert packages(recorded(name)) is None


@pytest.mark.parametrize("name", ["not-allowed", "not-found", "offline"])
def test_what_was_not_answered(name: str) -> None:
    assert not was_answered(recorded(name))


def test_the_form_of_older_versions_and_of_the_log_file() -> None:
    # npm 7 to 9 shorten the word; the file that npm keeps has numbers in front.
    older = b"npm sill audit bulk request { a: [ '1.0.0' ] }\n"
    file = b"12 silly audit bulk request {\n12 silly audit   a: [ '1.0.0' ]\n12 silly audit }\n"
    assert packages(older) == packages(file) == {("a", "1.0.0")}


def test_versions_over_several_lines() -> None:
    log = (
        b"npm silly audit bulk request {\n"
        b"npm silly audit   a: [\n"
        b"npm silly audit     '1.0.0', \"2.0.0\",\n"
        b"npm silly audit   ]\n"
        b"npm silly audit }\n"
    )
    assert packages(log) == {("a", "1.0.0"), ("a", "2.0.0")}


@pytest.mark.parametrize(
    "log",
    [
        b"npm silly audit bulk request {\n",
        b"npm silly audit bulk request { a: [ '1.0.0'\n",
        b"npm silly audit bulk request { a: [ '1.0.0', ... 3 more items ] }\n",
        b"npm silly audit bulk request { [ '1.0.0' ] }\n",
        b"npm silly audit bulk request [ '1.0.0' ]\n",
        b"npm silly audit bulk request null\n",
        b"npm silly audit bulk request {}\nnpm silly audit bulk request {}\n",
    ],
)
def test_a_request_that_is_not_told_whole_is_refused(log: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="npm's log"):
        packages(log)


def test_a_log_that_was_cut_short_never_tells_more() -> None:
    whole = recorded("found")
    every = packages(whole)
    assert every is not None
    for at in range(0, len(whole), 7):
        try:
            found = packages(whole[:at])
        except OutputUnreadable:
            continue
        # A log may end anywhere: what it tells then is nothing, or the whole request.
        assert found is None or found == every
