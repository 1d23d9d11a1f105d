from __future__ import annotations

import ast
import json

import pytest

from gates.stages import load
from gates.testing.samples import SAMPLES
from gates.testing.service_samples import SERVICE_SAMPLES


@pytest.mark.parametrize("name", sorted(SERVICE_SAMPLES))
def test_a_sample_is_that_of_its_stage_and_brings_its_service(name: str) -> None:
    sample = SERVICE_SAMPLES[name]
    assert SAMPLES[name] is sample
    stage = load(name)
    stage(stage.options_type.from_plain(sample.options)).check()
    (service,) = sample.services.values()
    assert "server.py" in str(service)
    for path, text in (*sample.files.items(), *sample.faulty.items()):
        if path.endswith(".py"):
            ast.parse(text)
        if path.endswith(".json"):
            json.loads(text)


@pytest.mark.parametrize("name", sorted(SERVICE_SAMPLES))
def test_a_fault_is_another_text(name: str) -> None:
    sample = SERVICE_SAMPLES[name]
    assert sample.faulty
    assert all(sample.files.get(path) != text for path, text in sample.faulty.items())
