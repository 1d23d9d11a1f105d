"""A workshop: a sample measured in a repository of its own, and measured again from its tape.

Services run where the measurement is real. Where it is played, stand-ins describe them as they
were; a stage that asks them by itself, and not by a program, gets real ones then too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from gates.domain.errors import StageError
from gates.domain.events import Event, GateProgressed
from gates.domain.judge import Judged, NotMeasured, judge
from gates.domain.plan import GatePlan, Plan
from gates.domain.stage_result import StageResult
from gates.executor.measure import measure
from gates.executor.project import Project
from gates.executor.services import ServiceHost
from gates.executor.setting import Setting
from gates.plugin import Needed, Options, Sample, Stage
from gates.testing.furnishing import GATE, GIT, finder, furnish
from gates.testing.relay import Fault
from gates.testing.retelling import retold
from gates.testing.seen import seen_of, shown_again
from gates.testing.standing import FaultyHost, StandIn, StandInHost, described
from gates.testing.tape import Left, Player, Recorder, Take, Tape, put
from gates.testing.tree import Tree
from gates.testing.watching import SampleContext
from gates.toolkit import state
from gates.toolkit.clock import SystemClock
from gates.toolkit.git import Git
from gates.toolkit.processes import Processes
from gates.toolkit.programs import ProgramOutput

_STEADY = frozenset({"rev-parse", "log", "cat-file", "ls-files"})
"""Commands of git whose answer no trial changes: they look at commits and at the index."""


_NOBODY = ("{itself}", "-c", "raise SystemExit(1)")
"""A program that ends before it could be asked."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came of one measurement.

    Attributes:
        outcome: what the stage handed over.
        judged: how the gate stands.
    """

    outcome: StageResult | NotMeasured
    judged: Judged


@dataclass(slots=True)
class Workshop:
    """One sample project, with the gate that judges it.

    Attributes:
        stage_type: the stage under test.
        root: the project's folder.
        plan: its plan.
        environ: the environment of `gates`.
        reports: files of the project that are evidence.
        files: all files that the sample puts into the project.
        is_vacant: there is nothing to examine, so that a gate that it needs may be errored.
        is_live: what is played meets real services too.
    """

    stage_type: type[Stage[Options]]
    root: Path
    plan: Plan
    environ: Mapping[str, str]
    reports: tuple[str, ...]
    files: frozenset[str] = frozenset()
    is_vacant: bool = False
    is_live: bool = False
    needed: dict[str, Needed] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()
    _project: Project = field(init=False)
    _setting: Setting = field(init=False)
    _tree: Tree = field(init=False)
    _processes: Processes | None = None
    _stand_ins: dict[str, StandIn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make a run's folder, as the executor does."""
        git, clock = _SteadyGit(self.root, self.environ), SystemClock()
        self._project = Project(
            plan=self.plan,
            root=self.root,
            folder=state.create_run(self.root, clock.now_utc()),
            state=None,
            environ=self.environ,
            clock=clock,
            git=git,
        )
        self._setting = Setting(
            root=self.root,
            git=git,
            environ=self.environ,
            observer=_Nobody(),
            clock=clock,
            load_stage=finder(self.stage_type),
        )
        self._tree = Tree(self.root, (self._project.folder,))

    @classmethod
    def of(
        cls,
        folder: Path,
        stage_type: type[Stage[Options]],
        sample: Sample,
        environ: Mapping[str, str],
        *,
        is_vacant: bool = False,
    ) -> Self:
        """Put a sample into a folder that is not there yet, and open a workshop in it.

        Raises:
            ConfigError: where the sample's options or conditions cannot be used.
            StageError: where the sample is none, there is no git, or it refuses the sample.
        """
        in_git = not (is_vacant and GIT in sample.vital)
        plan = furnish(folder, stage_type, sample, environ, in_git=in_git)
        made = cls(stage_type, folder.resolve(), plan, environ, sample.reports)
        made.files, made.is_vacant = frozenset(sample.files), is_vacant
        return made

    def record(self, recorder: Recorder) -> tuple[Measurement, Tape]:
        """Run the gate and what it needs for real, and keep what the programs did."""
        self._processes = recorder
        for gate in self.plan.gates:
            if gate.name != GATE:
                self._serve(gate, recorder)
        context = self._context(self.plan.gate(GATE), recorder, self.needed)
        self._tree.keep()
        recorder.out, recorder.tree, recorder.takes = context.out, self._tree, []
        context.folder.mkdir(parents=True, exist_ok=True)
        try:
            with self._host(recorder) as host:
                measured = self._measure(context, host)
        finally:
            recorder.out = None
        self._stand_ins = described(context.services)
        self.wanted = tuple(context.wanted)
        takes = (_annotated(take, context, at) for at, take in enumerate(recorder.takes))
        self._tree.restore()
        reports = tuple(Left(name, (self.root / name).read_bytes()) for name in self.reports)
        seen = seen_of(self.needed.values())
        asked = frozenset(context.read)
        return measured, Tape(takes=tuple(takes), reports=reports, asked=asked, seen=seen)

    def play(self, tape: Tape, *, hidden: str = "") -> Measurement:
        """Measure again in a project as it was, with a tape in place of programs.

        Args:
            tape: what the programs do.
            hidden: a program that is not there.
        """
        gate = self.plan.gate(GATE)
        shutil.rmtree(self._project.folder / gate.name, ignore_errors=True)
        out = self._project.folder / gate.name / "out"
        needed = shown_again(self.needed, tape.seen)
        context = self._context(gate, Player(tape, out, self.root), needed)
        context.hidden = frozenset({hidden} - {""})
        for name in self.reports:
            (self.root / name).unlink()
        for left in (*tape.reports, *tape.before):
            put(self.root / left.path, left.data, left)
        try:
            with self._host(None) as host:
                return self._measure(context, host)
        finally:
            self._tree.restore()

    def suffer(self, fault: Fault) -> Measurement:
        """Measure for real while something befalls the service; nothing is recorded.

        The sample must have been recorded before.

        Args:
            fault: what befalls it.
        """
        project, needed = self._project, dict[str, Needed]()
        if fault is Fault.ABSENT:
            gone = tuple(replace(each, run=_NOBODY, setup=()) for each in self.plan.services)
            project = replace(project, plan=replace(self.plan, services=gone))
        try:
            for gate in self.plan.gates:
                if gate.name != GATE:
                    context, measured = self._suffered(gate, fault, project, needed)
                    needed[gate.name] = _need(context, measured.outcome)
            return self._suffered(self.plan.gate(GATE), fault, project, needed)[1]
        finally:
            self._tree.restore()

    def _suffered(
        self, gate: GatePlan, fault: Fault, project: Project, needed: Mapping[str, Needed]
    ) -> tuple[SampleContext, Measurement]:
        shutil.rmtree(project.folder / gate.name, ignore_errors=True)
        context = self._context(gate, self._opened(), dict(needed))
        context.project, context.ends_service = project, fault is Fault.ENDED
        host = FaultyHost(project=project, processes=self._opened(), fault=fault)
        with _closing(host):
            return context, self._measure(context, host)

    def _opened(self) -> Processes:
        if self._processes is None:
            raise AssertionError("record first")
        return self._processes

    @contextmanager
    def _host(self, recorder: Recorder | None) -> Iterator[ServiceHost | None]:
        """What starts services: of a measurement that is recorded, or, with None, played."""
        if not self.plan.services:
            yield None
        elif recorder is not None or self.is_live:
            with _closing(ServiceHost(project=self._project, processes=self._opened())) as host:
                yield host
        else:
            yield StandInHost(
                project=self._project, processes=self._opened(), known=self._stand_ins
            )

    def _serve(self, gate: GatePlan, processes: Processes) -> None:
        """Measure a gate that the one under test needs."""
        context = self._context(gate, processes, self.needed)
        with _closing(ServiceHost(project=self._project, processes=processes)) as host:
            outcome = self._outcome(context, host)
        if isinstance(outcome, NotMeasured) and not self.is_vacant:
            problem = outcome.problem
            raise StageError(
                "sample-not-measured",
                f"the gate that it needs, `{gate.uses}`: {problem.summary}",
                hint=problem.hint,
                place=problem.place,
            )
        self.needed[gate.name] = _need(context, outcome)

    def _outcome(
        self, context: SampleContext, host: ServiceHost | None
    ) -> StageResult | NotMeasured:
        outcome = measure(self._setting, context, host).outcome
        if isinstance(outcome, NotMeasured):
            return replace(outcome, problem=retold(outcome.problem, self.root))
        return outcome

    def _measure(self, context: SampleContext, host: ServiceHost | None) -> Measurement:
        outcome = self._outcome(context, host)
        today = self._setting.clock.today()
        judged = judge(context.gate, outcome, waivers=(), today=today)
        return Measurement(outcome, judged)

    def _context(
        self, gate: GatePlan, processes: Processes, needed: Mapping[str, Needed]
    ) -> SampleContext:
        asks = (ask for other in self.plan.gates for ask in other.asks)
        return SampleContext(
            gate=gate,
            project=self._project,
            processes=processes,
            folder=self._project.folder / gate.name,
            needed=needed,
            asked=frozenset(word for name, words in asks if name == gate.name for word in words),
            tell=_tell_nobody,
        )


@contextmanager
def _closing(host: ServiceHost) -> Iterator[ServiceHost]:
    try:
        yield host
    finally:
        host.close()


def _need(context: SampleContext, outcome: StageResult | NotMeasured) -> Needed:
    """What a gate hands over to the one under test."""
    return Needed(
        name=context.gate.name,
        result=None if isinstance(outcome, NotMeasured) else outcome,
        out=context.out,
        started_ns=context.started_ns,
        service=context.trace,
    )


class _SteadyGit(Git):
    """Asks once what the repository holds, which stays; and each time what differs from it."""

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(root, environ)
        self._answers: dict[tuple[str, ...], ProgramOutput] = {}

    def _run(self, *arguments: str) -> ProgramOutput:
        if arguments[0] not in _STEADY or "--others" in arguments:
            return super()._run(*arguments)
        if arguments not in self._answers:
            self._answers[arguments] = super()._run(*arguments)
        return self._answers[arguments]


class _Nobody:
    """Is told of nothing."""

    def event(self, event: Event) -> None:
        """Nobody hears it."""

    def tick(self) -> None:
        """Nobody waits."""


def _tell_nobody(event: GateProgressed) -> None:
    del event


def _annotated(take: Take, context: SampleContext, number: int) -> Take:
    """A take with what the stage made of it."""
    return replace(
        take,
        ok=context.allowed.get(number, ()),
        reads=frozenset(context.looked.get(number, set())),
    )
