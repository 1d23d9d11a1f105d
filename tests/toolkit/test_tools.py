from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

import pytest

from gates.domain.errors import StageError, ToolMissing
from gates.toolkit.tools import Toolbox, installed_versions, set_by_hook_manager


class Repo(Protocol):
    @property
    def root(self) -> Path: ...
    @property
    def environ(self) -> dict[str, str]: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, text: str | bytes = "") -> Path: ...
    def commit(self, message: str = "a commit") -> str: ...


def install(environment: Path, *names: str, version: str = "1.0") -> Path:
    """Make something that looks like an environment with these programs."""
    site = environment / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True, exist_ok=True)
    (environment / "bin").mkdir(exist_ok=True)
    (environment / "pyvenv.cfg").touch()
    for name in names:
        program = environment / "bin" / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        if name != "python":
            (site / f"{name.replace('-', '_')}-{version}.dist-info").mkdir()
    return environment


def box(root: Path, own: Path, **options: object) -> Toolbox:
    named, top, environ = (options.get(key) for key in ("named", "top", "environ"))
    assert isinstance(named, str | None)
    assert isinstance(top, Path | None)
    assert isinstance(environ, dict | None)
    return Toolbox(
        root=root, git_root=top, environment=named, environ=environ or {"PATH": ""}, own_prefix=own
    )


def test_the_places_are_asked_in_order(tmp_path: Path) -> None:
    root = tmp_path / "repo" / "services" / "a"
    root.mkdir(parents=True)
    own = install(tmp_path / "own", "a", "b", "c", "d", "e", version="5")
    install(tmp_path / "repo" / ".venv", "a", "b", "c", "d", version="4")
    install(root / ".venv", "a", "b", "c", version="3")
    active = install(tmp_path / "active", "a", "b", version="2")
    install(root / "tools", "a", version="1")
    path = install(tmp_path / "path", "a", "f")
    environ = {"VIRTUAL_ENV": str(active), "PATH": f"{path}/bin"}
    toolbox = box(root, own, named="tools", top=tmp_path / "repo", environ=environ)
    places = {name: toolbox.find(name) for name in "abcdef"}
    assert {name: (tool.version, tool.how) for name, tool in places.items()} == {
        "a": ("1", "environment of gates.yaml"),
        "b": ("2", "VIRTUAL_ENV"),
        "c": ("3", ".venv"),
        "d": ("4", ".venv"),
        "e": ("5", "environment of gates"),
        "f": ("1.0", "PATH"),
    }
    assert places["a"].path == str(root / "tools" / "bin" / "a")
    assert places["d"].path == str(tmp_path / "repo" / ".venv" / "bin" / "d")


def test_environments_above_the_repository_are_not_asked(tmp_path: Path) -> None:
    install(tmp_path / ".venv", "ruff")
    (tmp_path / "repo").mkdir()
    for top in (tmp_path / "repo", None):
        with pytest.raises(ToolMissing):
            box(tmp_path / "repo", tmp_path / "own", top=top).find("ruff")


def test_what_is_missing_says_where_it_was_sought_and_what_to_do(tmp_path: Path) -> None:
    install(tmp_path / ".venv", "python")
    with pytest.raises(ToolMissing) as caught:
        box(tmp_path, tmp_path / "own").find("lint-imports")
    problem = caught.value.problem
    assert ".venv (.venv)" in problem.summary
    assert "(environment of gates), PATH outside the checkout" in problem.summary
    assert problem.hint == "install it: .venv/bin/python -m pip install import-linter"


def test_without_an_interpreter_the_hint_names_the_standard_one(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing) as caught:
        box(tmp_path, tmp_path / "own").find("ruff")
    assert caught.value.problem.hint == "install it: python3 -m pip install ruff"


@pytest.mark.parametrize(
    ("lock", "hint"),
    [
        (
            "poetry.lock",
            "run `poetry run gates ...` where poetry's environment has it, else: poetry",
        ),
        ("uv.lock", "install it: uv add --dev ruff"),
    ],
)
def test_the_hint_is_that_of_what_manages_the_environment(
    tmp_path: Path, lock: str, hint: str
) -> None:
    (tmp_path / lock).touch()
    with pytest.raises(ToolMissing) as caught:
        box(tmp_path, tmp_path / "own").find("ruff")
    assert caught.value.problem.hint.startswith(hint)


@pytest.mark.parametrize("name", ["", "../ruff", "/bin/sh"])
def test_a_tool_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(StageError, match="plain name"):
        box(tmp_path, tmp_path / "own").find(name)


def test_a_named_environment_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="environment: envs/ci"):
        box(tmp_path, tmp_path / "own", named="envs/ci")


def test_a_file_that_may_not_be_executed_is_passed_over(tmp_path: Path) -> None:
    install(tmp_path / ".venv", "ruff")
    (tmp_path / ".venv" / "bin" / "ruff").chmod(0o644)
    (tmp_path / ".venv" / "bin" / "mypy").mkdir()
    own = install(tmp_path / "own", "ruff", "mypy", version="9")
    toolbox = box(tmp_path, own)
    assert toolbox.find("ruff").version == toolbox.find("mypy").version == "9"


def test_a_tracked_environment_is_refused(repo: Repo, tmp_path: Path) -> None:
    install(repo.root / ".venv", "ruff", "python")
    toolbox = box(repo.root, tmp_path / "own", top=repo.root, environ=repo.environ)
    assert toolbox.find("ruff").version == "1.0"
    assert toolbox.python().path == str(repo.root / ".venv" / "bin" / "python")
    repo.commit()
    toolbox = box(repo.root, tmp_path / "own", top=repo.root, environ=repo.environ)
    with pytest.raises(StageError) as caught:
        toolbox.find("ruff")
    assert caught.value.problem.slug == "tool-in-checkout"
    with pytest.raises(StageError, match="`python` was brought by the checkout"):
        toolbox.python()


def test_a_tracked_link_to_an_environment_is_refused(repo: Repo, tmp_path: Path) -> None:
    install(tmp_path / "elsewhere", "ruff")
    (repo.root / ".venv").symlink_to(tmp_path / "elsewhere")
    options = {"top": repo.root, "environ": repo.environ}
    assert box(repo.root, tmp_path / "own", **options).find("ruff").how == ".venv"
    repo.commit()
    # Its programs lie outside, but the checkout decided which ones they are.
    with pytest.raises(StageError, match="brought by the checkout"):
        box(repo.root, tmp_path / "own", **options).find("ruff")


def test_a_program_that_leads_into_the_checkout_is_refused(repo: Repo, tmp_path: Path) -> None:
    fake = repo.write("tools/ruff", "#!/bin/sh\n")
    fake.chmod(0o755)
    active = install(tmp_path / "active")
    (active / "bin" / "ruff").symlink_to(fake)
    environ = {**repo.environ, "VIRTUAL_ENV": str(active)}
    with pytest.raises(StageError, match="brought by the checkout"):
        box(repo.root, tmp_path / "own", top=repo.root, environ=environ).find("ruff")


def test_the_checkout_itself_is_no_environment(repo: Repo, tmp_path: Path) -> None:
    install(repo.root, "ruff")
    with pytest.raises(StageError, match="brought by the checkout"):
        box(repo.root, tmp_path / "own", named=".", top=repo.root, environ=repo.environ).find(
            "ruff"
        )


def test_path_counts_only_outside_the_checkout(tmp_path: Path) -> None:
    install(tmp_path / "repo" / "tools", "ruff")
    outside = install(tmp_path / "outside", "ruff")
    (outside / "pyvenv.cfg").unlink()
    environ = {"PATH": f"bin:{tmp_path}/repo/tools/bin:{outside}/bin"}
    tool = box(tmp_path / "repo", tmp_path / "own", environ=environ).find("ruff")
    assert (tool.path, tool.version, tool.how) == (f"{outside}/bin/ruff", "", "PATH")


def test_the_interpreter_is_that_of_the_first_environment_with_one(tmp_path: Path) -> None:
    install(tmp_path / ".venv")
    own = install(tmp_path / "own", "python3")
    toolbox = box(tmp_path, own)
    assert toolbox.prefix == own
    assert (toolbox.python().path, toolbox.python().how) == (
        str(own / "bin" / "python3"),
        "environment of gates",
    )


def test_without_any_environment_the_interpreter_is_sought_on_path(tmp_path: Path) -> None:
    path = install(tmp_path / "path", "python3")
    toolbox = box(tmp_path / "repo", tmp_path / "own", environ={"PATH": f"{path}/bin"})
    assert toolbox.prefix is None
    assert toolbox.python().path == f"{path}/bin/python3"


def test_our_own_environment_is_the_running_interpreters(tmp_path: Path) -> None:
    toolbox = Toolbox(root=tmp_path, git_root=None, environment=None, environ={})
    assert toolbox.prefix == Path(sys.prefix)
    assert toolbox.find("pytest").version == pytest.__version__


def test_a_hook_managers_environment_is_not_the_projects(tmp_path: Path) -> None:
    own = install(tmp_path / "own", "ruff", version="9")
    hook = install(tmp_path / ".cache" / "pre-commit" / "repo1" / "py_env-python3", "ruff")
    environ = {"HOME": str(tmp_path), "VIRTUAL_ENV": str(hook), "PATH": ""}
    assert box(tmp_path / "repo", own, environ=environ).find("ruff").version == "9"


@pytest.mark.parametrize("mark", [".install_state_v1", ".install_state_v2", ".prek-hook.json"])
def test_what_a_hook_manager_made_for_gates_alone_is_not_the_projects(
    tmp_path: Path, mark: str
) -> None:
    own = install(tmp_path / "anywhere", "python", "python3", "added")
    active = install(tmp_path / "active", "python3")
    environ = {"PATH": f"{active}/bin"}
    (tmp_path / "repo").mkdir()
    assert box(tmp_path / "repo", own, environ=environ).prefix == own
    (own / mark).touch()
    toolbox = box(tmp_path / "repo", own, environ=environ)
    assert toolbox.prefix is None
    assert toolbox.python().path == f"{active}/bin/python3"
    # What the hook's `additional_dependencies` brought is found, after all else.
    assert toolbox.find("added").path == f"{own}/bin/added"
    assert box(tmp_path / "repo", own).python().path == f"{own}/bin/python3"
    assert set_by_hook_manager(str(own), {})
    project = install(tmp_path / "repo" / ".venv", "python")
    assert box(tmp_path / "repo", own, environ=environ).prefix == project


@pytest.mark.parametrize(
    ("path", "environ", "expected"),
    [
        ("/home/a/.cache/pre-commit/x/py_env-python3", {"HOME": "/home/a"}, True),
        ("/home/a/.cache/prek/hooks/python-x", {"HOME": "/home/a"}, True),
        ("/cache/prek/hooks/python-x", {"XDG_CACHE_HOME": "/cache"}, True),
        ("/pc/x", {"PRE_COMMIT_HOME": "/pc"}, True),
        ("/pk/x", {"PREK_HOME": "/pk"}, True),
        ("/anywhere/py_env-python3.11", {"PRE_COMMIT": "1"}, True),
        ("/work/.venv", {"PRE_COMMIT": "1", "HOME": "/home/a"}, False),
        ("/anywhere/py_env-python3.11", {}, False),
    ],
)
def test_a_hook_managers_environment_is_told_by_its_place(
    path: str, environ: dict[str, str], *, expected: bool
) -> None:
    assert set_by_hook_manager(path, environ) is expected


def test_versions_come_from_the_environment_and_doubt_is_no_version(tmp_path: Path) -> None:
    install(tmp_path, "pip-audit", "Typing.Ext", version="2.10.1")
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("ruff-1.0.dist-info", "ruff-2.0.dist-info", "nameless.dist-info", "x.egg-info"):
        (site / name).mkdir()
    assert installed_versions(tmp_path) == {"pip-audit": "2.10.1", "typing-ext": "2.10.1"}
    assert box(tmp_path / "repo", tmp_path).find("pip-audit").version == "2.10.1"


def node_tool(node_modules: Path, name: str, *, version: str = "1.0") -> Path:
    """Install a Node package with one program, as npm does."""
    file = node_modules / name / "cli.js"
    file.parent.mkdir(parents=True)
    file.write_text("#!/usr/bin/env node\n")
    file.chmod(0o755)
    (node_modules / name / "package.json").write_text(f'{{"version": "{version}"}}')
    (node_modules / ".bin").mkdir(exist_ok=True)
    (node_modules / ".bin" / name).symlink_to(f"../{name}/cli.js")
    return file


def test_node_programs_come_after_the_projects_environments(tmp_path: Path) -> None:
    root = tmp_path / "repo" / "services" / "a"
    install(root / ".venv", "a", version="1")
    for name in "ab":
        node_tool(root / "node_modules", name, version="2")
    for name in "abc":
        node_tool(tmp_path / "repo" / "node_modules", name, version="3")
    own = install(tmp_path / "own", "a", "b", "c", "d", version="4")
    toolbox = box(root, own, top=tmp_path / "repo")
    places = {name: toolbox.find(name) for name in "abcd"}
    assert {name: (tool.version, tool.how) for name, tool in places.items()} == {
        "a": ("1", ".venv"),
        "b": ("2", "node_modules"),
        "c": ("3", "node_modules"),
        "d": ("4", "environment of gates"),
    }
    assert places["b"].path == str(root / "node_modules" / ".bin" / "b")


def test_node_itself_is_never_a_package_of_the_project(tmp_path: Path) -> None:
    node_tool(tmp_path / "repo" / "node_modules", "node")
    npm = node_tool(tmp_path / "lib" / "node_modules", "npm", version="11.1.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "npm").symlink_to(npm)
    environ = {"PATH": f"{tmp_path}/bin"}
    toolbox = box(tmp_path / "repo", tmp_path / "own", environ=environ)
    assert (toolbox.find("npm").version, toolbox.find("npm").how) == ("11.1.0", "PATH")
    with pytest.raises(ToolMissing) as caught:
        toolbox.find("node")
    assert "node_modules" not in caught.value.problem.summary
    assert caught.value.problem.hint == "install Node.js, and put the folder of `node` on PATH"


def test_a_missing_node_program_says_how_its_manager_adds_it(tmp_path: Path) -> None:
    node_tool(tmp_path / "node_modules", "eslint")
    with pytest.raises(ToolMissing) as caught:
        box(tmp_path, tmp_path / "own").find("depcruise")
    assert "is in none of: node_modules/.bin, " in caught.value.problem.summary
    assert caught.value.problem.hint == "install it: npm install --save-dev dependency-cruiser"


def test_tracked_node_packages_are_refused(repo: Repo, tmp_path: Path) -> None:
    node_tool(repo.root / "node_modules", "eslint")
    options = {"top": repo.root, "environ": repo.environ}
    assert box(repo.root, tmp_path / "own", **options).find("eslint").version == "1.0"
    repo.git("add", "--force", "node_modules/eslint/package.json")
    with pytest.raises(StageError, match="`eslint` was brought by the checkout") as caught:
        box(repo.root, tmp_path / "own", **options).find("eslint")
    assert caught.value.problem.place == "node_modules/.bin/eslint"


def test_a_tracked_link_to_node_packages_is_refused(repo: Repo, tmp_path: Path) -> None:
    node_tool(tmp_path / "elsewhere", "eslint")
    (repo.root / "node_modules").symlink_to(tmp_path / "elsewhere")
    options = {"top": repo.root, "environ": repo.environ}
    assert box(repo.root, tmp_path / "own", **options).find("eslint").how == "node_modules"
    repo.commit()
    with pytest.raises(StageError, match="`eslint` was brought by the checkout"):
        box(repo.root, tmp_path / "own", **options).find("eslint")


def test_a_tool_of_the_same_repository_is_refused(repo: Repo, tmp_path: Path) -> None:
    file = repo.write("packages/lint/cli.js", "process.exit(0)\n")
    file.chmod(0o755)
    (repo.root / "node_modules" / ".bin").mkdir(parents=True)
    (repo.root / "node_modules" / "lint").symlink_to("../packages/lint")
    (repo.root / "node_modules" / ".bin" / "eslint").symlink_to("../lint/cli.js")
    with pytest.raises(StageError) as caught:
        box(repo.root, tmp_path / "own", top=repo.root, environ=repo.environ).find("eslint")
    assert caught.value.problem.summary == (
        "`eslint` is a file of the checkout: packages/lint/cli.js"
    )


def test_packages_of_the_top_may_be_linked_into_a_folder_below(repo: Repo, tmp_path: Path) -> None:
    node_tool(repo.root / "node_modules", "eslint", version="9")
    below = repo.root / "packages" / "a" / "node_modules" / ".bin"
    below.mkdir(parents=True)
    (below / "eslint").symlink_to("../../../../node_modules/eslint/cli.js")
    options = {"top": repo.root, "environ": repo.environ}
    assert box(below.parents[1], tmp_path / "own", **options).find("eslint").version == "9"
    repo.git("add", "--force", "node_modules/eslint")
    with pytest.raises(StageError, match="brought by the checkout"):
        box(below.parents[1], tmp_path / "own", **options).find("eslint")


def test_a_hard_link_to_a_file_of_the_checkout_is_refused(repo: Repo, tmp_path: Path) -> None:
    planted = repo.write("tools/fake.cjs", "process.exit(0)\n")
    planted.chmod(0o755)
    file = node_tool(repo.root / "node_modules", "eslint")
    options = {"top": repo.root, "environ": repo.environ}
    other = tmp_path / "other.js"
    other.hardlink_to(file)
    assert box(repo.root, tmp_path / "own", **options).find("eslint").how == "node_modules"
    file.unlink()
    file.hardlink_to(planted)
    assert box(repo.root, tmp_path / "own", **options).find("eslint").how == "node_modules"
    repo.git("add", "tools")
    with pytest.raises(StageError, match="by another name") as caught:
        box(repo.root, tmp_path / "own", **options).find("eslint")
    assert caught.value.problem.place == "node_modules/.bin/eslint"


def test_a_hard_link_in_an_environment_is_refused(repo: Repo, tmp_path: Path) -> None:
    planted = repo.write("tools/ruff", "#!/bin/sh\n")
    planted.chmod(0o755)
    repo.git("add", "tools")
    (repo.root / ".venv").mkdir()
    program = install(repo.root / ".venv", "ruff") / "bin" / "ruff"
    options = {"top": repo.root, "environ": repo.environ}
    assert box(repo.root, tmp_path / "own", **options).find("ruff").how == ".venv"
    program.unlink()
    program.hardlink_to(planted)
    with pytest.raises(StageError, match="by another name"):
        box(repo.root, tmp_path / "own", **options).find("ruff")


def test_the_interpreter_beside_a_script_is_looked_at_too(repo: Repo, tmp_path: Path) -> None:
    node_tool(repo.root / "node_modules", "eslint")
    path = repo.root / "node_modules" / ".bin" / "eslint"
    path.unlink()
    base = """basedir=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")"""
    path.write_text(f'#!/bin/sh\n{base}\nexec node "$basedir/../eslint/cli.js" "$@"\n')
    path.chmod(0o755)
    options = {"top": repo.root, "environ": repo.environ}
    assert box(repo.root, tmp_path / "own", **options).find("eslint").version == "1.0"
    repo.write("tools/node").chmod(0o755)
    path.with_name("node").symlink_to("../../tools/node")
    with pytest.raises(StageError, match="is a file of the checkout: tools/node"):
        box(repo.root, tmp_path / "own", **options).find("eslint")


def test_a_link_to_a_folder_of_the_checkout_is_refused(repo: Repo, tmp_path: Path) -> None:
    node_tool(repo.root / "node_modules", "eslint")
    repo.write("tools/package.json", "{}")
    (repo.root / "node_modules" / "impl").symlink_to("../tools")
    with pytest.raises(StageError, match="`eslint` may load `impl`"):
        box(repo.root, tmp_path / "own", top=repo.root, environ=repo.environ).find("eslint")
