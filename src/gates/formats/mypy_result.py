"""What mypy's messages and the project's sources tell together, as a stage hands it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError, ToolCrashed
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count, flag
from gates.domain.stage_result import StageResult, Tool
from gates.formats import mypy_config
from gates.formats.mypy_comments import Comments
from gates.formats.mypy_config import MypyConfig
from gates.formats.mypy_json import Message
from gates.formats.tool_paths import Tree, some

SEVERITIES: dict[str, Severity] = {"error": Severity.HIGH, "note": Severity.INFO}
"""Mypy's words; only errors are counted."""

ASKED: dict[str, tuple[str, str]] = {
    "explicit-any": ("any", "disallow_any_explicit"),
    "no-untyped-def": ("untyped", "disallow_untyped_defs"),
}
"""Codes of errors that we ask for: the metric, and the flag by which the project asks for them."""

BLOCKING_EXIT = 2
"""The exit code of a run that could not check: by a file, by its settings, or since it crashed."""

SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a run, or several, found.

    Attributes:
        modules: the names of the modules that were checked, by relative path.
        findings: all that is told.
        complaints: what mypy says about its configuration.
        tool: mypy.
    """

    modules: Mapping[str, str]
    findings: tuple[Finding, ...]
    complaints: tuple[str, ...]
    tool: Tool


def finding(message: Message, path: str, config: MypyConfig, *, strict: bool = False) -> Finding:
    """A message as a finding, with the metrics that it counts for.

    Args:
        message: what mypy says.
        path: its file, relative.
        config: the project's configuration, which says whether it asks for the error itself.
        strict: the command line asked for strict mode.

    Raises:
        OutputUnreadable: its severity is unknown.
    """
    if message.severity not in SEVERITIES:
        summary = f"mypy calls a message `{message.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="mypy")
    counts: tuple[str, ...] = ("errors",) if message.severity == "error" else ()
    if counts and message.code in ASKED:
        metric, asks = ASKED[message.code]
        is_own = config.is_on(asks) or (strict and mypy_config.STRICT.get(asks, False))
        counts = ("errors", metric) if is_own else (metric,)
    return Finding(
        rule=message.code or "mypy",
        severity=SEVERITIES[message.severity],
        message=message.text,
        path=path,
        line=message.line,
        column=message.column,
        counts=counts,
    )


def blocked(messages: Sequence[Message], told: str, *, exit_code: int) -> StageError:
    """What to raise where mypy could not check: a file that is to blame, else a crash.

    Args:
        messages: what mypy says, paths relative.
        told: its last words outside of messages, or empty.
        exit_code: neither 0 nor 1.
    """
    if not messages:
        words = f": {told}" if told else ""
        summary = f"`mypy` ended with exit code {exit_code}{words}"
        return ToolCrashed("tool-crashed", summary, place="mypy")
    first = messages[0]
    return StageError(
        "file-unreadable",
        f"mypy could not check `{first.path}`: {first.text}",
        hint="mend it, or leave it out of `sources`",
        place=f"{first.path}:{first.line}:{first.column}",
    )


def measured(
    checked: Checked,
    tree: Tree,
    *,
    comments: Mapping[str, Comments],
    config: MypyConfig,
    strict: bool = False,
) -> StageResult:
    """Put together what was found and what the sources say by themselves.

    Args:
        checked: what was found; a source is among its modules.
        tree: the project's Python files.
        comments: comments of each source that was checked.
        config: the project's configuration of mypy.
        strict: the command line asked for strict mode.
    """
    modules, findings = checked.modules, checked.findings
    seen = tree.sources & modules.keys()
    lax = _laxities(config, comments, {modules[path] for path in seen}, strict=strict)
    return StageResult(
        metrics=(
            *(count(n, sum(n in f.counts for f in findings)) for n in ("errors", "any", "untyped")),
            flag("strict", holds=not lax and seen == tree.sources),
            count("ignores", sum(one.ignores for one in comments.values())),
        ),
        examined=Examined(
            count=len(modules), unit="files", excluded=len(tree.files - modules.keys())
        ),
        findings=findings,
        tool=checked.tool,
        notes=_notes(checked.complaints, lax, tree.sources - seen, config),
    )


def _laxities(
    config: MypyConfig, comments: Mapping[str, Comments], modules: set[str], *, strict: bool
) -> tuple[str, ...]:
    """Say what keeps strict mode from holding for every source."""
    lax = list(config.laxities(modules, strict=strict))
    for path, found in comments.items():
        if found.is_ignored:
            lax.append(f"a `type: ignore` hides all of `{path}`")
        if found.unchecked:
            lax.append(f"`no_type_check` hides a part of `{path}`")
        for setting in found.inline:
            weak = mypy_config.weakenings(mypy_config.inline(setting))
            lax += [f"{one} in `{path}`" for one in weak]
    return tuple(lax)


def _notes(
    complaints: tuple[str, ...],
    lax: tuple[str, ...],
    left_out: frozenset[str],
    config: MypyConfig,
) -> tuple[str, ...]:
    notes = [f"mypy says: {complaint}" for complaint in complaints]
    if lax:
        rest = len(lax) - SHOWN
        more = f" and {rest} more" if rest > 0 else ""
        next_step = f"; set it in {_section(config)}" if mypy_config.NOT_SET in lax else ""
        notes.append(f"not strict: {'; '.join(lax[:SHOWN])}{more}{next_step}")
    if left_out:
        notes.append(f"not strict: mypy does not check {some(left_out)}, by configuration")
    return tuple(notes)


def _section(config: MypyConfig) -> str:
    """Where a setting for all modules stands, or would."""
    is_toml = not config.name or config.name.endswith(".toml")
    section = "[tool.mypy]" if is_toml else "[mypy]"
    return f"`{section}` of {config.name or 'pyproject.toml'}"
