from __future__ import annotations

import pytest

from gates.plugin import Sample
from gates.stages import BUILT_IN, load
from gates.testing.samples import SAMPLES


def sample_of(name: str) -> Sample:
    """The one sample of a stage: its own, or that in the table."""
    found = [each for each in (load(name).sample, SAMPLES.get(name)) if each is not None]
    assert len(found) == 1
    return found[0]


def test_the_table_names_stages() -> None:
    assert SAMPLES.keys() <= BUILT_IN.keys()


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_sample_can_fail_and_has_options_that_the_stage_takes(name: str) -> None:
    sample = sample_of(name)
    assert sample.faulty or sample.faulty_message
    assert set(sample.vital) <= {*sample.files, ".git"}
    assert set(sample.reports) <= sample.files.keys()
    load(name)(load(name).options_type.from_plain(sample.options)).check()


def test_no_text_here_looks_like_a_secret_but_the_sample_has_some() -> None:
    faults = SAMPLES["detect-secrets"].faulty.values()
    assert all(text.startswith('key = "AKIA') for text in faults)
