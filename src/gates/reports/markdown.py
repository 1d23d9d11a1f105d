"""The Markdown report: for a step summary or a comment, in the dialect that forges render.

All that a tool, a checkout or gates.yaml wrote is foreign: it is shown as text, whatever it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from string import digits

from gates.domain.finding import Finding, Severity
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.reports import told
from gates.reports.rows import examined_text, measured
from gates.reports.style import seconds_text
from gates.toolkit.door import neutralise, one_line

LIMIT_BYTES = 1_000_000
"""A report is kept below it: a step summary may hold 1 MiB."""

COMMENT_BYTES = 65_000
"""A comment is kept below it: forges take 65,536 characters."""

MARKER_LIMIT = 100
"""Characters of a project's name in a marker."""

SHOWN_FINDINGS = 20
"""Findings shown of one gate; the rest is counted, and stands in the record."""

SHOWN_NAMES = 20
"""Names that one line lists."""

TEXT_LIMIT = 500
"""Characters of one foreign text."""

COMMAND_LIMIT = 4000
"""Characters of a command; a longer one is cut, and the record holds it whole."""

_HEAD = "| status | gate | measured | examined | tool | time |\n|---|---|---|---|---|---:|\n"
_PLAIN = frozenset(" .,;:()/%=+->?'\"")
"""Punctuation that means nothing in the middle of a line."""

_OPENING = frozenset("-+=>")
"""Punctuation among it that means something at the beginning of one."""

_BREAK = "&#8203;"
"""A zero-width space. Forges look for `@name`, `#1`, `:tada:` and addresses in what was rendered,
where an escaped sign is the sign again; so something has to stand behind it."""

_SOUGHT = frozenset("@#:")
_SOUGHT_WORDS = ("gh-", "www.")
_NO_CODE = frozenset("`|\\")


def report(run: Run, *, record: str = "", limit: int = LIMIT_BYTES) -> str:
    """The whole report.

    Args:
        run: what is rendered.
        record: the file behind it, if not the one in its folder.
        limit: bytes that it may have; what goes beyond is left out, and that is told.
    """
    first, last = _verdict(run), _closing(run, record)
    left = limit - _size(first) - _size(last) - _size(_left_out(len(run.gates), len(run.gates) + 2))
    table, rows = _table(run, left // 2)
    left -= _size(table)
    # What every output must tell is the last thing to be cut, though it stands below the details.
    notes, left = _fitting((_told(run), _waived(run)), left)
    details, left = _fitting(tuple(_details(run)), left)
    lost = sum(part is None for part in (*notes, *details))
    shown = (part for part in (*details, *notes) if part)
    cut = _left_out(len(run.gates) - rows, lost)
    return "".join((first, table, *shown, cut, last))


def comment(run: Run, *, record: str = "") -> str:
    """The report as a comment that a workflow finds again by its first line, and replaces."""
    first = marker(run.plan.project, run.level)
    return first + report(run, record=record, limit=COMMENT_BYTES - _size(first))


def marker(project: str, level: int) -> str:
    """The hidden first line of a comment: `<!-- gates: PROJECT level N -->`.

    Of the project's name it keeps what cannot end it; all else is percent-encoded.
    """
    from urllib.parse import quote

    name = quote(one_line(project, limit=MARKER_LIMIT), safe=" /.()", errors="replace")
    return f"<!-- gates: {name.replace('--', '-%2D')} level {level} -->\n"


def escaped(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """Foreign text as Markdown that shows just this text, on one line, in a table cell or not.

    What stands between backticks becomes code, where that is safe. Elsewhere each sign that could
    mean something is written as a character reference, which CommonMark never takes for structure,
    and behind a sign that a forge looks for afterwards stands a break.
    """
    line = one_line(text, limit=limit)
    parts = line.split("`")
    if len(parts) % 2 == 0:
        return _plain(line)
    done = [_plain(parts[0])]
    for inside, after in zip(parts[1::2], parts[2::2], strict=True):
        shown = code(inside)
        # What is no code after all must not join its neighbours, as `@` and a name would.
        done.append(shown if shown.startswith("`") else f"{_BREAK}{shown}{_BREAK}")
        done.append(_plain(after, is_first=False) or _BREAK)
    return "".join(done).removesuffix(_BREAK)


def code(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """Foreign text in the letters of code, so that it can be copied; else with signs escaped."""
    line = one_line(text, limit=limit)
    return f"`{line}`" if line and not _NO_CODE & set(line) else _plain(line)


def fenced(text: str, language: str = "") -> str:
    """Foreign text of any number of lines as a block that nothing in it ends."""
    safe = neutralise(text)
    longest = max((len(run) for run in _runs_of_ticks(safe)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}{language}\n{safe}\n{fence}\n"


def _plain(line: str, *, is_first: bool = True) -> str:
    """One line with every sign escaped; `is_first` where it may begin a block."""
    done: list[str] = []
    if is_first and (line[:1] in _OPENING or line.lstrip(digits)[:1] in {".", ")"}):
        done.append(f"&#{ord(line[0])};")  # a list, or a line below a heading
        line = line[1:]
    for at, char in enumerate(line):
        inner = line[at - 1 : at].isalnum() and line[at + 1 : at + 2].isalnum()
        is_safe = not char.isascii() or char.isalnum() or char in _PLAIN or (char == "_" and inner)
        done.append(char if is_safe else f"&#{ord(char)};")
        is_sought = char in _SOUGHT or line[: at + 1].casefold().endswith(_SOUGHT_WORDS)
        if is_sought and line[at + 1 : at + 2].strip():
            done.append(_BREAK)
    return "".join(done)


def _runs_of_ticks(text: str) -> Iterator[str]:
    return (part for part in "".join(c if c == "`" else " " for c in text).split() if part)


def _fitting(sections: tuple[str, ...], left: int) -> tuple[tuple[str | None, ...], int]:
    """The first sections that fit into the bytes left, None for each other; and what is left."""
    kept: list[str | None] = []
    for section in sections:
        fits = None not in kept and _size(section) <= left
        kept.append(section if fits else None)
        left -= _size(section) if fits else 0
    return tuple(kept), left


def _size(text: str) -> int:
    return len(text.encode())


def _verdict(run: Run) -> str:
    counts = Counter(gate.status for gate in run.gates)
    parts = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
    stopped = " · **interrupted**" if not run.complete else ""
    level = escaped(told.level_name(run, run.level))
    return (
        f"## {run.verdict.value} · {escaped(run.plan.project)} · {level}\n\n"
        f"{parts} · {seconds_text(float(run.seconds))} · exit code {run.exit_code}{stopped}\n\n"
    )


def _table(run: Run, limit: int) -> tuple[str, int]:
    """The table of gates, and how many rows of it fit."""
    rows = [_HEAD]
    size = _size(_HEAD)
    for gate in run.gates:
        row = _row(gate)
        size += _size(row)
        if size > limit:
            break
        rows.append(row)
    return "".join(rows) + "\n", len(rows) - 1


def _row(gate: GateRun) -> str:
    status = gate.status.value
    tool = f"{gate.tool.name} {gate.tool.version}".rstrip() if gate.tool else ""
    cells = (
        status if gate.status in told.GOOD else f"**{status}**",
        escaped(gate.name),
        "<br>".join(escaped(text) for text, _ in measured(gate)),
        escaped(examined_text(gate.examined)) if gate.examined else "",
        escaped(tool),
        seconds_text(float(gate.seconds)) if gate.seconds else "",
    )
    return f"| {' | '.join(cells)} |\n"


def _details(run: Run) -> Iterator[str]:
    for gate in run.gates:
        if gate.status not in told.SETTLED:
            yield "".join(_detail(gate, run))


def _detail(gate: GateRun, run: Run) -> Iterator[str]:
    """Why one gate did not pass, what was found, and the next step."""
    place = f" ({code(told.place(gate))})" if gate.plan.place else ""
    yield f"### {gate.status.value}: {escaped(gate.name)}{place}\n\n"
    for reason in told.reasons(gate):
        yield f"- {escaped(reason)}\n"
    if hint := told.next_step(gate):
        yield f"- next: {escaped(hint)}\n"
    yield "\n"
    found = told.findings(gate)
    if found:
        yield "| place | rule | severity | message |\n|---|---|---|---|\n"
        yield from (_finding_row(each) for each in found[:SHOWN_FINDINGS])
        yield "\n"
    if len(found) > SHOWN_FINDINGS:
        yield f"… and {len(found) - SHOWN_FINDINGS:,} more in the record\n\n"
    if gate.argv:
        yield from _again(told.command(gate, run))


def _again(command: str) -> Iterator[str]:
    yield "Again, in the folder of gates.yaml:\n\n"
    yield fenced(command[:COMMAND_LIMIT], "sh")
    if len(command) > COMMAND_LIMIT:
        yield f"\n… and {len(command) - COMMAND_LIMIT:,} more characters in the record\n"
    yield "\n"


def _finding_row(finding: Finding) -> str:
    severity = "" if finding.severity is Severity.INFO else finding.severity.value
    place = code(finding.place) if finding.place else ""
    message = escaped(told.finding_text(finding))
    return f"| {place} | {code(finding.rule)} | {severity} | {message} |\n"


def _told(run: Run) -> str:
    """What every output must tell, but waivers."""
    lines = [f"- run: {escaped(note)}\n" for note in run.notes]
    for gate in run.gates:
        lines += [f"- {escaped(gate.name)}: {escaped(text)}\n" for text in told.notes(gate)]
    return f"### Told\n\n{''.join(lines)}\n" if lines else ""


def _waived(run: Run) -> str:
    """What waivers cover: until when, by whom and why."""
    rows = [
        f"| {escaped(gate.name)} | {escaped(what)} | {waiver.expires} | {escaped(waiver.owner)}"
        f" | {escaped(waiver.reason)} |\n"
        for gate in run.gates
        for what, waiver in told.waived(gate)
    ]
    head = "| gate | what | until | owner | reason |\n|---|---|---|---|---|\n"
    return f"### Waived\n\n{head}{''.join(rows)}\n" if rows else ""


def _closing(run: Run, record: str) -> str:
    """Criteria, and what exactly was judged."""
    criteria = run.criteria
    met = f"{len(criteria.met)} of {criteria.total} documented criteria up to Level {run.level}"
    lines = [f"{met} are met"]
    if open_ := criteria.not_covered:
        more = f" and {len(open_) - SHOWN_NAMES} more" if len(open_) > SHOWN_NAMES else ""
        lines.append(f"no gate shows {escaped(', '.join(open_[:SHOWN_NAMES]))}{more}")
    dirty = ", with changes that are not in it" if run.dirty else ""
    judged = f" · commit {code(run.commit)}{dirty}" if run.commit else " · outside git"
    selected = f" · selected by {code(run.selection)}" if run.selection else ""
    stored = f" in {code(record)}" if record else ""
    lines.append(f"record {code(run.id)}{stored}{judged}{selected}")
    return "<br>\n".join(lines) + "\n"


def _left_out(rows: int, sections: int) -> str:
    """What was left out to stay below the limit, or empty."""
    parts = [f"{rows:,} row{'s' * (rows > 1)} of the table"] if rows else []
    parts += [f"{sections:,} section{'s' * (sections > 1)} below it"] if sections else []
    cut = " and ".join(parts)
    return f"**Cut:** this report was too long; the record also holds {cut}.\n\n" if cut else ""
