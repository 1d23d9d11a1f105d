"""Real pre-commit and real prek, with the hooks of this repository, on the order service."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hooks.conftest import ROOT, TAG, Project
from hooks.plants import MESSAGES, PLANTS, found

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PROGRAMS = Path(sys.executable).parent
MANAGERS = ("pre-commit", "prek")


def program(manager: str) -> str:
    """The manager, as the tests' environment has it."""
    path = PROGRAMS / manager
    if not path.is_file():
        pytest.skip(f"{manager} is not installed beside the tests")
    return str(path)


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize(
    ("command", "name"),
    [("validate-manifest", MANIFEST.name), ("validate-config", ".pre-commit-config.yaml")],
)
def test_what_this_repository_tells_managers_is_valid(
    manager: str, command: str, name: str, template: Project
) -> None:
    done = template.run(program(manager), command, str(ROOT / name))
    assert done.code == 0, done.text


@pytest.mark.parametrize("manager", MANAGERS)
def test_a_manifest_that_is_not_valid_is_refused(
    manager: str, template: Project, tmp_path: Path
) -> None:
    broken = tmp_path / "hooks.yaml"
    broken.write_text(MANIFEST.read_text().replace("language: python", "language: [python]"))
    assert template.run(program(manager), "validate-manifest", str(broken)).code != 0


def test_the_manifest_has_only_keys_that_both_managers_know() -> None:
    # prek reads all that pre-commit does; keys of its own would be unknown to the other.
    clientlib = pytest.importorskip("pre_commit.clientlib")
    known = {item.key for item in clientlib.MANIFEST_HOOK_DICT.items if hasattr(item, "key")}
    assert "always_run" in known
    hooks = clientlib.load_manifest(str(MANIFEST))
    keys = {line.strip(" -").partition(":")[0] for line in MANIFEST.read_text().splitlines()}
    assert {key for key in keys if key and not key.startswith("#")} <= known
    assert [hook["id"] for hook in hooks] == ["gates", "gates-commit-msg", "gates-push"]
    for hook in hooks:
        assert hook["language"] == "python"
        assert hook["always_run"]
        assert hook["require_serial"]
        assert hook["pass_filenames"] == (hook["id"] == "gates-commit-msg")


def managed(orders: Project, hook_repository: Project, wheels: Path, home: Path) -> Project:
    """The service with a configuration that takes the hooks from a clone, offline."""
    ids = "".join(f"      - id: {each}\n" for each in ("gates", "gates-commit-msg", "gates-push"))
    orders.write(
        ".pre-commit-config.yaml",
        "default_install_hook_types: [pre-commit, commit-msg, pre-push]\n"
        f"repos:\n  - repo: {hook_repository.root}\n    rev: {TAG}\n    hooks:\n{ids}",
    )
    orders.git("add", "-A")
    orders.git("commit", "--quiet", "-m", "build: judge each commit")
    environ = {
        **orders.environ,
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PREK_HOME": str(home / "prek"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",  # what is needed is compiled when it is needed
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(wheels),
        "UV_PYTHON_DOWNLOADS": "never",
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "NO_COLOR": "1",
    }
    return replace(orders, environ=environ)


def activated(orders: Project) -> Project:
    """The service without `.venv`: the user has activated an environment elsewhere."""
    (orders.root / ".venv").unlink()
    path = f"{sys.prefix}/bin:{orders.environ['PATH']}"
    return replace(orders, environ={**orders.environ, "VIRTUAL_ENV": sys.prefix, "PATH": path})


@pytest.mark.live
@pytest.mark.parametrize("manager", MANAGERS)
def test_a_manager_finds_what_is_found_by_hand(
    manager: str,
    orders: Project,
    hook_repository: Project,
    wheels: Path,
    tmp_path: Path,
) -> None:
    tool = program(manager)
    if manager == "prek" and not shutil.which("uv", path=orders.environ["PATH"]):
        pytest.skip("prek installs Python hooks by uv, which is not installed")
    project = managed(orders, hook_repository, wheels, tmp_path)
    if manager == "prek":
        project = activated(project)
    for name, plant in PLANTS.items():
        plant.stage(project)
        done = project.run(tool, "run")
        assert (name, found(project)) == (name, plant.found), done.text
        assert (name, done.code) == (name, 1 if plant.code else 0), done.text
    assert project.run(tool, "install").code == 0
    judge_messages(project, tool)
    judge_a_push(project)


def judge_messages(project: Project, tool: str) -> None:
    """What the hook of git for messages says."""
    for message, is_good in MESSAGES.items():
        PLANTS["clean"].stage(project)
        # As git calls it, but without the gates of the commit, which were judged above.
        done = project.run("git", "commit", "-m", message, SKIP="gates")
        assert (message, done.code) == (message, 0 if is_good else 1), done.text
        assert bool(found(project)) == (not is_good), (tool, done.text)


def judge_a_push(project: Project) -> None:
    """What the hook of git for pushes says: of the commit, and not of what lies there."""
    remote = str(project.root.parent / "remote.git")
    project.git("init", "--quiet", "--bare", remote)
    PLANTS["untracked module"].stage(project)
    project.git("commit", "--quiet", "-m", "feat: say more")
    project.forget()
    assert (project.root / "src/orders/more.py").exists()
    done = project.run("git", "push", remote, "HEAD:refs/heads/main")
    assert done.code == 1, done.text
    assert found(project) == {"tests": "errored"}
    project.forget()
    done = project.run("git", "push", remote, "HEAD~1:refs/heads/main")
    assert done.code == 0, done.text
    assert project.statuses()["tests"] == "passed"
