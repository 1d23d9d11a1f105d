from collections.abc import Iterable

import pytest
from survey.scenes import Ground

from gates.domain.errors import ConfigError
from gates.survey import layout, notes


def told(place: Ground, environment: str = "") -> list[str]:
    return [*notes.notes(place.scene(), environment)]


def visited(place: Ground, *chosen: str) -> list[str]:
    return [*notes.visited(place.scene(), chosen)]


def test_of_a_plain_project_nothing_is_told(place: Ground) -> None:
    place.repo.write("src/shop/__init__.py")
    assert told(place) == []
    assert told(place, "no environment") == ["no environment"]


def test_a_manifest_that_cannot_be_read_is_told(place: Ground) -> None:
    place.repo.write("package.json", "{")
    (said,) = told(place, "of no concern without Python")
    assert said.startswith("package.json is no JSON, so nothing of it was read: ")


def test_two_languages_have_gates_of_two_names(place: Ground) -> None:
    place.manifest()
    place.repo.write("requirements.txt")
    place.repo.write("shop/app.py")
    place.repo.write("web/a.ts")
    assert told(place) == ["two languages lie here: the gates of TypeScript end in `-ts`"]


def test_python_that_nobody_tells_of_is_told(place: Ground) -> None:
    place.manifest()
    place.repo.write("scripts/tool.py")
    place.repo.write("src/a.js")
    assert told(place) == [
        "no gate looks at the Python in scripts: no pyproject.toml or requirements.txt"
    ]


def test_packages_that_are_missing_or_stale_are_told(place: Ground) -> None:
    place.manifest("eslint")
    place.repo.write("src/a.js")
    (said,) = told(place)
    assert said.startswith("node_modules is not there")
    place.packages()
    place.repo.write("package-lock.json", '{"packages": {"node_modules/a": {"version": "2"}}}')
    held = '{"packages": {"node_modules/a": {"version": "1"}}}'
    (place.root / "node_modules/.package-lock.json").write_text(held)
    (said,) = told(place)
    assert said == (
        "1 package of node_modules is not what package-lock.json names: `npm ci` mends that"
    )


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (("ruff",), ()),
        (("prettier",), (".prettierignore",)),
        (("eslint", "prettier"), (".prettierignore", "`globalIgnores` of eslint.config.js")),
    ],
)
def test_what_our_runs_leave_is_for_no_other_to_look_at(
    place: Ground, chosen: Iterable[str], said: tuple[str, ...]
) -> None:
    place.manifest()
    place.repo.write("eslint.config.js", "export default [];\n")
    found = visited(place, *chosen)
    assert len(found) == len(said)
    assert all(name in text for name, text in zip(said, found, strict=True))
    place.repo.write("eslint.config.js", 'export default [{ ignores: [".gates/"] }];\n')
    place.repo.write(".gitignore", ".gates/\n")
    assert visited(place, *chosen) == []


def test_a_folder_within_a_project_is_refused(place: Ground) -> None:
    place.manifest()
    place.repo.write("src/a/b.ts")
    with pytest.raises(ConfigError) as caught:
        notes.refuse_part(place.root / "src" / "a", place.root, place.environ)
    assert caught.value.problems[0].hint == "gates -C ../.. init"
    place.manifest(workspaces=["src/*"])
    notes.refuse_part(place.root / "src" / "a", place.root, place.environ)
    notes.refuse_part(place.root, place.root, place.environ)
    notes.refuse_part(place.root / "src", None, place.environ)


def test_a_package_without_sources_is_told_as_such(place: Ground) -> None:
    place.manifest()
    error = notes.no_project(layout.look(place.root), place.root, place.environ)
    assert error.problems[0].summary.startswith("a package.json is here, and no sources")
