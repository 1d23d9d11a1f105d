"""Packages that are installed in an environment, read from their metadata and nothing else.

Format: https://packaging.python.org/en/latest/specifications/recording-installed-packages/. No
program of the environment is run, so nothing in it can lie about the rest of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.locked import Locked, Origin
from gates.formats.python_names import normalised

if TYPE_CHECKING:
    from pathlib import Path

_MAX_METADATA: Final = 16 * 1024 * 1024
_ENCODING: Final = "utf-8"


def environment(folder: Path) -> tuple[Locked, ...]:
    """List what a virtual environment holds, by name.

    Args:
        folder: the environment, with its `pyvenv.cfg`.

    Raises:
        StageError: `environment-absent`: it is no virtual environment.
            `environment-shares`: it also uses the packages of the system, which lie elsewhere.
        OutputUnreadable: `metadata-unreadable`: a package's metadata.
    """
    try:
        settings = (folder / "pyvenv.cfg").read_text(_ENCODING, "replace")
    except OSError as error:
        raise _absent(folder) from error
    for line in settings.splitlines():
        key, _, value = line.partition("=")
        shares = key.strip().lower() == "include-system-site-packages"
        if shares and value.strip().lower() == "true":
            raise StageError(
                "environment-shares",
                "the environment also uses the packages of the system, which it does not list",
                hint="audit the lock file, or make the environment without system packages",
                place=str(folder),
            )
    places = {place.resolve() for place in folder.glob("lib*/python*/site-packages")}
    if not places:
        raise _absent(folder)
    found = [package for place in places for package in site_packages(place)]
    return tuple(sorted(found, key=lambda of: (of.name, of.version)))


def site_packages(folder: Path) -> tuple[Locked, ...]:
    """List the packages of one `site-packages` folder, by name.

    Raises:
        StageError: `environment-absent`: there is no such folder.
        OutputUnreadable: `metadata-unreadable`: a package's metadata.
    """
    try:
        names = sorted(place.name for place in folder.iterdir())
    except OSError as error:
        raise _absent(folder) from error
    found = []
    for name in names:
        if name.startswith("~"):  # what pip leaves of a package that it could not remove whole
            continue
        if name.endswith(".dist-info"):
            found.append(_installed(folder / name, "METADATA"))
        elif name.endswith(".egg-info"):
            place = folder / name
            found.append(_installed(place, "PKG-INFO" if place.is_dir() else ""))
        elif name.endswith(".egg-link"):
            own = normalised(name.removesuffix(".egg-link"))
            found.append(Locked(own, "", Origin.EDITABLE, place=name, path=_linked(folder / name)))
    return tuple(sorted(found, key=lambda of: (of.name, of.version)))


def _installed(place: Path, file: str) -> Locked:
    metadata = place / file if file else place
    try:
        with metadata.open("rb") as source:
            text = source.read(_MAX_METADATA).decode(_ENCODING, "replace")
    except OSError as error:
        raise _unreadable(place, f"has no readable {file}") from error
    fields = _headers(text)
    if not fields.get("name") or not fields.get("version"):
        raise _unreadable(place, "names no package or no version")
    origin, path = _origin(place)
    name = normalised(fields["name"])
    return Locked(name, fields["version"], origin, place=place.name, path=path)


def _headers(text: str) -> dict[str, str]:
    """The first of each header, up to the empty line before the description."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            fields.setdefault(key.strip().lower(), value.strip())
    return fields


def _origin(place: Path) -> tuple[Origin, str]:
    """By PEP 610, with the path of a folder: an index leaves no `direct_url.json`."""
    file = place / "direct_url.json"
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Origin.INDEX, ""
    except OSError as error:
        raise _unreadable(place, f"has no readable {file.name}") from error
    document = strict_json.read(data, what=f"{place.name}/{file.name}")
    url = document.member("url").text()
    if document.find("vcs_info") is not None:
        return Origin.VCS, ""
    folder = document.find("dir_info")
    if folder is not None:
        editable = folder.find("editable")
        is_editable = editable is not None and editable.flag()
        return Origin.EDITABLE if is_editable else Origin.FOLDER, _local(url)
    return (Origin.FILE if url.startswith("file:") else Origin.URL), ""


def _local(url: str) -> str:
    """The path of a `file:` address of this machine; empty of any other."""
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_local = parts.scheme == "file" and parts.netloc in {"", "localhost"}
    return unquote(parts.path) if is_local else ""


def _linked(file: Path) -> str:
    """The folder that an `.egg-link` names in its first line."""
    try:
        lines = file.read_text(_ENCODING, "replace").splitlines()
    except OSError:
        lines = []
    return lines[0].strip() if lines and lines[0].startswith("/") else ""


def _absent(folder: Path) -> StageError:
    return StageError(
        "environment-absent",
        f"`{folder.name}` is no Python environment with installed packages",
        hint="name the environment's folder, the one with `pyvenv.cfg`",
        place=str(folder),
    )


def _unreadable(place: Path, why: str) -> OutputUnreadable:
    return OutputUnreadable(
        "metadata-unreadable",
        f"`{place.name}` {why}, so what is installed cannot be known",
        hint="install the package anew",
        place=str(place),
    )
