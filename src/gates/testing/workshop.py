"""A workshop: a sample measured in a repository of its own, and measured again from its tape."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
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
from gates.executor.setting import Setting
from gates.plugin import Needed, Options, Sample, Stage
from gates.testing.furnishing import GATE, GIT, finder, furnish
from gates.testing.retelling import retold
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
    """

    stage_type: type[Stage[Options]]
    root: Path
    plan: Plan
    environ: Mapping[str, str]
    reports: tuple[str, ...]
    files: frozenset[str] = frozenset()
    is_vacant: bool = False
    needed: dict[str, Needed] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()
    _project: Project = field(init=False)
    _setting: Setting = field(init=False)
    _tree: Tree = field(init=False)

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
        for gate in self.plan.gates:
            if gate.name != GATE:
                self._serve(gate, recorder)
        context = self._context(self.plan.gate(GATE), recorder)
        self._tree.keep()
        recorder.out, recorder.tree, recorder.takes = context.out, self._tree, []
        context.folder.mkdir(parents=True, exist_ok=True)
        try:
            measured = self._measure(context)
        finally:
            recorder.out = None
        self.wanted = tuple(context.wanted)
        takes = (_annotated(take, context, at) for at, take in enumerate(recorder.takes))
        self._tree.restore()
        reports = tuple(Left(name, (self.root / name).read_bytes()) for name in self.reports)
        return measured, Tape(takes=tuple(takes), reports=reports, asked=frozenset(context.read))

    def play(self, tape: Tape, *, hidden: str = "") -> Measurement:
        """Measure again in a project as it was, with a tape in place of programs.

        Args:
            tape: what the programs do.
            hidden: a program that is not there.
        """
        gate = self.plan.gate(GATE)
        shutil.rmtree(self._project.folder / gate.name, ignore_errors=True)
        out = self._project.folder / gate.name / "out"
        context = self._context(gate, Player(tape, out, self.root))
        context.hidden = frozenset({hidden} - {""})
        for name in self.reports:
            (self.root / name).unlink()
        for left in (*tape.reports, *tape.before):
            put(self.root / left.path, left.data, left)
        try:
            return self._measure(context)
        finally:
            self._tree.restore()

    def _serve(self, gate: GatePlan, processes: Processes) -> None:
        """Measure a gate that the one under test needs."""
        context = self._context(gate, processes)
        outcome = self._outcome(context)
        if isinstance(outcome, NotMeasured):
            if self.is_vacant:
                self.needed[gate.name] = Needed(
                    name=gate.name, result=None, out=context.out, started_ns=context.started_ns
                )
                return
            problem = outcome.problem
            raise StageError(
                "sample-not-measured",
                f"the gate that it needs, `{gate.uses}`: {problem.summary}",
                hint=problem.hint,
                place=problem.place,
            )
        self.needed[gate.name] = Needed(
            name=gate.name, result=outcome, out=context.out, started_ns=context.started_ns
        )

    def _outcome(self, context: SampleContext) -> StageResult | NotMeasured:
        outcome = measure(self._setting, context).outcome
        if isinstance(outcome, NotMeasured):
            return replace(outcome, problem=retold(outcome.problem, self.root))
        return outcome

    def _measure(self, context: SampleContext) -> Measurement:
        outcome = self._outcome(context)
        today = self._setting.clock.today()
        judged = judge(context.gate, outcome, waivers=(), today=today)
        return Measurement(outcome, judged)

    def _context(self, gate: GatePlan, processes: Processes) -> SampleContext:
        asks = (ask for other in self.plan.gates for ask in other.asks)
        return SampleContext(
            gate=gate,
            project=self._project,
            processes=processes,
            folder=self._project.folder / gate.name,
            needed=self.needed,
            asked=frozenset(word for name, words in asks if name == gate.name for word in words),
            tell=_tell_nobody,
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
