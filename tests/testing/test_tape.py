from __future__ import annotations

from pathlib import Path

import pytest

from gates.testing import tape
from gates.testing.tape import LONG_AGO_S, Left, Player, Recorder, Take, Tape
from gates.testing.tree import Tree
from gates.toolkit.processes import Cause, Command, Ended


def command(folder: Path, *words: str, number: int = 1, **env: str) -> Command:
    return Command(
        argv=("/bin/sh", *words),
        cwd=str(folder),
        env={"PATH": "/usr/bin:/bin", **env},
        stdout=str(folder / f"{number}.stdout"),
        stderr=str(folder / f"{number}.stderr"),
        timeout_s=20.0,
    )


def take(*argv: str, inputs: tuple[bytes, ...] = (), stdout: bytes = b"") -> Take:
    return Take(
        argv=argv,
        inputs=inputs,
        ended=Ended(Cause.EXITED, exit_code=0),
        stdout=stdout,
        stderr=b"",
        files=(),
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_a_recorder_keeps_what_a_command_did(tmp_path: Path, out: Path) -> None:
    (out / "kept.txt").write_text("before")
    (out / "changed.txt").write_text("before")
    script = f"echo told; echo off >&2; echo new > {out}/changed.txt; echo 1 > {out}/made; exit 3"
    with Recorder() as recorder:
        recorder.out = out
        recorder.run(command(tmp_path, "-c", script))
    (kept,) = recorder.takes
    assert (kept.stdout, kept.stderr, kept.ended.exit_code) == (b"told\n", b"off\n", 3)
    assert kept.files == (Left("changed.txt", b"new\n"), Left("made", b"1\n"))
    assert kept.program == "sh"


def test_a_recorder_keeps_what_a_command_wrote_in_the_project_and_a_player_writes_it_there(
    tmp_path: Path, out: Path
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "same.json").write_text("[]")
    (root / "source.txt").write_text("text")
    script = f"printf '[]' > {root}/same.json; echo 1 > {root}/made; echo 2 > {out}/made"
    with Recorder() as recorder:
        recorder.out, recorder.tree = out, Tree(root)
        recorder.run(command(tmp_path, "-c", script))
    assert recorder.takes[0].files == (
        Left("made", b"2\n"),
        Left("made", b"1\n", in_project=True),
        Left("same.json", b"[]", in_project=True),
    )
    names = [left.name for left in recorder.takes[0].files]
    assert names == ["made", "made in the project", "same.json in the project"]
    (root / "made").unlink()
    player = Player(Tape(takes=tuple(recorder.takes)), out, root)
    player.run(command(tmp_path, "-c", script, number=2))
    assert (root / "made").read_bytes() == b"1\n"


def test_a_recorder_without_a_folder_only_runs(tmp_path: Path) -> None:
    with Recorder() as recorder:
        assert recorder.run(command(tmp_path, "-c", "exit 4")).exit_code == 4
    assert recorder.takes == []


def test_a_command_that_could_not_be_started_wrote_nothing(tmp_path: Path, out: Path) -> None:
    missing = Command(
        argv=("/not/there",),
        cwd=str(tmp_path),
        env={},
        stdout=str(tmp_path / "absent" / "1"),
        stderr=str(tmp_path / "absent" / "2"),
        timeout_s=5.0,
    )
    with Recorder() as recorder:
        recorder.out = out
        recorder.run(missing)
    assert recorder.takes[0].ended.cause is not Cause.EXITED
    assert (recorder.takes[0].stdout, recorder.takes[0].stderr) == (b"", b"")


def test_a_player_does_what_was_recorded(tmp_path: Path, out: Path) -> None:
    script = f"echo told; mkdir {out}/deep; echo 1 > {out}/deep/made; exit 3"
    with Recorder() as recorder:
        recorder.out = out
        recorder.run(command(tmp_path, "-c", script))
    (out / "deep" / "made").unlink()
    player = Player(Tape(takes=tuple(recorder.takes)), out, tmp_path)
    ended = player.run(command(tmp_path, "-c", script, number=2))
    assert (ended.cause, ended.exit_code) == (Cause.EXITED, 3)
    assert (tmp_path / "2.stdout").read_bytes() == b"told\n"
    assert (out / "deep" / "made").read_bytes() == b"1\n"


def test_a_player_takes_the_same_command_before_another_of_its_program(
    tmp_path: Path, out: Path
) -> None:
    takes = (take("/bin/sh", "a", stdout=b"a"), take("/bin/sh", "b", stdout=b"b"))
    player = Player(Tape(takes=takes), out, tmp_path)
    told = []
    for number, word in enumerate(("b", "c", "b"), 1):
        player.run(command(tmp_path, word, number=number))
        told.append((tmp_path / f"{number}.stdout").read_bytes())
    # What was used up answers again; an unknown command gets what its program did next.
    assert told == [b"b", b"a", b"b"]


def test_a_command_that_was_not_recorded_cannot_be_started(tmp_path: Path, out: Path) -> None:
    ended = Player(Tape(takes=()), out, tmp_path).run(command(tmp_path, "a"))
    assert ended.cause is Cause.NOT_STARTED


def test_names_that_are_new_in_each_run_are_carried_over(tmp_path: Path, out: Path) -> None:
    recorded = command(tmp_path, "--plugin=proof_0123456789abcdef")
    made = {"settings": b'{"nonce": "aaaabbbbccccdddd"}'}
    first = take(
        *recorded.argv,
        inputs=tape.inputs_of(recorded, made),
        stdout=b"loaded proof_0123456789abcdef, nonce aaaabbbbccccdddd",
    )
    (out / "settings").write_bytes(b'{"nonce": "eeeeffff00001111"}')
    now = command(tmp_path, "--plugin=proof_fedcba9876543210")
    Player(Tape(takes=(first,)), out, tmp_path).run(now)
    told = (tmp_path / "1.stdout").read_bytes()
    assert told == b"loaded proof_fedcba9876543210, nonce eeeeffff00001111"


def test_only_long_names_at_the_same_place_are_carried_over() -> None:
    assert tape.renamed((b"--jobs=2 name", b"x"), (b"--jobs=4 name", b"x")).names == {}
    assert tape.renamed((b"longword1 a",), (b"longword1 a longword2",)).names == {}
    assert tape.renamed((b"longword1",), (b"longword2",))(b"is longword1") == b"is longword2"


def test_a_stale_file_is_old(tmp_path: Path) -> None:
    tape.put(tmp_path / "a" / "old", b"x", Left("old", b"x", is_stale=True))
    tape.put(tmp_path / "a" / "new", b"x", Left("new", b"x"))
    assert (tmp_path / "a" / "old").stat().st_mtime == LONG_AGO_S
    assert (tmp_path / "a" / "new").stat().st_mtime > LONG_AGO_S


def test_links_and_other_things_are_no_contents(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "file").write_text("1")
    (tmp_path / "b" / "code.pyc").write_text("1")
    (tmp_path / "link").symlink_to("b/file")
    assert tape.contents(tmp_path) == {"b/file": b"1"}


def test_what_runs_before_the_stage_has_its_folder_is_not_kept(tmp_path: Path) -> None:
    with Recorder() as recorder:
        recorder.out = tmp_path / "later"
        assert recorder.run(command(tmp_path, "-c", "exit 4")).exit_code == 4
    assert recorder.takes == []
