"""Why a Node stage would find nothing in a project: no configuration, no tests, no lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gates.domain.errors import StageError
from gates.formats import package_lock
from gates.survey import manifest
from gates.survey.scene import Obstacle, Scene
from gates.toolkit.node_programs import NODE_FOLDER

PROVIDERS = ("@vitest/coverage-v8", "@vitest/coverage-istanbul")
"""The packages by which Vitest measures coverage; Jest brings its own."""

_CONFIGURED_BY: Mapping[str, tuple[str, str]] = {
    "dependency-cruiser": (".dependency-cruiser.js", "npx depcruise --init"),
    "eslint": ("eslint.config.js", "npm init @eslint/config@latest"),
    "secretlint": (".secretlintrc.json", "npx secretlint --init"),
    "tsc": ("tsconfig.json", "npx tsc --init"),
}
"""Stages that look at nothing without a configuration: its usual file, and what writes one."""

_REPORTING = "let OSV-Scanner, Trivy or Snyk write a report and judge that: `gates stages"


def not_configured(uses: str, scene: Scene) -> Obstacle | None:
    """That a tool would have no rule to hold; None where it is configured, or needs nothing."""
    if uses not in _CONFIGURED_BY or uses in scene.configured:
        return None
    file, command = _CONFIGURED_BY[uses]
    return Obstacle(f"would be vacuous: there is no {file}", scene.typed(command))


def no_node_tests(scene: Scene) -> Obstacle | None:
    """Why Vitest or Jest would find no test; None where one was recognised, or nobody knows."""
    node = scene.layout.node
    if (node is not None and node.tests) or _names_tests(scene):
        return None
    why = "would be vacuous: no file *.test.* or *.spec.*, nor one in __tests__, holds a test"
    return Obstacle(why, f"write one: tests/first.test.{node.short if node else 'js'}")


def no_provider(scene: Scene, runners: Iterable[str]) -> Obstacle | None:
    """Why the tests would measure no coverage.

    Args:
        scene: the project.
        runners: the stages that run its tests.
    """
    if "jest" in runners or provider(scene):
        return None
    hint = scene.typed(f"npm install --save-dev {PROVIDERS[0]}")
    asked = [name for name in PROVIDERS if name in manifest.asked_for(scene.root)]
    if asked:
        return Obstacle(f"{asked[0]} is not installed", scene.installs)
    return Obstacle(f"{PROVIDERS[0]} is not installed, so Vitest measures no coverage", hint)


def provider(scene: Scene) -> str:
    """The installed package by which Vitest measures coverage, or empty."""
    return next(
        (
            name
            for name in PROVIDERS
            if any((folder / name).is_dir() for folder in scene.toolbox.node_folders)
        ),
        "",
    )


def npm_lock(root: Path) -> str:
    """The lock that npm reads in a folder, or empty."""
    return next((name for name, _ in manifest.LOCKS[:2] if (root / name).is_file()), "")


def no_npm_packages(scene: Scene, name: str, internal: tuple[str, ...] = ()) -> Obstacle | None:
    """Why the packages of a lock of npm cannot be looked up."""
    from gates.advisories import locks

    try:
        held = locks.of_npm(scene.root, name, internal=internal)[1]
    except StageError as error:
        hint = error.problem.hint or scene.typed("npm install --package-lock-only")
        return Obstacle(f"{name}: {error.problem.summary}", hint)
    if held.entries:
        return None
    hint = "add the gate with the first dependency"
    return Obstacle(f"would be vacuous: {name} names no package to look up", hint)


def _names_tests(scene: Scene) -> bool:
    """Whether the configuration of a runner may name tests otherwise than the runner does."""
    for uses in ("vitest", "jest"):
        place = scene.configured.get(uses, "")
        path = scene.root / place
        if not place or not path.is_file():
            continue
        text = path.read_bytes()[: 1 << 20]
        if any(word in text for word in (b"include", b"testMatch", b"testRegex", b"projects")):
            return True
    return False


def _no_npm_lock(scene: Scene) -> Obstacle | None:
    name = npm_lock(scene.root)
    if name:
        return no_npm_packages(scene, name)
    found = manifest.lock_of(scene.root)
    if found is None:
        return Obstacle(
            "there is no package-lock.json", scene.typed("npm install --package-lock-only")
        )
    path, _ = found
    if not package_lock.is_lock(path.name):
        return Obstacle(f"npm audit does not read {path.name}", f"{_REPORTING} osv-scanner`")
    levels = len(scene.root.relative_to(path.parent).parts)
    why = f"its lock is that of the workspaces: {'../' * levels}{path.name}"
    return Obstacle(why, "let the gates.yaml beside that lock hold `audit: npm-audit`")


def _no_scanner(scene: Scene) -> Obstacle | None:
    named = scene.layout.node.language if scene.layout.node else "JavaScript"
    why = f"`gates` has no scanner for insecure {named}, but judges what one writes"
    hint = "let Semgrep, CodeQL or another write SARIF: `gates stages sarif` tells how it is judged"
    return Obstacle(why, hint)


FINDERS: Mapping[str, Callable[[Scene], Obstacle | None]] = {
    "dependency-cruiser": lambda scene: not_configured("dependency-cruiser", scene),
    "eslint": lambda scene: not_configured("eslint", scene),
    "jest": no_node_tests,
    "npm-audit": _no_npm_lock,
    "sarif": _no_scanner,
    "secretlint": lambda scene: not_configured("secretlint", scene),
    "tsc": lambda scene: not_configured("tsc", scene),
    "vitest": no_node_tests,
}
"""What a stage needs of the project beside sources."""


def not_there(scene: Scene) -> str:
    """That no packages are installed though some are asked for; empty where it is otherwise."""
    if scene.toolbox.node_folders or not manifest.asked_for(scene.root):
        return ""
    why = f"{NODE_FOLDER} is not there, so the gates of its tools are left out"
    return f"{why}: `{scene.installs}` first, then start anew"
