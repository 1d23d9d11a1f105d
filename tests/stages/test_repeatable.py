from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of
from stages.live_context import live_context

from gates.plugin import StageError, StageResult, Tool
from gates.stages.repeatable import BUILDS, ONE_DAY, Repeatable, RepeatableOptions, parse
from gates.toolkit.build_aside import THERE_BEFORE


def stage(**options: object) -> Repeatable:
    given = {"run": "python build.py 'a b'", "outputs": ["dist/*"], **options}
    made = Repeatable(RepeatableOptions.from_plain(given))
    made.check()
    return made


def built(folder: Path, make: Callable[[int, Path], None]) -> FakeContext:
    """A context whose build is a function of the number of the build and the collected folder."""
    ctx = fake_context(folder, {"build.py": "", "data/x": "1"})
    copies: list[list[str]] = []

    def builds(argv: tuple[str, ...]) -> None:
        copy, collected = Path(argv[4]), Path(argv[5])
        copies.append(sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*")))
        (collected / "dist").mkdir()
        make(len(copies), collected / "dist")

    ctx.answer("gates.toolkit.build_aside", does=builds)
    return ctx


def measured(folder: Path, make: Callable[[int, Path], None]) -> StageResult:
    return stage().measure(built(folder, make))


def one(_number: int, out: Path) -> None:
    (out / "a").write_text("made")


def two(number: int, out: Path) -> None:
    one(number, out)
    (out / "b").write_text("made too")


def test_outputs_that_are_the_same(tmp_path: Path) -> None:
    ctx = built(tmp_path, two)

    result = stage().measure(ctx)

    assert metrics_of(result) == {"differing": 0, "same": (2, 2)}
    assert result.examined.count == 2
    assert result.tool.name == "python"
    first, second = ctx.runs
    assert first[1:4] == ("-P", "-m", "gates.toolkit.build_aside")
    assert first[6:] == (json.dumps(["dist/*"]), "2.1", "/tools/python", "build.py", "a b")
    assert Path(first[4]).name != Path(second[4]).name
    assert not Path(first[4]).exists()
    assert ctx.envs[0]["TZ"] != ctx.envs[1]["TZ"]
    assert ctx.envs[0]["SOURCE_DATE_EPOCH"] == ctx.envs[1]["SOURCE_DATE_EPOCH"]


def test_the_time_of_the_sources_is_left_out_where_that_is_asked(tmp_path: Path) -> None:
    ctx = built(tmp_path, one)

    stage(source_date_epoch=False).measure(ctx)

    assert "SOURCE_DATE_EPOCH" not in ctx.envs[0]


def test_each_differing_output_is_a_finding(tmp_path: Path) -> None:
    def make(number: int, out: Path) -> None:
        (out / "same").write_text("")
        (out / "stamp").write_text(f"built in {number}")
        (out / f"only-{number}").write_text("1")

    result = measured(tmp_path, make)

    assert metrics_of(result) == {"differing": 3, "same": (1, 4)}
    assert [(each.rule, each.path, each.message) for each in result.findings] == [
        ("output-missing", "dist/only-1", "only one of the two builds made it"),
        ("output-missing", "dist/only-2", "only one of the two builds made it"),
        ("output-differs", "dist/stamp", "the two builds differ from byte 9 on"),
    ]


def test_the_member_of_an_archive_that_differs_is_named(tmp_path: Path) -> None:
    from zipfile import ZipFile, ZipInfo

    def make(number: int, out: Path) -> None:
        with ZipFile(out / "a.whl", "w") as archive:
            archive.writestr(ZipInfo("RECORD", (2000 + number, 1, 1, 0, 0, 0)), b"1")

    (finding,) = measured(tmp_path, make).findings

    assert finding.message.startswith("the two builds differ in the time of member `RECORD`")


def test_a_longer_file_differs_where_the_shorter_ends(tmp_path: Path) -> None:
    def make(number: int, out: Path) -> None:
        (out / "a").write_text("x" * number)

    (finding,) = measured(tmp_path, make).findings

    assert finding.message == "the two builds differ from byte 1 on"


def test_no_output_is_no_proof(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"made no file that `dist/\*` of `outputs` names"):
        measured(tmp_path, lambda _number, _out: None)


def test_each_entry_of_outputs_names_something(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"no file that `\*\.whl` of `outputs` names"):
        stage(outputs=["dist/*", "*.whl"]).measure(built(tmp_path, one))


def test_permissions_that_differ_are_a_finding(tmp_path: Path) -> None:
    def make(number: int, out: Path) -> None:
        one(number, out)
        (out / "a").chmod(0o755 if number == 1 else 0o644)

    (finding,) = measured(tmp_path, make).findings

    assert finding.message == "the two builds differ in permissions: 755 and 644"


def test_outputs_that_no_build_made_prove_nothing(tmp_path: Path) -> None:
    def empty(_number: int, out: Path) -> None:
        (out / "a").write_text("")

    def copied(_number: int, out: Path) -> None:
        (out / "a").write_text("")
        (out / "b").write_text("1")  # as `data/x`

    for make, why in ((empty, "every output is empty"), (copied, "every output is the copy")):
        folder = tmp_path / make.__name__
        folder.mkdir()
        with pytest.raises(StageError, match=why):
            measured(folder, make)


def test_some_copies_among_the_outputs_and_what_is_not_tried_are_told(tmp_path: Path) -> None:
    def make(number: int, out: Path) -> None:
        two(number, out)
        (out / "c").write_text("1")

    ctx = built(tmp_path, make)

    assert metrics_of(stage().measure(ctx))["differing"] == 0
    assert ctx.notes == [ONE_DAY, "1 of 3 outputs are copies of files of the project"]


def test_each_build_has_a_home_of_its_own(tmp_path: Path) -> None:
    ctx = built(tmp_path, one)
    home = tmp_path / "real"
    (home / ".cache/pip").mkdir(parents=True)
    ctx.settings["HOME"] = str(home)

    stage().measure(ctx)

    for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR"):
        assert ctx.envs[0][name] != ctx.envs[1][name]
    assert ctx.notes[1:] == ["both builds shared PIP_CACHE_DIR: one may have used what it holds"]


def test_a_home_that_both_share_is_told(tmp_path: Path) -> None:
    ctx = built(tmp_path, one)

    stage(own_home=False).measure(ctx)

    assert "HOME" not in ctx.envs[0]
    assert ctx.notes[1:] == ["both builds shared HOME: one may have used what it holds"]


def test_an_output_that_is_there_before_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"dist/a": "1"})
    ctx.answer("gates.toolkit.build_aside", exit_code=THERE_BEFORE)

    with pytest.raises(StageError, match="`dist/\\*` is among the project's own"):
        stage().measure(ctx)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"run": ""}, "names no program"),
        ({"outputs": []}, "`outputs` names what is compared"),
        ({"outputs": ["/etc/a"]}, "does not stay"),
        ({"outputs": ["a/../../b"]}, "does not stay"),
        ({"outputs": [""]}, "does not stay"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        stage(**options)


def test_a_path_is_that_of_the_copy(tmp_path: Path) -> None:
    ctx = built(tmp_path, one)

    stage(run="./build.sh").measure(ctx)

    assert ctx.runs[0][-1] == "./build.sh"


LEAKY = """\
import os, pathlib, time
out = pathlib.Path("dist")
out.mkdir()
(out / "folder").write_text(os.getcwd())
(out / "clock").write_text(str(int(time.time()) // 2))
(out / "zone").write_text(time.strftime("%H", time.localtime(0)))
(out / "file-time").write_text(str(os.stat("build.py").st_mtime))
(out / "epoch").write_text(os.environ["SOURCE_DATE_EPOCH"])
(out / "same").write_text("made")
kept = pathlib.Path.home() / "kept"
kept.exists() or kept.write_text(str(time.time()))
(out / "home").write_text(kept.read_text())
"""


@pytest.mark.live
def test_folder_clock_zone_and_file_times_show_in_a_build(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"build.py": LEAKY})
    start = time.monotonic()

    result = stage(run="python build.py").measure(ctx)

    assert [each.path for each in result.findings] == [
        "dist/clock",
        "dist/file-time",
        "dist/folder",
        "dist/home",
        "dist/zone",
    ]
    assert metrics_of(result)["same"] == (2, 7)
    assert time.monotonic() - start >= BUILDS[0].least_s


def test_builds_without_any_output_compare_nothing() -> None:
    with pytest.raises(StageError, match="made no file that `outputs` names"):
        parse({}, {}, Tool(name="x", version=""))
