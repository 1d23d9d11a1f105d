"""What keeps the services of a plan from starting, as far as it shows without starting one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.plan import Plan
from gates.domain.service import ITSELF, ServicePlan, placeholders, reach
from gates.domain.survey import Remark, Weight
from gates.survey.scene import Obstacle, Scene
from gates.toolkit import postgres_launch
from gates.toolkit.programs import is_program


def of_services(plan: Plan, scene: Scene) -> Iterator[Remark]:
    """Remarks on each service: on the gates that it keeps from running, or that none names it."""
    used: dict[str, list[str]] = {}
    for gate in plan.gates:
        for service in reach(gate.service, plan.services):
            used.setdefault(service.name, []).append(gate.name)
    for service in plan.services:
        if service.name not in used:
            yield Remark(
                gate="",
                place=service.place,
                weight=Weight.LOOSE,
                summary=f"service `{service.name}` never starts: no gate names it",
                hint="name it with `service:` of a gate, or take it away",
            )
        for obstacle in _obstacles(service, scene):
            for name in used.get(service.name, ()):
                yield Remark(
                    gate=name,
                    place=service.place,
                    weight=Weight.CANNOT_RUN,
                    summary=obstacle.why,
                    hint=obstacle.hint,
                )


def _obstacles(service: ServicePlan, scene: Scene) -> Iterator[Obstacle]:
    seen: set[str] = set()
    for words in (*service.setup, service.run, service.ready.command):
        if words and words[0] not in seen:
            seen.add(words[0])
            yield from _of_program(words, service, scene)
    if service.cwd and not (scene.root / service.cwd).is_dir():
        why = f"service `{service.name}` starts in `{service.cwd}`, which is no folder"
        yield Obstacle(why, "correct its `cwd`")


def _of_program(words: tuple[str, ...], service: ServicePlan, scene: Scene) -> Iterator[Obstacle]:
    program = words[0]
    if program == ITSELF:
        try:
            postgres_launch.found(scene.environ)
        except postgres_launch.NotStartedError as error:
            yield Obstacle(f"service `{service.name}` cannot start: {error}")
    elif placeholders(program):
        return  # its name is known only when it starts
    elif "/" in program:
        if not is_program(str(scene.root / Path(program))):
            why = f"`{program}`, which service `{service.name}` names, is not a program"
            yield Obstacle(why, "a path is relative to the folder of gates.yaml")
    else:
        try:
            scene.tool(program)
        except StageError as error:
            why = f"service `{service.name}` cannot start: {error.problem.summary}"
            yield Obstacle(why, error.problem.hint)
