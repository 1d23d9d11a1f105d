from pathlib import Path

import pytest
from repositories import Repo
from survey.scenes import Ground

from gates.domain.errors import ToolCrashed
from gates.domain.survey import Fact
from gates.survey import surroundings
from gates.toolkit.git import Git


def texts(facts: list[Fact]) -> str:
    return "\n".join(f"{fact.name}: {fact.text}" for fact in facts)


def of_repository(place: Ground) -> list[Fact]:
    return list(surroundings.of_repository(Git(place.root, place.environ), place.environ))


def of_environments(place: Ground, **environ: str) -> list[Fact]:
    scene = place.scene(**environ)
    return list(surroundings.of_environments(scene.toolbox, place.root, scene.environ))


def test_environments_stand_in_their_order(place: Ground) -> None:
    made = place.environment()
    (first, second) = of_environments(place)
    assert first.text == f"{made} (.venv, its Python is used)"
    assert second.text == f"{place.own} (environment of gates)"


def test_a_project_without_an_environment_is_told(place: Ground) -> None:
    facts = of_environments(place)
    assert [fact.text for fact in facts if fact.is_doubtful] == [
        "none holds an interpreter",
        "the project has none of its own that `gates` can find",
    ]


def test_an_environment_stands_once(place: Ground) -> None:
    made = place.environment()
    scene = place.scene()
    scene.toolbox.environments *= 2
    facts = list(surroundings.of_environments(scene.toolbox, place.root, scene.environ))
    assert [fact.text for fact in facts if str(made) in fact.text] == [
        f"{made} (.venv, its Python is used)"
    ]


def test_an_environment_that_is_not_in_use_is_told(place: Ground) -> None:
    place.environment(folder=place.root / "venv")
    assert of_environments(place)[-1].hint == "`environment: venv` in gates.yaml"


def test_an_environment_elsewhere_is_told_with_its_launcher(place: Ground) -> None:
    made = place.environment(folder=place.home / "uvs")
    fact = of_environments(place, UV_PROJECT_ENVIRONMENT=str(made))[-1]
    assert fact.text == f"{made} is the project's, and is not in use"
    assert fact.hint == "uv run gates doctor"


def test_an_environment_that_is_put_aside_is_told(place: Ground) -> None:
    place.environment()
    other = place.environment(folder=place.home / "other")
    facts = of_environments(place, VIRTUAL_ENV=str(other))
    assert "VIRTUAL_ENV goes before" in facts[-1].text
    assert facts[-1].is_doubtful


def test_outside_git_nothing_tells_what_changed(place: Ground) -> None:
    (place.root / ".git").rename(place.home / "git")
    (fact,) = of_repository(place)
    assert fact.is_doubtful
    assert "in no repository" in fact.text


def test_before_the_first_commit(place: Ground) -> None:
    (fact,) = of_repository(place)
    assert fact.text.endswith("nothing is committed yet")


def test_a_branch_without_a_remote(place: Ground) -> None:
    commit = place.repo.commit()
    facts = of_repository(place)
    assert facts[0].text.endswith(f"branch main at {commit[:10]}")
    assert facts[1].text.endswith("(HEAD is the first commit)")
    assert facts[2].hint == "`gates check --changed-from REF`"


def test_a_remote_without_a_head(place: Ground) -> None:
    place.repo.commit()
    place.repo.git("remote", "add", "origin", "nowhere")
    assert of_repository(place)[-1].hint.startswith("git remote set-head origin --auto, or ")


def test_a_detached_head(place: Ground) -> None:
    commit = place.repo.commit()
    place.repo.git("checkout", "--quiet", "--detach")
    assert f"detached at {commit[:10]}" in of_repository(place)[0].text


def test_a_head_that_git_does_not_tell(place: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*arguments: object) -> None:
        del arguments
        raise ToolCrashed("git-failed", "no")

    commit = place.repo.commit()
    git = Git(place.root, place.environ)
    monkeypatch.setattr(git, "ask", refuses)
    assert surroundings._head(git, commit) == f"at {commit[:10]}"


def test_a_shallow_clone(place: Ground, tmp_path: Path) -> None:
    place.repo.commit("one")
    place.repo.commit("two")
    clone = Repo(tmp_path / "clone", place.repo.environ)
    place.repo.git("clone", "--quiet", "--depth=1", f"file://{place.root}", str(clone.root))
    facts = list(surroundings.of_repository(clone.ask(), place.environ))
    assert "the clone is shallow" in texts(facts)
    assert "origin/HEAD is not known" not in texts(facts)


def test_what_the_checkout_brings_is_told_once(place: Ground) -> None:
    assert list(surroundings.of_planted(Git(place.root, place.environ))) == []
    place.repo.write(".gates/local/a")
    place.repo.write(".gates/local/b")
    place.repo.commit()
    (fact,) = surroundings.of_planted(Git(place.root, place.environ))
    assert "`.gates/local/a` is tracked" in fact.text


def test_the_state_is_told(tmp_path: Path) -> None:
    one = list(surroundings.of_state(tmp_path / ".git" / "gates" / "x", tmp_path, 1))
    assert texts(one) == "kept: .git/gates/x\nrecords: .gates/local/runs, 1 run"
    many = list(surroundings.of_state(Path("/elsewhere"), tmp_path, 2))
    assert texts(many) == "kept: /elsewhere\nrecords: .gates/local/runs, 2 runs"


def test_node_packages_are_there_or_told(place: Ground) -> None:
    def packages() -> list[Fact]:
        return list(surroundings.of_packages(place.root))

    place.manifest()
    assert packages() == []
    place.manifest("eslint")
    (fact,) = packages()
    assert (fact.is_doubtful, fact.hint) == (True, "npm install")
    assert fact.text == "node_modules is not there, so no tool of the project is"
    made = place.packages()
    (fact,) = packages()
    assert (fact.is_doubtful, fact.text) == (False, str(made))
    place.repo.write("package-lock.json", '{"packages": {"node_modules/a": {"version": "2"}}}')
    (fact,) = packages()
    assert fact.text == f"{made}, as package-lock.json names them"
    held = '{"packages": {"node_modules/a": {"version": "1"}}}'
    (made / ".package-lock.json").write_text(held)
    (fact,) = packages()
    assert (fact.is_doubtful, fact.hint) == (True, "npm ci")


def test_a_project_in_node_needs_no_environment(place: Ground) -> None:
    toolbox = place.scene().toolbox
    facts = surroundings.of_environments(toolbox, place.root, place.environ, is_python=False)
    assert not any(fact.is_doubtful for fact in facts)
