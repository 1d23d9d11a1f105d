"""A run of pytest with proof: the plugin's private copy, its settings, and where it writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gates.toolkit.files import write_atomic

_DOCUMENTS = (".md", ".rst", ".adoc", ".markdown")
_DOCUMENTATION = frozenset({"doc", "docs"})
_CONFIGS = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Launch:
    """What a run with proof needs.

    Attributes:
        home: folder of the copied plugin, to be put on the import path.
        module: the name under which it is loaded.
        nonce: what its records repeat.
        proof: folder of the records, and in `data` of what was measured.
        junit: where pytest writes its report.
    """

    home: str
    module: str
    nonce: str
    proof: Path
    junit: Path


def prepare(
    out: Path,
    *,
    measured: tuple[str, ...] | None = None,
    portion: tuple[int, int] | None = None,
) -> Launch:
    """Copy the plugin under a name that nobody can guess, with its settings beside it.

    Args:
        out: a private, empty folder.
        measured: sources that coverage is measured of, absolute; None where it is not measured.
        portion: which part of the tests runs, from 1, and of how many; None where all run.
    """
    import json
    import secrets

    module = f"gates_proof_{secrets.token_hex(8)}"
    home, proof = out / "plugin", out / "proof"
    home.mkdir(mode=0o700)
    proof.mkdir(mode=0o700)
    (proof / "data").mkdir(mode=0o700)
    launch = Launch(str(home), module, secrets.token_hex(16), proof, out / "junit.xml")
    copies = {
        "pytest_proof.py": f"{module}.py",
        "pytest_proof_tally.py": f"{module}_tally.py",
    }
    if measured is not None:
        copies["pytest_measuring.py"] = f"{module}_measuring.py"
        copies["pytest_early.py"] = "sitecustomize.py"
    settings: dict[str, object] = {
        "nonce": launch.nonce,
        "folder": str(proof),
        "measuring": f"{module}_measuring" if measured is not None else "",
        "sources": measured or (),
    }
    if portion is not None:
        copies["pytest_portion.py"] = f"{module}_portion.py"
        settings["portion"] = portion
    for name, copy in copies.items():
        write_atomic(home / copy, Path(__file__).with_name(name).read_bytes())
    write_atomic(home / f"{module}.json", json.dumps(settings).encode())
    return launch


def inputs_of_tests(root: Path, files: Iterable[str]) -> tuple[str, ...]:
    """The files of a project that its tests may read.

    All but documents; those too where they lie in a top folder with Python files other than that of
    the documentation (a test's data, a package's template), and everywhere where the configuration
    names doctests.

    Args:
        root: the folder of gates.yaml.
        files: the project's files, relative to `root`.
    """
    names = tuple(files)
    if any(name in names and b"doctest" in (root / name).read_bytes() for name in _CONFIGS):
        return names
    folders = {name.partition("/")[0] for name in names if "/" in name and name.endswith(".py")}
    folders -= _DOCUMENTATION
    return tuple(
        name
        for name in names
        if not name.lower().endswith(_DOCUMENTS) or ("/" in name and name.split("/")[0] in folders)
    )
