from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.prettier_log import (
    BLINDING,
    Looked,
    judged,
    parse,
    refuse_unprovable,
    remarks,
)
from gates.formats.tool_paths import Tree

DATA = "prettier/3.10.1"
TREE = Tree(roots=("/p",), files=frozenset({"a.ts"}), sources=frozenset({"a.ts"}))
CLEAN = "All matched files use Prettier code style!\n"
ONE = "[warn] Code style issues found in the above file. Run Prettier with --write to fix.\n"


def said(*files: str, options: str = "{}", end: str = CLEAN) -> bytes:
    parts = []
    for name in files:
        path, _, warned = name.partition(" ")
        parts.append(f"[debug] resolve config from '{path}'\n[debug] loaded options `{options}`\n")
        parts.append(f"[debug] applied config-precedence (cli-override): {options}\n")
        parts.append(f"[warn] {warned}\n" if warned else "")
    return "".join((*parts, end)).encode()


def read(data: bytes) -> tuple[Looked, ...]:
    return parse(data, what="prettier.txt", hint="do so")


def test_a_recorded_log_names_every_file() -> None:
    files = read(recorded(f"{DATA}/findings.txt"))

    assert {one.path: one.is_formatted for one in files} == {
        "/project/.dependency-cruiser.cjs": False,
        "/project/eslint.config.js": True,
        "/project/package.json": False,
        "/project/src/core/total.ts": True,
        "/project/src/left.ts": True,
        "/project/src/web/rate.ts": True,
    }
    assert not any(one.blinded for one in files)


def test_a_recorded_clean_log() -> None:
    files = read(recorded(f"{DATA}/clean.txt"))

    assert len(files) == 6
    assert all(one.is_formatted for one in files)


def test_a_recorded_log_that_tells_no_clean_file_is_no_proof() -> None:
    with pytest.raises(OutputUnreadable, match="did not say which files") as caught:
        read(recorded(f"{DATA}/plain.txt"))

    assert caught.value.problem.hint == "do so"


def test_a_recorded_syntax_error_is_no_result() -> None:
    with pytest.raises(StageError, match=r"`src/bad\.ts`: Expression expected") as caught:
        read(recorded(f"{DATA}/syntax.txt"))

    assert caught.value.problem.place == "src/bad.ts:1:11"


@pytest.mark.parametrize(
    "line", ['No files matching the pattern were found: "x".', 'Couldn\'t resolve parser "nope".']
)
def test_any_other_error_is_no_result(line: str) -> None:
    with pytest.raises(StageError, match="could not look at all files") as caught:
        read(said("/p/a.ts", end=f"[error] {line}\n{CLEAN}"))

    assert line in caught.value.problem.summary


@pytest.mark.parametrize("name", ["findings.txt", "clean.txt", "findings-canary.log"])
def test_a_log_that_is_cut_short_is_refused(name: str) -> None:
    refuses_every_cut(read, recorded(f"{DATA}/{name}"))


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "prettier-unfinished"),
        (CLEAN.encode(), "prettier-unproved"),
        (said("/p/a.ts", end=ONE), "contradiction"),
        (said("/p/a.ts a.ts"), "contradiction"),
        (said("/p/a.ts", "/p/a.ts"), "contradiction"),
        (said("/p/a.ts", end=ONE.replace("the above file", "2 files")), "contradiction"),
        (said("/p/a.ts", options='{"a": 1, "a": 2}'), "json-duplicate-key"),
        (said("/p/a.ts", options="[" * 300 + "]" * 300), "json-depth"),
        (said("/p/a.ts", options="[]"), "json-type"),
        (said("/p/a.ts").replace(b"applied", b"applies"), "prettier-unproved"),
        (b"src/a.ts\n", "prettier-unfinished"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, slug: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        read(data)

    assert caught.value.problem.slug == slug


@pytest.mark.parametrize("shown", ["a.ts", "../p/a.ts", "p/a.ts"])
def test_a_warning_names_its_file_from_the_folder_of_the_run(shown: str) -> None:
    assert not read(said(f"/p/a.ts {shown}", end=ONE))[0].is_formatted


@pytest.mark.parametrize("warned", ["Ignored unknown option { foo: 3 }.", "xa.ts", "b/a.ts"])
def test_other_warnings_do_not_make_a_file_unformatted(warned: str) -> None:
    assert read(said(f"/p/a.ts {warned}"))[0].is_formatted


def test_older_words_colours_and_line_ends() -> None:
    old = ONE.replace("Run Prettier with --write to fix.", "Forgot to run Prettier?")
    data = said("a.ts a.ts", end=old).replace(b"[warn]", b"[\x1b[33mwarn\x1b[39m]")

    assert not read(data.replace(b"\n", b"\r\n"))[0].is_formatted


def test_a_configuration_that_was_named_is_a_proof_too() -> None:
    data = said("/p/a.ts").replace(b"resolve config", b"load config file")

    assert read(data)[0].path == "/p/a.ts"


@pytest.mark.parametrize(
    ("options", "blinded"),
    [
        ("{}", ()),
        ('{"requirePragma": false, "rangeStart": 0, "rangeEnd": null}', ()),
        ('{"requirePragma": true, "singleQuote": true}', ("requirePragma",)),
        ('{"checkIgnorePragma": true}', ("checkIgnorePragma",)),
        ('{"rangeStart": 1, "rangeEnd": 9}', ("rangeStart", "rangeEnd")),
        ('{"rangeStart": 0, "rangeEnd": 0}', ("rangeEnd",)),
        ('{"rangeEnd": false}', ()),
    ],
)
def test_options_that_blind(options: str, blinded: tuple[str, ...]) -> None:
    assert read(said("/p/a.ts", options=options))[0].blinded == blinded
    assert set(blinded) <= set(BLINDING)


def test_a_blinded_file_is_only_judged_where_it_would_change() -> None:
    one = Looked(path="/p/a.ts", is_formatted=True, blinded=("rangeEnd",))
    two = Looked(path="/p/b.ts", is_formatted=False, blinded=("rangeEnd",))
    three = Looked(path="/p/c.ts", is_formatted=True, blinded=())

    assert judged((one, two, three), TREE) == {"b.ts", "c.ts"}
    assert remarks((one, two, three), TREE) == ("not judged as a whole, by `rangeEnd`: `a.ts`",)
    assert remarks((two, three), TREE) == ()


def test_a_name_that_no_line_can_hold_is_refused() -> None:
    refuse_unprovable(TREE)
    odd = Tree(roots=(), files=frozenset({"a\nb.ts"}), sources=frozenset())

    with pytest.raises(StageError, match=r"`a\\nb\.ts`"):
        refuse_unprovable(odd)
