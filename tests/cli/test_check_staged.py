"""The hooks of git, with real git: what is judged is what is committed or pushed, and no more."""

import json
import os
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from repositories import Repo

ZERO = "0" * 40

COMMAND = "{{uses: command, when: [{when}], with: {{run: '{run}', examined: exit-status}}}}"


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Hooked:
    """A repository whose hooks call `gates`; the cache folder is the test's own."""

    repo: Repo

    @property
    def environ(self) -> dict[str, str]:
        cover = {key: text for key, text in os.environ.items() if key.startswith("COV")}
        cache = str(self.repo.root.parent / "cache")
        return {**self.repo.environ, **cover, "XDG_CACHE_HOME": cache}

    def gates(self, *arguments: str, given: bytes = b"", **environ: str) -> Ended:
        return self.run(sys.executable, "-m", "gates", *arguments, given=given, environ=environ)

    def git(self, *arguments: str, cwd: Path | None = None, **environ: str) -> Ended:
        return self.run("/usr/bin/env", "git", *arguments, cwd=cwd, environ=environ)

    def run(
        self,
        *argv: str,
        environ: Mapping[str, str],
        given: bytes = b"",
        cwd: Path | None = None,
    ) -> Ended:
        done = subprocess.run(
            argv,
            cwd=cwd or self.repo.root,
            env={**self.environ, **environ},
            input=given,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ended(
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )

    def policy(self, **gates: str) -> None:
        lines = "".join(f"      {name}: {form}\n" for name, form in gates.items())
        self.repo.write("gates.yaml", f"version: 1\nlevels:\n  1:\n    gates:\n{lines}")

    def hook(self, name: str, *arguments: str) -> None:
        words = " ".join(arguments)
        path = self.repo.root / ".git" / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gates check {words} 1>&2\n')
        path.chmod(0o755)

    def record(self) -> dict[str, object]:
        runs = self.repo.root / ".gates" / "local" / "runs"
        record = max(runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime_ns)
        read: dict[str, object] = json.loads(record.read_bytes())
        return read


def at_commit(run: str) -> str:
    return COMMAND.format(when="commit, push, ci", run=run)


@pytest.fixture
def hooked(repo: Repo) -> Hooked:
    made = Hooked(repo)
    repo.write(".gitignore", ".gates/local/\n")
    made.policy(good=at_commit("grep -q good src.txt"))
    repo.write("src.txt", "good\n")
    repo.commit()
    made.hook("pre-commit", "--staged")
    return made


def status_of(record: dict[str, object], name: str) -> tuple[str, str]:
    gates = record["gates"]
    assert isinstance(gates, list)
    (found,) = (gate for gate in gates if gate["name"] == name)
    return str(found["status"]), str(found["reason"])


def test_partial_staging_is_judged_as_staged(hooked: Hooked) -> None:
    hooked.repo.write("src.txt", "good\nmore\n")
    hooked.repo.git("add", "src.txt")
    hooked.repo.write("src.txt", "bad\n")
    assert hooked.git("commit", "-qm", "x").code == 0
    assert (hooked.repo.root / "src.txt").read_text() == "bad\n"
    record = hooked.record()
    assert record["selection"] == "--staged"
    assert record["tree"] == hooked.repo.git("rev-parse", "HEAD^{tree}")
    assert hooked.repo.git("worktree", "list").count("\n") == 0


def test_what_is_staged_fails_though_the_working_tree_is_good(hooked: Hooked) -> None:
    hooked.repo.write("src.txt", "bad\n")
    hooked.repo.git("add", "src.txt")
    hooked.repo.write("src.txt", "good\n")
    before = hooked.repo.git("ls-files", "--stage")
    done = hooked.git("commit", "-qm", "x")
    assert done.code == 1
    assert "failed" in done.err
    assert hooked.repo.git("ls-files", "--stage") == before
    assert hooked.repo.git("stash", "list") == ""


def test_a_module_that_nobody_added_fails_the_commit(hooked: Hooked) -> None:
    hooked.policy(run=at_commit("/bin/sh check.sh"))
    hooked.repo.write("check.sh", "exec cat helper.txt\n")
    hooked.repo.write("helper.txt", "here, and not added\n")
    hooked.repo.git("add", "gates.yaml", "check.sh")
    assert hooked.git("commit", "-qm", "x").code == 1
    hooked.repo.git("add", "helper.txt")
    assert hooked.git("commit", "-qm", "x").code == 0


def test_a_commit_of_paths_is_judged_by_its_own_index(hooked: Hooked) -> None:
    hooked.repo.write("src.txt", "bad\n")
    hooked.repo.git("add", "src.txt")
    hooked.repo.write("other.txt", "new\n")
    hooked.repo.git("add", "other.txt")
    assert hooked.git("commit", "-qm", "x", "--", "other.txt").code == 0
    assert hooked.git("commit", "-qm", "x", "--", "src.txt").code == 1
    hooked.repo.write("src.txt", "good again\n")
    assert hooked.git("commit", "-aqm", "x").code == 0


def test_an_entry_that_is_only_intended_is_not_judged(hooked: Hooked) -> None:
    hooked.policy(gone=at_commit("test ! -e later.txt"))
    hooked.repo.git("add", "gates.yaml")
    hooked.repo.write("later.txt", "x")
    hooked.repo.git("add", "-N", "later.txt")
    assert hooked.git("commit", "-qm", "x").code == 0


def test_a_linked_work_tree_has_its_own_index_and_head(hooked: Hooked) -> None:
    linked = hooked.repo.root.parent / "linked"
    hooked.repo.git("worktree", "add", "-q", str(linked), "-b", "side")
    (linked / "src.txt").write_text("bad\n")
    hooked.git("add", "-A", cwd=linked)
    assert hooked.git("commit", "-qm", "x", cwd=linked).code == 1
    (linked / "src.txt").write_text("good too\n")
    hooked.git("add", "-A", cwd=linked)
    assert hooked.git("commit", "-qm", "x", cwd=linked).code == 0
    assert (linked / ".gates" / "local" / "runs").is_dir()
    assert not (hooked.repo.root / ".gates" / "local").exists()


@pytest.mark.parametrize("name", [b"--exec=rm", b"new\nline", b"not-\xff-utf8", b"-n", b":(top)x"])
def test_no_name_of_a_file_is_anything_but_a_name(hooked: Hooked, name: bytes) -> None:
    (hooked.repo.root / os.fsdecode(name)).write_text("x")
    hooked.policy(all=at_commit("/bin/sh count.sh"))
    hooked.repo.write("count.sh", 'test "$(git ls-files -z | tr -cd "\\000" | wc -c)" -eq 5\n')
    hooked.repo.git("add", "-A")
    done = hooked.git("commit", "-qm", "x")
    assert done.code == 0, done.err


def test_git_in_the_side_tree_tells_of_what_is_staged(hooked: Hooked) -> None:
    head = hooked.repo.git("rev-parse", "HEAD")
    hooked.policy(git=at_commit("/bin/sh ask.sh"))
    hooked.repo.write(
        "ask.sh",
        f'set -e\ntest "$(git rev-parse HEAD)" = {head}\ntest -z "$(git diff)"\n'
        'test -z "$(git ls-files --others)"\ngit diff --cached --name-only | grep -q ask.sh\n'
        "git log -1 --format=%H | grep -q .\n"
        'test -z "$GIT_DIR$GIT_INDEX_FILE$GIT_WORK_TREE$GIT_PREFIX$GIT_AUTHOR_NAME"\n',
    )
    hooked.repo.git("add", "-A")
    done = hooked.git("commit", "-qm", "x", GIT_AUTHOR_NAME="Someone")
    assert done.code == 0, done.err


def test_the_bare_environment_of_a_program_with_windows_will_do(hooked: Hooked) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gates", "check", "--staged", "--gate", "good"],
        cwd=hooked.repo.root,
        env={"XDG_CACHE_HOME": hooked.environ["XDG_CACHE_HOME"]},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_a_gate_leaves_behind_is_gone_at_the_next_commit(hooked: Hooked) -> None:
    hooked.policy(dirty=at_commit("/bin/sh spoil.sh"))
    hooked.repo.write("spoil.sh", "test ! -e left.txt || exit 1\nmkdir left.d; echo x > left.txt\n")
    hooked.repo.git("add", "-A")
    assert hooked.git("commit", "-qm", "x").code == 0
    hooked.repo.write("src.txt", "good 2\n")
    hooked.repo.git("add", "-A")
    assert hooked.git("commit", "-qm", "x").code == 0


def test_a_gate_that_changes_what_it_judges_is_no_proof(hooked: Hooked) -> None:
    hooked.policy(format=at_commit("/bin/sh format.sh"))
    hooked.repo.write("format.sh", "echo formatted > src.txt\n")
    hooked.repo.git("add", "-A")
    done = hooked.git("commit", "-qm", "x")
    assert done.code == 1
    assert "changed the files that it judged" in done.err
    assert (hooked.repo.root / "src.txt").read_text() == "good\n"


def test_a_run_that_is_killed_loses_nothing_and_spoils_nothing(hooked: Hooked) -> None:
    hooked.policy(slow=at_commit("/bin/sh slow.sh"))
    hooked.repo.write("slow.sh", "echo junk > src.txt; echo junk > left.txt; exec sleep 60\n")
    hooked.repo.git("add", "-A")
    hooked.repo.write("src.txt", "unstaged\n")
    killed = subprocess.Popen(
        [sys.executable, "-m", "gates", "check", "--staged"],
        cwd=hooked.repo.root,
        env=hooked.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    trees = Path(hooked.environ["XDG_CACHE_HOME"]) / "gates" / "trees"
    _until(lambda: bool(list(trees.glob("*/0/files/*/left.txt"))))
    # While it runs, another commit takes another place, and does not wait.
    hooked.policy(good=at_commit("grep -q good src.txt"))
    hooked.repo.git("add", "gates.yaml")
    began = time.monotonic()
    assert hooked.gates("check", "--staged").code == 0
    assert time.monotonic() - began < 30
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert (hooked.repo.root / "src.txt").read_text() == "unstaged\n"
    done = hooked.gates("check", "--staged")
    assert done.code == 0, done.text
    assert hooked.repo.git("diff", "--name-only") == "src.txt"


def test_conflicts_are_refused_with_the_reason(hooked: Hooked) -> None:
    git = hooked.repo.git
    git("checkout", "-qb", "other")
    hooked.repo.write("src.txt", "good other\n")
    git("commit", "-qanm", "x")
    git("checkout", "-q", "main")
    hooked.repo.write("src.txt", "good main\n")
    git("commit", "-qanm", "x")
    assert hooked.git("merge", "other").code != 0
    done = hooked.gates("check", "--staged")
    assert done.code == 3
    assert "the index holds conflicts" in done.err
    assert "`src.txt`" in done.err


def test_the_first_commit_is_judged_wholly(repo: Repo) -> None:
    hooked = Hooked(repo)
    hooked.policy(good=at_commit("grep -q good src.txt"), later=COMMAND.format(when="ci", run="x"))
    repo.write("src.txt", "bad")
    repo.git("add", "-A")
    hooked.hook("pre-commit", "--staged")
    assert hooked.git("commit", "-qm", "x").code == 1
    repo.write("src.txt", "good")
    repo.git("add", "-A")
    done = hooked.git("commit", "-qm", "x")
    assert done.code == 0, done.err
    record = hooked.record()
    assert (record["verdict"], record["commit"]) == ("partial", None)
    assert status_of(record, "later") == ("skipped", "not due at commit (`when: [ci]`)")
    assert "not due at commit: `later`" in done.err


def test_where_no_gate_is_due_nothing_is_called_passed(hooked: Hooked) -> None:
    hooked.policy(later=COMMAND.format(when="ci", run="x"))
    hooked.repo.git("add", "-A")
    done = hooked.gates("check", "--staged")
    assert done.code == 3
    assert "no gate is due at commit" in done.out
    assert "passed" not in done.out


def test_a_policy_that_is_not_staged_does_not_count(repo: Repo) -> None:
    hooked = Hooked(repo)
    hooked.policy(good=at_commit("true"))
    repo.write("a.txt", "x")
    repo.git("add", "a.txt")
    done = hooked.gates("check", "--staged")
    assert done.code == 2
    assert "git add gates.yaml" in done.err
    assert str(repo.root) in done.err


def test_two_ways_to_say_what_is_judged_are_refused(hooked: Hooked) -> None:
    done = hooked.gates("check", "--staged", "--changed-from", "HEAD")
    assert done.code == 2
    assert "--staged and --changed-from exclude each other" in done.err


def test_each_pushed_commit_is_judged_and_the_worst_counts(hooked: Hooked) -> None:
    git = hooked.repo.git
    remote = hooked.repo.root.parent / "remote.git"
    git("init", "-q", "--bare", str(remote))
    git("remote", "add", "origin", str(remote))
    git("push", "-q", "origin", "main")
    hooked.hook("pre-push", "--pre-push")
    git("checkout", "-qb", "one")
    hooked.repo.write("new.txt", "x")
    hooked.repo.git("add", "-A")
    git("commit", "-qnm", "x")
    git("checkout", "-qb", "two", "main")
    hooked.repo.write("src.txt", "bad\n")
    git("commit", "-qanm", "x")
    git("checkout", "-q", "main")
    done = hooked.git("push", "origin", "one", "two")
    assert done.code != 0
    assert "of refs/heads/one" in done.err
    assert "of refs/heads/two" in done.err
    assert "one" not in git("ls-remote", "origin")
    assert hooked.git("push", "origin", "one").code == 0
    deleted = hooked.git("push", "origin", ":one")
    assert deleted.code == 0
    assert "nothing was judged" in deleted.err


def test_a_push_of_which_nothing_is_said_is_no_pass(hooked: Hooked) -> None:
    done = hooked.gates("check", "--pre-push")
    assert done.code == 2
    assert "nothing says what is pushed" in done.err
    head = hooked.repo.git("rev-parse", "HEAD")
    done = hooked.gates("check", "--pre-push", PRE_COMMIT_TO_REF=head, PRE_COMMIT_FROM_REF=head)
    assert done.code == 0
    assert hooked.record()["commit"] == head


def test_a_commit_that_cannot_be_judged_hides_no_other(hooked: Hooked) -> None:
    git = hooked.repo.git
    bare = git("commit-tree", "-m", "x", git("hash-object", "-w", "-t", "tree", "/dev/null"))
    hooked.repo.write("src.txt", "bad\n")
    git("commit", "-qanm", "x")
    bad = git("rev-parse", "HEAD")
    lines = f"refs/a {bare} refs/a {ZERO}\nrefs/b {bad} refs/b {ZERO}\n"
    done = hooked.gates("check", "--pre-push", given=lines.encode())
    assert done.code == 1
    assert "no gates.yaml" in done.err


@pytest.mark.parametrize(
    ("message", "code"),
    [("feat: one\n\n# a comment\n", 0), ("Added stuff\n", 1)],
)
def test_a_message_is_judged_and_nothing_else(hooked: Hooked, message: str, code: int) -> None:
    hooked.policy(msg="commit-message", good=at_commit("false"))
    hooked.repo.write("m.txt", message)
    done = hooked.gates("check", "--commit-msg", "m.txt")
    assert done.code == code, done.text
    record = hooked.record()
    assert status_of(record, "good")[0] == "skipped"
    assert record["selection"] == "--commit-msg m.txt --gate msg"


def test_a_merge_that_git_worded_is_not_held_up(hooked: Hooked) -> None:
    hooked.policy(msg="commit-message", good=at_commit("true"))
    hooked.repo.git("add", "gates.yaml")
    hooked.repo.git("commit", "--no-verify", "-qm", "feat: a gate for messages")
    hooked.repo.git("branch", "side", "HEAD~")
    hooked.hook("commit-msg", "--commit-msg", '"$1"')
    hooked.repo.git("checkout", "-q", "side")
    hooked.repo.git("commit", "--no-verify", "--allow-empty", "-qm", "feat: other")
    hooked.repo.git("checkout", "-q", "-")
    done = hooked.git("merge", "--no-ff", "-m", "Joined it", "side")
    assert (done.code, "malformed is 1" in done.text) == (1, True), done.text
    hooked.repo.git("merge", "--abort")
    done = hooked.git("merge", "--no-edit", "--no-ff", "side")
    assert done.code == 0, done.text
    assert "partial: git itself worded this merge" in done.text


def test_where_no_gate_judges_messages_that_is_said(hooked: Hooked) -> None:
    done = hooked.gates("check", "--commit-msg", ".git/COMMIT_EDITMSG")
    assert done.code == 0
    assert done.err.startswith("partial: no gate up to level 1 judges messages")


@pytest.mark.parametrize("text", ["raise SystemExit(5)\n", ""])
def test_an_editable_install_does_not_bring_in_the_working_tree(hooked: Hooked, text: str) -> None:
    repo = hooked.repo
    repo.write(".gitignore", ".gates/local/\n.venv/\n")
    venv.create(repo.root / ".venv", symlinks=True)
    (site,) = (repo.root / ".venv" / "lib").glob("python3*/site-packages")
    (site / "shop.pth").write_text(f"{repo.root / 'src'}\n")
    hooked.policy(tests=at_commit("python tests.py"))
    repo.write("tests.py", "import shop\n")
    if text:
        repo.write("src/shop.py", text)
    repo.git("add", "-A")
    repo.write("src/shop.py", "# good, and not staged\n")
    assert hooked.git("commit", "-qm", "x").code == 1
    repo.git("add", "-A")
    done = hooked.git("commit", "-qm", "x")
    assert done.code == 0, done.err


def test_a_report_counts_where_it_is_of_what_is_staged(hooked: Hooked) -> None:
    repo = hooked.repo
    repo.write(".gitignore", ".gates/local/\nout/\n")
    hooked.policy(tests="{uses: junit, when: [commit], with: {report: out/junit.xml}}")
    repo.git("add", "-A")
    case = '<testcase classname="a" name="b" time="0.1"/>'
    repo.write(
        "out/junit.xml",
        f'<testsuite name="s" tests="1" failures="0" errors="0" skipped="0">{case}</testsuite>',
    )
    done = hooked.gates("check", "--staged")
    assert status_of(hooked.record(), "tests")[0] == "passed", done.text
    repo.write("src.txt", "good, and not staged\n")
    assert hooked.gates("check", "--staged").code == 3
    assert "differs from it" in status_of(hooked.record(), "tests")[1]


def test_the_projects_of_a_folder_are_judged_as_staged(hooked: Hooked) -> None:
    repo = hooked.repo
    repo.write("gates.yaml", "version: 1\nprojects: [api]\n")
    one = at_commit("grep -q good src.txt")
    text = f"version: 1\nlevels:\n  1:\n    gates:\n      good: {one}\n"
    repo.write("api/gates.yaml", text)
    repo.write("api/src.txt", "bad\n")
    repo.git("add", "-A")
    repo.write("api/src.txt", "good\n")
    assert hooked.git("commit", "-qm", "x").code == 1
    repo.git("add", "-A")
    done = hooked.git("commit", "-qm", "x")
    assert done.code == 0, done.err
    assert (repo.root / "api" / ".gates" / "local" / "runs").is_dir()


def _until(holds: object) -> None:
    assert callable(holds)
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
