from __future__ import annotations

import pytest

from gates.formats.import_linter_modules import analysed, below, certain, names

PLACES = {"shop": "src"}


@pytest.mark.parametrize(
    ("files", "seen"),
    [
        (("__init__", "a"), ("__init__", "a")),
        (("__init__", "low/__init__", "low/a"), ("__init__", "low/__init__", "low/a")),
        (("__init__", "bare/a"), ("__init__",)),
        (("__init__", "bare/sub/__init__"), ("__init__",)),
        (("__init__", "c-d/__init__", "a-b"), ("__init__", "a-b")),
        (("__init__", "a.b", ".c"), ("__init__",)),
        # A root package without `__init__.py`: packages begin below it.
        (("a", "low/b", "deep/er/c"), ("a", "low/b", "deep/er/c")),
        (("low/__init__", "low/bare/b"), ("low/__init__",)),
        (("low/__init__", "low2/b"), ("low/__init__",)),
    ],
)
def test_what_is_passed_over(files: tuple[str, ...], seen: tuple[str, ...]) -> None:
    paths = frozenset(f"src/shop/{one}.py" for one in files)

    assert analysed(paths, PLACES) == {f"src/shop/{one}.py" for one in seen}


def test_a_package_goes_before_a_module_of_its_name() -> None:
    assert analysed(frozenset({"shop.py"}), {"shop": ""}) == {"shop.py"}
    assert analysed(frozenset({"shop.py", "shop/__init__.py"}), {"shop": ""}) == {
        "shop/__init__.py"
    }


def test_only_what_is_below_a_place_belongs_to_it() -> None:
    paths = frozenset({"src/ns/a/b.py", "src/ns/a.py", "src/ns/ab.py", "ns/a/b.py"})

    assert below(paths, "src", "ns.a") == {"src/ns/a/b.py", "src/ns/a.py"}


def test_certain_are_modules_in_packages() -> None:
    paths = frozenset({f"src/shop/{one}.py" for one in ("a", "a-b", "low/b", "top/__init__")})

    assert certain(paths, PLACES) == {"src/shop/a", "src/shop/top"}
    assert certain(frozenset({"lib/a.py"}), PLACES) == set()


@pytest.mark.parametrize("place", ["", "src"])
def test_modules_have_names(place: str) -> None:
    start = f"{place}/" if place else ""
    paths = frozenset({f"{start}ns/a/__init__.py", f"{start}ns/a/b/c.py"})

    assert names(paths, {"ns.a": place}) == {"ns.a", "ns.a.b", "ns.a.b.c"}
