"""Chooses the gates of a first gates.yaml: those that can run now and have something to see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.domain.errors import ConfigError, Problem
from gates.domain.survey import Chosen, LeftOut, Proposal
from gates.stages import BUILT_IN
from gates.survey import environments, layout
from gates.survey.configured import configured, metadata_fault
from gates.survey.layout import Layout
from gates.survey.obstacles import WRITE_LOCK, Obstacle, lock_of, obstacle
from gates.survey.scene import Scene, from_shell
from gates.survey.table import CANDIDATES, Candidate
from gates.toolkit.git import Git
from gates.toolkit.tools import Toolbox

QUICK_S = 20
"""Seconds that the gates which run at once may take together, as far as that is known before."""

_SHOWN = 8


def propose(root: Path, environ: Mapping[str, str], *, own_prefix: Path | None = None) -> Proposal:
    """Look at a project, and choose its gates.

    Args:
        root: the folder in which gates.yaml will stand.
        environ: the environment of `gates`.
        own_prefix: where `gates` is installed; by default the running interpreter's environment.

    Raises:
        ConfigError: no Python project lies here; where some lie below, the hint names them.
        StageError: a folder of it cannot be read, or git refuses to answer.
    """
    found = layout.look(root)
    git = Git(root, environ)
    if not found.is_package:
        _refuse_part(root, git.toplevel(), environ)
    if not found.sources or found.is_only_a_roof:
        raise _no_project(found, root, environ)
    around = environments.find_environment(root, git.toplevel(), environ)
    toolbox = Toolbox(
        root=root,
        git_root=git.toplevel(),
        environment=around.named or None,
        environ=around.environ,
        own_prefix=own_prefix,
    )
    scene = Scene(
        root=root,
        git=git,
        toolbox=toolbox,
        environ=around.environ,
        layout=found,
        configured=configured(root),
    )
    choosing = Choosing(scene)
    choosing.choose()
    added = {name: text for name, text in around.environ.items() if environ.get(name) != text}
    return Proposal(
        project=found.name if found.name != root.name else "",
        layout=found.kind,
        sources=found.sources,
        exclude=found.exclude,
        environment=around.named,
        tools_from=environments.shown(toolbox),
        launcher=around.launcher,
        environ=tuple(added.items()),
        chosen=tuple(choosing.chosen),
        left_out=tuple(choosing.left_out),
        quick=quick(choosing.chosen, QUICK_S),
        notes=(*_notes(scene, around.note), *choosing.notes),
    )


@dataclass(slots=True)
class Choosing:
    """Chooses, criterion by criterion.

    Attributes:
        scene: the project.
        chosen: what was chosen so far.
        left_out: what was left out so far.
        notes: what the user should know of the choice.
    """

    scene: Scene
    chosen: list[Chosen] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def choose(self, candidates: Iterable[Candidate] = CANDIDATES) -> None:
        """Choose for each criterion what the project configures, else the first that can run."""
        groups: dict[str, list[Candidate]] = {}
        for one in candidates:
            if one.uses in BUILT_IN:
                groups.setdefault(one.criterion, []).append(one)
        for group in groups.values():
            self._choose_of(group)

    def _choose_of(self, group: list[Candidate]) -> None:
        stopped = {one.uses: self._obstacle(one) for one in group}
        asked = [one for one in group if one.uses in self.scene.configured]
        runnable = [one for one in group if stopped[one.uses] is None]
        kept = [one for one in runnable if one in asked]
        if not kept:
            # Of tools that nobody configured one is enough: the project's own before any other.
            others = [one for one in runnable if not asked or not self._is_foreign(one)]
            kept = sorted(others, key=self._is_foreign)[:1]
        for one in kept:
            self._take(one)
        for one in asked or ([] if kept else group[:1]):
            reason = stopped[one.uses]
            if reason is not None:
                self._leave(one, reason)

    def _obstacle(self, one: Candidate) -> Obstacle | None:
        if one.uses == "coverage" and all(gate.uses != "pytest" for gate in self.chosen):
            return obstacle(one, self.scene) or Obstacle(
                "needs the gate `tests`, which is left out"
            )
        return obstacle(one, self.scene)

    def _is_foreign(self, one: Candidate) -> bool:
        if not one.program:
            return False
        return not self.scene.is_own(self.scene.tool(one.program, one.distribution))

    def _take(self, one: Candidate) -> None:
        taken = any(gate.name == one.gate for gate in self.chosen)
        place = self.scene.configured.get(one.uses, "")
        gate = Chosen(
            name=one.uses if taken else one.gate,
            uses=one.uses,
            purpose=one.purpose,
            why=self._configured(one, place) if place else self._reason(one),
            found=self._found(one),
            seconds=self._seconds(one),
        )
        if one.criterion == "L1-AUDIT":
            gate = self._audited(gate)
        self.chosen.append(gate)

    def _leave(self, one: Candidate, reason: Obstacle) -> None:
        place = self.scene.configured.get(one.uses, "")
        why = f"{reason.why}, though it is configured ({place})" if place else reason.why
        self.left_out.append(
            LeftOut(name=one.gate, criterion=one.criterion, why=why, hint=reason.hint)
        )

    def _configured(self, one: Candidate, place: str) -> str:
        is_doubtful = one.uses == "pytest" and not self.scene.layout.tests
        return f"configured by {place}{', though no test was recognised' * is_doubtful}"

    def _reason(self, one: Candidate) -> str:
        if one.uses == "pytest":
            count = len(self.scene.layout.tests)
            return f"{count} test file{'s' if count != 1 else ''}"
        if one.uses == "commit-message":
            return "the last messages are Conventional Commits"
        return f"{one.package} is installed" if one.program else "there is a database"

    def _audited(self, gate: Chosen) -> Chosen:
        lock, refused = lock_of(self.scene)
        if not lock:
            because = refused or "no lock"
            if refused:
                self.notes.append(f"{gate.name}: {refused}; {WRITE_LOCK}")
            return replace(gate, why=f"{gate.why}; {because}, so it looks at the environment")
        return replace(gate, options=(("lock", lock),))

    def _found(self, one: Candidate) -> str:
        if not one.program:
            return ""
        tool = self.scene.tool(one.program, one.distribution)
        return f"{tool.name} {tool.version}".rstrip() + f" ({tool.how})"

    def _seconds(self, one: Candidate) -> float | None:
        if one.start_s is None:
            return None
        files = len(self.scene.layout.files) + len(self.scene.layout.tests)
        return one.start_s + files * one.file_s


def quick(chosen: Iterable[Chosen], limit_s: float) -> tuple[str, ...]:
    """Names of the gates that together take about so long at most, the quickest first chosen.

    Returns:
        Their names in the order of the file.
    """
    gates = [(gate.seconds, gate.name) for gate in chosen if gate.seconds is not None]
    names: set[str] = set()
    total = 0.0
    for seconds, name in sorted(gates):
        total += seconds
        if total <= limit_s:
            names.add(name)
    return tuple(name for _, name in gates if name in names)


def _notes(scene: Scene, environment: str) -> Iterator[str]:
    broken = metadata_fault(scene.root)
    if broken:
        yield f"pyproject.toml is no TOML, so nothing of it was read: {broken}"
    if environment:
        yield environment
    if scene.layout.below:
        commands = _commands(scene.layout, scene.root, scene.environ)
        yield f"projects of their own lie below; each takes a gates.yaml of its own: {commands}"


def _commands(found: Layout, root: Path, environ: Mapping[str, str]) -> str:
    """What to type for the projects below; the first ones of many."""
    shown = (from_shell(root / name, root, environ) for name in found.below[:_SHOWN])
    more = len(found.below) - _SHOWN
    commands = ", ".join(f"`gates -C {path} init`" for path in shown)
    return f"{commands}, and {more} more" if more > 0 else commands


def _refuse_part(root: Path, top: Path | None, environ: Mapping[str, str]) -> None:
    """Refuse a folder within a project: its gates.yaml belongs at the project's top.

    Raises:
        ConfigError: with that place.
    """
    for folder in root.parents if top is not None and root != top else ():
        if layout.has_metadata(folder):
            summary = f"this folder is a part of the project in `{folder}`"
            raise ConfigError(
                Problem(
                    "part-of-a-project",
                    summary,
                    place=str(root),
                    hint=f"gates -C {from_shell(folder, root, environ)} init",
                )
            )
        if folder == top:
            break


def _no_project(found: Layout, root: Path, environ: Mapping[str, str]) -> ConfigError:
    if found.below:
        summary = "no Python project lies here, but some lie below"
        hint = f"each takes a gates.yaml of its own: {_commands(found, root, environ)}"
    else:
        summary = "no Python sources were found here, so no gate could look at anything"
        hint = "start it in the project's folder, or name that with `gates -C DIR init`"
    return ConfigError(Problem("no-project", summary, place=str(root), hint=hint))
