"""The documentation builds without a warning, and the changelog from its fragments."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from house.tree import ROOT, text_of, tracked

DOCS = ROOT / "docs"
FRAGMENTS = DOCS / "changelog.d"
MARKER = "<!-- towncrier release notes start -->"


class Assets(HTMLParser):
    """What a browser would load of a page by itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = "href" if tag == "link" else "src"
        if tag in {"link", "script", "img", "iframe"} and given.get(name):
            self.found.append(str(given[name]))


@pytest.mark.skipif(not find_spec("furo"), reason="no Sphinx here, so the docs were not built")
def test_the_docs_build_without_a_warning_and_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html",
            "-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "site"),
        ],
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.decode()) == (0, "")
    pages = {path.name: path for path in (tmp_path / "site").glob("*.html")}
    for name in tracked("docs"):
        page = Path(name)
        if page.suffix == ".md" and page.parent.name == "docs":
            assert f"{page.stem}.html" in pages
    for path in pages.values():
        loaded = Assets(path.read_text(encoding="utf-8")).found
        assert loaded
        assert [each for each in loaded if "//" in each] == []


def configuration() -> ModuleType:
    spec = spec_from_file_location("docs_conf", DOCS / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see [Load](load.md#x)", "see [Load](load.md#x)"),
        ("[a](decisions/0001-rooms.md)", "[a](decisions/0001-rooms.md)"),
        ("the [README](../README.md#y)", "the README (`README.md` in the repository)"),
        ("[LICENSE](../LICENSE)", "LICENSE"),
        ("[site](https://x.example/../y)", "[site](https://x.example/../y)"),
    ],
)
def test_a_link_that_leads_out_of_the_docs_names_the_file(text: str, expected: str) -> None:
    assert configuration().inside(DOCS, text) == expected
    nested = text.replace("](../", "](../../").replace("](load", "](../load")
    wanted = expected.replace("](load", "](../load")
    assert configuration().inside(DOCS / "decisions", nested) == wanted.replace(
        "](decisions", "](decisions"
    )


def test_the_index_names_every_page_for_readers_of_the_repository() -> None:
    links = set(re.findall(r"\]\(([^)#]+)", text_of("docs/index.md")))
    pages = {Path(name).name for name in tracked("docs") if re.fullmatch(r"docs/[^/]+\.md", name)}
    assert pages - {"index.md"} <= links


def test_the_changelog_has_the_place_where_releases_go() -> None:
    assert text_of("CHANGELOG.md").count(f"\n{MARKER}\n") == 1


def test_each_fragment_is_of_a_known_type_and_says_something() -> None:
    settings = tomllib.loads(text_of("pyproject.toml"))["tool"]["towncrier"]
    types = {each["directory"] for each in settings["type"]}
    listed = set(
        re.findall(r"^\| `([a-z]+)` \|", text_of("docs/changelog.d/README.md"), re.MULTILINE)
    )
    assert types == listed
    for path in FRAGMENTS.iterdir():
        if path.name != "README.md":
            kind = re.fullmatch(r"(?:\+[a-z0-9-]+|[0-9]+)\.([a-z]+)\.md", path.name)
            assert kind is not None, path.name
            assert kind[1] in types
            assert path.read_text(encoding="utf-8").strip()


@pytest.mark.skipif(not find_spec("towncrier"), reason="no towncrier here, so nothing was drafted")
def test_a_release_can_be_drafted() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "99.0.0"],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().startswith("## 99.0.0 (")
