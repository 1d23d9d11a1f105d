"""Which files of a root package import-linter sees, and by which names (grimp 3.19).

It walks down from the root package. Within a package, a folder without `__init__.py` is passed
over with all that it holds; so are folders whose names are no identifiers, and files with more
than one dot.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping


def below(paths: Iterable[str], place: str, root: str) -> frozenset[str]:
    """Those of the paths that belong to a package or module of that name in that folder."""
    start = posixpath.join(place, root.replace(".", "/"))
    return frozenset(one for one in paths if one.startswith(f"{start}/") or one == f"{start}.py")


def analysed(paths: frozenset[str], places: Mapping[str, str]) -> frozenset[str]:
    """Those of the paths that are surely seen.

    Args:
        paths: the project's Python files.
        places: the folder in which each root package lies.
    """
    return frozenset(one for root, place in places.items() for one in _of_root(paths, place, root))


def certain(paths: frozenset[str], places: Mapping[str, str]) -> frozenset[str]:
    """The modules that every version counts: each folder above them is a package.

    Args:
        paths: what is analysed.
        places: the folder in which each root package lies.
    """
    inits = {posixpath.dirname(path) for path in paths if path.endswith("/__init__.py")}
    modules = {path.removesuffix("/__init__.py").removesuffix(".py"): path for path in paths}
    tops = {posixpath.join(place, root.replace(".", "/")) for root, place in places.items()}
    return frozenset(
        module
        for module, path in modules.items()
        if posixpath.basename(module).isidentifier()
        and any(
            _are_packages(posixpath.dirname(path), top, inits)
            for top in tops
            if f"{path}/".startswith(f"{top}/")
        )
    )


def names(paths: frozenset[str], places: Mapping[str, str]) -> frozenset[str]:
    """The modules' names, with those of the packages above them.

    Args:
        paths: what is analysed.
        places: the folder in which each root package lies.
    """
    found: set[str] = set()
    for root, place in places.items():
        for path in below(paths, place, root):
            inside = posixpath.relpath(path, place or ".").removesuffix(".py")
            module = inside.removesuffix("/__init__").replace("/", ".")
            while module.startswith(root):
                found.add(module)
                module = module.rpartition(".")[0]
    return frozenset(found)


def _are_packages(folder: str, top: str, inits: set[str]) -> bool:
    """Whether the folder and all above it, but for the root package, are packages."""
    while folder != top:
        if folder not in inits:
            return False
        folder = posixpath.dirname(folder)
    return True


def _of_root(paths: frozenset[str], place: str, root: str) -> frozenset[str]:
    top = posixpath.join(place, root.replace(".", "/"))
    inside = below(paths, place, root) - {f"{top}.py"}
    if not inside:
        return paths & {f"{top}.py"}
    inits = {posixpath.dirname(path) for path in inside if path.endswith("/__init__.py")}
    folders = {posixpath.dirname(path) for path in inside}
    for folder in tuple(folders):
        above = posixpath.dirname(folder)
        while top not in {folder, above}:
            folders.add(above)
            above = posixpath.dirname(above)
    seen: set[str] = set()
    for folder in sorted({*folders, top}):  # a folder comes before those in it
        parent, name = posixpath.split(folder)
        # It takes any folder whose path begins as a package's does for one in that package.
        packaged = any(folder.startswith(one) for one in seen & inits)
        if folder == top or (
            parent in seen and name.isidentifier() and (folder in inits or not packaged)
        ):
            seen.add(folder)
    return frozenset(
        path
        for path in inside
        if posixpath.dirname(path) in seen and posixpath.basename(path).count(".") == 1
    )
