import pytest
from survey.scenes import TOOLS, Ground

from gates.domain.errors import ConfigError
from gates.survey import roof
from gates.survey.roof import Roof


def look(place: Ground) -> Roof | None:
    return roof.look(place.root, place.environ, own_prefix=place.own)


def service(place: Ground, name: str) -> None:
    place.repo.write(f"services/{name}/pyproject.toml", f'[project]\nname = "{name}"\n')
    place.repo.write(f"services/{name}/src/{name}/__init__.py")


def web(place: Ground, name: str = "web") -> None:
    place.manifest(folder=f"{name}/")
    place.repo.write(f"{name}/src/a.ts")


def test_a_project_is_no_roof(place: Ground) -> None:
    assert look(place) is None
    place.repo.write("src/shop/__init__.py")
    place.repo.write("plugin/setup.py")
    place.repo.write("plugin/p.py")
    assert look(place) is None


def test_projects_of_two_languages(place: Ground) -> None:
    service(place, "api")
    web(place)
    place.repo.commit("feat: begin")
    place.environment(TOOLS, folder=place.own)
    found = look(place)
    assert found is not None
    assert (found.name, found.projects) == ("", ("services/api", "web"))
    assert [gate.name for gate in found.chosen] == ["secrets", "commits"]
    assert found.shared == {"commit-message", "detect-secrets"}
    assert found.told == frozenset()


def test_projects_of_one_language(place: Ground) -> None:
    service(place, "api")
    service(place, "mail")
    place.repo.write("requirements.txt")
    place.repo.write("tasks.py")
    found = look(place)
    assert found is not None
    assert found.left_out[0].why == "detect-secrets is not installed"


def test_what_is_left_out_there_is_told_there(place: Ground) -> None:
    web(place)
    found = look(place)
    assert found is not None
    assert (found.chosen, found.shared) == ((), frozenset())
    assert found.told == {"L1-SECRETS", "L1-COMMIT"}
    # The project is in Node, and so is the tool that is named to it.
    assert found.left_out[0].why == "no package.json asks for secretlint"


def test_the_lock_of_workspaces_has_a_gate_at_its_place(place: Ground) -> None:
    place.manifest(workspaces=["packages/*"], name="shop")
    web(place, "packages/a")
    place.packages()
    place.lock(workspaces=("packages/a",))
    found = look(place)
    assert found is not None
    audit = found.chosen[-1]
    assert (audit.uses, audit.options) == ("npm-audit", (("lock", "package-lock.json"),))
    assert "npm-audit" not in found.shared


def test_a_part_of_a_project_is_no_roof(place: Ground) -> None:
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\n')
    place.repo.write("src/shop/__init__.py")
    for name in ("a", "b"):
        place.repo.write(f"plugins/{name}/setup.py")
        place.repo.write(f"plugins/{name}/{name}.py")
    with pytest.raises(ConfigError) as caught:
        roof.look(place.root / "plugins", place.environ, own_prefix=place.own)
    assert caught.value.problems[0].slug == "part-of-a-project"
