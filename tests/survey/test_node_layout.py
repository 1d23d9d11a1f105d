from pathlib import Path

import pytest
from survey.scenes import Ground

from gates.domain.errors import StageError
from gates.survey import node_layout
from gates.toolkit import sources

TEST = 'import { test } from "vitest";\ntest("a", () => {});\n'


def test_a_project_with_tests_beside_its_sources(place: Ground) -> None:
    place.manifest()
    place.repo.write("src/a.ts")
    place.repo.write("src/a.test.ts", TEST)
    place.repo.write("src/empty.spec.ts", "// to be written: a test\n")
    found = node_layout.look(place.root)
    assert found is not None
    assert (found.short, found.language, found.kind) == (
        "ts",
        "TypeScript",
        "TypeScript in `src`",
    )
    assert (found.sources, found.files) == (("src",), ("src/a.ts",))
    assert found.exclude == ("src/**/*.test.*", "src/**/*.spec.*")
    assert found.tests == ("src/a.test.ts",)
    assert not found.is_only_modules


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (("index.js",), "JavaScript modules at the top"),
        (("lib/a.js", "bin/b.js"), "JavaScript in 2 folders"),
        (("lib/a.js", "tsconfig.json"), "TypeScript in `lib`"),
    ],
)
def test_the_kinds_of_layouts(place: Ground, files: tuple[str, ...], kind: str) -> None:
    place.manifest()
    for name in files:
        place.repo.write(name)
    found = node_layout.look(place.root)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "files",
    [
        {"src/a.ts": ""},
        {"package.json": '{"type": "module"}', "src/a.ts": ""},
        {"package.json": '{"name": "a"}'},
        {"package.json": '{"name": "a"}', "lib/a.test.js": TEST},
        {"package.json": '{"name": "a"}', "lib/a.js": "", ".gitignore": "lib\n"},
        {"package.json": '{"name": "a"}', "packages/a/src/a.js": ""},
    ],
)
def test_what_is_no_project(place: Ground, files: dict[str, str]) -> None:
    for name, text in files.items():
        place.repo.write(name, text)
    assert node_layout.look(place.root, ("packages/a",)) is None


def test_what_lies_in_a_project_below_is_not_counted(place: Ground) -> None:
    place.manifest()
    for name in ("lib/a.js", "packages/a/a.js", "packages/a/a.test.js", "lib/a.test.js"):
        place.repo.write(name, TEST)
    found = node_layout.look(place.root, ("packages/a",))
    assert found is not None
    assert (found.sources, found.tests) == (("lib",), ("lib/a.test.js",))


def test_a_folder_that_cannot_be_read_is_told(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*arguments: object, **more: object) -> None:
        del arguments, more
        raise StageError("folder-unreadable", "no")

    place.manifest()
    place.repo.write("lib/a.js")
    monkeypatch.setattr(sources, "find_sources", refuses)
    with pytest.raises(StageError):
        node_layout.look(place.root)


def test_a_test_that_cannot_be_opened_is_none(tmp_path: Path) -> None:
    assert not node_layout._holds_a_test(tmp_path / "a.test.js")
