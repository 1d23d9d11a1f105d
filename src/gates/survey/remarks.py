"""What is wrong with the gates of a plan: those that cannot run, and those that could not fail.

Read from what stages declare, from gates.yaml and from the files alone; nothing is measured.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from gates.domain.condition import (
    Condition,
    ConditionError,
    Operator,
    Role,
    bind,
    parse,
)
from gates.domain.errors import StageError
from gates.domain.metric import Direction, MetricSpec, Unit
from gates.domain.plan import GatePlan, Plan
from gates.domain.survey import Remark, Weight
from gates.plugin import Options, Stage
from gates.survey.idle import ALWAYS_ZERO, is_idle
from gates.survey.layout import NODE
from gates.survey.node_obstacles import no_node_tests, no_npm_packages, no_provider
from gates.survey.obstacles import (
    no_database,
    no_packages,
    no_tests,
    nothing_to_see,
    outdated,
)
from gates.survey.probe import NotAsked, Probe
from gates.survey.scene import Obstacle, Scene
from gates.survey.table import candidate
from gates.toolkit.globs import expanded
from gates.toolkit.node_sources import NODE_SUFFIXES

PATH_OPTIONS = ("config", "file", "ini", "lock", "log", "paths", "project", "report", "source")
"""Options that name files or folders in the project, in whatever stage."""

_GIVEN = frozenset({"log", "report"})
"""Options that name what an earlier step writes."""

_NO_PATHS = frozenset({("jest", "paths"), ("vitest", "paths")})
"""Stages and options that name parts of paths, or patterns of them."""

_ANY_STATUS = (1, 255)
_CONDITIONED: Mapping[str, str] = {
    "dependency-cruiser": "config",
    "detect-secrets": "",
    "eslint": "",
    "secretlint": "",
    "tsc": "project",
}
"""Stages that need something of the project beside their tool, but where this option is given."""

_OF_SOURCES = ("files", "lines")


@dataclass(frozen=True, slots=True)
class Examiner:
    """Looks at the gates of a plan one by one.

    Attributes:
        scene: the project.
        plan: what gates.yaml says.
    """

    scene: Scene
    plan: Plan

    def remarks(self, gate: GatePlan, stage_type: type[Stage[Options]]) -> Iterator[Remark]:
        """All that is to be said of one gate, the worst first."""
        stage = stage_type(stage_type.options_type.from_plain(gate.options))
        for summary, hint in self._cannot_run(gate, stage):
            yield _remark(gate, Weight.CANNOT_RUN, summary, hint)
        for summary, hint in self._doubtful(gate):
            yield _remark(gate, Weight.DOUBTFUL, summary, hint)
        for summary, hint in _cannot_fail(gate):
            yield _remark(gate, Weight.CANNOT_FAIL, summary, hint)
        for summary, hint in _loose(gate):
            yield _remark(gate, Weight.LOOSE, summary, hint)

    def _cannot_run(self, gate: GatePlan, stage: Stage[Options]) -> Iterator[tuple[str, str]]:
        paths = tuple(self._missing_paths(gate))
        yield from paths
        if gate.options.get("report"):
            return
        tools = tuple(self._missing_tools(gate, stage))
        yield from tools
        if not paths:
            yield from self._nothing_there(gate, stage, has_tools=not tools)

    def _missing_paths(self, gate: GatePlan) -> Iterator[tuple[str, str]]:
        for name in PATH_OPTIONS:
            for path in _texts(gate.options.get(name)):
                if (gate.uses, name) in _NO_PATHS or "://" in path:
                    continue
                is_pattern = any(sign in path for sign in "*?[{")
                if name in _GIVEN:
                    yield from self._missing_report(path, name)
                elif not is_pattern and not (self.scene.root / path).exists():
                    hint = f"correct `{name}`, or bring the file"
                    yield f"`{path}`, which `{name}` names, is not there", hint

    def _missing_report(self, path: str, name: str) -> Iterator[tuple[str, str]]:
        """That nothing is there yet which an earlier step writes."""
        hint = "let the step that writes it run first"
        found = expanded(self.scene.root, (path,))
        if not found:
            yield f"`{path}`, which `{name}` names, matches no file", hint
        elif not any((self.scene.root / each).exists() for each in found):
            yield f"`{path}`, which `{name}` names, is not there", hint

    def _missing_tools(self, gate: GatePlan, stage: Stage[Options]) -> Iterator[tuple[str, str]]:
        known = candidate(gate.uses)
        for program in (*stage.programs, *_words(gate)[:1]):
            if "/" in program:
                if not (self.scene.root / program).is_file():
                    yield f"`{program}` is not a program", "correct `run`"
                continue
            try:
                self.scene.tool(program, known.distribution if known else "")
            except StageError as error:
                yield error.problem.summary, error.problem.hint

    def _nothing_there(
        self, gate: GatePlan, stage: Stage[Options], *, has_tools: bool
    ) -> Iterator[tuple[str, str]]:
        """Why it would find nothing to examine: no sources, no tests, no repository."""
        probe = Probe(self.scene, self.plan, level=gate.level)
        try:
            if stage.examines in _OF_SOURCES and "L1-SECRETS" not in gate.criteria:
                known = candidate(gate.uses)
                is_node = known is not None and known.language == NODE
                probe.sources(*(NODE_SUFFIXES if is_node else (".py",)))
            if "L1-COMMIT" in gate.criteria and self.scene.git.head() is None:
                yield "no commit is here for it to look at", "git init, and commit"
            elif _tells_inputs(stage, gate) and not stage.inputs(probe):
                yield "no file is there for it to examine", "see its options and `sources:`"
        except NotAsked:
            pass
        except StageError as error:
            yield error.problem.summary, error.problem.hint
        if has_tools:
            for stopped in self._lacking(gate):
                yield stopped.why.removeprefix("would be vacuous: "), stopped.hint

    def _lacking(self, gate: GatePlan) -> Iterator[Obstacle]:
        """What the project lacks for a gate with its options, whose tools are there."""
        known = candidate(gate.uses)
        if known is None:
            return
        found = [outdated(known, self.scene)] if known.program else []
        if known.criterion == "L1-TESTS" and not self._may_find_tests(gate):
            found.append(self._no_tests(gate))
        option = _CONDITIONED.get(gate.uses)
        if option is not None and not gate.options.get(option):
            found.append(nothing_to_see(gate.uses, self.scene))
        if gate.uses == "istanbul":
            runners = [self.plan.gate(name).uses for name in gate.needs]
            found.append(no_provider(self.scene, runners))
        if "L1-AUDIT" in gate.criteria:
            found.append(self._no_packages(gate))
        if gate.uses == "advisories":
            found.append(no_database(self.scene, str(gate.options.get("source", ""))))
        yield from (each for each in found if each is not None)

    def _no_packages(self, gate: GatePlan) -> Obstacle | None:
        locks, internal = (_texts(gate.options.get(name)) for name in ("lock", "internal"))
        if gate.uses == "npm-audit":
            return no_npm_packages(self.scene, (*locks, "package-lock.json")[0], internal)
        return no_packages(self.scene, locks, internal)

    def _no_tests(self, gate: GatePlan) -> Obstacle | None:
        if gate.uses == "pytest":
            return no_tests(self.scene, _texts(gate.options.get("paths")))
        return no_node_tests(self.scene)

    def _may_find_tests(self, gate: GatePlan) -> bool:
        """Whether options or configuration lead a runner where nobody but itself knows what is."""
        own = any(gate.options.get(name) for name in ("paths", "args"))
        return own or (gate.uses == "pytest" and bool(self.scene.layout.pytest.place))

    def _doubtful(self, gate: GatePlan) -> Iterator[tuple[str, str]]:
        known = candidate(gate.uses)
        if known is None or known.criterion != "L1-TESTS" or gate.options.get("report"):
            return
        stopped = self._no_tests(gate) if self._may_find_tests(gate) else None
        if stopped is not None:
            summary = stopped.why.removeprefix("would be vacuous: ")
            yield f"{summary}, as far as its files show", stopped.hint


def _cannot_fail(gate: GatePlan) -> Iterator[tuple[str, str]]:
    deciding = [each for each in gate.conditions if each.role is Role.REQUIRE]
    if not deciding:
        yield "no condition decides: all that it has are only told", "put one under `require:`"
    elif gate.dropped and all(_may_be_absent(gate, each) for each in deciding):
        names = ", ".join(sorted({each.metric for each in deciding}))
        yield (
            f"all that decides may have no value ({names}), and then nothing is judged",
            "add a condition on a metric that is always there: `gates stages " + gate.uses + "`",
        )
    words = _words(gate)
    by_status = deciding and all(each.metric == "exit_status" for each in deciding)
    if by_status and is_idle(words):
        yield f"`{_shown(words)}` ends well whatever the project holds", "let it run a real check"
    elif by_status and all(_admits_any_status(each, gate) for each in deciding):
        yield "its conditions hold for any exit status", "require `exit_status == 0`"


def _may_be_absent(gate: GatePlan, condition: Condition) -> bool:
    spec = gate.spec(condition.metric)
    return spec is not None and spec.optional


def _is_by_status(gate: GatePlan) -> bool:
    return gate.options.get("examined") == "exit-status"


def _admits_any_status(condition: Condition, gate: GatePlan) -> bool:
    """Whether a condition holds for each exit status that is no error: 0 and `ok`, else any."""
    ok = gate.options.get("ok")
    codes = [code for code in ok if isinstance(code, int)] if isinstance(ok, (list, tuple)) else []
    return condition.known_limit is not None and all(
        condition.operator.holds((status, 1), condition.limit)
        for status in (0, *(codes or _ANY_STATUS))
    )


def _unjudged(gate: GatePlan) -> tuple[str, ...]:
    """The metrics that a command declares and no condition speaks of."""
    declared = gate.options.get("metrics")
    judged = {each.metric for each in gate.conditions}
    names = declared if isinstance(declared, Mapping) else {}
    return tuple(str(name) for name in names if name not in judged)


def _loose(gate: GatePlan) -> Iterator[tuple[str, str]]:
    if _is_by_status(gate):
        yield (
            "only its exit status is examined: a command that looks at nothing passes",
            "let `examined` name a number that the command writes: {json: /files, unit: files}",
        )
    for name in _unjudged(gate):
        yield (
            f"`{name}` is measured, and no condition speaks of it",
            f"put one under `require:`, such as `{name} == 0`",
        )
    for text in gate.dropped:
        yield f"the default `{text}` is dropped", "see `drop:`; `gates plan` shows what is left"
    for each in gate.conditions:
        spec = gate.spec(each.metric)
        is_instead = each.role is Role.REQUIRE and bool(each.replaces)
        if is_instead and spec is not None and _is_looser(each, each.replaces, spec):
            yield f"`{each.text}` is looser than the default `{each.replaces}`", ""


def _is_looser(condition: Condition, default: str, spec: MetricSpec) -> bool:
    """Whether a condition admits worse values than the default that it replaces."""
    try:
        usual = bind(parse(default), spec, {})
    except ConditionError:
        return False  # a default of the options themselves: there is nothing to hold it against
    mine, theirs = _worst(condition, spec), _worst(usual, spec)
    if mine is None or theirs is None:
        return mine is None and theirs is not None
    return mine > theirs if spec.direction is Direction.LOWER else mine < theirs


def _worst(condition: Condition, spec: MetricSpec) -> tuple[Decimal, bool] | None:
    """The worst value that a condition admits, and whether it is admitted itself; None for any.

    One that is held against a baseline alone admits any, since the baseline moves.

    Pairs compare as they should: with a limit that counts itself one admits more where lower is
    better, and for higher the flag is turned around.
    """
    lower = spec.direction is Direction.LOWER
    strict, lax = (Operator.LT, Operator.LE) if lower else (Operator.GT, Operator.GE)
    if condition.operator not in {strict, lax, Operator.EQ}:
        return None
    limit, admits = condition.known_limit, condition.operator is not strict
    if limit is None:
        return None
    if spec.unit is Unit.COUNT and not admits:
        # Of whole numbers, the next one is the worst that is admitted.
        limit = limit.to_integral_value(ROUND_CEILING) - 1 if lower else limit // 1 + 1
        admits = True
    return limit, admits if lower else not admits


def _tells_inputs(stage: Stage[Options], gate: GatePlan) -> bool:
    """Whether a stage that names no input has nothing to look at, and not merely nothing to say."""
    if gate.uses == "command":
        return bool(gate.options.get("inputs"))
    return type(stage).inputs is not Stage.inputs


def _words(gate: GatePlan) -> tuple[str, ...]:
    """The words of the option `run`."""
    run = gate.options.get("run")
    return tuple(shlex.split(run)) if isinstance(run, str) else _texts(run)


def _shown(words: tuple[str, ...]) -> str:
    """A command for a line of a report: one program by its name, else all its words."""
    return words[0] if words[0].rpartition("/")[2] in ALWAYS_ZERO else shlex.join(words)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, (list, tuple)):
        return tuple(text for text in value if isinstance(text, str))
    return ()


def _remark(gate: GatePlan, weight: Weight, summary: str, hint: str) -> Remark:
    return Remark(gate=gate.name, place=gate.place, weight=weight, summary=summary, hint=hint)
