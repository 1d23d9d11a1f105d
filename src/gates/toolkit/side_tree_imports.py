"""Keeps Python from importing the working tree while a side tree is judged.

Copied as `sitecustomize.py` into a folder on PYTHONPATH, with a call of `divert` below it. It runs
when `site` has read all `.pth` files, so also those of editable installs, which lead into the
working tree: to modules that may be newer than what is judged, or not part of it at all.

Every path in the working tree becomes the same path in the side tree, whether or not it is there,
in `sys.path`, in what the finders of editable installs answer, and for modules that a `.pth` file
has imported by then. Installed packages, also those of
an environment inside the working tree, are left alone. The project's own `sitecustomize` follows.

Needs Python 3.8, and nothing of `gates`.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

NAME = "sitecustomize"
INSTALLED = ("site-packages", "dist-packages", "node_modules")
STANDARD = (BuiltinImporter, FrozenImporter, PathFinder)
RUNS = "/.gates/local/runs/"
TABLES = ("MAPPING", "NAMESPACES")
"""Where the finders that setuptools writes keep their paths."""


class Diverted:
    """A finder of an editable install, with the side tree in place of the working tree."""

    def __init__(self, finder: object, table: dict[str, str]) -> None:
        self.finder = finder
        self.table = table

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """What the finder finds, in the side tree; None where it is not there."""
        find = getattr(self.finder, "find_spec", None)
        spec = find(fullname, path, target) if find is not None else None
        if not isinstance(spec, ModuleSpec):
            return None
        places = list(spec.submodule_search_locations or ())
        moved = [diverted(place, self.table) for place in places]
        origin = diverted(spec.origin, self.table) if spec.origin else spec.origin
        if origin == spec.origin and moved == places:
            return spec
        if origin is None or origin == spec.origin:
            spec.submodule_search_locations = [place for place in moved if Path(place).is_dir()]
            return spec if spec.submodule_search_locations else None
        if not Path(origin).is_file():
            return None
        return spec_from_file_location(
            fullname, origin, submodule_search_locations=moved if places else None
        )

    def __getattr__(self, name: str) -> object:
        """All else is the finder's."""
        return getattr(self.finder, name)


def diverted(path: str, table: dict[str, str]) -> str:
    """A path in the side tree for one in a working tree; any other path as it is."""
    full = os.path.realpath(path) if path else path
    if not path or any(part in INSTALLED for part in Path(full).parts):
        return path
    for prefix in {sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix)}:
        if is_below(full, prefix):
            return path
    for top, side in table.items():
        if is_below(full, top) and not is_below(full, side):
            # The folder of a run holds what `gates` itself gives to the tools, and no checkout may.
            return path if RUNS in full[len(top) :] else side + full[len(top) :]
    return path


def is_below(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def divert(tops: Sequence[str], side: str) -> None:
    """Let nothing be imported from the working trees `tops`; `side` stands for each of them."""
    table = {os.path.realpath(top): side for top in tops}
    sys.path[:] = dict.fromkeys(diverted(entry, table) for entry in sys.path)
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):
            _divert_tables(module, table)
        else:
            _divert_module(name, module, table)
    for at, finder in enumerate(sys.meta_path):
        if finder not in STANDARD:
            sys.meta_path[at] = Diverted(finder, table)
    sys.path_importer_cache.clear()


def hand_on(home: str) -> None:
    """Import the `sitecustomize` that this one stands in front of, if there is one.

    Our folder leaves `sys.path`, so that the next one, which may hand on as well, does not find us.
    """
    own = os.path.realpath(home)
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != own]
    spec = PathFinder.find_spec(NAME, sys.path)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)


def _divert_tables(module: ModuleType, table: dict[str, str]) -> None:
    for name in TABLES:
        found: object = vars(module).get(name)
        if not isinstance(found, dict):
            continue
        for key, value in list(found.items()):
            if isinstance(value, str):
                found[key] = diverted(value, table)
            elif isinstance(value, list):
                found[key] = [diverted(str(each), table) for each in value]


def _divert_module(name: str, module: ModuleType, table: dict[str, str]) -> None:
    """Forget a module that a `.pth` file imported already, or let its parts be looked for anew."""
    file: object = getattr(module, "__file__", None)
    if isinstance(file, str) and diverted(file, table) != file:
        del sys.modules[name]
        return
    places: object = vars(module).get("__path__")
    if isinstance(places, list):
        vars(module)["__path__"] = [diverted(str(place), table) for place in places]
