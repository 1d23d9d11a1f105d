"""A `Context` for tests of stages: real folders, and given answers in place of programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from gates.plugin import (
    Change,
    Completed,
    Metric,
    Needed,
    Portion,
    Report,
    Service,
    Services,
    SourceSet,
    StageError,
    StageResult,
    Tool,
    ToolCrashed,
    ToolMissing,
)
from gates.toolkit.door import one_line
from gates.toolkit.files import read_report
from gates.toolkit.globs import expanded
from gates.toolkit.sources import matches


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program that is not run would have done.

    Attributes:
        pattern: words (`fnmatch` patterns) that the command holds in this order; gaps are allowed.
        exit_code: how it ends; one that the stage does not call a result raises ToolCrashed.
        stdout: what it writes there.
        stderr: what it writes there.
        does: what it does besides, given its whole command (writes a report, say).
        raises: raised in place of an answer.
    """

    pattern: tuple[str, ...]
    exit_code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    does: Callable[[tuple[str, ...]], None] | None = None
    raises: StageError | None = None

    def fits(self, argv: Sequence[str]) -> bool:
        """Whether the command holds the words in order."""
        words = iter(argv)
        return all(any(fnmatchcase(word, part) for word in words) for part in self.pattern)


@dataclass(slots=True)
class FakeContext:
    """A project in a temporary folder, whose programs answer from a list.

    The last fitting answer wins, so that a test can replace one of its set-up's. A command that no
    answer fits is a mistake of the test, an AssertionError.

    Attributes:
        root: the project's folder.
        out: the stage's folder.
        level: the level of the gate.
        asked: what other gates ask of it.
        portion: the part of the gate's work that is done here, or None.
        needed: what the gates that it needs handed over.
        today: the day of the run.
        timeout_s: the gate's time limit in seconds.
        source_folders: where sources lie; an empty name stands for the whole project.
        source_excluded: sources that are left out.
        versions: versions of programs; 1.0 where none is given.
        missing: programs that are not there.
        settings: environment variables of `gates`.
        difference: the change that is judged; None stands for a project without git.
        earlier: what files held at the base of that change.
        answers: what programs do.
        runs: the commands that were run.
        envs: what each of them got besides its environment.
        notes: what the stage told.
        progressed: how far it said it was.
        given_services: the services of the gate by name, the one that it names first.
        open_conditions: answers of `undecided`, one a call; the last one stays.
    """

    root: Path
    out: Path
    level: int = 1
    asked: frozenset[str] = frozenset()
    portion: Portion | None = None
    needed: Mapping[str, Needed] = field(default_factory=dict)
    today: date = date(2026, 1, 31)
    timeout_s: int = 600
    source_folders: tuple[str, ...] = ("",)
    source_excluded: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)
    difference: Change | None = None
    earlier: dict[str, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    runs: list[tuple[str, ...]] = field(default_factory=list)
    envs: list[Mapping[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    progressed: list[str] = field(default_factory=list)
    given_services: dict[str, Service] = field(default_factory=dict)
    open_conditions: list[tuple[str, ...]] = field(default_factory=lambda: [()])

    @property
    def service(self) -> Service:
        """The first of `given_services`."""
        if not self.given_services:
            raise StageError("no-service", "the gate names no service")
        return next(iter(self.given_services.values()))

    @property
    def services(self) -> Services:
        """All of `given_services`."""
        return self.given_services

    def undecided(self, metrics: Sequence[Metric]) -> tuple[str, ...]:
        """The next of `open_conditions`."""
        del metrics
        return (
            self.open_conditions.pop(0)
            if len(self.open_conditions) > 1
            else self.open_conditions[0]
        )

    def itself(self) -> Tool:
        """The interpreter of the tests."""
        return Tool(name="gates", version="", path=sys.executable)

    def write(self, path: str, text: str | bytes = "") -> Path:
        """Put a file into the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def answer(
        self,
        *pattern: str,
        stdout: bytes | str = b"",
        stderr: bytes | str = b"",
        exit_code: int = 0,
        does: Callable[[tuple[str, ...]], None] | None = None,
        raises: StageError | None = None,
    ) -> None:
        """Say what a command that holds these words in this order answers."""
        self.answers.append(
            Answer(pattern, exit_code, _bytes(stdout), _bytes(stderr), does, raises)
        )

    def sources(self, *suffixes: str) -> SourceSet:
        """The files below `source_folders` with these suffixes, without `source_excluded`."""
        found = [
            path
            for path in self._all_files()
            if path.endswith(suffixes)
            and any(not folder or path.startswith(f"{folder}/") for folder in self.source_folders)
        ]
        excluded = tuple(path for path in found if path in self.source_excluded)
        return SourceSet(tuple(path for path in found if path not in excluded), excluded)

    def files(self, *patterns: str) -> tuple[str, ...]:
        """Files of the project that match any of these patterns."""
        return tuple(p for p in self._all_files() if any(matches(p, one) for one in patterns))

    def change(self) -> Change:
        """The difference that the test gave."""
        if self.difference is None:
            raise StageError("no-repository", "the project is not in git")
        return self.difference

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """A program at a path that is not there; its version is 1.0 unless the test says other."""
        del ask  # its version is known here
        if name in self.missing:
            raise ToolMissing("tool-missing", f"`{name}` is not installed", place=name)
        return Tool(
            name=name, version=self.versions.get(name, "1.0"), path=f"/tools/{name}", how="fake"
        )

    def run(
        self,
        tool: Tool,
        *arguments: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """The last answer that fits the command."""
        argv = (tool.path, *arguments)
        self.runs.append(argv)
        self.envs.append(dict(env or {}))
        answer = next((a for a in reversed(self.answers) if a.fits((tool.name, *arguments))), None)
        if answer is None:
            raise AssertionError(f"no answer fits {argv}")
        if answer.raises is not None:
            raise answer.raises
        if answer.does is not None:
            answer.does(argv)
        return ended(tool, argv, answer.exit_code, answer.stdout, answer.stderr, ok=ok)

    def report(self, path: Path, *, max_bytes: int = 64 * 1024 * 1024) -> Report:
        """Read a file that an answer's `does` wrote."""
        return read_report(path, max_bytes=max_bytes)

    def given_report(self, path: str, *, max_bytes: int = 64 * 1024 * 1024) -> Report:
        """Read a report of the project, without asking how old it is."""
        return read_report(self.root / path, max_bytes=max_bytes)

    def given_reports(
        self,
        patterns: Sequence[str],
        *,
        max_bytes: int = 256 * 1024 * 1024,
        may_repeat: bool = False,
    ) -> tuple[Report, ...]:
        """Read reports of the project, without asking how old they are."""
        del may_repeat  # nothing is compared here
        return tuple(
            replace(read_report(self.root / path, max_bytes=max_bytes), named=path)
            for path in expanded(self.root, patterns)
        )

    def before(self, path: str) -> bytes | None:
        """What the test says that the file held at the base of the change."""
        return self.earlier.get(path)

    def kept_cache(self, name: str, files: Sequence[str]) -> Path:
        """A folder beside the project; `files` must be there."""
        absent = [file for file in files if not (self.root / file).is_file()]
        if absent:
            raise AssertionError(f"the cache is asked for files that are not there: {absent}")
        folder = self.root.parent / "caches" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def plant(self, name: str, data: bytes) -> Path:
        """Write a known-bad file beside the project; each in a folder of its own."""
        folder = self.root.parent / f"planted-{len(list(self.root.parent.glob('planted-*')))}"
        folder.mkdir()
        path = folder / name
        path.write_bytes(data)
        return path

    def setting(self, name: str) -> str:
        """A setting that the test gave, or empty."""
        return self.settings.get(name, "")

    def clean(self, text: str | bytes) -> str:
        """Foreign text on one safe line."""
        return one_line(text)

    def note(self, text: str) -> None:
        """Keep it in `notes`."""
        self.notes.append(text)

    def progress(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Keep the text in `progressed`."""
        del done, total
        self.progressed.append(text)

    def _all_files(self) -> list[str]:
        found = (path for path in self.root.rglob("*") if path.is_file())
        names = (path.relative_to(self.root).as_posix() for path in found)
        return sorted(
            name
            for name in names
            if not any(part.startswith((".", "__py")) for part in name.split("/")[:-1])
        )


def fake_context(folder: Path, files: Mapping[str, str] | None = None) -> FakeContext:
    """A project in `folder/project` that holds these files, and an empty `folder/out`."""
    root, out = folder / "project", folder / "out"
    root.mkdir()
    out.mkdir()
    ctx = FakeContext(root=root, out=out)
    for path, text in (files or {}).items():
        ctx.write(path, text)
    return ctx


def ended(
    tool: Tool,
    argv: tuple[str, ...],
    exit_code: int,
    stdout: bytes,
    stderr: bytes,
    *,
    ok: tuple[int, ...],
) -> Completed:
    """A command that ended so; ToolCrashed where the exit code is none of `ok`."""
    if exit_code not in ok:
        lines = (stderr or stdout).strip().splitlines()
        last = f": {one_line(lines[-1])}" if lines else ""
        raise ToolCrashed("tool-crashed", f"`{tool.name}` ended with exit code {exit_code}{last}")
    return Completed(
        tool=tool, argv=argv, exit_code=exit_code, stdout=stdout, stderr=stderr, seconds=0.1
    )


def metrics_of(result: StageResult) -> dict[str, object]:
    """The metrics by name: values, and ratios as pairs."""
    return {
        metric.name: (metric.numerator, metric.denominator)
        if metric.value is None
        else metric.value
        for metric in result.metrics
    }


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
