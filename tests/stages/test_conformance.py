"""Whatever goes wrong with its tool, no built-in stage passes without proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from advisories.fake_osv import FakeOsv
from advisories.samples import V3_CRITICAL, about, canary, record
from stages.fake_npm_registry import FakeRegistry
from stages.live_context import WITHOUT_OURS

from gates.domain.errors import StageError
from gates.stages import BUILT_IN, load
from gates.testing import Sample, check
from gates.testing.relay import Fault
from gates.testing.samples import sample_of

pytestmark = pytest.mark.live

NOT_HERE = frozenset({"tool-missing", "environment-missing"})
"""What keeps a stage from being tried on a machine that lacks its tool."""

NOT_PLAYED = {"pool": "it looks at the service while its command runs; a played one takes no time"}
"""Stages whose commands cannot be damaged, and why; what befalls their service is tried."""

BY_HAND = frozenset({"schemathesis"})
"""Stages whose trials take minutes: `gates stages check NAME` makes them."""


@pytest.fixture
def osv() -> Iterator[FakeOsv]:
    """A service on this machine that knows one vulnerable package, and the canary's."""
    records = [
        canary(),
        record(
            "GHSA-samp-lesa-mple",
            affected=[about("sample-lib", versions=("1.1",))],
            severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}],
        ),
    ]
    with FakeOsv(records) as service:
        yield service


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    """A registry on this machine that answers npm's audits."""
    with FakeRegistry() as service:
        yield service


def sample(name: str, osv: FakeOsv, registry: FakeRegistry) -> Sample:
    """The stage's sample; what asks a service asks the one on this machine."""
    found = sample_of(load(name))
    if name in {"pytest", "coverage"}:
        settings = f'{found.files["pyproject.toml"]}addopts = "{WITHOUT_OURS["PYTEST_ADDOPTS"]}"\n'
        return replace(found, files={**found.files, "pyproject.toml": settings})
    if name == "npm-audit":
        return replace(found, files={**found.files, ".npmrc": registry.configuration})
    if name != "pip-audit":
        return found
    return replace(
        found,
        files={"requirements.txt": "sample-lib==1.2\n"},
        faulty={"requirements.txt": "sample-lib==1.1\n"},
        options={**found.options, "service": "osv", "osv_url": osv.address},
    )


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - BY_HAND))
def test_no_built_in_stage_passes_without_proof(
    name: str, osv: FakeOsv, registry: FakeRegistry
) -> None:
    try:
        found = check(load(name), sample(name, osv, registry))
    except StageError as error:
        if error.problem.slug not in NOT_HERE:
            raise
        pytest.skip(f"{name} cannot be tried here: {error.problem.summary}")
    assert [(t.project, t.where, t.what, t.why, t.reason) for t in found.broken] == []
    assert len(found.trials) > 1
    if name in NOT_PLAYED:
        assert {gap.partition(":")[0] for gap in found.gaps} == {
            f"the {project} sample, played again, comes out otherwise"
            for project in ("sound", "faulty")
        }
        assert len(found.trials) > len(Fault)
    else:
        assert found.gaps == ()
