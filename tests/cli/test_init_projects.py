from pathlib import Path

import pytest
from cli.conftest import Gates

from gates.cli import init_projects
from gates.cli.init_projects import Part
from gates.config.load import load
from gates.domain.errors import ConfigError
from gates.domain.plan import Plan
from gates.domain.survey import Proposal

APP = '"""An app."""\n\n\ndef add(left: int) -> int:\n    """Add."""\n    return left + 1\n'
POLICY = "version: 1\nlevels:\n  1: [ruff]\n"


@pytest.fixture
def shop(gates: Gates) -> Gates:
    for name in ("api", "mail"):
        folder = f"services/{name}"
        gates.repo.write(f"{folder}/pyproject.toml", f'[project]\nname = "{name}"\n')
        gates.repo.write(f"{folder}/src/{name}/__init__.py", APP)
    gates.repo.write("web/package.json", '{"name": "web", "devDependencies": {"eslint": "1"}}')
    gates.repo.write("web/src/a.ts", "export const a = 1;\n")
    gates.repo.commit("feat: a shop")
    return gates


def plan(path: Path) -> Plan:
    return load(path.read_bytes(), name="gates.yaml", default_project="x")


def uses(path: Path) -> set[str]:
    return {gate.uses for gate in plan(path).gates}


def test_each_project_gets_a_file_and_one_names_them(shop: Gates) -> None:
    root = shop.repo.root
    kept = shop.repo.write("services/mail/gates.yaml", POLICY)
    done = shop("init")
    assert done.code == 0, done.err
    head = "repo · 3 projects: services/api, services/mail, web\n"
    assert head in done.out
    assert "\nservices/api · src layout · tools from " in done.out
    assert "services/mail · has a gates.yaml already, which stays\n" in done.out
    # The project in Node has no packages, so nothing can run there.
    assert "web · no gate can run here yet\n" in done.out
    assert kept.read_text() == POLICY
    assert not (root / "web/gates.yaml").exists()
    top = plan(root / "gates.yaml")
    assert [entry.pattern for entry in top.projects] == ["services/api", "services/mail"]
    # What looks at the whole repository stands there once.
    assert {"commit-message"} <= uses(root / "gates.yaml")
    assert not uses(root / "gates.yaml") & uses(root / "services/api/gates.yaml")
    assert "the whole repository\n" in done.out
    assert "\nwrote services/api/gates.yaml with " in done.out
    assert "\nwrote gates.yaml with 2 projects and " in done.out
    assert "next `gates check` checks all projects, and tells one verdict\n" in done.out
    assert "once gates can run there: `gates -C web init`" in done.out
    again = shop("init")
    assert again.code == 2
    assert "error[policy-exists]" in again.err


def test_a_dry_run_prints_all_files_and_writes_none(shop: Gates) -> None:
    shop.repo.write("services/mail/gates.yml", POLICY)
    done = shop("init", "--dry-run")
    assert done.code == 0, done.err
    assert done.out.startswith("# services/api/gates.yaml\n# Written by `gates init`.")
    assert "\n# gates.yaml\n# Written by `gates init`." in done.out
    assert "services/mail · `gates.yml` is " in done.err
    assert not list(shop.repo.root.glob("**/gates.yaml"))


def test_where_nothing_can_run_no_file_is_written(gates: Gates) -> None:
    gates.repo.write("web/package.json", '{"name": "web", "devDependencies": {"eslint": "1"}}')
    gates.repo.write("web/src/a.ts", "export const a = 1;\n")
    done = gates("init")
    assert done.code == 2
    assert "error[no-gates]" in done.err
    assert not (gates.repo.root / "gates.yaml").exists()


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "gates.yaml"
    path.write_text("mine")
    with pytest.raises(ConfigError) as caught:
        init_projects.write_new(path, "ours")
    assert caught.value.problems[0].slug == "policy-unwritten"
    assert path.read_text() == "mine"


def test_a_launcher_is_told_where_all_projects_have_it() -> None:
    uv = Proposal(project="", layout="x", sources=("src",), launcher="uv run ")
    plain = Proposal(project="", layout="x", sources=("src",))
    parts = [Part(path="a", proposal=uv), Part(path="b", is_kept=True)]
    assert init_projects._launcher(parts) == "uv run "
    assert init_projects._launcher([*parts, Part(path="c", proposal=plain)]) == ""


def test_a_file_that_says_something_else_is_a_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gates.survey.roof import Roof

    def other(*arguments: object) -> str:
        del arguments
        return "version: 1\nprojects: [other]\n"

    monkeypatch.setattr(init_projects, "roof_text", other)
    found = Roof(name="", projects=("api",), chosen=(), left_out=())
    with pytest.raises(RuntimeError, match="says something else"):
        init_projects._roof_text(found, ("api",), tmp_path)
