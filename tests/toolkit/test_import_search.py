from __future__ import annotations

from pathlib import Path

import pytest

from gates.toolkit.import_search import holds, ordered, resolved


def laid(folder: Path, *files: str) -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    ("files", "name", "found"),
    [
        (("a/x/__init__.py", "b/x/__init__.py"), "x", ("a/x",)),
        (("a/x.py", "b/x/__init__.py"), "x", ("a/x",)),
        (("a/x/y.py", "b/x/__init__.py"), "x", ("b/x",)),
        (("a/x/y.py", "b/x.py"), "x", ("b/x",)),
        (("a/x/y.py", "b/x/z.py"), "x", ("a/x", "b/x")),
        (("a/x/readme.txt", "b/x/z.py"), "x", ("b/x",)),
        (("a/x/y/z.py", "b/x/w/__init__.py"), "x.w", ("b/x/w",)),
        (("a/x.cpython-311-x86_64-linux-gnu.so", "b/x.py"), "x", ("a/x",)),
        (("a/x/__init__.pyc", "b/x.py"), "x", ("a/x",)),
        (("a/x.txt", "b/xy.py"), "x", ()),
        ((), "x.y", ()),
    ],
)
def test_a_module_is_found_as_python_finds_it(
    tmp_path: Path, files: tuple[str, ...], name: str, found: tuple[str, ...]
) -> None:
    laid(tmp_path, *files)

    expected = tuple(tmp_path / one for one in found)
    assert resolved(name, [tmp_path / "a", tmp_path / "b"]) == expected


def test_a_link_may_lead_to_python(tmp_path: Path) -> None:
    laid(tmp_path, "far/a.py")
    (tmp_path / "x").mkdir()
    (tmp_path / "x/inner").symlink_to(tmp_path / "far")

    assert resolved("x", [tmp_path]) == (tmp_path / "x",)


def test_a_namespace_package_is_nothing_that_a_folder_holds(tmp_path: Path) -> None:
    laid(tmp_path, "a/b.py", "c/__init__.py", "d.py")

    assert [holds(name, tmp_path) for name in "abcd"] == [False, False, True, True]


def test_folders_are_put_so_that_each_package_is_its_own(tmp_path: Path) -> None:
    laid(tmp_path, "lib/a/__init__.py", "lib/b/__init__.py", "src/b/__init__.py")
    lib, src = tmp_path / "lib", tmp_path / "src"

    assert ordered({"a": lib, "b": src}, [tmp_path]) == (src, lib)
    assert ordered({"b": src}, [tmp_path]) == (src,)
    assert ordered({"b": src}, [src]) == ()
    assert ordered({"b": src}, [lib]) is None


def test_where_two_packages_are_in_each_others_way_there_is_no_order(tmp_path: Path) -> None:
    laid(tmp_path, *(f"{one}/{name}/__init__.py" for one in ("x", "y") for name in "ab"))

    assert ordered({"a": tmp_path / "x", "b": tmp_path / "y"}, []) is None
