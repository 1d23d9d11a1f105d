"""The public face for authors of stages: what a stage is, what it is given, what it hands over.

A stage measures and never judges. It runs a tool through its `Context`, reads what the tool wrote,
and returns a `StageResult`, or raises a `StageError` where it could not measure.
"""

from __future__ import annotations

from gates.domain.condition import Role
from gates.domain.errors import (
    OutputUnreadable,
    StageError,
    ToolCrashed,
    ToolMissing,
    ToolTimedOut,
)
from gates.domain.finding import Finding, Severity, fingerprinted
from gates.domain.metric import (
    Direction,
    Examined,
    Metric,
    MetricSpec,
    Unit,
    count,
    flag,
    ratio,
    tags_of,
)
from gates.domain.moment import EVERYWHERE, FROM_PUSH, IN_CI, Moment
from gates.domain.stage_result import (
    Artifact,
    Inconclusive,
    NotApplicable,
    StageResult,
    Tool,
)
from gates.formats.strict_json import Value as JsonValue
from gates.formats.strict_json import read as read_json
from gates.plugin.context import Completed, Context, Handed, Needed, Portion, ServiceTrace
from gates.plugin.options import Options, ReportOptions
from gates.plugin.service import Service, Services, Usage
from gates.plugin.stage import Default, ReportStage, Sample, Stage, Wants
from gates.toolkit.changes import Change
from gates.toolkit.files import Report
from gates.toolkit.sources import SourceSet

__all__ = [
    "EVERYWHERE",
    "FROM_PUSH",
    "IN_CI",
    "Artifact",
    "Change",
    "Completed",
    "Context",
    "Default",
    "Direction",
    "Examined",
    "Finding",
    "Handed",
    "Inconclusive",
    "JsonValue",
    "Metric",
    "MetricSpec",
    "Moment",
    "Needed",
    "NotApplicable",
    "Options",
    "OutputUnreadable",
    "Portion",
    "Report",
    "ReportOptions",
    "ReportStage",
    "Role",
    "Sample",
    "Service",
    "ServiceTrace",
    "Services",
    "Severity",
    "SourceSet",
    "Stage",
    "StageError",
    "StageResult",
    "Tool",
    "ToolCrashed",
    "ToolMissing",
    "ToolTimedOut",
    "Unit",
    "Usage",
    "Wants",
    "count",
    "fingerprinted",
    "flag",
    "ratio",
    "read_json",
    "tags_of",
]
