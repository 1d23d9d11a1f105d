from __future__ import annotations

from dataclasses import replace

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import CoverageReport, FileCoverage
from gates.formats.coverage_paths import Ground, placed, relative_to

SOURCES = ("src/a.py", "src/b/a.py", "core/src/org/shop/P.java", "web/src/org/shop/P.java")


def ground(*there: str, root: str = "/p", top: str = "") -> Ground:
    """A project, and what else lies on the machine."""
    return Ground(
        root,
        top or root,
        exists=lambda path: any(one == path or one.startswith(f"{path}/") for one in there),
        real=lambda path: path.replace("/link", root),
    )


def place(
    report: CoverageReport, sources: tuple[str, ...], where: Ground
) -> tuple[list[str], tuple[str, ...]]:
    found, notes = placed(report, sources, where)
    return [file.path for file in found.files], notes


def of_paths(*paths: str, roots: tuple[str, ...] = ()) -> CoverageReport:
    files = tuple(FileCoverage(path, (1,), ()) for path in paths)
    return CoverageReport(files, has_branches=False, roots=roots)


def places(*paths: str, roots: tuple[str, ...] = ()) -> list[str]:
    found, notes = place(of_paths(*paths, roots=roots), SOURCES, ground())
    assert notes == ()
    return found


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


@pytest.mark.parametrize("root", ["/p/src", "src", "/p/src/", "./src", "/q/../p/src", "/link/src"])
def test_a_folder_that_the_report_tells(root: str) -> None:
    assert places("a.py", "b/a.py", roots=(root,)) == ["src/a.py", "src/b/a.py"]


def test_a_folder_that_does_not_fit_leaves_the_project() -> None:
    assert places("src/a.py", "x.py", roots=("/q", "")) == ["src/a.py", "x.py"]


def test_two_folders_that_both_fit_are_refused() -> None:
    with pytest.raises(OutputUnreadable, match=r"may be `src/a.py` or `src/b/a.py`"):
        places("a.py", roots=("/p/src", "/p/src/b"))


def test_a_folder_that_is_told_comes_before_the_path_as_it_stands() -> None:
    sources = ("setup.py", "src/setup.py")
    report = of_paths("setup.py", roots=("/p/src",))
    assert place(report, sources, ground()) == (["src/setup.py"], ())
    # It is no source, and the one at the top is another file.
    other = ground("/p/src/setup.py", "/p/setup.py")
    assert place(report, ("setup.py",), other) == (["src/setup.py"], ())
    assert place(report, ("setup.py",), ground()) == (["setup.py"], ())


API = ground("/m/api/src/a.py", "/m/web/src/a.py", "/opt/web/src/a.py", root="/m/api", top="/m")


@pytest.mark.parametrize("root", ["/m/web", "/m/gone", "/opt/web", "../web", "/m"])
def test_a_report_of_the_project_beside_ours_is_refused(root: str) -> None:
    with pytest.raises(OutputUnreadable, match=r"`src/a.py` of the report lies in `/") as caught:
        place(of_paths("src/a.py", roots=(root,)), ("src/a.py",), API)
    assert caught.value.problem.slug == "report-foreign"
    # What is no source of ours is left alone.
    assert place(of_paths("src/z.py", roots=(root,)), ("src/a.py",), API) == (["src/z.py"], ())


def test_a_report_of_the_whole_repository_may_mean_either_project() -> None:
    both = of_paths("src/a.py", roots=("/m/web", "/m/api"))
    with pytest.raises(OutputUnreadable, match=r"may be `/m/web/src/a.py` or `src/a.py`"):
        place(both, ("src/a.py",), API)
    ours = of_paths("src/b.py", roots=("/m/web", "/m/api"))
    assert place(ours, ("src/b.py",), API) == (["src/b.py"], ())


@pytest.mark.parametrize(("root", "path"), [(".", "api/src/a.py"), ("api", "src/a.py")])
def test_a_run_at_the_top_of_the_repository_may_tell_folders_from_there(
    root: str, path: str
) -> None:
    assert place(of_paths(path, roots=(root,)), ("src/a.py",), API) == (["src/a.py"], ())


@pytest.mark.parametrize("root", ["/builds/7", "C:\\work\\7", "\\\\host\\work"])
def test_a_folder_of_another_machine_is_told(root: str) -> None:
    found, notes = place(of_paths("src/a.py", roots=(root,)), ("src/a.py",), API)
    assert found == ["src/a.py"]
    (told,) = notes
    assert told.startswith(f"the report was written in `{root}`, which is not on this machine")
    assert place(of_paths("src/z.py", roots=(root,)), ("src/a.py",), API) == (["src/z.py"], ())


def test_another_machine_is_no_excuse_for_a_file_beside_ours() -> None:
    with pytest.raises(OutputUnreadable, match="lies in `/m/web`"):
        place(of_paths("src/a.py", roots=("/builds/7", "/m/web")), ("src/a.py",), API)


def of_package(*files: FileCoverage, sources: tuple[str, ...] = SOURCES) -> list[str]:
    report = CoverageReport(files, has_branches=False, is_by_package=True)
    return place(report, sources, ground())[0]


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
