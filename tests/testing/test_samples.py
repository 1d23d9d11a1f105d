from __future__ import annotations

import pytest

from gates.stages import BUILT_IN, load
from gates.testing.samples import SAMPLES


def test_each_built_in_stage_has_a_sample() -> None:
    assert sorted(SAMPLES) == sorted(BUILT_IN)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_can_fail_and_has_options_that_the_stage_takes(name: str) -> None:
    sample = SAMPLES[name]
    assert sample.faulty or sample.faulty_message
    assert sample.vital
    assert set(sample.vital) <= {*sample.files, ".git"}
    assert set(sample.reports) <= sample.files.keys()
    load(name)(load(name).options_type.from_plain(sample.options)).check()


def test_no_text_here_looks_like_a_secret_but_the_sample_has_some() -> None:
    faults = SAMPLES["detect-secrets"].faulty.values()
    assert all(text.startswith('key = "AKIA') for text in faults)
