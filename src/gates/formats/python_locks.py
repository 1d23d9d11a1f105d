"""Lock files of Python projects: uv.lock, poetry.lock and pylock.toml.

Formats: uv.lock version 1 (written by uv, not specified), poetry.lock 1.x and 2.x (likewise), and
pylock.toml 1.0, https://packaging.python.org/en/latest/specifications/pylock-toml/. Every package
is given, for every platform and group; what a file tells of groups becomes the scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable
from gates.formats import uv_markers
from gates.formats.locked import Locked, Origin, Scope, is_name
from gates.formats.python_names import normalised
from gates.formats.strict_json import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES: Final = 64 * 1024 * 1024

_UV_ORIGINS: Final[Mapping[str, Origin]] = {
    "registry": Origin.INDEX,
    "editable": Origin.EDITABLE,
    "virtual": Origin.FOLDER,
    "directory": Origin.FOLDER,
    "path": Origin.FILE,
    "url": Origin.URL,
    "git": Origin.VCS,
}
_POETRY_ORIGINS: Final[Mapping[str, Origin]] = {
    "legacy": Origin.INDEX,
    "directory": Origin.FOLDER,
    "file": Origin.FILE,
    "url": Origin.URL,
    "git": Origin.VCS,
    "hg": Origin.VCS,
}
_FOLDERS: Final = frozenset({Origin.EDITABLE, Origin.FOLDER})


def is_lock(name: str) -> bool:
    """Say whether a file of this name is a lock that `read` can read."""
    return name in {"uv.lock", "poetry.lock", "pylock.toml"} or (
        name.startswith("pylock.") and name.endswith(".toml")
    )


def read(data: bytes, *, name: str) -> tuple[Locked, ...]:
    """Give every package of a lock, in its order.

    Args:
        data: the file.
        name: its name or path, whose last part says which lock it is.

    Raises:
        OutputUnreadable: `lock-unreadable`: it is no such lock, or of another version.
            `json-missing`, `json-type`: a member is missing or of another type.
    """
    last = name.rpartition("/")[2]
    if not is_lock(last):
        raise _unreadable(name, "is no lock that is known by its name")
    document = _parsed(data, name)
    if last == "uv.lock":
        return tuple(_uv(document))
    return tuple(_poetry(document) if last == "poetry.lock" else _pylock(document))


def _parsed(data: bytes, name: str) -> Value:
    import tomllib

    if len(data) > MAX_BYTES:
        raise _unreadable(name, f"has {len(data)} bytes, at most {MAX_BYTES} are read")
    try:
        return Value(tomllib.loads(data.decode("utf-8")), name)
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, f"is no TOML: {error}") from error


def _uv(document: Value) -> Iterator[Locked]:
    if document.member("version").integer() != 1:
        raise document.member("version").unreadable("is not 1, the version that is understood")
    packages = _packages(document, "package")
    runtime = _uv_runtime(packages)
    markers = uv_markers.of_packages(packages)
    for package in packages:
        name = _name(package)
        origin, path = _table(package.member("source"), _UV_ORIGINS)
        scope = Scope.UNKNOWN
        if runtime is not None:
            scope = Scope.RUNTIME if name in runtime else Scope.DEVELOPMENT
        yield Locked(
            name,
            _version(package, origin),
            origin,
            _sorted_hashes(_uv_hashes(package)),
            scope,
            document.what,
            path,
            markers.get(name, ""),
        )


def _uv_runtime(packages: tuple[Value, ...]) -> frozenset[str] | None:
    """Names that the project's own packages need outside their development groups.

    Extras count as needed. `None` where the lock has no package of the project's own.
    """
    needs: dict[str, set[str]] = {}
    waiting: list[str] = []
    for package in packages:
        name = _name(package)
        wanted = needs.setdefault(name, set())
        wanted.update(_names(package.find("dependencies")))
        optional = package.find("optional-dependencies")
        for _, extra in optional.entries() if optional is not None else ():
            wanted.update(_names(extra))
        if _table(package.member("source"), _UV_ORIGINS)[0] in _FOLDERS:
            waiting.append(name)
    if not waiting:
        return None
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(needs.get(name, ()))
    return frozenset(reached)


def _uv_hashes(package: Value) -> Iterator[str]:
    files = [of for of in (package.find("sdist"),) if of is not None]
    wheels = package.find("wheels")
    files += wheels.items() if wheels is not None else ()
    for file in files:
        digest = file.find("hash")
        if digest is not None:
            yield digest.text()


def _poetry(document: Value) -> Iterator[Locked]:
    version = document.member("metadata", "lock-version").text()
    if version.partition(".")[0] not in {"1", "2"}:
        raise document.member("metadata", "lock-version").unreadable(f"is `{version[:20]}`")
    old = document.member("metadata").find("files")
    for package in _packages(document, "package"):
        source = package.find("source")
        origin, path = Origin.INDEX, ""
        if source is not None:
            origin = _kind(source.member("type"), _POETRY_ORIGINS)
            if origin in {Origin.FOLDER, Origin.FILE}:
                path = source.member("url").text()
        files = package.find("files")
        if files is None and old is not None:
            files = old.find(package.member("name").text())
        yield Locked(
            _name(package),
            _version(package, origin),
            origin,
            _sorted_hashes(
                of.member("hash").text() for of in (files.items() if files is not None else ())
            ),
            _poetry_scope(package),
            document.what,
            path,
            _poetry_marker(package),
        )


def _poetry_scope(package: Value) -> Scope:
    groups = package.find("groups")
    category = package.find("category")
    if groups is not None:
        names = {of.text() for of in groups.items()}
    elif category is not None:
        names = {category.text()}
    else:
        return Scope.UNKNOWN
    return Scope.RUNTIME if "main" in names else Scope.DEVELOPMENT


def _poetry_marker(package: Value) -> str:
    """The marker, or those of groups; a group without one needs it always."""
    found = package.find("markers")
    if found is None or isinstance(found.raw, str):
        return "" if found is None else found.text()
    return ", ".join(sorted(f"{group}: {of.text()}" for group, of in found.entries()))


def _pylock(document: Value) -> Iterator[Locked]:
    version = document.member("lock-version").text()
    if version.partition(".")[0] != "1":
        raise document.member("lock-version").unreadable(f"is `{version[:20]}`, 1.x is understood")
    for package in _packages(document, "packages"):
        origin = _pylock_origin(package)
        yield Locked(
            _name(package),
            _version(package, origin, required=False),
            origin,
            _sorted_hashes(_pylock_hashes(package)),
            place=document.what,
            path=_pylock_path(package),
            marker=_pylock_marker(package),
        )


def _pylock_origin(package: Value) -> Origin:
    if package.find("vcs") is not None:
        return Origin.VCS
    directory = package.find("directory")
    if directory is not None:
        editable = directory.find("editable")
        return Origin.EDITABLE if editable is not None and editable.flag() else Origin.FOLDER
    archive = package.find("archive")
    if archive is not None:
        return Origin.FILE if archive.find("url") is None else Origin.URL
    return Origin.INDEX


def _pylock_marker(package: Value) -> str:
    marker = package.find("marker")
    return "" if marker is None else marker.text()


def _pylock_path(package: Value) -> str:
    directory = package.find("directory")
    return "" if directory is None else directory.member("path").text()


def _pylock_hashes(package: Value) -> Iterator[str]:
    files = [of for key in ("sdist", "archive") if (of := package.find(key)) is not None]
    wheels = package.find("wheels")
    files += wheels.items() if wheels is not None else ()
    for file in files:
        for algorithm, digest in file.member("hashes").entries():
            yield f"{algorithm}:{digest.text()}"


def _packages(document: Value, key: str) -> tuple[Value, ...]:
    # A lock of a project without dependencies has none; whether that may be is the stage's to say.
    found = document.find(key)
    return () if found is None else tuple(found.items())


def _name(package: Value) -> str:
    name = package.member("name").text()
    if not is_name(name):
        raise package.member("name").unreadable("is empty or no name of a package")
    return normalised(name)


def _version(package: Value, origin: Origin, *, required: bool = True) -> str:
    found = package.find("version")
    if found is None and origin is Origin.INDEX and required:
        raise package.unreadable("has no version")
    return "" if found is None else found.text()


def _names(dependencies: Value | None) -> Iterator[str]:
    for of in dependencies.items() if dependencies is not None else ():
        yield _name(of)


def _table(source: Value, origins: Mapping[str, Origin]) -> tuple[Origin, str]:
    """The origin of a table whose key tells it, as `{editable = "."}`, and a local one's path."""
    for key in source.mapping():
        if key in origins:
            is_local = origins[key] in {*_FOLDERS, Origin.FILE}
            return origins[key], source.member(key).text() if is_local else ""
    raise source.unreadable("is of a kind that is not known")


def _kind(value: Value, origins: Mapping[str, Origin]) -> Origin:
    origin = origins.get(value.text())
    if origin is None:
        raise value.unreadable("is of a kind that is not known")
    return origin


def _sorted_hashes(hashes: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(hashes))


def _unreadable(name: str, why: str) -> OutputUnreadable:
    return OutputUnreadable("lock-unreadable", f"`{name}` {why}", place=name)
