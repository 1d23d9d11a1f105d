"""What several reports of ESLint tell together: parts of one whole, or a run with less obeyed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable
from gates.formats import eslint_json
from gates.formats.eslint_json import EslintReport, Linted
from gates.formats.tool_paths import Tree, relative, some
from gates.toolkit.told_folder import Here


def examined(files: Iterable[Linted], tree: Tree) -> frozenset[str]:
    """The files that were linted, relative."""
    return frozenset(tree.relative(one.path) for one in files if not one.is_ignored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Several reports as one.

    Attributes:
        files: of all of them, with relative paths.
        notes: what is to be told of where they were made.
    """

    files: tuple[Linted, ...]
    notes: tuple[str, ...]


def merged(parts: Iterable[tuple[str, bytes]], tree: Tree, here: Here) -> Merged:
    """The files of all parts; one that stands in two is the same in both.

    Args:
        parts: the name and the bytes of each report.
        tree: the project's files.
        here: where the project lies.

    Raises:
        OutputUnreadable: a part is unreadable, two tell different things of a file, or one was made
            in a folder of this machine or repository that is another one.
    """
    whole: dict[str, Linted] = {}
    notes: list[str] = []
    for name, data in parts:
        part = eslint_json.parse(data, what=name)
        folder = _folder(part, tree, here, name)
        notes += [here.note(folder)] if folder else []
        for one in part.files:
            path = tree.relative(one.path)
            if path.startswith("/") and folder:
                path = relative(path, folder)
            placed = replace(one, path=path)
            if whole.setdefault(path, placed) != placed:
                summary = f"two reports tell different things of `{path}`"
                raise OutputUnreadable("contradiction", summary, place=name)
    return Merged(files=tuple(whole.values()), notes=tuple(dict.fromkeys(filter(None, notes))))


def _folder(part: EslintReport, tree: Tree, here: Here, name: str) -> str:
    """The told folder where it stands for the project's; empty where there is none to take away."""
    outside = [one.path for one in part.files if tree.relative(one.path).startswith("/")]
    above = any(root.startswith(f"{part.folder.rstrip('/')}/") for root in tree.roots)
    if not part.folder.startswith("/") or above or len(outside) < len(part.files):
        return ""
    if not here.stands_for(part.folder, [relative(path, part.folder) for path in outside]):
        raise here.refused(part.folder, what=name)
    return part.folder


def suppressed(plain: EslintReport, whole: EslintReport, *, hiding: frozenset[str]) -> int:
    """How many messages are hidden by a comment, or by a file of suppressions.

    Args:
        plain: the run that judges.
        whole: the run of those files, or of all, that obeys no comment.
        hiding: paths of the files that hold a comment for ESLint. In others, only what that run
            takes for undeclared would differ.

    Raises:
        OutputUnreadable: a file that may hide something was not linted again.
    """
    again = {one.path: one for one in whole.files}
    odd = hiding - again.keys()
    if odd:
        summary = f"eslint did not lint {some(odd)} without its comments"
        raise OutputUnreadable("contradiction", summary, place="eslint")
    hidden = 0
    for one in plain.files:
        if one.path not in hiding:
            hidden += len(one.suppressed)
            continue
        every = again[one.path].messages + again[one.path].suppressed
        shown = Counter((each.rule, each.line, each.column) for each in one.messages)
        hidden += (Counter((each.rule, each.line, each.column) for each in every) - shown).total()
    return hidden
