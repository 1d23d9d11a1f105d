"""The working tree must not be imported while a side tree is judged, however it is installed."""

import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from gates.toolkit import pytest_early, side_tree_imports
from gates.toolkit.side_tree_imports import diverted

FINDER = """
import sys
from importlib.machinery import PathFinder, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path

MAPPING = {mapping!r}
NAMESPACES = {{}}

class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        for pkg, place in MAPPING.items():
            if fullname == pkg:
                for one in (Path(place, "__init__.py"), Path(place + ".py")):
                    if one.exists():
                        return spec_from_file_location(fullname, one)
        return None

def install():
    sys.meta_path.append(_EditableFinder)
"""
"""In the form that setuptools writes: a finder behind all others, with a table of paths."""

MADE_BY_SETUPTOOLS = """
import sys
from setuptools.command.editable_wheel import _finder_template

src = sys.argv[1] + "/src/"
name = "__editable___shop_1_finder"
print(_finder_template(name, {"shop": src + "shop"}, {"ns": [src + "ns"]}))
"""

OPAQUE = FINDER.replace("MAPPING", "KNOWN")
"""In the form of other build backends, whose tables have names of their own."""


@dataclass(frozen=True, slots=True)
class Layout:
    real: Path
    side: Path
    python: Path
    site: Path
    home: Path

    def ask(self, code: str, *more: Path) -> str:
        done = subprocess.run(
            [str(self.python), "-c", code],
            cwd=self.side,
            env={"PYTHONPATH": ":".join(map(str, (self.home, *more)))},
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout + done.stderr).strip()

    def package(self, top: Path, name: str, text: str) -> None:
        path = top / "src" / name / "__init__.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    real, side = tmp_path / "real", tmp_path / "side"
    real.mkdir()
    side.mkdir()
    # An environment inside the working tree, as most are.
    venv.create(real / ".venv", symlinks=True)
    (site,) = (real / ".venv" / "lib").glob("python3*/site-packages")
    home = tmp_path / "home"
    home.mkdir()
    code = Path(side_tree_imports.__file__).read_text()
    calls = f"divert([{str(real)!r}], {str(side)!r})\nhand_on({str(home)!r})\n"
    (home / "sitecustomize.py").write_text(f"{code}\n{calls}")
    return Layout(real, side, real / ".venv" / "bin" / "python", site, home)


def install(layout: Layout, form: str) -> None:
    if form == "pth":
        (layout.site / "__editable__.shop.pth").write_text(f"{layout.real / 'src'}\n")
        return
    mapping = {name: str(layout.real / "src" / name) for name in ("shop", "extra")}
    name = "__editable___shop_1_finder" if form == "finder" else "_opaque_hook"
    text = FINDER if form == "finder" else OPAQUE
    (layout.site / f"{name}.py").write_text(text.format(mapping=mapping))
    (layout.site / f"{name}.pth").write_text(f"import {name}; {name}.install()\n")


FORMS = pytest.mark.parametrize("form", ["pth", "finder", "opaque"])


@FORMS
def test_the_module_of_the_side_tree_is_imported(layout: Layout, form: str) -> None:
    layout.package(layout.real, "shop", "print('working tree')")
    layout.package(layout.side, "shop", "print('staged')")
    install(layout, form)
    assert layout.ask("import shop") == "staged"


@FORMS
def test_what_is_not_in_the_side_tree_is_not_there(layout: Layout, form: str) -> None:
    layout.package(layout.real, "shop", "print('working tree')")
    layout.package(layout.real, "extra", "print('working tree')")
    layout.package(layout.side, "shop", "import extra")
    install(layout, form)
    assert "No module named 'extra'" in layout.ask("import shop")


def test_the_finder_that_setuptools_writes_is_diverted(layout: Layout) -> None:
    # In a process of its own: setuptools refuses to be imported behind a `distutils`.
    made = subprocess.run(
        [sys.executable, "-c", MADE_BY_SETUPTOOLS, str(layout.real)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"setuptools cannot make a finder here: {made.stderr[-200:]}")
    layout.package(layout.real, "shop", "print('working tree')")
    layout.package(layout.side, "shop", "print('staged')")
    name = "__editable___shop_1_finder"
    (layout.site / f"{name}.py").write_text(made.stdout)
    (layout.site / f"{name}.pth").write_text(f"import {name}; {name}.install()\n")
    (layout.real / "src" / "ns").mkdir()
    (layout.real / "src" / "ns" / "part.py").write_text("")
    assert layout.ask("import shop") == "staged"
    assert "No module named 'ns" in layout.ask("import ns.part")


def test_what_a_pth_file_imported_already_is_forgotten(layout: Layout) -> None:
    layout.package(layout.real, "shop", "told = 'working tree'")
    layout.package(layout.side, "shop", "told = 'staged'")
    (layout.site / "shop.pth").write_text(f"{layout.real / 'src'}\nimport shop\n")
    assert layout.ask("import shop; print(shop.told)") == "staged"


def test_a_namespace_that_a_pth_file_made_is_diverted(layout: Layout) -> None:
    for top, text in ((layout.real, "print('working tree')"), (layout.side, "print('staged')")):
        layout.package(top, "space/part", text)
    # In the form that setuptools writes for `namespace_packages`.
    made = "m = sys.modules.setdefault('space', types.ModuleType('space'))"
    place = str(layout.real / "src" / "space")
    text = f"import sys, types; {made}; m.__path__ = [{place!r}]\n"
    (layout.site / "space-nspkg.pth").write_text(text)
    assert layout.ask("import space.part") == "staged"


def test_another_start_that_hands_on_as_well_comes_once(layout: Layout) -> None:
    early = layout.home.parent / "early"
    early.mkdir()
    shutil.copy(pytest_early.__file__, early / "sitecustomize.py")
    (early / "gates_proof_1.json").write_text(
        f'{{"measuring": "measuring", "folder": "{early}", "sources": []}}'
    )
    (early / "measuring.py").write_text(
        "class Measuring:\n    def __init__(self, *_):\n        pass\n"
        "    def start(self):\n        print('measuring')\n"
    )
    (layout.site / "sitecustomize.py").write_text("print('own')")
    assert layout.ask("pass", early).split() == ["measuring", "own"]


def test_installed_packages_are_left_alone(layout: Layout) -> None:
    (layout.site / "installed.py").write_text("print('installed')")
    assert layout.ask("import installed, json") == "installed"


def test_the_projects_own_start_is_not_lost(layout: Layout) -> None:
    (layout.site / "sitecustomize.py").write_text("print('own')")
    assert layout.ask("pass") == "own"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/work/shop/src", "/side/src"),
        ("/work/shop", "/side"),
        ("/work/shopping", "/work/shopping"),
        ("/work/shop/env/lib/site-packages/x", "/work/shop/env/lib/site-packages/x"),
        (
            "/work/shop/.gates/local/runs/1/tests/plugin",
            "/work/shop/.gates/local/runs/1/tests/plugin",
        ),
        ("/work/shop/.gates/local", "/side/.gates/local"),
        ("", ""),
    ],
)
def test_only_paths_of_the_working_tree_are_moved(path: str, expected: str) -> None:
    assert diverted(path, {"/work/shop": "/side"}) == expected


def test_the_running_environment_stays_where_it_is() -> None:
    assert diverted(sys.prefix, {str(Path(sys.prefix).parent): "/side"}) == sys.prefix
