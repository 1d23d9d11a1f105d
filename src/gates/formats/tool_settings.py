"""What a change takes from the settings of tools, in whatever files they stand.

Compared is what a tool obeys, before and after: a setting that moves from one file to another is
not lost, and a new file that takes the place of an obeyed one is seen through. What cannot be read
counts as weakened.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable
from gates.domain.weakening import WeakeningItem, WeakeningKind
from gates.formats import setting_files, setting_order, setting_words
from gates.formats.setting_files import PRECEDENCE, Keys, Setting, Settings
from gates.formats.setting_order import Sense
from gates.formats.suppressions import decoded

_SHOWN = 160
_RULES: Mapping[Sense, str] = {
    Sense.HIDES: "exclusion-grown",
    Sense.SELECTS: "selection-shrunk",
    Sense.NARROWS: "selection-shrunk",
    Sense.STRICT: "strictness-off",
    Sense.LAX: "laxity-on",
    Sense.FLOOR: "floor-lowered",
    Sense.CEILING: "ceiling-raised",
    Sense.RANK: "severity-lowered",
    Sense.COMMAND: "command-weakened",
    Sense.UNKNOWN: "setting-changed",
}


@dataclass(frozen=True, slots=True)
class _Obeyed:
    """The settings that a tool obeys, and the file that holds them."""

    path: str
    settings: Settings


def compare(
    before: Mapping[str, bytes], after: Mapping[str, bytes], *, changed: frozenset[str]
) -> Iterator[WeakeningItem]:
    """Compare all files of settings of a project.

    Args:
        before: their content at the base, by path.
        after: their content as they are.
        changed: those that the change touches, under either name; only tools that one of them is
            for are compared.
    """
    old, broken_before = _read(before)
    new, broken_after = _read(after)
    for path in sorted(broken_after):
        if before.get(path) != after[path]:
            why = broken_after[path]
            yield _item("settings-unreadable", path, why)
    for path in sorted(broken_before.keys() & after.keys()):
        if path not in broken_after and before[path] != after[path]:
            text = f"`{path}` could not be read before: its settings were not compared"
            yield _told("settings-unreadable", path, text)
    for folder, tool in sorted(_places(old, new, changed)):
        was, now = _obeyed(old, folder, tool), _obeyed(new, folder, tool)
        yield from _compared(tool, was, now, old=old, after=after, broken=broken_after)


def compare_text(path: str, before: bytes, after: bytes) -> Iterator[WeakeningItem]:
    """Compare a configuration that is a program: only plain signs in it can be ordered.

    Args:
        path: its present name.
        before: its content at the base.
        after: its content as it is; empty where it is gone.
    """
    old, new = decoded(before), decoded(after)
    if not new.strip():
        yield WeakeningItem(
            kind=WeakeningKind.SETTING,
            rule="settings-deleted",
            path=path,
            text="the configuration is deleted" if old.strip() else "an empty configuration",
        )
        return
    found = False
    for rule, pattern, kind in (
        ("severity-lowered", r":\s*\[?\s*(['\"]off['\"]|0\b)", WeakeningKind.SETTING),
        ("exclusion-grown", r"\b(\w*(?:ignore|exclude)\w*)\s*[:(]", WeakeningKind.OMIT),
        ("laxity-on", r"\b(passWithNoTests|allowOnly)\s*:\s*true", WeakeningKind.SETTING),
    ):
        had, has = (len(re.findall(pattern, text, re.IGNORECASE)) for text in (old, new))
        if has > had:
            found = True
            text = f"{has} times `{_sign(pattern, new)}`, before {had}"
            yield WeakeningItem(kind=kind, rule=rule, path=path, text=text)
    for name, low, high in _lowered_floors(old, new):
        found = True
        text = f"`{name}` is {low}, before {high}"
        yield WeakeningItem(kind=WeakeningKind.SETTING, rule="floor-lowered", path=path, text=text)
    if not found:
        yield _told("setting-changed", path, "a configuration that is a program is changed")


def _sign(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.IGNORECASE)
    return found[1] if found else ""


def _lowered_floors(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    floor = re.compile(r"\b(lines|branches|functions|statements)\b['\"]?\s*:\s*(-?\d+(?:\.\d+)?)")
    had: dict[str, str] = {}
    for name, number in floor.findall(old):
        had[name] = min(had.get(name, number), number, key=float)
    has: dict[str, str] = {}
    for name, number in floor.findall(new):
        has[name] = min(has.get(name, number), number, key=float)
    for name, number in had.items():
        now = has.get(name)
        if now is None or float(now) < float(number):
            yield name, now or "not there", number


def _read(
    files: Mapping[str, bytes],
) -> tuple[dict[tuple[str, str], dict[str, Settings]], dict[str, str]]:
    """Settings by folder and tool and then by file; and why which file cannot be read."""
    found: dict[tuple[str, str], dict[str, Settings]] = {}
    broken: dict[str, str] = {}
    for path, data in files.items():
        try:
            tools = setting_files.read(data, path)
        except OutputUnreadable as error:
            broken[path] = error.problem.summary
            continue
        for tool, settings in tools.items():
            found.setdefault((posixpath.dirname(path), tool), {})[path] = settings
    return found, broken


def _places(
    old: Mapping[tuple[str, str], Mapping[str, Settings]],
    new: Mapping[tuple[str, str], Mapping[str, Settings]],
    changed: frozenset[str],
) -> set[tuple[str, str]]:
    return {
        place
        for side in (old, new)
        for place, files in side.items()
        if any(path in changed for path in files)
    }


def _obeyed(
    found: Mapping[tuple[str, str], Mapping[str, Settings]], folder: str, tool: str
) -> _Obeyed | None:
    files = found.get((folder, tool), {})
    order = PRECEDENCE.get(tool, ())
    for name in order:
        path = posixpath.join(folder, name)
        if path in files:
            return _Obeyed(path, files[path])
    # No order is known for the rest: every file of its own name.
    return next((_Obeyed(path, settings) for path, settings in sorted(files.items())), None)


def _compared(
    tool: str,
    was: _Obeyed | None,
    now: _Obeyed | None,
    *,
    old: Mapping[tuple[str, str], Mapping[str, Settings]],
    after: Mapping[str, bytes],
    broken: Mapping[str, str],
) -> Iterator[WeakeningItem]:
    if now is None:
        # Where the file itself cannot be read, that was said already.
        if was is not None and was.path not in broken:
            text = f"the settings of `{tool}` are deleted"
            yield _item("settings-deleted", was.path, text)
        return
    if was is None:
        above = _above(old, posixpath.dirname(now.path), tool)
        if above:
            text = f"these settings of `{tool}` take the place of those in `{above}`"
            yield _item("settings-replaced", now.path, text)
    elif was.path != now.path:
        yield _told("settings-moved", now.path, f"`{tool}` now obeys this, and not `{was.path}`")
    before = was.settings if was else {}
    if _is_bare(now.settings) and before and not _is_bare(before):
        yield _item("settings-deleted", now.path, f"the settings of `{tool}` are empty now")
    for keys in sorted(before.keys() | now.settings.keys()):
        one, other = before.get(keys), now.settings.get(keys)
        if one != other:
            yield from _changed(tool, keys, one, other, (now.path, after))


def _is_bare(settings: Settings) -> bool:
    return not any(keys[-1] for keys in settings)


def _above(old: Mapping[tuple[str, str], Mapping[str, Settings]], folder: str, tool: str) -> str:
    """The nearest file above a folder that held settings of the tool; empty where none did."""
    while folder:
        folder = posixpath.dirname(folder)
        found = _obeyed(old, folder, tool)
        if found is not None:
            return found.path
    return ""


def _changed(
    tool: str,
    keys: Keys,
    before: Setting | None,
    after: Setting | None,
    place: tuple[str, Mapping[str, bytes]],
) -> Iterator[WeakeningItem]:
    path, files = place
    name = ".".join((tool, *(key for key in keys if key)))
    line = _line_of(files.get(path, b""), keys[-1])
    before = setting_order.told(tool, keys, before)
    after = setting_order.told(tool, keys, after)
    sense = setting_order.sense_of(tool, keys)
    kind = setting_order.kind_of(tool, keys, sense)
    if sense is Sense.COMMAND:
        weaker = setting_words.weaker(_line(before), _line(after))
        for what in weaker:
            yield _item(_RULES[sense], path, f"`{name}` {what}", line=line)
        if not weaker:
            yield _told(_RULES[Sense.UNKNOWN], path, f"`{name}` is changed")
        return
    is_both = isinstance(before, str) and isinstance(after, str)
    if sense is Sense.HIDES and is_both and not setting_order.is_own(keys):
        sense = Sense.UNKNOWN  # a detail of an entry that was there already
    is_weaker = setting_order.weakens(sense, keys, before, after)
    text = f"`{name}` is {_shown(after)}, before {_shown(before)}"
    if is_weaker:
        if sense is Sense.HIDES:
            more = [
                word
                for word in setting_order.words(after)
                if word not in setting_order.words(before)
            ]
            text = f"`{name}` grows by {_shown(tuple(more))}"
        yield replace(_item(_RULES[sense], path, text, line=line), kind=kind)
    elif is_weaker is None and keys[-1]:
        yield _told(_RULES[Sense.UNKNOWN], path, text)


def _line(value: Setting | None) -> str:
    return " ".join(value) if isinstance(value, tuple) else (value or "")


def _shown(value: Setting | None) -> str:
    if value is None:
        return "not set"
    if isinstance(value, tuple):
        value = ", ".join(value)
    text = " ".join(value.split())
    return f"`{text[:_SHOWN]}`" + (" ..." if len(text) > _SHOWN else "")


def _item(rule: str, path: str, text: str, *, line: int = 0) -> WeakeningItem:
    kind = WeakeningKind.SETTING
    return WeakeningItem(kind=kind, rule=rule, path=path, line=line, text=text)


def _told(rule: str, path: str, text: str) -> WeakeningItem:
    return WeakeningItem(
        kind=WeakeningKind.SETTING, rule=rule, path=path, text=text, is_counted=False
    )


def _line_of(data: bytes, key: str) -> int:
    """The first line that begins with a key, and with nothing but quotes before it; else 0."""
    if not key:
        return 0
    found = re.search(rf"^[ \t]*[\"']?{re.escape(key)}\b", decoded(data), re.MULTILINE)
    return decoded(data).count("\n", 0, found.start()) + 1 if found else 0
