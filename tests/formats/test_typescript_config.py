"""What `tsc --showConfig` prints; the forms are those of the recordings in `tests/stages/data`."""

from __future__ import annotations

import json

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.typescript_config import NEVER, NOT_SET, STRICT, TypeScriptConfig, parse


def config(version: str = "5.9.3", /, **options: object) -> TypeScriptConfig:
    text = json.dumps({"compilerOptions": options, "files": ["./src/a.ts"]})
    return parse(strict_json.read(text.encode(), what="shown"), version=version)


def test_strict_mode_is_off_before_version_6_and_on_from_it() -> None:
    assert config("5.9.3").laxities() == (NOT_SET,)
    assert config("6.0.0").laxities() == ()
    assert config("7.0.2").laxities() == ()
    assert config("next").laxities() == (NOT_SET,)


@pytest.mark.parametrize("version", ["5.9.3", "7.0.2"])
@pytest.mark.parametrize("name", STRICT)
def test_each_part_of_strict_mode_that_is_off_is_told(name: str, version: str) -> None:
    assert config(version, strict=True, **{name: False}).laxities() == (f"`{name}` is off",)


def test_strict_mode_switched_off() -> None:
    assert config("7.0.2", strict=False).laxities() == (NOT_SET,)
    assert config(strictNullChecks=True).laxities() == (NOT_SET,)


def test_all_parts_of_strict_mode_are_strict_mode() -> None:
    assert config("5.9.3", **dict.fromkeys(STRICT, True)).laxities() == ()


@pytest.mark.parametrize("name", NEVER)
def test_options_that_take_a_part_away(name: str) -> None:
    assert config("5.9.3", strict=True, **{name: True}).laxities() == (f"`{name}` is on",)


@pytest.mark.parametrize(
    ("path", "options", "reason"),
    [
        ("a.ts", {"skipLibCheck": True}, ""),
        ("a.d.ts", {}, ""),
        ("a.d.ts", {"skipLibCheck": True}, "`skipLibCheck` leaves declarations unchecked"),
        ("a.d.cts", {"skipDefaultLibCheck": True}, "`skipDefaultLibCheck` leaves declarations"),
        ("a.js", {"allowJs": True}, "`checkJs` is not on"),
        ("a.mjs", {"checkJs": True}, ""),
    ],
)
def test_files_that_are_read_and_not_checked(
    path: str, options: dict[str, object], reason: str
) -> None:
    found = config("5.9.3", **options).passes_over(path)

    assert found.startswith(reason)
    assert bool(found) == bool(reason)


def test_a_configuration_that_checks_nothing_is_refused() -> None:
    config(noCheck=False).refuse_unchecking()
    with pytest.raises(StageError, match="`noCheck` is on") as caught:
        config(noCheck=True).refuse_unchecking()
    assert caught.value.problem.hint


def test_references_and_files() -> None:
    text = b'{"compilerOptions": {}, "references": [{"path": "./a"}]}'
    found = parse(strict_json.read(text, what="shown"), version="5.9.3")

    assert found.has_references
    assert found.roots == ()
    assert config().roots == ("./src/a.ts",)
    assert not config().has_references


@pytest.mark.parametrize("text", [b"{}", b'{"compilerOptions": []}', b"[]"])
def test_something_else_is_refused(text: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(strict_json.read(text, what="shown"), version="5.9.3")
