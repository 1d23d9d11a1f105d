from pathlib import Path

import pytest

from gates.survey.configured import at, configured, tables


@pytest.mark.parametrize(
    ("name", "text", "tool", "place"),
    [
        ("ruff.toml", "", "ruff", "ruff.toml"),
        ("pyrightconfig.json", "{}", "pyright", "pyrightconfig.json"),
        (".secrets.baseline", "{}", "detect-secrets", ".secrets.baseline"),
        ("pyproject.toml", "[tool.black]\n", "black", "[tool.black] of pyproject.toml"),
        (
            "pyproject.toml",
            "[tool.importlinter]\n",
            "import-linter",
            "[tool.importlinter] of pyproject.toml",
        ),
        (
            "pyproject.toml",
            "[tool.ruff.format]\n",
            "ruff-format",
            "[tool.ruff.format] of pyproject.toml",
        ),
        ("setup.cfg", "[metadata]\n[tool:pytest]\n", "pytest", "[tool:pytest] of setup.cfg"),
        ("tox.ini", "[flake8]\n", "flake8", "[flake8] of tox.ini"),
        ("setup.cfg", "[pylint.messages]\n", "pylint", "[pylint.messages] of setup.cfg"),
        (
            ".pre-commit-config.yaml",
            "repos:\n- repo: x\n  hooks:\n  - id: ruff-format\n",
            "ruff-format",
            "hook `ruff-format` of .pre-commit-config.yaml",
        ),
    ],
)
def test_each_place_of_a_configuration_is_seen(
    tmp_path: Path, name: str, text: str, tool: str, place: str
) -> None:
    (tmp_path / name).write_text(text)
    assert configured(tmp_path)[tool] == place


def test_a_file_of_its_own_goes_before_a_hook(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    (tmp_path / ".pre-commit-config.yaml").write_text("  - id: mypy\n  - id: end-of-file-fixer\n")
    assert configured(tmp_path) == {"mypy": "mypy.ini"}


@pytest.mark.parametrize("text", [b"[tool.ruff", b"\xff", b"tool = 3\n"])
def test_what_cannot_be_read_configures_nothing(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text)
    assert configured(tmp_path) == {}


def test_tables_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    assert at(tables(tmp_path), "project", "name") == "shop"
    assert at(tables(tmp_path), "project", "name", "deeper") is None
    assert tables(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("name", "text", "tool", "place"),
    [
        ("eslint.config.mjs", "", "eslint", "eslint.config.mjs"),
        (".prettierrc", "{}", "prettier", ".prettierrc"),
        ("prettier.config.ts", "", "prettier", "prettier.config.ts"),
        ("tsconfig.json", "{}", "tsc", "tsconfig.json"),
        ("vitest.config.ts", "", "vitest", "vitest.config.ts"),
        ("jest.config.json", "{}", "jest", "jest.config.json"),
        (".secretlintrc.json", "{}", "secretlint", ".secretlintrc.json"),
        (".dependency-cruiser.cjs", "", "dependency-cruiser", ".dependency-cruiser.cjs"),
        ("package.json", '{"jest": {}}', "jest", "`jest` of package.json"),
    ],
)
def test_each_place_of_a_node_configuration_is_seen(
    tmp_path: Path, name: str, text: str, tool: str, place: str
) -> None:
    (tmp_path / name).write_text(text)
    assert configured(tmp_path) == {tool: place}


def test_node_tools_also_read_what_lies_above(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in ("eslint.config.js", "tsconfig.json", "jest.config.js"):
        (tmp_path / name).write_text("")
    (tmp_path / "package.json").write_text('{"jest": {}, "prettier": {}}')
    inner = tmp_path / "packages" / "a"
    inner.mkdir(parents=True)
    assert configured(inner) == {
        "eslint": "../../eslint.config.js",
        "prettier": "`prettier` of ../../package.json",
    }
