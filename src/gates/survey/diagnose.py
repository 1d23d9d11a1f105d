"""The whole look of `gates doctor`: surroundings, tools, and each gate of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gates import stages
from gates.domain import criteria
from gates.domain.errors import StageError, ToolMissing
from gates.domain.plan import Exemption, GatePlan, Plan
from gates.domain.survey import Diagnosis, Fact, Remark, SeenTool, Weight
from gates.survey import layout, services, surroundings
from gates.survey.configured import configured
from gates.survey.layout import NODE, PYTHON
from gates.survey.remarks import Examiner
from gates.survey.scene import Scene
from gates.survey.starts import Starts
from gates.survey.table import CANDIDATES
from gates.toolkit.environment import child_environment
from gates.toolkit.git import Git
from gates.toolkit.state import list_runs
from gates.toolkit.tools import Toolbox

LEVEL = 1
"""The level whose documented criteria are held against the gates."""


def diagnose(
    plan: Plan,
    git: Git,
    state: Path,
    environ: Mapping[str, str],
    *,
    own_prefix: Path | None = None,
) -> Diagnosis:
    """Look at a plan and its project; programs are started with `--version` alone.

    Args:
        plan: what gates.yaml says.
        git: the repository of its folder, also where there is none.
        state: where what is kept for speed lives.
        environ: the environment of `gates`.
        own_prefix: where `gates` is installed; by default the running interpreter's environment.

    Raises:
        StageError: the environment that gates.yaml names is not there, or git does not answer.
    """
    root = git.root
    scene = Scene(
        root=root,
        git=git,
        toolbox=Toolbox(
            root=root,
            git_root=git.toplevel(),
            environment=plan.environment or None,
            environ=environ,
            own_prefix=own_prefix,
        ),
        environ=environ,
        layout=layout.look(root),
        configured=configured(root),
    )
    planted = tuple(surroundings.of_planted(git))
    return Diagnosis(
        project=plan.project,
        policy=str(root / plan.policy.source),
        gates=len(plan.gates),
        facts=(
            *surroundings.of_environments(
                scene.toolbox,
                git.toplevel(),
                environ,
                is_python=_is_python(plan, scene),
            ),
            *(surroundings.of_packages(root) if NODE in scene.layout.languages else ()),
            *surroundings.of_repository(git, environ),
            *surroundings.of_state(state, root, len(list_runs(root))),
        ),
        tools=tuple(_tools(plan, scene)),
        remarks=(*map(_of_all, planted), *_remarks(plan, scene)),
        uncovered=_uncovered(plan),
    )


def _of_all(fact: Fact) -> Remark:
    return Remark(gate="", place="", weight=Weight.CANNOT_RUN, summary=fact.text, hint=fact.hint)


def _is_python(plan: Plan, scene: Scene) -> bool:
    """Whether an environment is to be expected: there is Python, or nobody knows what is there."""
    languages = scene.layout.languages
    return PYTHON in languages or not (languages or plan.projects)


def _remarks(plan: Plan, scene: Scene) -> Iterator[Remark]:
    examiner = Examiner(scene, plan)
    found = [(gate, tuple(examiner.remarks(gate, stages.load(gate.uses)))) for gate in plan.gates]
    stopped = {
        gate.name
        for gate, remarks in found
        if any(each.weight is Weight.CANNOT_RUN for each in remarks)
    }
    of_services = tuple(services.of_services(plan, scene))
    stopped |= {each.gate for each in of_services if each.weight is Weight.CANNOT_RUN}
    for gate, remarks in found:
        yield from _of_needs(gate, stopped)
        yield from remarks
    yield from of_services
    for exemption in plan.not_applicable:
        yield _of_exemption(exemption, plan)


def _of_needs(gate: GatePlan, stopped: set[str]) -> Iterator[Remark]:
    """That a gate's data come from one that cannot run."""
    for name in gate.needs:
        if name in stopped:
            yield Remark(
                gate=gate.name,
                place=gate.place,
                weight=Weight.CANNOT_RUN,
                summary=f"it needs the gate `{name}`, which cannot run",
            )


def _of_exemption(exemption: Exemption, plan: Plan) -> Remark:
    serving = [gate for gate in plan.gates if exemption.criterion in gate.criteria]
    said = f"{exemption.criterion} is said not to apply"
    if serving:
        return Remark(
            gate=serving[0].name,
            place=serving[0].place,
            weight=Weight.LOOSE,
            summary=f"{said}, and this gate serves it",
            hint="take it out of `not_applicable:`, or the gate out of the file",
        )
    summary = f"{said}, and no gate looks: {exemption.reason} ({exemption.owner})"
    return Remark(gate="", place="", weight=Weight.LOOSE, summary=summary)


def _tools(plan: Plan, scene: Scene) -> Iterator[SeenTool]:
    """Each program that a stage names; those of `command` are the project's, and not started."""
    distributions = {one.program: one.distribution for one in CANDIDATES}
    prefix, top = scene.toolbox.prefix, scene.git.toplevel()
    env = child_environment(scene.environ, root=scene.root, prefix=prefix, outside=top)
    starts = Starts(env)
    names = {
        program
        for gate in plan.gates
        if not gate.options.get("report")
        for program in stages.load(gate.uses).programs
    }
    if NODE in scene.layout.languages:
        names |= {"node", "npm"}
    for name in sorted(names):
        try:
            tool = scene.tool(name, distributions.get(name, ""))
        except ToolMissing:
            yield SeenTool(name=name, how="missing")
        except StageError as error:
            yield SeenTool(name=name, how=error.problem.summary)
        else:
            yield starts.look(tool)


def _uncovered(plan: Plan) -> tuple[tuple[str, str], ...]:
    if plan.projects:
        return ()  # the projects serve them, each by itself
    served = {identifier for gate in plan.gates for identifier in gate.criteria}
    exempt = {exemption.criterion for exemption in plan.not_applicable}
    return tuple(
        (criterion.id, criterion.title)
        for criterion in criteria.up_to(LEVEL)
        if criterion.id not in served | exempt
    )
