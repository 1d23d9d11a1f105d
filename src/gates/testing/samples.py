"""The samples of the built-in stages, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from gates.domain.errors import StageError
from gates.plugin import Options, Sample, Stage
from gates.testing.audit_samples import AUDIT_SAMPLES
from gates.testing.service_samples import SERVICE_SAMPLES

_PRICES = '''\
"""Prices."""

from __future__ import annotations


def net(gross: int) -> int:
    """Take the tax off."""
    if gross < 0:
        return 0
    return gross - gross // 5
'''
_PACKAGE = '"""A shop."""\n'
_TESTS = """\
from shop.prices import net


def test_net() -> None:
    assert net(100) == 80


def test_net_of_nothing() -> None:
    assert net(-1) == 0
"""
_SHOP = {"src/shop/__init__.py": _PACKAGE, "src/shop/prices.py": _PRICES}
_SOURCES = tuple(_SHOP)
_PYTEST = '[tool.pytest.ini_options]\npythonpath = ["src"]\ntestpaths = ["tests"]\n'
_FAILING = "def test_{name}() -> None:\n    assert 1 == 2\n"
_SHELL = """\
import subprocess


def run(command: str) -> int:
    return subprocess.call(command, shell=True)
"""
_UNTYPED = 'def first(x: int) -> str:\n    return x\n\n\nsecond: int = "two"\n'
_COUNTING = """\
#!/bin/sh
echo '{{"files": 3, "errors": {errors}}}'
exit {code}
"""
_CONTRACT = """
[[tool.importlinter.contracts]]
name = "Prices know no {name}"
type = "forbidden"
source_modules = ["shop.prices"]
forbidden_modules = ["shop.{name}"]
"""
_CONTRACTS = (
    '[tool.importlinter]\nroot_package = "shop"\n'
    + _CONTRACT.format(name="tax")
    + _CONTRACT.format(name="web")
)
_ADVISORY = {
    "id": "OSV-SAMPLE-1",
    "modified": "2026-05-01T10:00:00Z",
    "published": "2026-04-01T10:00:00Z",
    "summary": "a sample",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "sample-lib"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
        }
    ],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
}


def _secret(rest: str) -> str:
    """A line with a key that opens nothing, in two halves here: no scanner is to find it."""
    return 'key = "AK' + f'IA{rest}"\n'


def _junit(*failed: str) -> str:
    """A JUnit file of two tests, of which these failed."""
    cases = "".join(
        f'<testcase name="{name}">{"<failure/>" if name in failed else ""}</testcase>\n'
        for name in ("one", "two")
    )
    return f'<testsuite tests="2" failures="{len(failed)}">\n{cases}</testsuite>\n'


def _js(*, jest: bool, failed: int = 0) -> str:
    """What Vitest, or Jest, writes of a file with two tests, of which as many failed."""
    statuses = ["failed"] * failed + ["passed"] * (2 - failed)
    tests = [
        {"ancestorTitles": [], "title": f"t{number}", "status": status, "failureMessages": []}
        for number, status in enumerate(statuses)
    ]
    status = "failed" if failed else "passed"
    report: dict[str, object] = {
        "numTotalTests": 2,
        "numPassedTests": 2 - failed,
        "numFailedTests": failed,
        "numPendingTests": 0,
        "numTodoTests": 0,
        "numFailedTestSuites": int(bool(failed)),
        "success": not failed,
        "testResults": [
            {"name": "a.test.js", "status": status, "message": "", "assertionResults": tests}
        ],
    }
    if jest:
        snapshot = dict.fromkeys(("unmatched", "unchecked", "filesRemoved"), 0)
        report["snapshot"] = {**snapshot, "failure": False, "didUpdate": False}
        report |= {"numTotalTestSuites": 1, "numRuntimeErrorTestSuites": 0, "wasInterrupted": False}
    return json.dumps(report)


SAMPLES: Final[Mapping[str, Sample]] = {
    **AUDIT_SAMPLES,
    **SERVICE_SAMPLES,
    "advisories": Sample(
        files={
            "requirements.txt": "sample-lib==1.2\nsample-tool==2.0\n",
            "osv.json": json.dumps([_ADVISORY]),
        },
        faulty={"requirements.txt": "sample-lib==1.1\nsample-tool==2.0\n"},
        options={"lock": "requirements.txt", "source": "osv.json"},
        reports=("osv.json",),
        vital=("requirements.txt",),
    ),
    "bandit": Sample(
        files=_SHOP,
        faulty={"src/shop/one.py": _SHELL, "src/shop/two.py": _SHELL},
        vital=_SOURCES,
    ),
    "command": Sample(
        files={"count": _COUNTING.format(errors=0, code=0)},
        faulty={"count": _COUNTING.format(errors=2, code=1)},
        options={
            "run": "./count",
            "examined": {"json": "/files", "unit": "files"},
            "metrics": {"errors": {"json": "/errors", "unit": "count"}},
        },
        require=("errors == 0",),
        vital=("count",),
    ),
    "commit-message": Sample(files=_SHOP, faulty_message="what I did today", vital=(".git",)),
    "coverage": Sample(
        # One test stays when the sources go: else the tests were errored, not their coverage.
        files={
            "pyproject.toml": _PYTEST,
            "tests/test_alone.py": "def test_alone() -> None:\n    assert True\n",
            "tests/test_prices.py": _TESTS,
            **_SHOP,
        },
        faulty={"src/shop/untested.py": _PRICES},
        needs=("pytest",),
        sources=("src",),
        vital=("tests/test_prices.py", *_SOURCES),
    ),
    "detect-secrets": Sample(
        files=_SHOP,
        options={"exclude": ["gates.yaml"]},  # it is in git too, and always there
        vital=_SOURCES,
        faulty={
            "src/shop/one.py": _secret("Z3MGQWERTYUIOPAX"),
            "two.ini": _secret("Q7MGZXCVBNMASDFG"),
        },
    ),
    "import-linter": Sample(
        files={
            "pyproject.toml": _CONTRACTS,
            "src/shop/tax.py": _PACKAGE,
            "src/shop/web.py": _PACKAGE,
            **_SHOP,
        },
        faulty={"src/shop/prices.py": "from shop import tax, web\n"},
        vital=tuple(_SHOP),
    ),
    "jest": Sample(
        files={"a.test.js": "", "out/jest.json": _js(jest=True)},
        faulty={"out/jest.json": _js(jest=True, failed=2)},
        options={"report": "out/jest.json"},
        reports=("out/jest.json",),
    ),
    "junit": Sample(
        files={"out/junit.xml": _junit()},
        faulty={"out/junit.xml": _junit("one", "two")},
        options={"report": "out/junit.xml"},
        reports=("out/junit.xml",),
    ),
    "mypy": Sample(
        files={"pyproject.toml": "[tool.mypy]\nstrict = true\n", **_SHOP},
        faulty={"src/shop/one.py": _UNTYPED, "src/shop/two.py": _UNTYPED},
        vital=_SOURCES,
    ),
    "pip-audit": Sample(
        files={"requirements.txt": "six==1.17.0\n"},
        faulty={"requirements.txt": "six==1.17.0\njinja2==2.10\n"},
        options={"lock": "requirements.txt"},
        vital=("requirements.txt",),
    ),
    "pyright": Sample(
        files={"pyproject.toml": '[tool.pyright]\ntypeCheckingMode = "strict"\n', **_SHOP},
        faulty={"src/shop/one.py": _UNTYPED, "src/shop/two.py": _UNTYPED},
        vital=_SOURCES,
    ),
    "pytest": Sample(
        files={"pyproject.toml": _PYTEST, "tests/test_prices.py": _TESTS, **_SHOP},
        faulty={
            "tests/test_one.py": _FAILING.format(name="one"),
            "tests/test_two.py": _FAILING.format(name="two"),
        },
        vital=("tests/test_prices.py",),
    ),
    "ruff": Sample(
        files={"pyproject.toml": '[tool.ruff.lint]\nselect = ["E", "F"]\n', **_SHOP},
        faulty={"src/shop/one.py": "import os\n", "src/shop/two.py": "import sys\n"},
        vital=_SOURCES,
    ),
    "ruff-format": Sample(
        files=_SHOP,
        faulty={"src/shop/one.py": "one = [1,2]\n", "src/shop/two.py": "two = [1,2]\n"},
        vital=_SOURCES,
    ),
    "ruff-security": Sample(
        files=_SHOP,
        faulty={"src/shop/one.py": _SHELL, "src/shop/two.py": _SHELL},
        vital=_SOURCES,
    ),
    "vitest": Sample(
        files={"a.test.js": "", "out/vitest.json": _js(jest=False)},
        faulty={"out/vitest.json": _js(jest=False, failed=2)},
        options={"report": "out/vitest.json"},
        reports=("out/vitest.json",),
    ),
}


def sample_of(stage_type: type[Stage[Options]]) -> Sample:
    """The sample that a stage declares, or ours for a built-in one.

    Raises:
        StageError: `no-sample`.
    """
    sample = stage_type.sample or SAMPLES.get(stage_type.uses)
    if sample is None:
        raise StageError(
            "no-sample",
            f"the stage `{stage_type.uses}` has no sample to be tried with",
            hint="declare `sample = Sample(files=..., faulty=...)` in its class",
            place=stage_type.uses,
        )
    return sample
