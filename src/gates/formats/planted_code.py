"""Files by which a change gets its own code into the tools that judge it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from gates.domain.weakening import WeakeningItem, WeakeningKind
from gates.formats.suppressions import decoded

_AT_START = frozenset({"sitecustomize.py", "usercustomize.py"})
_TOOLS = frozenset(
    {
        "_pytest", "bandit", "black", "coverage", "flake8", "hypothesis", "importlinter", "isort",
        "mypy", "pip_audit", "pluggy", "pylint", "pytest", "pytest_cov", "ruff", "tox", "unittest",
        "xdist",
    }
)  # fmt: skip
_HOOKS = re.compile(
    r"\b(pytest_(?:collection_modifyitems|ignore_collect|runtest_\w+|sessionfinish|pyfunc_call"
    r"|cmdline_\w+|report_teststatus|deselected|collect_file|configure|load_initial_conftests)"
    r"|os\._exit|exitstatus|sys\.settrace|collect_ignore\w*|pytest_plugins|add_lines)\b"
)


def is_planted(path: str) -> bool:
    """Whether the file is of a kind that runs inside tools, or stands in a tool's place."""
    name = posixpath.basename(path)
    if name in _AT_START or name == "conftest.py" or name.endswith(".pth"):
        return True
    return _stands_for(path) != ""


def compare(path: str, before: bytes, after: bytes, *, shown: str) -> Iterator[WeakeningItem]:
    """What a change of such a file does.

    Args:
        path: its present name from the top of the repository.
        before: its content at the base; empty where it was not there.
        after: its content as it is; empty where it is gone.
        shown: its name as it is to be told.
    """
    if not after:
        return
    name = posixpath.basename(path)
    if name == "conftest.py":
        yield from _conftest(decoded(before), decoded(after), shown)
        return
    how = "is changed" if before else "is new"
    if name in _AT_START or name.endswith(".pth"):
        yield _item("startup-code", shown, f"`{name}` {how}: Python runs it before any tool")
    elif not before:
        text = f"`{_stands_for(path)}` of the checkout may be run in the place of the tool"
        yield _item("tool-shadowed", shown, text)


def _stands_for(path: str) -> str:
    """The tool's module whose place a file takes on the import path; empty for any other file."""
    folder, name = posixpath.split(path)
    if posixpath.basename(folder) in _TOOLS and name == "__init__.py":
        folder, name = posixpath.split(folder)
    module = name.removesuffix(".py")
    is_importable = folder in {"", "src"} and (name.endswith(".py") or module == name)
    return module if is_importable and module in _TOOLS else ""


def _conftest(old: str, new: str, shown: str) -> Iterator[WeakeningItem]:
    had = set(_HOOKS.findall(old))
    fresh = sorted(set(_HOOKS.findall(new)) - had)
    for name in fresh:
        line = new.count("\n", 0, new.index(name)) + 1
        text = f"`{name}` can change what runs, or what became of it"
        yield _item("conftest-hook", shown, text, line=line)
    if not fresh and old != new:
        yield WeakeningItem(
            kind=WeakeningKind.SETTING,
            rule="conftest-changed",
            path=shown,
            text="code that runs inside pytest is changed",
            is_counted=False,
        )


def _item(rule: str, path: str, text: str, *, line: int = 0) -> WeakeningItem:
    return WeakeningItem(kind=WeakeningKind.SETTING, rule=rule, path=path, line=line, text=text)
