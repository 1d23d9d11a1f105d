from __future__ import annotations

from dataclasses import replace

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import CoverageReport, FileCoverage
from gates.formats.coverage_paths import placed, relative_to

SOURCES = ("src/a.py", "src/b/a.py", "core/src/org/shop/P.java", "web/src/org/shop/P.java")


def places(*paths: str, roots: tuple[str, ...] = ()) -> list[str]:
    files = tuple(FileCoverage(path, (1,), ()) for path in paths)
    report = CoverageReport(files, has_branches=False, roots=roots)
    return [file.path for file in placed(report, SOURCES, root="/p").files]


def test_paths_are_those_of_the_project() -> None:
    assert relative_to("/p/src/a.py", "/p") == "src/a.py"
    assert relative_to("./src/a.py", "/p") == "src/a.py"
    assert relative_to("/pp/src/a.py", "/p") == "/pp/src/a.py"


def test_without_folders_they_are_as_they_stand() -> None:
    assert places("src/a.py", "./src/b/a.py", "/p/src/a.py", "/q/src/a.py") == [
        "src/a.py",
        "src/b/a.py",
        "src/a.py",
        "/q/src/a.py",
    ]


@pytest.mark.parametrize("root", ["/p/src", "src", "/p/src/", "./src", "/q/../p/src"])
def test_a_folder_that_the_report_tells(root: str) -> None:
    assert places("a.py", "b/a.py", roots=(root,)) == ["src/a.py", "src/b/a.py"]


def test_a_folder_that_does_not_fit_leaves_the_project() -> None:
    assert places("src/a.py", "x.py", roots=("/q", "")) == ["src/a.py", "x.py"]


def test_two_folders_that_both_fit_are_refused() -> None:
    with pytest.raises(OutputUnreadable, match=r"may be `src/a.py` or `src/b/a.py`"):
        places("a.py", roots=("/p/src", "/p/src/b"))


def of_package(*files: FileCoverage, sources: tuple[str, ...] = SOURCES) -> list[str]:
    report = CoverageReport(files, has_branches=False, is_by_package=True)
    return [file.path for file in placed(report, sources, root="/p").files]


FILE = FileCoverage("org/shop/P.java", (1,), ())


def test_a_package_is_found_by_its_end() -> None:
    assert of_package(FILE, sources=SOURCES[:3]) == ["core/src/org/shop/P.java"]
    assert of_package(FILE, sources=("xorg/shop/P.java",)) == ["org/shop/P.java"]
    assert of_package(FILE, sources=("org/shop/P.java",)) == ["org/shop/P.java"]


def test_a_module_decides_where_two_fit() -> None:
    assert of_package(replace(FILE, module="web")) == ["web/src/org/shop/P.java"]
    for module in ("", "other"):
        with pytest.raises(OutputUnreadable, match="may be `core"):
            of_package(replace(FILE, module=module))
