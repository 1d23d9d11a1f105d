"""What all gates of a run share: the project's files, tools, changes and the door for text."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gates.domain.plan import Plan
from gates.domain.stage_result import Tool
from gates.domain.waiver import WAIVERS
from gates.executor import beside, kept_cache
from gates.toolkit import changes, environment, sources
from gates.toolkit.changes import Change
from gates.toolkit.clock import Clock
from gates.toolkit.door import Door, Redactor
from gates.toolkit.files import Report
from gates.toolkit.git import Git
from gates.toolkit.locks import RUN_FOLDER, run_folders
from gates.toolkit.side_tree import SideTree
from gates.toolkit.sources import Language, Look, SourceSet
from gates.toolkit.tools import Toolbox

if TYPE_CHECKING:
    from gates.executor.freshness import Reports

GIVEN_OPTIONS = ("report", "log", "sbom")
"""Options of stages that name what an earlier step wrote."""


@dataclass(slots=True)
class Project:
    """The project under judgement, read once for all gates; safe to use from several threads.

    Attributes:
        plan: what is judged.
        root: the folder of gates.yaml, absolute.
        folder: the run's folder.
        state: where what is kept for speed lives, or None.
        environ: the environment of `gates` itself.
        clock: the time.
        git: the repository, also where there is none.
        changed_from: the revision that the command line named, or None.
        side: the files that are judged in place of the working tree's, or None.
    """

    plan: Plan
    root: Path
    folder: Path
    state: Path | None
    environ: Mapping[str, str]
    clock: Clock
    git: Git
    changed_from: str | None = None
    side: SideTree | None = None
    toolbox: Toolbox = field(init=False)
    door: Door = field(init=False)
    _lock: threading.RLock = field(init=False, default_factory=threading.RLock)
    _sources: dict[tuple[str, ...], SourceSet] = field(init=False, default_factory=dict)
    _files: dict[tuple[str, ...], tuple[str, ...]] = field(init=False, default_factory=dict)
    _tools: dict[str, Tool] = field(init=False, default_factory=dict)
    _change: Change | None = field(init=False, default=None)
    _reports: Reports | None = field(init=False, default=None)
    _look: Look | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Look for the environment that holds the project's tools."""
        self.door = Door(Redactor(self.environ))
        self.toolbox = Toolbox(
            root=self.home,
            git_root=self.checkout,
            environment=self.plan.environment or None,
            environ=self.environ,
        )

    @property
    def home(self) -> Path:
        """The folder of gates.yaml in the working tree, where tools and given reports are."""
        return self.root if self.side is None else self.side.home(self.root)

    @property
    def checkout(self) -> Path | None:
        """The uppermost folder of the working tree; None outside a repository."""
        return self.git.toplevel() if self.side is None else self.side.real

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Answer all questions of the block by one look at the files; no stage may run in it."""
        here = self.git if self.git.root == self.root.resolve() else self.git.at(self.root)
        self._look = sources.look(self.root, here)
        try:
            yield
        finally:
            self._look = None

    def sources(self, suffixes: tuple[str, ...]) -> SourceSet:
        """The project's source files with these suffixes, by its `sources:` or as detected."""
        with self._lock:
            if suffixes not in self._sources:
                include, exclude = self.plan.include, self.plan.exclude
                if not include:
                    include = sources.detect_sources(self.root, suffixes)
                    exclude = (*exclude, *sources.no_sources(suffixes))
                self._sources[suffixes] = sources.find_sources(
                    self.root,
                    include=include,
                    exclude=exclude,
                    suffixes=suffixes,
                    seen=self._look,
                )
            return self._sources[suffixes]

    def files(self, patterns: tuple[str, ...]) -> tuple[str, ...]:
        """Files of the project that match any of these patterns, relative, sorted."""
        with self._lock:
            if patterns not in self._files:
                self._files[patterns] = sources.find_files(self.root, patterns, seen=self._look)
            return self._files[patterns]

    def change(self) -> Change:
        """What differs from the base of the change, uncommitted work included."""
        with self._lock:
            if self._change is None:
                base = changes.resolve_base(self.git, named=self.changed_from, environ=self.environ)
                listed = self._look.listed if self._look else None
                self._change = changes.changed_lines(self.git, base, self.root, listed=listed)
            return self._change

    def always_inputs(self) -> frozenset[str]:
        """Files that every gate depends on: gates.yaml, waivers, and what links lead to."""
        policy = self.plan.policy.source.partition("@")[0]
        real = os.path.relpath(os.path.realpath(self.root / policy), os.path.realpath(self.root))
        behind = (each.source for each in self.plan.policy.extends if not each.is_pinned)
        links = sources.link_targets(self.root, seen=self._look)
        return frozenset({policy, real, WAIVERS, *behind, *links})

    def notes(self) -> tuple[str, ...]:
        """What every output must tell of the sources, where gates.yaml leaves them to be found."""
        if self.plan.include or not self._sources:
            return ()
        asked = tuple(dict.fromkeys(suffix for each in self._sources for suffix in each))
        detected = (sources.detect_sources(self.root, each) for each in self._sources)
        found = ", ".join(dict.fromkeys(name for names in detected for name in names)) or "none"
        note = f"gates.yaml names no `sources:`; found: {found}"
        told = (self._told_apart(language, asked) for language in sources.LANGUAGES)
        return ("; ".join((note, *filter(None, told))),)

    def _told_apart(self, language: Language, asked: tuple[str, ...]) -> str:
        """Which files of a language that was asked for are no sources; empty where there are none.

        Tests and the settings of tools are none anyway.
        """
        if not language.is_asked(asked):
            return ""
        counted = {path for each in self._sources.values() for path in each.files + each.excluded}
        others = [
            path
            for path in self.files(language.patterns)
            if path not in counted and not any(sources.matches(path, p) for p in language.others)
        ]
        if not others:
            return ""
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        return f"{language.name} files that are none: {others[0]}{more}"

    @property
    def known_base(self) -> str | None:
        """The base commit, if anything asked for the change."""
        return self._change.base.commit if self._change is not None else None

    def tool(self, name: str, ask_version: Callable[[Tool], Tool] | None) -> Tool:
        """Find a program, and its version: from its environment, else by asking it."""
        with self._lock:
            tool = self._tools.get(name) or self.toolbox.find(name)
            if not tool.version and ask_version is not None:
                tool = ask_version(tool)
            self._tools[name] = tool
            return tool

    def clean(self, text: str | bytes) -> str:
        """Make foreign text fit to be shown, on one line."""
        line = self.door.line(text)
        return line if self.side is None else self.side.told(line)

    def named(self, path: str) -> str:
        """A path fit to be recorded: whole and on one line, without secrets."""
        return self.door.name(path if self.side is None else self.side.told(path))

    def child_environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a child."""
        own = {**extra, RUN_FOLDER: run_folders(self.home, self.environ)}
        return environment.child_environment(
            self.environ,
            root=self.home,
            prefix=self.toolbox.prefix,
            outside=self.checkout,
            extra=own if self.side is None else beside.variables(self.side, self.root, own),
        )

    def given_report(self, path: str, *, max_bytes: int) -> Report:
        """Read a report that an earlier step wrote, if it was made from this tree."""
        return self._given().read(path, max_bytes=max_bytes)

    def given_reports(
        self, patterns: Sequence[str], *, max_bytes: int, may_repeat: bool
    ) -> tuple[Report, ...]:
        """Read the reports of earlier steps that paths and globs name."""
        return self._given().read_all(patterns, max_bytes=max_bytes, may_repeat=may_repeat)

    def before(self, path: str) -> bytes | None:
        """What a file of the project held at the base of the change; None where it was not."""
        return self.git.committed(path, of=self.change().base.commit)

    def _given(self) -> Reports:
        """All reports of earlier steps that the plan names."""
        from gates.executor.freshness import Reports
        from gates.toolkit.globs import expanded

        with self._lock:
            if self._reports is None:
                options = (
                    gate.options.get(name) for gate in self.plan.gates for name in GIVEN_OPTIONS
                )
                named = [text for option in options for text in _texts(option)]
                known = expanded(self.home, named)
                if self.side is None:
                    self._reports = Reports(self.root, self.git, frozenset(known))
                else:
                    self._reports = beside.reports(self.side, self.git, self.root, known)
            return self._reports

    def kept_cache(self, name: str, files: Sequence[str]) -> Path:
        """A folder that a tool may keep its cache in between runs."""
        parent = self.state if self.state is not None else self.folder
        return kept_cache.prepare(parent / "caches" / name, self.root, files)


def _texts(option: object) -> tuple[str, ...]:
    """The texts of an option that holds one or several."""
    if isinstance(option, str):
        return (option,) if option else ()
    if isinstance(option, Sequence):
        return tuple(text for text in option if isinstance(text, str))
    return ()
