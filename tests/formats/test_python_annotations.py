from __future__ import annotations

import sys

import pytest

from gates.formats.python_annotations import Annotations, Place, Project, project, read
from gates.plugin import OutputUnreadable


def annotated(text: str) -> Annotations:
    return read(text.encode(), name="a.py")


def anys(text: str) -> list[str]:
    return [place.text for place in annotated(text).anys]


def untyped(text: str) -> list[str]:
    return [place.text for place in annotated(text).untyped]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from typing import Any\nx: Any = 1", ["Any"]),
        ("from typing_extensions import Any\nx: Any = 1", ["Any"]),
        ("from typing import Any as T\nx: T = 1", ["T"]),
        ("from typing import *\nx: Any = 1", ["Any"]),
        ("import typing\nx: typing.Any = 1", ["typing.Any"]),
        ("import typing as t\nx: t.Any = 1", ["t.Any"]),
        ("import typing_extensions as te\nx: te.Any = 1", ["te.Any"]),
        ("from .compat import Any\nx: Any = 1", ["Any"]),
        ("if True:\n    from typing import Any\nx: Any = 1", ["Any"]),
        ("def f() -> None:\n    from typing import Any\n    x: Any = 1", ["Any"]),
    ],
)
def test_any_is_known_by_each_way_of_importing_it(text: str, expected: list[str]) -> None:
    assert anys(text) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("def f(a: Any, *b: Any, c: Any, **d: Any) -> Any: ...", 5),
        ("def f(a: dict[str, Any]) -> list[Any]: ...", 2),
        ("async def f() -> Any: ...", 1),
        ("class A(Any): ...", 1),
        ("class A:\n    b: Any", 1),
        ("def f(a: int | Any) -> None: ...", 1),
        ("x = cast(Any, y)", 1),
        ("T = TypeVar('T', bound=Any)", 1),
        ("f: Callable[..., Any]", 1),
        ("x: Annotated[Any, 1]", 1),
        ("lambda: cast(list[Any], 1)", 1),
    ],
)
def test_each_use_counts(text: str, number: int) -> None:
    assert anys(f"from typing import Any\n{text}") == ["Any"] * number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("x: 'Any'", 1),
        ("x: 'dict[Any, Any]'", 2),
        ("x: list['Any']", 1),
        ("""x: 'list["Any"]'""", 1),
        ("def f(a: 'Any') -> 'Any': ...", 2),
        ("x = cast('Any', y)", 1),
        ("x = typing.cast('list[Any]', y)", 1),
        ("class A(list['Any']): ...", 1),
        ("X: TypeAlias = 'list[Any]'", 1),
        ("T = TypeVar('T', bound='Any')", 1),
        ("x: Annotated['Any', 'Any']", 1),
        ("x: Annotated['Any']", 1),
        ("x = 1  # type: Any", 1),
        ("x = 1  # type: dict[Any, Any]", 2),
        ("def f(a):\n    # type: (Any) -> Any\n    ...", 2),
    ],
)
def test_quoted_types_and_type_comments_count(text: str, number: int) -> None:
    assert anys(f"from typing import Any\n{text}") == ["Any"] * number


@pytest.mark.parametrize(
    "text",
    [
        "x: int = 1",
        "from typing import Any",
        "from typing import Any\n__all__ = ['Any']",
        "from typing import Any\nx: Literal['Any']",
        "from typing import Any\nx: 'not a type, Any'",
        "from typing import Any\nx = 'Any'",
        "from typing import Any\nx = names['Any']",
        "from typing import Any\nx = cast(int, 'Any')",
        "from typing import Any\nx = 1  # type: ignore[Any]",
        "from typing import Any\nx = 1  # Any",
        "from typing import Any\nx = 1  # type: some.Any",
        "import typing\nx: typing.Text",
        "import typing\nx: other.Any",
        "from google.protobuf.any_pb2 import Any\nx: Any",
        "from typing.io import IO\nx: Any",
        "x: Any",
        "from unittest.mock import ANY as Any\nx == Any",
    ],
)
def test_what_only_looks_like_any_does_not_count(text: str) -> None:
    assert anys(text) == []


def test_aliases_are_followed() -> None:
    text = (
        "import typing\nt = typing\nJson = t.Any\nWide: t.TypeAlias = Json\n"
        "def f(a: Wide) -> Json: ...\n"
    )

    assert anys(text) == ["t.Any", "Json", "Wide", "Json"]


def test_a_quoted_alias_is_found_by_its_name() -> None:
    text = "from typing import Any\nJson = Any\nx: 'Json'\ny = 1  # type: Json\n"

    assert anys(text) == ["Any", "Json", "Json"]


def test_places_are_sorted_and_count_from_one() -> None:
    text = "from typing import Any\ndef f(\n    b: Any,\n) -> Any: ...\nx = 1  # type: Any\n"

    assert annotated(text).anys == (
        Place(3, 8, "Any"),
        Place(4, 6, "Any"),
        Place(5, 16, "Any"),
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="its syntax is new in Python 3.12")
def test_a_type_statement_is_an_alias() -> None:
    assert anys("from typing import Any\ntype Json = Any\nx: Json") == ["Any", "Json"]


@pytest.mark.parametrize(
    "text",
    [
        "def f() -> None: ...",
        "def f(a: int, /, b: int, *c: int, d: int, **e: int) -> None: ...",
        "class A:\n    def f(self) -> None: ...",
        "class A:\n    def __init__(self): ...",
        "class A:\n    def __init__(self, a: int): ...",
        "class A:\n    @classmethod\n    def f(cls) -> None: ...",
        "class A:\n    @staticmethod\n    def f(a: int) -> None: ...",
        "class A:\n    if True:\n        def f(self) -> None: ...",
        "class A:\n    try: ...\n    except E:\n        def f(self) -> None: ...",
        "f = lambda a: a",
    ],
)
def test_a_typed_function_lacks_nothing(text: str) -> None:
    assert untyped(text) == []


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("def f(): ...", "the return"),
        ("async def f(): ...", "the return"),
        ("def f(a) -> None: ...", "`a`"),
        ("def f(a, /, b, *, c) -> None: ...", "`a`, `b`, `c`"),
        ("def f(*a, **b) -> None: ...", "`*a`, `**b`"),
        ("def f(self) -> None: ...", "`self`"),
        ("class A:\n    def f(self, a): ...", "`a`, the return"),
        ("class A:\n    @staticmethod\n    def f(a) -> None: ...", "`a`"),
        ("class A:\n    @builtins.staticmethod\n    def f(a) -> None: ...", "`a`"),
        ("class A:\n    def g(self) -> None:\n        def f(a) -> None: ...", "`a`"),
        ("class A:\n    def __init__(self, f): ...", "`f`"),
        ("if x:\n    def f(a: int): ...", "the return"),
        ("match x:\n    case 1:\n        def f(a: int): ...", "the return"),
        ("def __init__(): ...", "the return"),
    ],
)
def test_an_untyped_function_says_what_it_lacks(text: str, lacks: str) -> None:
    assert [one.partition(": ")[2] for one in untyped(text)] == [lacks]


def test_each_untyped_function_is_named_at_its_place() -> None:
    found = annotated("class A:\n    def b(self): ...\n\ndef a(x): ...\n").untyped

    assert found == (
        Place(2, 5, "`b` is not fully typed: the return"),
        Place(4, 1, "`a` is not fully typed: `x`, the return"),
    )


def test_a_deep_expression_is_no_obstacle() -> None:
    deep = " + ".join(["1"] * 990)

    assert untyped(f"X = {deep}\ndef f(a) -> None: ...") != []


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"def f(:\n", "a.py:1"),
        (b"x = 1\n\xff = 2\n", "a.py"),
        (b"# coding: none-such\n", "a.py"),
        (b"x = '\0'\n", "a.py"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "a.py"),
    ],
    ids=["syntax", "bytes", "coding", "null", "deep"],
)
def test_what_is_not_python_is_unreadable(data: bytes, place: str) -> None:
    with pytest.raises(OutputUnreadable, match=r"`a\.py` could not be read") as caught:
        read(data, name="a.py")

    assert caught.value.problem.place.startswith(place)
    assert "mend it" in caught.value.problem.hint


def test_a_source_that_warns_when_it_is_parsed_is_read_in_silence() -> None:
    assert annotated("x = '\\d'\ny = 1 is 1\n") == Annotations()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("from shop.types import Any\ndef f(x: Any) -> 'list[Any]': ...", 2),
        ("from shop.types import Any as T\nx: list[T]", 1),
        ("from shop.types import Whatever\nx: Whatever", 1),
        ("from shop.types import *\nx: Any", 1),
        ("import shop.types\nx: shop.types.Any", 1),
        ("from shop import types\nx: types.Any\ny: types.Whatever", 2),
        ("from shop import types\nT = types.Any\nx: T", 1),
        ("from shop.types import Any\nx = f()  # type: Any", 1),
        # Outside of types it may be anything.
        ("from voluptuous import Any\nx = Any(1, 2)", 0),
        ("import voluptuous as vol\nx: Annotated[int, vol.Any(1)]", 0),
        ("from shop.colours import Colour\nx: Literal[Colour.Any]\ny: 'Literal[Colour.Any]'", 0),
        # A class of the project's.
        ("from shop.model import Any\nx: Any", 0),
        ("from .model import Any\nx: Any", 0),
        ("from shop import model\nx: model.Any", 0),
        ("from . import model\nx: model.Any", 0),
        ("import shop.model as m\nx: m.Any", 0),
        ("from shop.remodel import Any\nx: Any", 1),
        ("from . import Any\nx: Any", 1),
    ],
)
def test_any_that_a_module_hands_on_counts_within_types(text: str, number: int) -> None:
    files = [
        ("src/shop/types.py", b"from typing import Any as Whatever\nAny = Whatever\n"),
        ("src/shop/model.py", b"class Any:\n    x: int\n"),
    ]

    found = read(text.encode(), name="a.py", among=project(iter(files)))

    assert len(found.anys) == number


def test_what_a_project_does_with_the_name_is_seen() -> None:
    files = {
        "src/a/__init__.pyi": b"if x:\n    class Any(int): ...\n",
        "b.py": b"from typing import (\n    Any as\n  B, Text)\nfrom x import Any \\\n as C\n",
        "c.py": b"class Anything: ...\n",
    }

    assert project(iter(files.items())) == Project(
        classes=frozenset({"src.a"}), names=frozenset({"Any", "B", "C"})
    )
