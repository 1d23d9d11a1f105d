"""What a change weakens from outside gates.yaml, read from git and from the files as they lie."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.weakening import Weakening, WeakeningItem, WeakeningKind, in_order
from gates.formats import (
    ci_edits,
    lost_tests,
    planted_code,
    setting_files,
    suppressions,
    tool_settings,
    written_tests,
)
from gates.toolkit import both_sides
from gates.toolkit.git import Git

_LIMIT = 16 << 20
_SHOWN = 160
_PROGRAMS = re.compile(
    r"(?:\.?(?:eslint|jest|vitest|vite|stylelint|prettier|playwright|cypress|dependency-cruiser"
    r"|stryker|webdriver|wdio|mocharc|secretlint)(?:rc)?)(?:\.config)?\.[cm]?[jt]s$"
)
_MEDIA = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".pdf", ".zip", ".gz", ".woff", ".woff2",
    ".ttf", ".eot", ".mp4", ".mp3", ".db", ".sqlite3", ".pyc", ".so", ".whl", ".jar",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """A changed file with what it held and holds; `None` where it was or is no plain file."""

    pair: both_sides.Pair
    before: bytes | None
    after: bytes | None
    shown: str

    @property
    def name(self) -> str:
        return self.pair.name


def look(git: Git, base: str, root: Path) -> Weakening:
    """Compare a base with the files as they lie there.

    Looked at are the changed files at or below `root`, and those above it that set up tools, or
    run the gates.

    Args:
        git: the repository.
        base: a commit, or a tree.
        root: the folder of gates.yaml; paths are relative to it.

    Raises:
        StageError: the base or a changed file cannot be read.
        ToolCrashed: git could not compare.
    """
    pairs = both_sides.pairs(git, base)
    top = git.toplevel() or root
    folder = posixpath.normpath(root.resolve().relative_to(top.resolve()).as_posix())
    folder = "" if folder == "." else folder
    concerned = [pair for pair in pairs if _concerns(pair, folder)]
    files = _read(git, base, concerned, (top, folder))
    items = [
        *_suppressions(files),
        *_tests(files),
        *_stubs(files, top),
        *_settings(git, base, files, (top, folder)),
        *_others(files),
    ]
    return Weakening(
        base=base,
        items=in_order(items),
        examined=tuple(sorted(file.shown for file in files)),
        compared=frozenset(
            name for pair in pairs if pair.is_tracked for name in (pair.before, pair.after) if name
        ),
    )


def _concerns(pair: both_sides.Pair, folder: str) -> bool:
    return any(_is_concerned(path, folder) for path in (pair.before, pair.after) if path)


def _is_concerned(path: str, folder: str) -> bool:
    if not folder or path.startswith(f"{folder}/"):
        return not path.lower().endswith(_MEDIA)
    place = posixpath.dirname(path)
    is_above = not place or f"{folder}/".startswith(f"{place}/")
    if ci_edits.runs_gates(path):
        return is_above or path.startswith(".")
    sets_up = setting_files.holds_settings(path) or planted_code.is_planted(path)
    return is_above and (sets_up or _is_program(path))


def _is_program(path: str) -> bool:
    """Whether the file is a configuration that is itself a program."""
    return _PROGRAMS.match(posixpath.basename(path)) is not None


def _read(
    git: Git, base: str, pairs: list[both_sides.Pair], where: tuple[Path, str]
) -> tuple[_File, ...]:
    top, folder = where
    before = both_sides.at_base(git, base, (pair.before for pair in pairs), limit=_LIMIT)
    files: list[_File] = []
    for pair in pairs:
        data = both_sides.present(top, pair.after, limit=_LIMIT) if pair.after else None
        shown = posixpath.relpath(pair.name, folder or ".")
        if data is None and pair.after and _is_large(top / pair.after):
            raise StageError(
                "changed-file-too-large",
                f"`{shown}` is larger than {_LIMIT >> 20} MiB, so it was not looked through",
                hint="keep data of this size out of files that tools read as code",
                place=shown,
            )
        files.append(_File(pair, before.get(pair.before), data, shown))
    return tuple(files)


def _is_large(path: Path) -> bool:
    is_code = path.name.lower().endswith((*suppressions.PYTHON, *suppressions.JAVASCRIPT))
    return is_code and not path.is_symlink() and path.is_file()


def _suppressions(files: tuple[_File, ...]) -> Iterator[WeakeningItem]:
    old: list[suppressions.Suppression] = []
    new: list[suppressions.Suppression] = []
    lost: list[suppressions.Suppression] = []
    for file in files:
        if file.before == file.after:
            continue
        had = tuple(
            replace(one, path=file.shown)
            for one in suppressions.read(file.before or b"", file.pair.before)
        )
        has = suppressions.read(file.after or b"", file.shown)
        old += had
        new += has
        if file.after is not None:
            lost += suppressions.ends_lost(had, has)
    for one in suppressions.added(old, new):
        yield WeakeningItem(
            kind=WeakeningKind.SUPPRESSION,
            rule=one.rule,
            path=one.path,
            line=one.line,
            text=_cut(one.text),
            has_reason=one.has_reason,
            is_counted=one.is_counted,
        )
    for one in lost:
        text = f"`{_cut(one.text)}` is gone"
        yield WeakeningItem(
            kind=WeakeningKind.SUPPRESSION, rule=f"{one.rule}-removed", path=one.path, text=text
        )


def _tests(files: tuple[_File, ...]) -> Iterator[WeakeningItem]:
    def of(path: str, data: bytes | None) -> written_tests.WrittenTests:
        is_read = path and (written_tests.may_hold_tests(path) or path.endswith("conftest.py"))
        return written_tests.read(data or b"", path) if is_read else written_tests.WrittenTests()

    changed = [
        lost_tests.TestFile(
            before_path=file.pair.before if file.before is not None else "",
            path=file.pair.after if file.after is not None else "",
            before=of(file.pair.before, file.before),
            after=of(file.pair.after, file.after),
        )
        for file in files
        if file.before != file.after or file.pair.before != file.pair.after
    ]
    shown = {name: file.shown for file in files for name in (file.pair.before, file.pair.after)}
    yield from _renamed(lost_tests.compare(changed), shown.get)


def _stubs(files: tuple[_File, ...], top: Path) -> Iterator[WeakeningItem]:
    """Stubs that are laid beside a module, which is then no longer checked for types."""
    for file in files:
        path = file.pair.after
        module = path.removesuffix("i")
        if path.endswith(".pyi") and path != file.pair.before and (top / module).is_file():
            text = f"`{posixpath.basename(module)}` beside it is checked for types no more"
            yield WeakeningItem(
                kind=WeakeningKind.OMIT, rule="stub-shadows", path=file.shown, text=text
            )


def _renamed(
    items: Iterator[WeakeningItem], shown: Callable[[str], str | None]
) -> Iterator[WeakeningItem]:
    for item in items:
        yield replace(item, path=shown(item.path) or item.path, text=_cut(item.text))


def _settings(
    git: Git, base: str, files: tuple[_File, ...], where: tuple[Path, str]
) -> Iterator[WeakeningItem]:
    top, folder = where
    touched = {name for file in files for name in (file.pair.before, file.pair.after) if name}
    changed = frozenset(name for name in touched if setting_files.holds_settings(name))
    if not changed:
        return
    beside = {
        posixpath.join(place, name)
        for path in changed
        for place in _upwards(posixpath.dirname(path))
        for name in setting_files.names()
    }
    wanted = sorted(beside | changed)
    before = both_sides.at_base(git, base, wanted, limit=_LIMIT)
    after: dict[str, bytes] = {}
    for path in wanted:
        data = both_sides.present(top, path, limit=_LIMIT)
        if data is not None:
            after[path] = data
        elif path in changed and (top / path).is_symlink():
            yield WeakeningItem(
                kind=WeakeningKind.SETTING,
                rule="settings-linked",
                path=posixpath.relpath(path, folder or "."),
                text="settings behind a link: what it leads to is no part of the change",
            )
    items = tool_settings.compare(before, after, changed=changed)
    yield from _renamed(items, lambda path: posixpath.relpath(path, folder or "."))


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _others(files: tuple[_File, ...]) -> Iterator[WeakeningItem]:
    for file in files:
        if file.before == file.after and file.pair.before == file.pair.after:
            continue
        old, new = file.before or b"", file.after or b""
        for name, data in _moved(file, old, new).items():
            if ci_edits.runs_gates(name):
                yield from ci_edits.compare(name, data[0], data[1], shown=file.shown)
            if planted_code.is_planted(name):
                yield from planted_code.compare(name, data[0], data[1], shown=file.shown)
            if _is_program(name):
                yield from tool_settings.compare_text(file.shown, data[0], data[1])


def _moved(file: _File, old: bytes, new: bytes) -> Mapping[str, tuple[bytes, bytes]]:
    """What became of the file under each of its names: its name is what makes others obey it."""
    before, after = file.pair.before, file.pair.after
    if before == after or not (before and after):
        return {file.name: (old, new)}
    return {before: (old, b""), after: (b"", new)}


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]} ..."
