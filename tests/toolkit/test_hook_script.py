from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from gates.toolkit.hook_script import (
    ARGUMENTS,
    KEPT,
    Maker,
    folder_of,
    hook_script,
    maker_of,
    manager_of,
)

REFS = "refs/heads/a 1 refs/heads/a 2\nrefs/heads/b 3 refs/heads/b 4\n"
NASTY = 'it\'s "a"\n$(touch planted) `b` \\ -'


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    err: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A work tree with its hooks, and programs that write down how they were called."""

    top: Path

    @property
    def hooks(self) -> Path:
        return self.top / ".git" / "hooks"

    def program(self, path: Path, code: int = 0, has_gates: int = 0) -> Path:
        """A program that writes its arguments and its input beside itself."""
        path.parent.mkdir(parents=True, exist_ok=True)
        log = shlex.quote(f"{path}.log")
        path.write_text(
            "#!/bin/sh\n"
            f'case "$*" in *"import gates"*) exit {has_gates} ;; esac\n'
            f'printf "<%s>" "$@" >{log}\n/bin/cat >>{log}\nexit {code}\n'
        )
        path.chmod(0o755)
        return path

    def write(self, name: str, python: str, folder: str = ".") -> None:
        self.hooks.mkdir(parents=True, exist_ok=True)
        path = self.hooks / name
        path.write_bytes(hook_script(name, python=python, folder=folder))
        path.chmod(0o755)

    def run(self, name: str, *arguments: str, stdin: str = "", path: str = "/nowhere") -> Ended:
        """Call the hook as git does: at the top, by its relative path, with a bare environment."""
        done = subprocess.run(
            ("/bin/sh", f".git/hooks/{name}", *arguments),
            cwd=self.top,
            env={"PATH": path},
            input=stdin.encode(),
            capture_output=True,
            check=False,
            timeout=20,
        )
        return Ended(done.returncode, os.fsdecode(done.stderr))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path / 'it\'s a "shop"\n-')
    made.top.mkdir()
    return made


def seen(program: Path) -> str:
    return Path(f"{program}.log").read_text()


@pytest.mark.parametrize(
    ("name", "arguments", "called"),
    [
        ("pre-commit", (), "<check><--staged>"),
        ("pre-merge-commit", (), "<check><--staged>"),
        ("commit-msg", ("/repo/MSG",), "<check><--commit-msg></repo/MSG>"),
        ("pre-push", ("origin", "url"), f"<check><--pre-push>{REFS}"),
    ],
)
@pytest.mark.parametrize("code", [0, 1, 3])
def test_each_hook_calls_its_command_and_ends_as_it_ends(
    scene: Scene, name: str, arguments: tuple[str, ...], called: str, code: int
) -> None:
    python = scene.program(scene.top / "env" / NASTY / "python", code)
    scene.write(name, str(python), folder=NASTY)
    done = scene.run(name, *arguments, stdin=REFS if name == "pre-push" else "")
    assert (done.code, done.err) == (code, "")
    assert seen(python) == f"<-E><-P><-m><gates><-C><./{NASTY}>{called}"
    assert not (scene.top / "planted").exists()


def test_a_message_that_git_names_relatively_is_found_from_another_folder(scene: Scene) -> None:
    python = scene.program(scene.top / "python")
    scene.write("commit-msg", str(python), folder="services/a")
    assert scene.run("commit-msg", ".git/COMMIT_EDITMSG").code == 0
    assert seen(python).endswith(f"<--commit-msg><{scene.top}/.git/COMMIT_EDITMSG>")


@pytest.mark.parametrize("state", ["absent", "without-gates", "folder"])
@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_where_the_interpreter_cannot_do_it_gates_on_path_does(
    scene: Scene, name: str, state: str
) -> None:
    python = scene.top / "python"
    if state == "without-gates":
        scene.program(python, has_gates=1)
    elif state == "folder":
        python.mkdir()
    scene.write(name, str(python))
    gates = scene.program(scene.top / "bin" / "gates", 1)
    done = scene.run(name, "/x", stdin=REFS, path=f"{scene.top}/bin")
    assert done.code == 1
    assert seen(gates).startswith("<-C><./.><check>")
    assert not Path(f"{python}.log").exists()


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_where_nothing_can_do_it_the_hook_says_so_in_one_line_and_fails(
    scene: Scene, name: str
) -> None:
    scene.write(name, "/no/such\nplace/python")
    # A folder on PATH that is not absolute is one of the checkout.
    scene.program(scene.top / "bin" / "gates")
    for path in ("/nowhere", "bin", "", "./bin:bin/"):
        done = scene.run(name, "/x", stdin=REFS, path=path)
        assert done.code == 3
        assert done.err.count("\n") == 1
        assert done.err.startswith(f"gates: {name} could not run: no `gates` for /no/such place/py")
        assert "gates install-hook" in done.err
        assert "--no-verify" in done.err
    assert not (scene.top / "bin" / "gates.log").exists()


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_kept_hook_runs_first_and_sees_all_that_git_said(scene: Scene, name: str) -> None:
    python = scene.program(scene.top / "python")
    kept = scene.program(scene.hooks / f"{name}{KEPT}")
    scene.write(name, str(python))
    given = REFS if name == "pre-push" else ""
    assert scene.run(name, "one", "two words", stdin=given).code == 0
    assert seen(kept) == f"<one><two words>{given}"
    assert seen(python).endswith(given)
    assert "<check>" in seen(python)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_what_a_kept_hook_refuses_is_refused(scene: Scene, name: str) -> None:
    python = scene.program(scene.top / "python")
    scene.program(scene.hooks / f"{name}{KEPT}", 7)
    scene.write(name, str(python))
    assert scene.run(name, "x", stdin=REFS).code == 7
    assert not Path(f"{python}.log").exists()


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_what_gates_refuses_is_refused_behind_a_kept_hook_too(scene: Scene, name: str) -> None:
    python = scene.program(scene.top / "python", 1)
    scene.program(scene.hooks / f"{name}{KEPT}")
    scene.write(name, str(python))
    assert scene.run(name, "x", stdin=REFS).code == 1


def test_a_kept_hook_that_may_not_run_is_left_out_as_git_leaves_it_out(scene: Scene) -> None:
    python = scene.program(scene.top / "python")
    kept = scene.program(scene.hooks / f"pre-push{KEPT}", 1)
    kept.chmod(0o644)
    scene.write("pre-push", str(python))
    assert scene.run("pre-push", stdin=REFS).code == 0
    assert seen(python).endswith(REFS)


@pytest.mark.parametrize("given", [REFS, REFS.rstrip("\n"), REFS * 3000])
def test_a_push_is_told_whole_to_both(scene: Scene, given: str) -> None:
    python = scene.program(scene.top / "python")
    kept = scene.program(scene.hooks / f"pre-push{KEPT}")
    scene.write("pre-push", str(python))
    assert scene.run("pre-push", "origin", stdin=given).code == 0
    lines = f"{given.rstrip()}\n"
    assert seen(kept) == f"<origin>{lines}"
    assert seen(python).endswith(f"<--pre-push>{lines}")


def test_gates_is_told_to_which_remote_a_push_goes(scene: Scene) -> None:
    python = scene.top / "python"
    python.write_text('#!/bin/sh\nprintf "%s" "$PRE_COMMIT_REMOTE_NAME" > "$0.remote"\n')
    python.chmod(0o755)
    scene.write("pre-push", str(python))
    assert scene.run("pre-push", "fork", "https://example.org/fork", stdin=REFS).code == 0
    assert Path(f"{python}.remote").read_text() == "fork"


def test_where_nothing_is_pushed_nothing_is_judged(scene: Scene) -> None:
    kept = scene.program(scene.hooks / f"pre-push{KEPT}")
    scene.write("pre-push", "/gone/python")
    assert scene.run("pre-push", "origin").code == 0
    assert seen(kept) == "<origin>"
    scene.program(kept, 1)
    assert scene.run("pre-push", "origin").code == 1


def test_a_kept_hook_that_reads_nothing_takes_nothing_away(scene: Scene) -> None:
    python = scene.program(scene.top / "python")
    kept = scene.hooks / f"pre-push{KEPT}"
    scene.write("pre-push", str(python))
    kept.write_text("#!/bin/sh\nexec <&-\nexit 0\n")
    kept.chmod(0o755)
    done = scene.run("pre-push", stdin=REFS * 3000)
    assert (done.code, done.err) == (0, "")
    assert seen(python).endswith(REFS * 3000)


def test_variables_of_the_same_name_decide_nothing(scene: Scene) -> None:
    scene.write("pre-push", "/no/python")
    environ = {"PATH": "/nowhere", "found": "/bin/true", "python": "/bin/true", "refs": "x"}
    done = subprocess.run(
        ("/bin/sh", ".git/hooks/pre-push"), cwd=scene.top, env=environ, check=False,
        input=REFS.encode(), capture_output=True,
    )  # fmt: skip
    assert done.returncode == 3


def test_ours_is_told_from_one_that_was_edited() -> None:
    script = hook_script("pre-commit", python="/p", folder=".")
    assert maker_of(script) is Maker.GATES
    assert maker_of(script + b"echo mine\n") is Maker.EDITED
    assert maker_of(script.replace(b"/p", b"/q")) is Maker.EDITED
    assert maker_of(b"#!/bin/sh\nexec gates check --staged\n") is Maker.OTHER
    assert maker_of(b"") is Maker.OTHER


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n", "pre-commit"),
        (b"#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n", "prek"),
        (b'#!/bin/sh\ncall_lefthook run "pre-commit" "$@"\n', "lefthook"),
        (b'#!/usr/bin/env sh\n. "$(dirname "$0")/h"', "husky"),
        (b'#!/bin/sh\nif [ "$SKIP_SIMPLE_GIT_HOOKS" = "1" ]; then\n', "simple-git-hooks"),
        (b"#!/usr/bin/env ruby\nif ENV['OVERCOMMIT_DISABLE'].to_i != 0\n", "overcommit"),
        (b'#!/bin/sh\ngit lfs pre-push "$@"\n', ""),
    ],
)
def test_a_managers_hook_is_told_by_its_lines(text: bytes, name: str) -> None:
    assert manager_of(text) == name
    assert maker_of(text) is (Maker.MANAGER if name else Maker.OTHER)


@pytest.mark.parametrize(
    "folder", [".", "services/a", NASTY, "# no comment", "folder=./x", "\udcff"]
)
def test_the_folder_is_read_back(folder: str) -> None:
    assert folder_of(hook_script("pre-push", python="/it's/py", folder=folder)) == folder


def test_a_file_without_a_folder_has_none() -> None:
    assert folder_of(b"#!/bin/sh\nexit 0\n") == ""
