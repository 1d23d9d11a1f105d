"""Chooses the gates of a first gates.yaml: those that can run now and have something to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.domain.survey import Chosen, LeftOut, Proposal
from gates.stages import BUILT_IN
from gates.survey import environments, layout
from gates.survey.configured import configured
from gates.survey.layout import NODE, PYTHON, Layout
from gates.survey.manifest import asked_for
from gates.survey.node_obstacles import no_provider, npm_lock, provider
from gates.survey.notes import no_project, notes, refuse_part, visited
from gates.survey.obstacles import WRITE_LOCK, lock_of, obstacle
from gates.survey.running import running
from gates.survey.scene import Obstacle, Scene
from gates.survey.table import CANDIDATES, Candidate
from gates.toolkit.git import Git
from gates.toolkit.node_programs import NODE_FOLDER
from gates.toolkit.tools import Toolbox

QUICK_S = 20
"""Seconds that the gates which run at once may take together, as far as that is known before."""


def propose(root: Path, environ: Mapping[str, str], *, own_prefix: Path | None = None) -> Proposal:
    """Look at a project, and choose its gates.

    Args:
        root: the folder in which gates.yaml will stand.
        environ: the environment of `gates`.
        own_prefix: where `gates` is installed; by default the running interpreter's environment.

    Raises:
        ConfigError: no project lies here; where some lie below, the hint names them.
        StageError: a folder of it cannot be read, or git refuses to answer.
    """
    found = layout.look(root)
    git = Git(root, environ)
    if not layout.is_project(root) and found.node is None:
        refuse_part(root, git.toplevel(), environ)
    if not found.sources or found.is_only_a_roof:
        raise no_project(found, root, environ)
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
        tools_from=_tools_from(toolbox, found),
        launcher=around.launcher,
        environ=tuple(added.items()),
        chosen=tuple(choosing.chosen),
        left_out=tuple(choosing.left_out),
        quick=quick(choosing.chosen, QUICK_S),
        notes=(
            *notes(scene, around.note),
            *choosing.notes,
            *visited(scene, (gate.uses for gate in choosing.chosen)),
            *running(scene),
        ),
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

    def choose(
        self,
        candidates: Iterable[Candidate] = CANDIDATES,
        *,
        languages: tuple[str, ...] | None = None,
    ) -> None:
        """Choose for each criterion what the project configures, else the first that can run.

        Each language has gates of its own, but for what looks at all of them.

        Args:
            candidates: what may be chosen.
            languages: by default those of the project.
        """
        present = self.scene.layout.languages if languages is None else languages
        groups: dict[tuple[str, str], list[Candidate]] = {}
        for one in candidates:
            if one.uses in BUILT_IN and (one.is_shared or one.language in present):
                of = "" if one.is_shared else one.language
                groups.setdefault((of, one.criterion), []).append(one)
        for group in groups.values():
            wanted = sorted(group, key=lambda one: not self._is_asked_for(one))
            self._choose_of(sorted(wanted, key=lambda one: one.language not in present))

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

    def _is_asked_for(self, one: Candidate) -> bool:
        """Whether a package.json asks for a Node tool; one of Python counts in its place."""
        return one.language != NODE or one.package in asked_for(self.scene.root)

    def _obstacle(self, one: Candidate) -> Obstacle | None:
        if one.criterion != "L1-COVERAGE":
            return obstacle(one, self.scene)
        runners = self._runners(one)
        if not runners:
            missing = f"needs the gate `{self._name(one, 'tests')}`, which is left out"
            return obstacle(one, self.scene) or Obstacle(missing)
        if one.language == NODE:
            return no_provider(self.scene, [gate.uses for gate in runners])
        return obstacle(one, self.scene)

    def _runners(self, one: Candidate) -> list[Chosen]:
        """The chosen gates whose tests a gate of coverage can have measured."""
        uses = ("vitest", "jest") if one.language == NODE else ("pytest",)
        return [gate for gate in self.chosen if gate.uses in uses]

    def _name(self, one: Candidate, name: str) -> str:
        """The name of a gate, told apart where two languages have one of that name."""
        node = self.scene.layout.node
        is_second = node is not None and PYTHON in self.scene.layout.languages
        if node is None or not is_second or one.language != NODE or one.is_shared:
            return name
        return f"{name}-{node.short}"

    def _is_foreign(self, one: Candidate) -> bool:
        if not one.program:
            return False
        return not self.scene.is_own(self.scene.tool(one.program, one.distribution))

    def _take(self, one: Candidate) -> None:
        name = self._name(one, one.gate)
        taken = any(gate.name == name for gate in self.chosen)
        place = self.scene.configured.get(one.uses, "")
        gate = Chosen(
            name=one.uses if taken else name,
            uses=one.uses,
            purpose=one.purpose,
            why=self._configured(one, place) if place else self._reason(one),
            found=self._found(one),
            seconds=self._seconds(one),
        )
        if one.criterion == "L1-AUDIT":
            gate = self._audited(gate)
        if one.uses == "istanbul" and len(self._runners(one)) > 1:
            # Of two gates of tests it must be told which measures: the first.
            gate = replace(gate, options=(("tests", self._runners(one)[0].name),))
        self.chosen.append(gate)

    def _leave(self, one: Candidate, reason: Obstacle) -> None:
        place = self.scene.configured.get(one.uses, "")
        why = f"{reason.why}, though it is configured ({place})" if place else reason.why
        self.left_out.append(
            LeftOut(
                name=self._name(one, one.gate), criterion=one.criterion, why=why, hint=reason.hint
            )
        )

    def _configured(self, one: Candidate, place: str) -> str:
        is_doubtful = one.criterion == "L1-TESTS" and not self._tests(one)
        return f"configured by {place}{', though no test was recognised' * is_doubtful}"

    def _tests(self, one: Candidate) -> tuple[str, ...]:
        node = self.scene.layout.node
        if one.language == NODE:
            return node.tests if node else ()
        return self.scene.layout.tests

    def _reason(self, one: Candidate) -> str:
        if one.criterion == "L1-TESTS" and self._tests(one):
            count = len(self._tests(one))
            return f"{count} test file{'s' if count != 1 else ''}"
        if one.uses == "commit-message":
            return "the last messages are Conventional Commits"
        if one.uses == "istanbul":
            by_vitest = any(gate.uses == "vitest" for gate in self.chosen)
            return f"{provider(self.scene)} is installed" if by_vitest else "Jest measures it"
        if one.uses == "npm-audit":
            return f"there is a {npm_lock(self.scene.root)}"
        return f"{one.package} is installed" if one.program else "there is a database"

    def _audited(self, gate: Chosen) -> Chosen:
        if gate.uses == "npm-audit":
            return replace(gate, options=(("lock", npm_lock(self.scene.root)),))
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
        found = self.scene.layout
        files = len(found.files) + len(found.tests)
        if one.language == NODE and found.node is not None:
            files = len(found.node.files) + len(found.node.tests)
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


def _tools_from(toolbox: Toolbox, found: Layout) -> str:
    """Where the tools are looked up first, of each language."""
    python = (environments.shown(toolbox),) if PYTHON in found.languages else ()
    node = (NODE_FOLDER if toolbox.node_folders else "PATH",) if NODE in found.languages else ()
    return " and ".join(dict.fromkeys((*python, *node)))
