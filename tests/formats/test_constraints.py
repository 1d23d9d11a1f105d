from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from gates.domain.errors import OutputUnreadable
from gates.formats.constraints import Constraints, pin

LINUX, OTHER = 'sys_platform == "linux"', 'sys_platform != "linux"'


def versions(wanted: str, *constraints: str) -> tuple[str, ...]:
    known = Constraints()
    for text in constraints:
        known.add(Requirement(text))
    return known.versions(Requirement(wanted), place="main.txt:1")


@pytest.mark.parametrize(
    ("text", "version"),
    [("a==1", "1"), ("a===x", "x"), ("a==1.*", ""), ("a==1,==2", ""), ("a>1", ""), ("a", "")],
)
def test_a_pin_is_one_version(text: str, version: str) -> None:
    assert pin(Requirement(text)) == version


@pytest.mark.parametrize(
    ("wanted", "constraints", "expected"),
    [
        ("a==1", (), ("1",)),
        ("a", (), ()),
        ("a", ("b==1",), ()),
        ("a", ("a>1",), ()),
        ("a", ("A==1",), ("1",)),
        ("a>=1", ("a==2b1",), ("2b1",)),
        ("a===x.y", ("a===X.Y",), ("x.y",)),
        # the version is open wherever the marker does not hold
        ("a", (f"a==1 ; {LINUX}",), ()),
        (f"a ; {LINUX}", (f"a==1 ; {LINUX}",), ("1",)),
        ("a", (f"a==1 ; {LINUX}", "a==2 ; sys_platform == 'win32'"), ()),
        ("a", (f"a==1 ; {LINUX}", f"a==2 ; {OTHER}"), ("1", "2")),
        (
            "a",
            ("a==1 ; python_version < '3.9'", "a==2 ; python_version >= '3.9'"),
            ("1", "2"),
        ),
        ("a", (f"a==1 ; {LINUX} and os_name == 'x'", f"a==2 ; {OTHER}"), ()),
        # a marked constraint that does not hold says nothing against a pin
        ("a==1", (f"a==2 ; {LINUX}",), ("1",)),
        ("a==1", ("a @ https://registry.example/a.whl",), ("1",)),
    ],
)
def test_every_version_that_may_come_is_given(
    wanted: str, constraints: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert versions(wanted, *constraints) == expected


@pytest.mark.parametrize(
    ("wanted", "constraints"),
    [
        ("a==1", ("a==2",)),
        ("a==1,<1", ()),
        ("a<2", ("a==2",)),
        ("a", ("a==1", "a==2")),
        ("a", ("a==1", f"a==2 ; {LINUX}")),
        ("a", ("a==1", "a>1")),
        (f"a==1 ; {LINUX}", (f"a==2 ; {LINUX}",)),
        ("a===x.y", ("a>1",)),
    ],
)
def test_what_no_version_meets_is_an_error(wanted: str, constraints: tuple[str, ...]) -> None:
    with pytest.raises(OutputUnreadable, match="is not allowed by") as caught:
        versions(wanted, *constraints)
    assert caught.value.problem.slug == "requirement-contradicted"
    assert caught.value.problem.place == "main.txt:1"


def test_addresses_are_known_by_name() -> None:
    known = Constraints()
    known.add(Requirement("My.Lib @ https://registry.example/a.whl"))
    known.add(Requirement("my-lib==1"))
    assert known.addresses("my-lib") == ("https://registry.example/a.whl",)
    assert known.addresses("other") == ()
