import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cli.conftest import Gates
from stages.node_project import TOOLS

from gates import app
from gates.cli import init
from gates.config.load import load
from gates.domain.errors import ConfigError
from gates.domain.survey import Chosen, Proposal
from gates.survey import policy_text

APP = '"""An app."""\n\n\ndef add(left: int) -> int:\n    """Add."""\n    return left + 1\n'


@pytest.fixture
def shop(gates: Gates) -> Gates:
    gates.repo.write("src/shop/__init__.py", APP)
    gates.repo.write("pyproject.toml", '[project]\nname = "shop"\nversion = "1"\n[tool.ruff]\n')
    gates.repo.commit("feat: a shop")
    return gates


@pytest.mark.live
def test_from_nothing_to_a_useful_file(shop: Gates) -> None:
    done = shop("init")
    assert done.code == 0, done.err
    text = (shop.repo.root / "gates.yaml").read_text()
    plan = load(text.encode(), name="gates.yaml", default_project="x")
    assert plan.project == "shop"
    assert plan.include == ("src",)
    assert {gate.name for gate in plan.gates} >= {"lint", "format", "commits"}
    assert "tests" not in {gate.name for gate in plan.gates}
    assert "#   tests (L1-TESTS): would be vacuous: no file test_*.py" in text
    assert "configured by [tool.ruff] of pyproject.toml" in done.out
    assert "wrote gates.yaml with " in done.out
    assert "passed        lint " in done.out
    assert "next `gates check` runs all gates" in done.out
    assert len(list((shop.repo.root / ".gates/local/runs").iterdir())) == 1
    assert str(shop.repo.root) not in text


@pytest.mark.live
def test_the_file_is_one_that_prettier_leaves_as_it_is(gates: Gates) -> None:
    if not TOOLS.is_dir():
        pytest.skip("the Node tools are not installed: run `npm ci --ignore-scripts` in tests/node")
    (gates.repo.root / "node_modules").symlink_to(TOOLS)
    gates.repo.write(".gitignore", "node_modules\n.gates/\n")
    gates.repo.write(".prettierrc", '{ "singleQuote": true }\n')
    manifest = {"name": "web", "devDependencies": {"prettier": "3", "vitest": "4"}}
    gates.repo.write("package.json", f"{json.dumps(manifest, indent=2)}\n")
    gates.repo.write("src/a.ts", "export const a = 1;\n")
    gates.repo.write("src/a.test.ts", "test('a', () => {});\n")
    gates.repo.commit("feat: begin")
    done = gates("init")
    assert done.code == 0, done.err
    assert "passed        format " in done.out, done.out
    text = (gates.repo.root / "gates.yaml").read_text()
    assert "exclude: [src/**/*.test.*]" in text
    assert "tests: vitest" in text


@pytest.mark.live
def test_a_gate_that_fails_at_once_does_not_change_the_exit_code(shop: Gates) -> None:
    shop.repo.write("src/shop/bad.py", "import os\n")
    done = shop("init")
    assert done.code == 0
    assert "failed        lint" in done.out
    assert (shop.repo.root / "gates.yaml").is_file()


def test_a_dry_run_prints_the_file_and_nothing_else(shop: Gates) -> None:
    shop.repo.write("gates.yml", "mine\n")
    done = shop("init", "--dry-run")
    assert done.code == 0
    assert done.out.startswith("# Written by `gates init`.")
    assert load(done.out.encode(), name="gates.yaml", default_project="x").gates
    assert "left out" in done.err
    assert not (shop.repo.root / "gates.yaml").exists()
    assert not (shop.repo.root / ".gates").exists()


@pytest.mark.parametrize("name", ["gates.yaml", "gates.yml", ".gates.yaml"])
def test_what_is_there_is_never_overwritten(shop: Gates, name: str) -> None:
    path = shop.repo.write(name, "mine\n")
    done = shop("init")
    assert done.code == 2
    assert f"error[policy-exists]: `{name}` is there already" in done.err
    assert "--dry-run" in done.err
    assert path.read_text() == "mine\n"


def test_a_project_in_a_governed_repository_gets_its_own(shop: Gates) -> None:
    shop.repo.write("gates.yaml", "version: 1\nlevels:\n  1: [ruff]\n")
    shop.repo.write("plugin/setup.py")
    shop.repo.write("plugin/plugin/__init__.py", APP)
    done = shop("-C", "plugin", "init", "--dry-run")
    assert done.code == 0, done.err
    assert "# flat layout: `plugin`\nsources: [plugin]\n" in done.out


def test_a_folder_without_python_says_what_to_do(gates: Gates) -> None:
    done = gates("init")
    assert done.code == 2
    assert "error[no-project]" in done.err
    assert "gates -C DIR init" in done.err


def test_where_nothing_can_run_no_file_is_written(
    shop: Gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(folder: Path, environ: Mapping[str, str]) -> Proposal:
        return replace(propose(folder, environ), chosen=())

    propose = app.propose
    monkeypatch.setattr(app, "propose", nothing)
    monkeypatch.chdir(shop.repo.root)
    with pytest.raises(ConfigError) as caught:
        init.command.main([], standalone_mode=False)
    assert caught.value.problems[0].slug == "no-gates"
    assert not (shop.repo.root / "gates.yaml").exists()


def test_a_checkout_that_brings_its_answers_gets_a_file_and_the_reason(shop: Gates) -> None:
    shop.repo.write("node_modules/x.js")
    shop.repo.git("add", "--force", "-A")
    shop.repo.commit("feat: more")
    done = shop("init")
    assert done.code == 0
    assert "error[planted]" in done.err
    assert (shop.repo.root / "gates.yaml").is_file()


LINT = Chosen(name="lint", uses="ruff", purpose="p", why="w")


def test_a_file_that_cannot_be_used_is_a_defect(tmp_path: Path) -> None:
    broken = replace(LINT, uses="no-such-stage")
    proposal = Proposal(project="", layout="x", sources=("src",), chosen=(broken,))
    with pytest.raises(RuntimeError, match="cannot be used"):
        app.first_policy(proposal, tmp_path)


def test_a_file_that_says_something_else_is_a_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(proposal: Proposal) -> str:
        del proposal
        return "version: 1\nsources: [src]\nlevels:\n  1: [mypy]\n"

    monkeypatch.setattr(policy_text, "policy_text", other)
    proposal = Proposal(project="", layout="x", sources=("src",), chosen=(LINT,))
    with pytest.raises(RuntimeError, match="says something else"):
        app.first_policy(proposal, tmp_path)


def test_an_interrupt_keeps_its_exit_code(
    shop: Gates, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        exit_code = 130

    def interrupted(*arguments: object) -> Interrupted:
        del arguments
        return Interrupted()

    monkeypatch.setattr(init, "_run", interrupted)
    monkeypatch.chdir(shop.repo.root)
    with pytest.raises(SystemExit) as ended:
        init.command.main([], standalone_mode=False)
    assert ended.value.code == 130
    assert "wrote gates.yaml" in capsys.readouterr().out
