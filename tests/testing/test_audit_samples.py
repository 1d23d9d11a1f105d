from __future__ import annotations

import json

import pytest

from gates.stages import load
from gates.testing.audit_samples import AUDIT_SAMPLES
from gates.testing.samples import SAMPLES


@pytest.mark.parametrize("name", sorted(AUDIT_SAMPLES))
def test_a_sample_is_that_of_its_stage_and_has_reports_that_can_be_read(name: str) -> None:
    sample = AUDIT_SAMPLES[name]
    assert SAMPLES[name] is sample
    stage = load(name)
    stage(stage.options_type.from_plain(sample.options)).check()
    for path, text in {**sample.files, **sample.faulty}.items():
        assert path.endswith(".log") or json.loads(text) is not None
    assert sample.faulty.keys() <= sample.files.keys()
