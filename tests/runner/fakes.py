"""Fakes of the actions that ours uses: they refuse what the real ones would refuse."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from runner.double import Answer, BadActionError, Fake, Machine

INPUTS = {
    "actions/cache": {
        "path", "key", "restore-keys", "upload-chunk-size", "enableCrossOsArchive",
        "fail-on-cache-miss", "lookup-only", "save-always",
    },
    "actions/setup-python": {
        "python-version", "python-version-file", "cache", "architecture", "check-latest", "token",
        "cache-dependency-path", "update-environment", "allow-prereleases", "freethreaded",
        "pip-version", "pip-install",
    },
    "actions/upload-artifact": {
        "name", "path", "if-no-files-found", "retention-days", "compression-level", "overwrite",
        "include-hidden-files", "archive",
    },
    "github/codeql-action/upload-sarif": {
        "sarif_file", "checkout_path", "ref", "sha", "token", "matrix", "category",
        "wait-for-processing",
    },
}  # fmt: skip
"""The inputs of each action at the version that we pin."""

SARIF_BYTES = 10_000_000
SARIF_RUNS = 20
SARIF_RESULTS = 25_000
KEY_LENGTH = 512


def checked(action: str, given: Mapping[str, str]) -> None:
    """Refuse an input that an action does not have: GitHub only warns, and does something else.

    Raises:
        BadActionError: there is one.
    """
    unknown = sorted(set(given) - INPUTS[action])
    if unknown:
        raise BadActionError(f"{action} has no input {', '.join(unknown)}")


def setup_python(given: Mapping[str, str], machine: Machine) -> Answer:
    """The Python of the machine is there already."""
    del machine
    checked("actions/setup-python", given)
    return Answer(outputs={"python-version": given["python-version"]})


def cache(given: Mapping[str, str], machine: Machine) -> Answer:
    """A cache that never holds anything yet, and saves at the end where all went well."""
    del machine
    checked("actions/cache", given)
    key = given["key"]
    if not key or len(key) > KEY_LENGTH or "," in key:
        return Answer(has_succeeded=False, log=f"Key Validation Error: {key}")
    return Answer(outputs={"cache-hit": ""}, post="save the cache", only_after_success=True)


def upload_artifact(given: Mapping[str, str], machine: Machine) -> Answer:
    """Upload files under a name that is taken once; what is hidden is left out without a word."""
    checked("actions/upload-artifact", given)
    top = Path(given["path"].strip())
    every = [path for path in sorted(top.rglob("*")) if path.is_file()] if top.is_dir() else [top]
    files = [
        path
        for path in every
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(top).parts)
    ]
    if any(sign in given["name"] for sign in '":<>|*?\r\n\\/'):
        return Answer(has_succeeded=False, log="The artifact name is not valid")
    if not files:
        has_succeeded = given.get("if-no-files-found", "warn") != "error"
        return Answer(has_succeeded=has_succeeded, log="No files were found with the provided path")
    if given["name"] in machine.artifacts:
        return Answer(has_succeeded=False, log="an artifact with this name already exists")
    machine.artifacts[given["name"]] = tuple(path.name for path in files)
    return Answer(outputs={"artifact-id": "1", "artifact-url": "https://github.example/a/1"})


def upload_sarif(given: Mapping[str, str], machine: Machine) -> Answer:
    """Take a file of findings within the limits of code scanning."""
    del machine
    checked("github/codeql-action/upload-sarif", given)
    data = Path(given["sarif_file"]).read_bytes()
    log = json.loads(data)
    results = [len(run["results"]) for run in log["runs"]]
    if len(gzip.compress(data)) > SARIF_BYTES or len(results) > SARIF_RUNS:
        return Answer(has_succeeded=False, log="the file is too large")
    if any(count > SARIF_RESULTS for count in results):
        return Answer(has_succeeded=False, log="too many results")
    return Answer(outputs={"sarif-id": "1"})


def refused_sarif(given: Mapping[str, str], machine: Machine) -> Answer:
    """What happens where the token may not write to code scanning."""
    del machine
    checked("github/codeql-action/upload-sarif", given)
    return Answer(has_succeeded=False, log="##[error]Resource not accessible by integration")


KNOWN: Mapping[str, Fake] = {
    "actions/cache": cache,
    "actions/setup-python": setup_python,
    "actions/upload-artifact": upload_artifact,
    "github/codeql-action/upload-sarif": upload_sarif,
}
