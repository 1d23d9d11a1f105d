"""Edits of what runs the gates: workflows, actions, hooks, build files, owners of files.

Every such edit is named, for it may do anything. Counted as loosening is what plainly lets a
failure through, or lets the gates run less often: told by signs, for the file is not run here.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from gates.domain.weakening import WeakeningItem, WeakeningKind
from gates.formats.suppressions import decoded
from gates.formats.yaml_outline import Entry, outline

_NAMES = frozenset(
    {
        ".gitlab-ci.yml", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml", "action.yml",
        "action.yaml", "makefile", "gnumakefile", "noxfile.py", "tox.ini", "justfile",
        "taskfile.yml", "taskfile.yaml", "codeowners", "jenkinsfile", "azure-pipelines.yml",
        "bitbucket-pipelines.yml", ".travis.yml", "lefthook.yml", "lefthook.yaml", ".drone.yml",
        "appveyor.yml", ".woodpecker.yml", "cloudbuild.yaml", "dagger.json", "renovate.json",
    }
)  # fmt: skip
_FOLDERS = (".github/workflows/", ".github/actions/", ".gitlab/", ".ci/", ".circleci/", ".husky/")
_ACCESS = {"none": 0, "": 0, "{}": 0, "read": 1, "read-all": 1, "write": 2, "write-all": 3}
_SHOWN = 120
_FILTERS = frozenset(
    {"branches", "branches-ignore", "paths", "paths-ignore", "tags", "tags-ignore"}
)
_PINNED = re.compile(r"@[0-9a-f]{40}\b|@sha256:")


def runs_gates(path: str) -> bool:
    """Whether a file is one of those that decide what runs, and when."""
    name = posixpath.basename(path).lower()
    folder = f"/{path}"
    return name in _NAMES or name.endswith(".mk") or any(f"/{f}" in folder for f in _FOLDERS)


def compare(path: str, before: bytes, after: bytes, *, shown: str) -> Iterator[WeakeningItem]:
    """What an edit of such a file does.

    Args:
        path: its name from the top of the repository.
        before: its content at the base; empty where it was not there.
        after: its content as it is; empty where it is gone.
        shown: its name as it is to be told.
    """
    how = "edited" if before and after else ("deleted" if before else "added")
    yield WeakeningItem(
        kind=WeakeningKind.CI_EDIT, rule=f"ci-{how}", path=shown, text=f"`{shown}` is {how}"
    )
    old, new = decoded(before), decoded(after)
    found: list[tuple[str, int, str]] = []
    if before and not after:
        found.append(("ci-deleted", 0, "what it ran is no longer run"))
    else:
        found += _by_signs(old, new)
    if posixpath.basename(path).lower() == "codeowners":
        found += _owners(old, new)
    elif path.lower().endswith((".yml", ".yaml")) and after:
        found += _of_yaml(outline(old), outline(new), is_new=not before)
    for rule, line, text in found:
        yield WeakeningItem(
            kind=WeakeningKind.CI_LOOSENED, rule=rule, path=shown, line=line, text=text
        )


@lru_cache(1)
def _more() -> Mapping[str, re.Pattern[str]]:
    """Signs of which more are weaker."""
    return {
        "error-ignored": re.compile(
            r"continue-on-error:\s*[\"']?(?!false)\S|allow_failure:\s*(?!false)\S"
            r"|continueOnError:\s*true|ignore_outcome|\|\|\s*(?:true\b|:(?:\s|$)|exit\s+0|echo\b)"
            r"|;\s*(?:true|exit 0)\s*$|\bset\s+\+e\b|^\t\s*@?-|success_codes|\bexit\s+0\s*$"
        ),
        "switched-off": re.compile(
            r"\bif:\s*[\"']?(?:\$\{\{\s*)?false\b|when:\s*[\"']?(?:never|manual)\b"
            r"|stages:\s*\[\s*manual\s*\]|\bSKIP[:=]\s*\S|\[skip ci\]|--no-verify\b"
        ),
        "gates-narrowed": re.compile(r"\bgates\b.*\s--(?:gate|keep-going|exit-zero)\b"),
        "privileged-trigger": re.compile(
            r"^\s*(?:-\s*)?[\"']?(?:pull_request_target|workflow_run)[\"']?\s*(?::.*)?$"
            r"|^\s*[\"']?on[\"']?\s*:.*\b(?:pull_request_target|workflow_run)\b"
        ),
        "hook-narrowed": re.compile(r"^\s*(?:-\s+)?(?:exclude|files|exclude_types):\s*\S"),
    }


@lru_cache(1)
def _fewer() -> Mapping[str, re.Pattern[str]]:
    """Signs of which fewer are weaker."""
    return {
        "policy-from-removed": re.compile(r"--policy-from\b|\bpolicy-from\s*:"),
        "gates-removed": re.compile(
            r"\bgates\s+(?:-C\s+\S+\s+)?(?:check|merge|verify|policy|plan|selftest)\b"
            r"|uses:\s*\S*\bgates\b|^\s*-?\s*id:\s*gates\b"
        ),
        "always-removed": re.compile(r"\bif:.*\balways\(\)"),
        "strict-shell-removed": re.compile(r"\bset\s+-\w*e|\bpipefail\b"),
    }


def _by_signs(old: str, new: str) -> Iterator[tuple[str, int, str]]:
    lines_before, lines_after = _lines(old), _lines(new)
    for rule, pattern in _more().items():
        had = sum(len(pattern.findall(line)) for _, line in lines_before)
        hits = [(number, line) for number, line in lines_after if pattern.search(line)]
        if sum(len(pattern.findall(line)) for _, line in hits) > had:
            known = Counter(line.strip() for _, line in lines_before)
            fresh = [(n, line) for n, line in hits if line.strip() not in known]
            number, line = (fresh or hits)[-1]
            yield rule, number, f"`{line.strip()[:_SHOWN]}`"
    for rule, pattern in _fewer().items():
        gone = [line.strip() for _, line in lines_before if pattern.search(line)]
        has = sum(pattern.search(line) is not None for _, line in lines_after)
        if has < len(gone):
            kept = {line.strip() for _, line in lines_after}
            first = next((line for line in gone if line not in kept), gone[0])
            yield rule, 0, f"`{first[:_SHOWN]}` is gone"
    lowest, now = _levels(lines_before), _levels(lines_after)
    if lowest and now and max(now) < max(lowest):
        yield "level-lowered", 0, f"`--level {max(now)}`, before {max(lowest)}"


def _lines(text: str) -> list[tuple[int, str]]:
    return [
        (number, line)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]


def _levels(lines: Iterable[tuple[int, str]]) -> list[int]:
    return [int(found[1]) for _, line in lines for found in re.finditer(r"--level[ =](\d)", line)]


def _owners(old: str, new: str) -> Iterator[tuple[str, int, str]]:
    has = {" ".join(line.split()) for _, line in _lines(new)}
    for _, line in _lines(old):
        if " ".join(line.split()) not in has:
            yield "owners-removed", 0, f"`{line.strip()[:_SHOWN]}` is gone"


def _of_yaml(
    old: tuple[Entry, ...], new: tuple[Entry, ...], *, is_new: bool
) -> Iterator[tuple[str, int, str]]:
    if is_new:
        return
    yield from _triggers(old, new)
    yield from _permissions(old, new)
    had, has = _hooks(old), _hooks(new)
    for name in sorted(had - has):
        yield "hook-removed", 0, f"`{name}` is no longer run"
    loose_before, loose = _unpinned(old), _unpinned(new)
    for value, line in loose.items():
        if value not in loose_before and any(
            value.partition("@")[0] == one.partition("@")[0] for one in _pinned(old)
        ):
            yield "action-unpinned", line, f"`{value}` was pinned by its digest"


def _triggers(old: tuple[Entry, ...], new: tuple[Entry, ...]) -> Iterator[tuple[str, int, str]]:
    had, has = _events(old), _events(new)
    for event in sorted(had.keys() - has.keys()):
        yield "trigger-removed", 0, f"`{event}` starts it no longer"
    for event in sorted(had.keys() & has.keys()):
        for what, line in sorted(has[event].items()):
            if what not in had[event]:
                yield "trigger-narrowed", line, f"`{event}` now has `{what}`"
        for what in sorted(had[event].keys() - has[event].keys()):
            name = what.partition(" ")[0]
            if name in _FILTERS and not any(one.startswith(f"{name} ") for one in has[event]):
                continue  # without the filter it starts more often
            yield "trigger-narrowed", 0, f"`{event}` no longer has `{what}`"


def _events(entries: tuple[Entry, ...]) -> dict[str, dict[str, int]]:
    """What starts a workflow, with what is said of it and where."""
    found: dict[str, dict[str, int]] = {}
    for entry in entries:
        if entry.keys[:1] not in {("on",), ("true",)}:
            continue
        keys = [key for key in entry.keys[1:] if key != "-"]
        if not keys:
            for name in re.findall(r"[\w-]+", entry.value):
                found.setdefault(name, {})
            continue
        about = found.setdefault(keys[0], {})
        if len(keys) > 1 or entry.value:
            about[" ".join((".".join(keys[1:]), entry.value)).strip()] = entry.line
    return found


def _permissions(old: tuple[Entry, ...], new: tuple[Entry, ...]) -> Iterator[tuple[str, int, str]]:
    had, has = _access(old), _access(new)
    if not had:
        return  # it had whatever the repository gives by default, which nobody can tell here
    for keys, (access, line) in has.items():
        # What a part of a workflow is not given itself, it has from the whole.
        top = had.get(("permissions", keys[-1]), had.get(("permissions",), ("", 0)))
        before = had.get(keys, top)[0]
        if access not in {"", "{}"} and _ACCESS.get(access, 3) > _ACCESS.get(before, 3):
            text = f"`{'.'.join(keys)}: {access}`, before `{before or 'not given'}`"
            yield "permissions-widened", line, text
    for keys in sorted({keys[: keys.index("permissions") + 1] for keys in had}):
        is_there = any(entry.keys[: len(keys) - 1] == keys[:-1] for entry in new)
        if is_there and not any(other[: len(keys)] == keys for other in has):
            yield "permissions-widened", 0, f"`{'.'.join(keys)}` is gone, so another one holds"


def _access(entries: tuple[Entry, ...]) -> dict[tuple[str, ...], tuple[str, int]]:
    return {
        entry.keys: (entry.value.lower(), entry.line)
        for entry in entries
        if "permissions" in entry.keys and "run" not in entry.keys
    }


def _hooks(entries: tuple[Entry, ...]) -> set[str]:
    return {
        entry.value for entry in entries if entry.keys[-1:] == ("id",) and "hooks" in entry.keys
    }


def _unpinned(entries: tuple[Entry, ...]) -> dict[str, int]:
    return {
        entry.value: entry.line
        for entry in entries
        if entry.keys[-1:] == ("uses",) and "@" in entry.value and not _PINNED.search(entry.value)
    }


def _pinned(entries: tuple[Entry, ...]) -> set[str]:
    return {
        entry.value
        for entry in entries
        if entry.keys[-1:] == ("uses",) and _PINNED.search(entry.value)
    }
