"""gates.yaml -> Plan, or every problem of the file at once."""

from __future__ import annotations

from hashlib import sha256

from gates import stages
from gates.config.draft import Drafting
from gates.config.problems import Problems
from gates.config.resolve import LoadStage, Resolution, StageNames, Stages
from gates.domain.plan import Plan, Policy
from gates.formats import strict_yaml


def load(
    data: bytes,
    *,
    name: str,
    default_project: str,
    load_stage: LoadStage = stages.load,
    stage_names: StageNames = stages.names,
) -> Plan:
    """Read a gates.yaml.

    Args:
        data: its bytes.
        name: its name, for places.
        default_project: the project's name where the file gives none.
        load_stage: finds a stage's class by name; raises KeyError for an unknown one.
        stage_names: the names of all stages.

    Raises:
        ConfigError: with all problems of the file, in the order of their places.
    """
    document = strict_yaml.read(data, name=name)
    problems = Problems(document)
    if not document.is_whole:
        raise problems.error()
    known = Stages(load_stage, stage_names)
    draft = Drafting(problems, known.is_known).draft(document.value)
    if draft is None:
        raise problems.error()
    policy = Policy(source=name, sha256=sha256(data).hexdigest())
    plan = Resolution(draft, known, problems).plan(project=default_project, policy=policy)
    if problems:
        raise problems.error()
    return plan
