"""Why a stage can show nothing in a project: its tool is missing, or there is nothing to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time

from gates.domain.errors import StageError, ToolMissing
from gates.formats import conventional_commits
from gates.formats.conventional_commits import Rules
from gates.survey import manifest, node_obstacles
from gates.survey.layout import NODE
from gates.survey.scene import Obstacle, Scene, is_older
from gates.survey.seen_tests import seen_tests
from gates.survey.table import Candidate
from gates.toolkit.clock import SystemClock

READ_COMMITS = 50
_MOST = (4, 5)
_NAMES_NONE = "names no package to look up"
WRITE_LOCK = "write a lock: `uv lock`, `poetry lock`, or `pip-compile --generate-hashes`"
"""What to do where no lock can be looked up whole."""

_LOCKS = ("uv.lock", "poetry.lock", "pylock.toml", "requirements.txt")


def obstacle(candidate: Candidate, scene: Scene) -> Obstacle | None:
    """What stands in a stage's way; None where it can run."""
    place = scene.configured.get(candidate.uses, "")
    if candidate.language == NODE and candidate.is_bound and not place:
        absent = _not_asked_for(candidate, scene)
        if absent is not None:
            return absent
    elif candidate.is_on_request and not place:
        why = f"would be vacuous: the project does not configure {candidate.uses}"
        return Obstacle(why, f"write down what it shall hold, by the manual of {candidate.uses}")
    return nothing_to_see(candidate.uses, scene) or _of_tool(candidate, scene)


def nothing_to_see(uses: str, scene: Scene) -> Obstacle | None:
    """Why a stage would find nothing in a project, whatever its tool; None where it would."""
    finder = _FINDERS.get(uses)
    return finder(scene) if finder is not None else None


def outdated(candidate: Candidate, scene: Scene) -> Obstacle | None:
    """Why a tool that is there will not do: its version; None where it will, or nobody knows.

    Raises:
        StageError: it is missing, or the checkout brought it.
    """
    tool = scene.tool(candidate.program, candidate.distribution)
    if not is_older(tool.version, candidate.oldest):
        return None
    needed = ".".join(str(part) for part in candidate.oldest)
    why = f"{candidate.package} {tool.version} is too old: {needed} is needed"
    return Obstacle(why, scene.install(candidate))


def lock_of(scene: Scene) -> tuple[str, str]:
    """The first lock of the project that can be looked up whole, and why earlier ones cannot."""
    from gates.advisories import inventory

    refused = ""
    for name in _LOCKS:
        if not (scene.root / name).is_file():
            continue
        try:
            if inventory.from_locks(scene.root, (name,)).entries:
                return name, refused
            refused = refused or f"{name} {_NAMES_NONE}"
        except StageError as error:
            refused = refused or f"{name}: {error.problem.summary}"
    return "", refused


def no_packages(
    scene: Scene, locks: tuple[str, ...], internal: tuple[str, ...] = ()
) -> Obstacle | None:
    """Why the packages of these locks, or without one of the environment, cannot be looked up."""
    from gates.advisories import inventory

    prefix = scene.toolbox.prefix
    if not locks and prefix is None:
        return Obstacle("there is neither a lock nor an environment to look into")
    try:
        if locks or prefix is None:
            held = inventory.from_locks(scene.root, locks, internal=internal)
        else:
            held = inventory.from_environment(prefix, root=scene.root, internal=internal)
    except StageError as error:
        return Obstacle(error.problem.summary, error.problem.hint)
    return None if held.entries else Obstacle("would be vacuous: there is no package to look up")


def no_database(scene: Scene, source: str = "") -> Obstacle | None:
    """Why there is no vulnerability data to look packages up in."""
    from gates.advisories import location

    now = datetime.combine(SystemClock().today(), time(), UTC)
    try:
        location.open_configured(scene.environ, base=scene.root, now=now, named=source).close()
    except StageError as error:
        hint = "`gates advisories update SOURCE`, or use pip-audit"
        return Obstacle(error.problem.summary, error.problem.hint or hint)
    return None


def _not_asked_for(candidate: Candidate, scene: Scene) -> Obstacle | None:
    """That no package.json asks for a tool: where it is there, another package brought it."""
    if candidate.package in manifest.asked_for(scene.root):
        return None
    return Obstacle(f"no package.json asks for {candidate.package}", scene.install(candidate))


def _of_tool(candidate: Candidate, scene: Scene) -> Obstacle | None:
    if not candidate.program:
        return None
    name = candidate.package
    try:
        tool = scene.tool(candidate.program, candidate.distribution)
    except ToolMissing:
        return Obstacle(f"{name} is not installed", scene.install(candidate))
    except StageError as error:
        return Obstacle(error.problem.summary, error.problem.hint)
    if candidate.is_bound and not scene.is_own(tool):
        why = f"{name} imports the project, and is not in the project's environment"
        if candidate.language == NODE:
            why = f"{name} is not in the project's node_modules"
        return Obstacle(why, scene.install(candidate))
    return outdated(candidate, scene)


def no_tests(scene: Scene, paths: tuple[str, ...] = ()) -> Obstacle | None:
    """Why pytest would find no test; None where one was recognised.

    Args:
        scene: the project.
        paths: what is handed to pytest; by default it looks by itself.
    """
    settings = scene.layout.pytest
    if seen_tests(scene.root, settings, paths) if paths else scene.layout.tests:
        return None
    names = " or ".join(settings.files)
    below = " or ".join(f"`{path}`" for path in paths or settings.paths)
    where, hint = f" below {below}" if below else "", "write one: tests/test_*.py"
    if settings.place:
        hint = f"write one, or correct `testpaths` and `python_files` in {settings.place}"
    return Obstacle(f"would be vacuous: no file {names}{where} holds a test", hint)


def _no_tests(scene: Scene) -> Obstacle | None:
    return None if scene.layout.may_hold_tests else no_tests(scene)


def _nothing_to_audit(scene: Scene) -> Obstacle | None:
    """Neither a lock nor an environment of the project names packages."""
    lock, refused = lock_of(scene)
    if lock:
        return None
    if scene.has_environment:
        stopped = no_packages(scene, ())
        return stopped if stopped is None or not refused else Obstacle(refused, WRITE_LOCK)
    if refused.endswith(_NAMES_NONE):
        return Obstacle(f"would be vacuous: {refused}", "add the gate with the first dependency")
    why = refused or "there is neither a lock nor an environment of the project to look into"
    return Obstacle(why, WRITE_LOCK)


def _no_advisories(scene: Scene) -> Obstacle | None:
    if no_database(scene) is not None:
        hint = "`gates advisories update SOURCE`, or install pip-audit"
        return Obstacle("there is no vulnerability database", hint)
    return _nothing_to_audit(scene)


def _no_git(scene: Scene) -> Obstacle | None:
    if scene.git.toplevel() is None:
        return Obstacle("would be vacuous: the project is not in git", "git init")
    return None


def _other_messages(scene: Scene) -> Obstacle | None:
    """The project does not write its messages by Conventional Commits, or has none."""
    if scene.git.head() is None:
        return _no_git(scene) or Obstacle("would be vacuous: nothing is committed yet")
    from gates.stages.commit_message import TYPES

    answer = scene.git.ask(
        "log", f"--max-count={READ_COMMITS}", "--no-merges", "-z", "--format=%s", "HEAD", "--"
    )
    lines = [line for line in answer.stdout.decode(errors="replace").split("\0") if line]
    rules = Rules(types=TYPES)
    fit = sum(not conventional_commits.read(line, rules).faults for line in lines)
    if not lines or fit * _MOST[1] < len(lines) * _MOST[0]:
        why = f"{fit} of the last {len(lines)} commit messages are Conventional Commits"
        return Obstacle(why, "write `type(scope): description`, then add `commits: commit-message`")
    return None


_FINDERS: Mapping[str, Callable[[Scene], Obstacle | None]] = {
    "advisories": _no_advisories,
    "commit-message": _other_messages,
    "coverage": _no_tests,
    "detect-secrets": _no_git,
    "pip-audit": _nothing_to_audit,
    "pytest": _no_tests,
    **node_obstacles.FINDERS,
}
"""What a stage needs of the project beside sources."""
