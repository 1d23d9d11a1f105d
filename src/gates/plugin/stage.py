"""What a stage is: its declarations, and the one method that measures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from gates.domain.condition import Role
from gates.domain.errors import StageError
from gates.domain.metric import MetricSpec
from gates.domain.moment import FROM_PUSH, IN_CI, Moment
from gates.domain.stage_result import StageResult
from gates.plugin.context import Context, Handed
from gates.plugin.options import Options, ReportOptions
from gates.toolkit.files import Report

OptionsT_co = TypeVar("OptionsT_co", bound=Options, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """A stage's default condition.

    Attributes:
        text: as gates.yaml would write it.
        role: whether it decides or only tells.
        from_level: first level at which it stands.
        to_level: last level at which it stands.
    """

    text: str
    role: Role = Role.REQUIRE
    from_level: int = 1
    to_level: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """A stage's wish for another gate's result.

    Attributes:
        uses: stages that can serve, or none where any can; the gate is named by `option`, else it
            is the only one of them.
        ask: what is asked of that gate (its stage finds it in `Context.asked`).
        option: name of the option that names the gate.
        several: that option is a list, and may name more than one gate.
    """

    uses: tuple[str, ...]
    ask: str
    option: str
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The smallest project in which a stage measures something; the conformance kit runs it.

    In `files` the stage's default conditions and those of `require` hold; with `faulty` on top, one
    does not. Two faults in two files say most: then losing one of them must not turn into a pass.

    Attributes:
        files: the project, text by path; a file that begins with `#!` becomes a program.
        faulty: files to add or to put in place of others, so that a condition fails.
        options: what `with:` holds.
        require: conditions besides the default ones.
        needs: stages whose gates stand beside this one, with their own defaults; or such gates by
            name, as gates.yaml would have them.
        services: programs of `files` that are asked, as gates.yaml would have them. The gate under
            test names the first, unless a gate of `needs` names one.
        sources: what `sources:` names; by default they are found.
        reports: which of the files are reports or data that the stage reads by itself; they stay
            out of git, and are damaged as what a program writes is.
        vital: the files without which there is nothing to examine, so that it must not pass; `.git`
            is the repository. By default all of `files`.
        message: message of the project's one commit.
        faulty_message: the same in the faulty project; empty where it is the same.
    """

    files: Mapping[str, str]
    faulty: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    require: tuple[str, ...] = ()
    needs: tuple[str, ...] | Mapping[str, object] = ()
    services: Mapping[str, object] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    vital: tuple[str, ...] = ()
    message: str = "feat: a sample"
    faulty_message: str = ""


class Stage(ABC, Generic[OptionsT_co]):
    """A pluggable kind of measurement. Subclass it, fill in the class attributes, write `run`.

    Attributes:
        uses: its name in gates.yaml.
        title: what it measures, in a few words.
        options_type: its options.
        metrics: what it reports.
        defaults: its default conditions.
        criteria: IDs of the documented criteria that it serves.
        examines: what it counts as examined, plural.
        errored_when: each case in which it could not measure, for the docs.
        programs: names of the programs that it runs.
        reports_may_repeat: two parts of what `report:` takes may hold the same bytes, since a
            second witness tells how many there are.
        tells_findings: it lists all that it counts, so that `new_findings` can be asked of it.
        written_by: the command that writes what `report:` takes; empty where it takes none.
        exclusive: it measures time, so it runs alone.
        judges_death: it measures on when its service dies, and tells so by a metric; for every
            other stage a service that died means that nothing was measured.
        timeout_s: default time limit in seconds.
        divisible: its work can be split over several machines (`shards:` of its gate): it heeds
            `Context.portion`, and implements `join`.
        hands_over: globs of the files in `Context.out` that `join`, or the stages of gates that
            need this one, read; they are brought to a merge.
        measures_at_merge: it can measure by `Needed.handed` alone, on a machine on which the gates
            that it needs did not run.
        when: the moments at which its gates are due where gates.yaml does not say: from a push on,
            since what nobody knows may be slow, and a slow hook is one that people switch off.
        sample: a project for the conformance kit, or None.
    """

    uses: ClassVar[str]
    title: ClassVar[str]
    options_type: ClassVar[type[Options]] = Options
    metrics: ClassVar[tuple[MetricSpec, ...]]
    defaults: ClassVar[tuple[Default, ...]]
    criteria: ClassVar[tuple[str, ...]] = ()
    examines: ClassVar[str]
    errored_when: ClassVar[tuple[str, ...]] = ()
    programs: ClassVar[tuple[str, ...]] = ()
    reports_may_repeat: ClassVar[bool] = False
    tells_findings: ClassVar[bool] = True
    written_by: ClassVar[str] = ""
    exclusive: ClassVar[bool] = False
    judges_death: ClassVar[bool] = False
    timeout_s: ClassVar[int] = 600
    divisible: ClassVar[bool] = False
    hands_over: ClassVar[tuple[str, ...]] = ()
    measures_at_merge: ClassVar[bool] = False
    when: ClassVar[tuple[Moment, ...]] = FROM_PUSH
    sample: ClassVar[Sample | None] = None

    def __init__(self, options: OptionsT_co) -> None:
        self.options = options

    @property
    def given(self) -> tuple[str, ...]:
        """Paths and globs of the reports that it judges in place of a run; none where it runs."""
        options: Options = self.options
        return options.report if isinstance(options, ReportOptions) else ()

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            ValueError: with one line that says why; it becomes an error of gates.yaml.
        """

    def specs(self) -> tuple[MetricSpec, ...]:
        """The metrics that it reports under these options."""
        return self.metrics

    def conditions(self) -> tuple[Default, ...]:
        """The default conditions under these options."""
        return self.defaults

    def time_limit_s(self) -> int:
        """Seconds after which it is ended where gates.yaml gives no `timeout:`."""
        return self.timeout_s

    def due(self) -> tuple[Moment, ...]:
        """The moments at which a gate of it is due where gates.yaml does not say.

        What judges a report is due in CI: no step before a hook has written one.
        """
        return IN_CI if self.given else self.when

    def wants(self) -> Wants | None:
        """The gate whose result it needs, or None."""
        return None

    def asks_service(self) -> bool:
        """Whether it cannot measure without a service (`service:` of its gate).

        Any gate may name one; where it does, the service is ready before `measure` is called.
        """
        return False

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """Paths, relative to `root`, of all files on which its outcome depends.

        A change that touches none of them leaves the gate unaffected. Empty: it cannot tell, and
        always runs.
        """
        del ctx
        return ()

    def subjects_before(self, ctx: Context) -> frozenset[str] | None:
        """The subjects of findings that the base of the change had already.

        For findings about packages and the like, which no line tells to be new: a finding whose
        `subject` is among these is an old one. None: findings are told by their path and line.

        Raises:
            StageError: what the base had cannot be read.
        """
        del ctx
        return None

    def measure(self, ctx: Context) -> StageResult:
        """Judge the reports that `report:` names, or run.

        Raises:
            StageError: where it could not.
        """
        if not self.given:
            return self.run(ctx)
        return self.read(ctx, ctx.given_reports(self.given, may_repeat=self.reports_may_repeat))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Measure by reports that an earlier step wrote, in place of a run.

        A stage that has `written_by` implements it; several reports are parts of one whole.

        Args:
            ctx: the project.
            reports: one or more, each whole and made from this tree.

        Raises:
            StageError: where it could not.
        """
        raise NotImplementedError(f"{self.uses} has options with `report` and no `read`")

    def join(self, ctx: Context, parts: tuple[Handed, ...]) -> StageResult:
        """Measure by what the parts of the gate's work left on other machines.

        A stage that is `divisible` implements it.

        Args:
            ctx: the project.
            parts: each part once, in order.

        Raises:
            StageError: they are not the parts of one whole.
        """
        raise NotImplementedError(f"{self.uses} is divisible and has no `join`")

    @abstractmethod
    def run(self, ctx: Context) -> StageResult:
        """Measure.

        Raises:
            StageError: where it could not.
        """


ReportOptionsT_co = TypeVar("ReportOptionsT_co", bound=ReportOptions, covariant=True)


class ReportStage(Stage[ReportOptionsT_co]):
    """A stage that runs no tool: it judges what an earlier step wrote. Write `read`."""

    when = IN_CI

    def check(self) -> None:
        """Refuse a gate that names no report.

        Raises:
            ValueError: `report` is left out.
        """
        if not self.given:
            raise ValueError("`report` names what is judged: add it under `with:`")

    def run(self, ctx: Context) -> StageResult:
        """There is nothing to run.

        Raises:
            StageError: always.
        """
        del ctx
        raise StageError("no-report", f"stage `{self.uses}` judges a report, and none is named")

    @abstractmethod
    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Measure by the reports.

        Raises:
            StageError: where it could not.
        """
