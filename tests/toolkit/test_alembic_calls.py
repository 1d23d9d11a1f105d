from __future__ import annotations

from pathlib import Path

from gates.toolkit.alembic_calls import MAX_TEXT, configured, tried

SETTINGS = {
    "config": "alembic.ini",
    "section": "alembic",
    "x": "",
    "toml": "",
    "url": "sqlite:///50%25.db",
}


def test_the_address_is_handed_over_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = here\n")
    config = configured({**SETTINGS, "config": str(tmp_path / "alembic.ini")})
    assert config.get_main_option("sqlalchemy.url") == "sqlite:///50%25.db"
    assert config.get_main_option("script_location") == "here"
    assert config.toml_file_name is None
    assert config.cmd_opts is not None
    assert config.cmd_opts.x is None


def test_the_address_is_handed_over_as_an_argument_too() -> None:
    config = configured({**SETTINGS, "x": "url", "toml": "yes"})
    assert config.cmd_opts is not None
    assert config.cmd_opts.x == ["url=sqlite:///50%25.db"]
    assert config.toml_file_name == "pyproject.toml"


def test_whatever_is_raised_is_told_in_one_short_line() -> None:
    def fails() -> None:
        raise LookupError("first\nsecond")

    def ends() -> None:
        raise SystemExit

    def talks() -> None:
        raise ValueError("x" * 900)

    assert tried(fails) == "LookupError: first"
    assert tried(ends) == "SystemExit"
    assert len(tried(talks)) == MAX_TEXT
    assert not tried(lambda: 1)
