"""What a change does to the policy, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.policy_diff import PolicyDiff, ProjectDiff
from gates.domain.weakening import WeakeningItem
from gates.reports.style import Line, line

SCHEMA = "gates/policy-diff/v1"
"""The form of the JSON."""

OWN = "."

_STYLES: dict[Kind, str] = {
    Kind.LOOSENED: "bad",
    Kind.REMOVED: "bad",
    Kind.SKIPPED: "bad",
    Kind.CHANGED: "warn",
    Kind.TIGHTENED: "good",
    Kind.ADDED: "good",
}


def policy_lines(diff: PolicyDiff) -> Iterator[Line]:
    """The comparison line by line: by project and kind, the worst first."""
    yield line(("policy", "strong"), f" · compared with {diff.ref} ({diff.commit[:12]})")
    for project in diff.projects:
        yield from _project(project)
    items = diff.outside.items
    if items:
        yield line()
        counted = sum(item.is_counted for item in items)
        yield line(
            ("outside of gates.yaml", "strong"), f" · {counted} that count, {len(items)} seen"
        )
        for item in items:
            yield _outside(item)
    yield line()
    yield _closing(diff)


def policy_json(diff: PolicyDiff) -> str:
    """The comparison as JSON text that ends with a line break."""
    document = {
        "schema": SCHEMA,
        "ref": diff.ref,
        "commit": diff.commit,
        "loosens": diff.loosens,
        "exit_code": diff.exit_code,
        "projects": [_plain(project) for project in diff.projects],
        "outside": [_plain_item(item) for item in diff.outside.items],
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _project(project: ProjectDiff) -> Iterator[Line]:
    if project.path != OWN:
        yield line()
        yield line((project.path, "strong"))
    if project.before is None:
        yield line(("  the first policy", "warn"), ": there was no gates.yaml here before")
    elif not project.changes:
        yield line(("  no change", "faint"))
    for change in project.changes:
        yield from _change(change)


def _change(change: PolicyChange) -> Iterator[Line]:
    place = f"  {change.place}" if change.place else ""
    yield line((f"  {change.kind.value:<9} ", _STYLES[change.kind]), change.said, (place, "faint"))
    before, after = change.before or "nothing", change.after or "nothing"
    yield line(f"            {before} -> {after}")


def _outside(item: WeakeningItem) -> Line:
    place = f"{item.path}:{item.line}" if item.line else item.path
    kind = "warn" if item.is_counted else "faint"
    return line(
        (f"  {item.kind.value:<12} ", kind), f"{item.rule}: {item.text}", (f"  {place}", "faint")
    )


def _closing(diff: PolicyDiff) -> Line:
    if not diff.loosens:
        return line(("nothing is loosened", "good"))
    count = sum(change.loosens for project in diff.projects for change in project.changes)
    what = "1 item loosens" if count == 1 else f"{count} items loosen"
    return line((f"{what} the policy", "bad"))


def _plain(project: ProjectDiff) -> dict[str, object]:
    before = project.before
    return {
        "path": project.path,
        "before": None if before is None else {"source": before.source, "sha256": before.sha256},
        "after": {"source": project.after.source, "sha256": project.after.sha256},
        "changes": [
            {
                **change.plain(),
                "what": change.what,
                "loosens": change.loosens,
                "doubt": change.is_doubtful,
            }
            for change in project.changes
        ],
    }


def _plain_item(item: WeakeningItem) -> dict[str, object]:
    return {
        "kind": item.kind.value,
        "rule": item.rule,
        "path": item.path,
        "line": item.line or None,
        "text": item.text,
        "counts": item.is_counted,
    }
