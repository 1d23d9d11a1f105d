"""`commit-message`: messages of the commits that a change adds, by Conventional Commits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from gates.formats import conventional_commits, git_log
from gates.formats.conventional_commits import CommitMessage, Rules
from gates.formats.counts import counted
from gates.formats.git_log import Commit
from gates.plugin import (
    EVERYWHERE,
    Context,
    Default,
    Examined,
    Finding,
    Options,
    Role,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit.changes import Base
from gates.toolkit.files import write_atomic
from gates.toolkit.regular import open_regular

TYPES = (
    "build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test",
    "wip",
)  # fmt: skip
"""The types in common use; `wip` is told, and refused at Level 3."""

LONGEST_MESSAGE = 1 << 20
SHOWN_ID = 10
SECOND_NS = 1_000_000_000
GIT_FOLDER = ".git/"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitMessageOptions(Options):
    """Options of `commit-message`."""

    types: tuple[str, ...] = field(
        default=TYPES, metadata={"help": "the types that are allowed", "stricter": "fewer"}
    )
    scopes: tuple[str, ...] = field(
        default=(), metadata={"help": "the scopes that are allowed; else any"}
    )
    max_header: int = field(
        default=100,
        metadata={"help": "characters that the first line may have", "stricter": "lower"},
    )
    file: str = field(
        default="",
        metadata={"help": "a file that holds one message; else the commits since the base"},
    )


class CommitMessages(Stage[CommitMessageOptions]):
    """Each commit from the base of the change to HEAD; merges that git worded are left out."""

    uses = "commit-message"
    title = "commit messages"
    options_type = CommitMessageOptions
    metrics = (
        counted("malformed", "faults in the form of messages", "faults of form"),
        counted("wip", "commits of type `wip`", "unfinished commits"),
        counted("breaking", "commits that announce a breaking change", "breaking commits"),
    )
    defaults = (
        Default(text="malformed == 0"),
        Default(text="wip == 0", role=Role.WARN, to_level=2),
        Default(text="wip == 0", from_level=3),
    )
    criteria = ("L1-COMMIT",)
    when = EVERYWHERE
    examines = "commits"
    errored_when = (
        "the project is not in git, or has no commit",
        "the clone is too shallow to show every commit since the base",
        "every commit is a merge that git worded",
        "the file that holds the message is absent, empty or older than HEAD",
    )
    programs = ("git",)

    def check(self) -> None:
        """Refuse options that cannot be met.

        Raises:
            ValueError: with one line that says why.
        """
        if not self.options.types:
            raise ValueError("`types` is empty, so no message could pass")
        if self.options.file.startswith("/") or ".." in self.options.file.split("/"):
            raise ValueError("`file` does not stay in the project")
        if self.options.max_header < 1:
            raise ValueError("`max_header` must be at least 1")

    def run(self, ctx: Context) -> StageResult:
        """Read the messages, from the file that was named, else from git."""
        tool = ctx.tool("git")
        if self.options.file:
            commits: tuple[Commit, ...] = (Commit("", 1, self._edited(ctx, tool)),)
            note = f"the message in `{self.options.file}`"
        else:
            commits, note = _commits(ctx, tool)
        return measured(self._rules(), commits, tool, note)

    def _rules(self) -> Rules:
        return Rules(
            types=tuple(kind.lower() for kind in self.options.types),
            scopes=self.options.scopes,
            longest_header=self.options.max_header,
        )

    def _edited(self, ctx: Context, tool: Tool) -> str | None:
        """The message in the file, as git would make a commit of it; None where it is not UTF-8."""
        data = self._read(ctx, tool)
        if data:
            write_atomic(ctx.out / "message", data)
            ctx.report(ctx.out / "message")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return None
        text = text.strip("\n") if _keeps_comments(ctx, tool) else _cleaned(ctx, tool, text)
        if not text.strip():
            summary = f"`{self.options.file}` holds no message"
            raise StageError("nothing-examined", summary, place=self.options.file)
        return text

    def _read(self, ctx: Context, tool: Tool) -> bytes:
        """The file, if it is not that of an earlier commit."""
        name = self.options.file
        path = ctx.root / name
        if name.startswith(GIT_FOLDER):
            # In a linked work tree, `.git` is a file that says where the folder is.
            inside = ctx.run(tool, "rev-parse", "--git-path", name.removeprefix(GIT_FOLDER))
            path = ctx.root / inside.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")
        try:
            with open_regular(path) as file:
                data, written = file.read(LONGEST_MESSAGE + 1), os.fstat(file.fileno()).st_mtime_ns
        except OSError as error:
            raise StageError(
                "file-unreadable",
                f"`{name}` cannot be read: {error.strerror or error}",
                hint="git writes `.git/COMMIT_EDITMSG` before it calls the hook commit-msg",
                place=name,
            ) from error
        if len(data) > LONGEST_MESSAGE:
            raise StageError("file-unreadable", f"`{name}` is larger than 1 MiB", place=name)
        head = ctx.run(tool, "log", "--max-count=1", "--format=%ct", "HEAD", "--", ok=(0, 128))
        # A path that is not the project's cannot stand in gates.yaml: git has just handed it over.
        oldest = int(head.stdout.strip() or b"0") * SECOND_NS if head.exit_code == 0 else 0
        if not name.startswith("/") and written < oldest:
            raise StageError(
                "report-stale",
                f"`{name}` is older than HEAD, so it is the message of an earlier commit",
                hint="leave out `file` to read the messages of commits",
                place=name,
            )
        return data


def _keeps_comments(ctx: Context, tool: Tool) -> bool:
    """Whether git will leave lines that begin with `#` in the message.

    It takes them out only of what was edited; where it starts no editor, it says so to its hooks
    (GIT_EDITOR, see githooks(5)).
    """
    asked = ctx.run(tool, "config", "--default", "default", "--get", "commit.cleanup")
    how = asked.stdout.decode("utf-8", "replace").strip()
    return how in {"verbatim", "whitespace"} or (
        how == "default" and ctx.setting("GIT_EDITOR") == ":"
    )


def _cleaned(ctx: Context, tool: Tool, text: str) -> str:
    asked = ctx.run(tool, "config", "--default", "#", "--get", "core.commentChar")
    sign = asked.stdout.decode("utf-8", "replace").strip()
    return conventional_commits.cleaned(text, "#" if sign == "auto" else sign)


def measured(rules: Rules, commits: tuple[Commit, ...], tool: Tool, note: str) -> StageResult:
    """Count what the messages are.

    Args:
        rules: what is allowed.
        commits: newest first.
        tool: git.
        note: which commits they are.

    Raises:
        StageError: no commit has a message that a person wrote.
    """
    written = tuple(commit for commit in commits if not _is_gits_own(commit))
    if not written:
        raise StageError("nothing-examined", f"{note}: there is no message to read", place="git")
    read = tuple((commit, _read(commit, rules)) for commit in written)
    findings = tuple(_findings(read, rules))
    # Each fault counts, so that a waiver for one hides no other of the same message.
    malformed = sum("malformed" in finding.counts for finding in findings)
    messages = [message for _, message in read if message]
    return StageResult(
        metrics=(
            count("malformed", malformed),
            count("wip", sum(message.type == "wip" for message in messages)),
            count("breaking", sum(message.is_breaking for message in messages)),
        ),
        examined=Examined(
            count=len(written), unit="commits", excluded=len(commits) - len(written), note=note
        ),
        findings=findings,
        tool=tool,
    )


def _commits(ctx: Context, tool: Tool) -> tuple[tuple[Commit, ...], str]:
    """The commits from the base to HEAD; HEAD alone where it is the base."""
    base = _base(ctx)
    head = ctx.run(tool, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok=(0, 1))
    if head.exit_code:
        raise StageError("no-commit", "there is no commit yet", hint="commit first", place="git")
    if base.commit == head.stdout.decode("ascii", "replace").strip():
        return _log(ctx, tool, "--max-count=1", "HEAD"), "HEAD alone, which is the base itself"
    kind = ctx.run(tool, "cat-file", "-t", base.commit).stdout.strip()
    since = (f"^{base.commit}",) if kind == b"commit" else ()
    commits = _log(ctx, tool, "HEAD", *since)
    _refuse_cut_off(ctx, tool, commits)
    if not commits:
        # HEAD lies behind the base: what it adds is nothing, and so its own message is read.
        return _log(ctx, tool, "--max-count=1", "HEAD"), "HEAD alone, which the base contains"
    return commits, f"commits since {base.commit[:SHOWN_ID]} ({base.how})"


def _base(ctx: Context) -> Base:
    try:
        return ctx.change().base
    except StageError as error:
        if error.problem.slug != "no-repository":
            raise
        summary = "the messages of commits are told by git, and this folder is in no repository"
        hint = "run it in a clone of the repository, or name a `file` that holds the message"
        raise StageError("no-repository", summary, hint=hint) from error


def _log(ctx: Context, tool: Tool, *which: str) -> tuple[Commit, ...]:
    done = ctx.run(
        tool,
        "--no-replace-objects",
        "log",
        "-z",
        "--no-patch",
        "--no-show-signature",
        "--no-notes",
        "--no-color",
        "--no-mailmap",
        "--encoding=UTF-8",
        f"--format={git_log.FORMAT}",
        *which,
        "--",
        # A graft would give a commit other parents than it has.
        env={"GIT_GRAFT_FILE": f"{os.devnull}/none"},
    )
    if done.stdout:
        # The run keeps what was read, so that others can read it again.
        report = ctx.out / "git.log"
        write_atomic(report, done.stdout)
        ctx.report(report)
    return git_log.parse(done.stdout)


def _refuse_cut_off(ctx: Context, tool: Tool, commits: tuple[Commit, ...]) -> None:
    """Refuse a shallow clone in which a commit of the change may lack its parents."""
    answer = ctx.run(tool, "rev-parse", "--is-shallow-repository", "--git-path", "shallow")
    is_shallow, _, name = answer.stdout.decode("utf-8", "surrogateescape").partition("\n")
    if is_shallow != "true":
        return
    path = ctx.root / name.removesuffix("\n")
    ends = set(path.read_text("ascii").split()) if path.is_file() else set()
    cut = next((commit.id for commit in commits if commit.id in ends), "")
    if cut:
        raise StageError(
            "too-shallow",
            f"this clone is shallow: what lies before {cut[:SHOWN_ID]} is not in it",
            hint="git fetch --unshallow, or `fetch-depth: 0` in the checkout step",
            place="git",
        )


def _is_gits_own(commit: Commit) -> bool:
    return commit.parents > 1 and conventional_commits.is_gits_merge(commit.text or "")


def _read(commit: Commit, rules: Rules) -> CommitMessage | None:
    return None if commit.text is None else conventional_commits.read(commit.text, rules)


def _findings(
    read: tuple[tuple[Commit, CommitMessage | None], ...], rules: Rules
) -> Iterator[Finding]:
    form = f"write `{conventional_commits.FORM}`, with a type of {', '.join(rules.types)}"
    for commit, message in read:
        header = (commit.text or "").split("\n")[0]
        subject = f"{commit.id[:SHOWN_ID]} {header}".strip()
        if message is None:
            yield _finding("not-utf-8", "the message is not UTF-8", subject, form)
            continue
        for fault in message.faults:
            yield _finding(fault.rule, fault.message, subject, form)
        if message.type == "wip":
            told = "is said to be unfinished"
            yield _finding("wip", told, subject, "finish it, and reword it", "wip")


def _finding(rule: str, message: str, subject: str, fix: str, metric: str = "malformed") -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.LOW,
        message=message,
        subject=subject,
        counts=(metric,),
        fix=fix,
    )
