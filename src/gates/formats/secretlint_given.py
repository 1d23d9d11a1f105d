"""What reports of secretlint that an earlier step wrote say of the project's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.secretlint_json import Looked, Message
from gates.formats.secretlint_result import is_passed_over, is_plain, refuse_wide
from gates.formats.tool_paths import some


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is known by the reports.

    Attributes:
        looked: what was found in each file that was looked at.
        binary: files that hold no text.
        ignored: files that secretlint passed over, by its list of ignored files or by itself.
        notes: what is not known.
    """

    looked: Mapping[str, tuple[Message, ...]]
    binary: frozenset[str]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]


def given(merged: Mapping[str, Looked], texts: Mapping[str, bytes], *, has_list: bool) -> Given:
    """Hold the reports beside the files.

    Args:
        merged: all reports, by relative path.
        texts: what the project's files hold.
        has_list: the project has a list of ignored files.

    Raises:
        StageError: a file that holds text was passed over, or is text that is no UTF-8.
        OutputUnreadable: a report was made of another text.
    """
    looked: dict[str, tuple[Message, ...]] = {}
    binary, passed_over = set(), set()
    for path, data in texts.items():
        refuse_wide(path, data)
        each = merged.get(path)
        if each is None:
            if not has_list and not is_passed_over(path):
                passed_over.add(path)
        elif not each.is_binary:
            refuse_other_text(each, path, data)
            looked[path] = each.messages
        elif is_plain(data):
            passed_over.add(path)
        else:
            binary.add(path)
    if passed_over:
        raise StageError(
            "file-passed-over",
            f"the report says nothing of {some(passed_over)}, which is text in version control",
            hint="let secretlint look at all files, in this very folder, or name these in"
            " `exclude`",
            place=min(passed_over),
        )
    return Given(
        looked=looked,
        binary=frozenset(binary),
        ignored=tuple(sorted(texts.keys() - merged.keys())),
        notes=tuple(_notes(merged, texts)),
    )


def refuse_other_text(each: Looked, path: str, data: bytes) -> None:
    """Refuse a report that was made of another text than the file holds.

    Raises:
        OutputUnreadable: with the file.
    """
    if each.text is not None and each.text != data.decode("utf-8", "replace"):
        summary = f"the report looked at another text of `{path}` than is there"
        hint = "write the report anew, from this very tree"
        raise OutputUnreadable("report-stale", summary, hint=hint, place=path)


def _notes(merged: Mapping[str, Looked], texts: Mapping[str, bytes]) -> list[str]:
    notes = ["no secret was planted for this report: whether its rules see is not known"]
    if any(each.text is None and not each.is_binary for each in merged.values()):
        notes.append("the report does not hold the texts that it is about: only its date tells")
    others = len(merged.keys() - texts.keys())
    if others:
        notes.append(f"the report names {others} files that are not judged here, and do not count")
    return notes
