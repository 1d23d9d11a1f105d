"""The plan: gates.yaml resolved, typed and bound, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gates.domain.condition import Condition
from gates.domain.metric import MetricSpec
from gates.domain.moment import EVERYWHERE, Moment

if TYPE_CHECKING:
    from gates.domain.service import ServicePlan

LEVELS = (1, 2, 3)
"""The levels that gates.yaml may hold."""

GATE = "policy"
"""The name of the gate that judges a change of the policy, and of its stage; nobody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """One gate, ready to run.

    Attributes:
        name: unique in the file.
        level: 1, 2 or 3.
        uses: the stage's name.
        options: the stage's options, plain values as `Options.from_plain` takes them.
        options_sha256: hexadecimal digest of what decides how it measures: stage, options, service
            and env; empty where unknown. Gates of two runs that share it can be compared.
        specs: the metrics that the stage declares under these options.
        conditions: bound conditions, defaults included.
        dropped: texts of default conditions that gates.yaml dropped.
        criteria: IDs of the documented criteria that it serves.
        needs: names of gates that run before it.
        asks: options that it asks of the gates it needs, by gate name.
        exclusive: measures time, so it runs alone.
        timeout_s: seconds until its tool is ended.
        env: additions to the environment of its tool and of its service.
        service: name of the service that it measures, or empty.
        place: `file:line:column` in gates.yaml.
        when: at which moments it is due; elsewhere it is skipped, and that is told.
        shards: into how many parts its work is split where a level is divided over machines.
    """

    name: str
    level: int
    uses: str
    options: Mapping[str, object]
    specs: tuple[MetricSpec, ...]
    conditions: tuple[Condition, ...]
    criteria: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    asks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclusive: bool = False
    timeout_s: int = 600
    env: tuple[tuple[str, str], ...] = ()
    service: str = ""
    place: str = ""
    options_sha256: str = ""
    when: tuple[Moment, ...] = EVERYWHERE
    shards: int = 1

    def spec(self, metric: str) -> MetricSpec | None:
        """The specification of a metric, or None where the stage does not declare it."""
        return next((spec for spec in self.specs if spec.name == metric), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPlan:
    """A level that holds gates.

    Attributes:
        number: 1, 2 or 3.
        name: for people.
    """

    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A documented criterion that does not apply here, said by a named person."""

    criterion: str
    reason: str
    owner: str


@dataclass(frozen=True, slots=True)
class ProjectEntry:
    """One entry of `projects:`, which names folders with a gates.yaml of their own.

    Attributes:
        pattern: a path or glob, relative to the folder of gates.yaml.
        place: `file:line:column` in gates.yaml.
    """

    pattern: str
    place: str


@dataclass(frozen=True, slots=True)
class Extended:
    """A policy that another one extends.

    Attributes:
        source: a path relative to the folder of gates.yaml, or `ADDRESS@COMMIT:PATH`.
        sha256: hexadecimal digest of its bytes.
        is_pinned: it is of a pinned git revision, which never changes.
    """

    source: str
    sha256: str
    is_pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where the plan came from.

    Attributes:
        source: the file's name as given; `gates.yaml@COMMIT` where it is that of a commit.
        sha256: hexadecimal digest of its bytes.
        extends: the policies that it extends, the nearest first.
        notes: what every output must tell of where it came from.
    """

    source: str
    sha256: str
    extends: tuple[Extended, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that gates.yaml says, resolved.

    Attributes:
        project: its name.
        policy: the file behind it.
        include: what coverage, types and SAST must cover, as paths or patterns.
        exclude: patterns left out of it; counted and shown.
        environment: path of the environment that holds the project's tools, or empty.
        levels: the levels that hold gates, ascending.
        gates: all gates, by level, then in file order.
        not_applicable: criteria that do not apply.
        projects: the folders that are judged with it; the plan of each is its own.
        services: the programs under test.
        allow_hosts: hosts besides loopback that a service may be found on.
        judging: what is asked of the gate on the policy itself, where gates.yaml says more of it
            than its stage; without options.
    """

    project: str
    policy: Policy
    levels: tuple[LevelPlan, ...]
    gates: tuple[GatePlan, ...]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    environment: str = ""
    not_applicable: tuple[Exemption, ...] = field(default=())
    projects: tuple[ProjectEntry, ...] = ()
    services: tuple[ServicePlan, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    judging: GatePlan | None = None

    def gate(self, name: str) -> GatePlan:
        """Find a gate by name.

        Raises:
            KeyError: where there is none.
        """
        for gate in self.gates:
            if gate.name == name:
                return gate
        raise KeyError(name)

    def up_to(self, level: int) -> tuple[GatePlan, ...]:
        """The gates of a level and of all below it."""
        return tuple(gate for gate in self.gates if gate.level <= level)
