from pathlib import Path

import pytest

from gates.toolkit.globs import expanded

HIDDEN_TOO = (".hidden/d.xml", "out/[1].xml", "out/a.xml", "out/b.xml", "out/deep/c.xml")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name in ("out/a.xml", "out/b.xml", "out/deep/c.xml", ".hidden/d.xml", "out/[1].xml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("<testsuites/>")
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (("out/a.xml",), ("out/a.xml",)),
        (("./out//a.xml", "out/a.xml"), ("out/a.xml",)),
        (("out/?.xml",), ("out/a.xml", "out/b.xml")),
        (("**/*.xml",), HIDDEN_TOO),
        (("out/*",), ("out/[1].xml", "out/a.xml", "out/b.xml")),
        (("out/[1].xml",), ("out/[1].xml",)),
        (("out/[ab].xml", "out/b.xml"), ("out/a.xml", "out/b.xml")),
        (("absent.xml",), ("absent.xml",)),
        (("absent/*.xml",), ()),
        ((), ()),
    ],
)
def test_patterns_name_files_once_and_sorted(
    shop: Path, patterns: tuple[str, ...], found: tuple[str, ...]
) -> None:
    assert expanded(shop, patterns) == found
