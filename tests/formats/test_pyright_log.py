from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.pyright_log import parse

CLEAN, FINDINGS = (recorded(f"pyright/1.1.414/given-{name}.log") for name in ("clean", "findings"))
FILES = ("/project/src/a.py", "/project/src/b.py")


def test_a_recorded_run_names_its_files() -> None:
    (run,) = parse(FINDINGS, what="pyright.log")

    assert (run.version, run.sums, run.files) == ("1.1.414", (6, 0, 0), FILES)


def test_several_runs_may_follow_each_other() -> None:
    runs = parse(FINDINGS + CLEAN, what="pyright.log")

    assert [(one.sums, set(one.files)) for one in runs] == [
        ((6, 0, 0), set(FILES)),
        ((0, 0, 0), set(FILES)),
    ]


def test_names_are_those_of_addresses() -> None:
    """Made to what pyright writes of such a name."""
    (run,) = parse(CLEAN.replace(b"/src/a.py", b"/src/odd%20%C3%A9%2520.py"), what="pyright.log")

    assert "/project/src/odd é%20.py" in run.files


def test_it_is_refused_wherever_a_file_is_cut_off() -> None:
    # The list is last, and every beginning of a name is one: the last is made to be one letter.
    short = CLEAN[: CLEAN.rindex(b"file:///") + len(b"file:///")] + b"x"

    refuses_every_cut(lambda data: parse(data, what="pyright.log"), short)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not tell pyright's version"),
        (b"\xff", "is not UTF-8"),
        (b"pyright 1.1.414\n", "0 sums and 0 numbers"),
        (CLEAN.replace(b"checked: 2", b"checked: 3"), "lists 2 files, and says that they are 3"),
        (CLEAN.replace(b"src/a.py", b"src/b.py"), "lists 2 files"),
        (CLEAN.replace(b"0 errors,", b"0 errors, 0 warnings, 0 informations\n0 errors,"), "2 sums"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says):
        parse(data, what="pyright.log")
