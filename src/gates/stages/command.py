"""`command`: any program, judged by its exit status and by numbers that it writes."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import pattern_search, readings
from gates.formats.pattern_search import Match
from gates.formats.readings import UNITS, Output
from gates.plugin import (
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    MetricSpec,
    Options,
    Stage,
    StageResult,
    Tool,
    ToolMissing,
    Unit,
    count,
)
from gates.toolkit.files import write_atomic

EXIT_STATUS = "exit-status"
ONLY_STATUS = "only its exit status was examined"
STREAMS = ("stdout", "stderr")
ANY = tuple(range(256))
METRIC_KEYS = frozenset({"unit", "direction"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOptions(Options):
    """Options of `command`."""

    run: str | tuple[str, ...] = field(
        default="",
        metadata={
            "help": "the command: a text, split as a shell splits words, or a list; no shell runs"
            " it; `{out}` is a folder for its files"
        },
    )
    examined: str | Mapping[str, str] = field(
        default="",
        metadata={
            "help": "what it looks at: `exit-status`, or where it writes the number:"
            " `{json: /files, unit: files}`, `{pattern: '(?P<value>[0-9]+) files', unit: files}`"
        },
    )
    metrics: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict,
        metadata={
            "help": "name: `{json: /POINTER}` or `{pattern: REGEX}`, with `unit`"
            f" ({', '.join(UNITS)}; else number) and `direction` (lower, or higher is better)"
        },
    )
    output: str = field(
        default="stdout",
        metadata={
            "help": "where it writes numbers: `stdout`, `stderr`, or a file: best `{out}/NAME`,"
            " a folder that is new for each run, so that no older file is read"
        },
    )
    ok: tuple[int, ...] = field(
        default=(),
        metadata={
            "help": "exit codes besides 0 that are results; any other is then an error. Only 0"
            " passes, unless `require: [exit_status <= N]` says otherwise",
            "stricter": "fewer",
        },
    )
    inputs: tuple[str, ...] = field(
        default=(),
        metadata={"help": "patterns of the files on which its outcome depends; else always due"},
    )


class Command(Stage[CommandOptions]):
    """The exit status of a command of the project's own, and numbers read from its output."""

    uses = "command"
    title = "command"
    options_type = CommandOptions
    metrics = (
        MetricSpec(
            name="exit_status",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="exit status of the command",
        ),
    )
    defaults = (Default(text="exit_status == 0"),)
    examines = "what `examined` says"
    tells_findings = False
    errored_when = (
        "the program is missing, was ended by a signal, or ran out of time",
        "`ok` is given and does not hold its exit code",
        "a number is absent, stands there twice, or is no number",
        "the file that `output` names was not written by this run",
        "the number that `examined` names is 0",
        "a pattern does not come to an end in time",
    )

    def check(self) -> None:
        """Refuse options that do not say what is run, what is examined, or where numbers stand.

        Raises:
            ValueError: with one line that says why.
        """
        self._words()
        self._check_examined()
        for name, entry in self.options.metrics.items():
            if name == "exit_status" or not re.fullmatch(r"[a-z][a-z0-9_]*", name, re.ASCII):
                raise ValueError(f"`{name}` cannot name a metric")
            readings.where(entry, name=name, also=METRIC_KEYS)
            if entry.get("unit", "number") not in UNITS:
                raise ValueError(f"`{name}` has no known unit; known are {', '.join(UNITS)}")
            if entry.get("direction", "lower") not in {one.value for one in Direction}:
                raise ValueError(f"`{name}` needs `direction: lower` or `direction: higher`")
        if any(code not in ANY for code in self.options.ok):
            raise ValueError("`ok` holds exit codes from 0 to 255")
        if Path(self.options.output).is_absolute() or ".." in Path(self.options.output).parts:
            raise ValueError("`output` must stay in the project, or begin with `{out}/`")

    def specs(self) -> tuple[MetricSpec, ...]:
        """The exit status, and what `metrics` declares."""
        return (
            *self.metrics,
            *(
                MetricSpec(
                    name=name,
                    unit=UNITS[entry.get("unit", "number")][0],
                    direction=Direction(entry.get("direction", "lower")),
                    title=name.replace("_", " "),
                    noun=_noun(name, entry.get("unit", "number")),
                )
                for name, entry in self.options.metrics.items()
            ),
        )

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """The files that `inputs` names."""
        return ctx.files(*self.options.inputs) if self.options.inputs else ()

    def run(self, ctx: Context) -> StageResult:
        """Run it, and read its numbers."""
        program, *arguments = (word.replace("{out}", str(ctx.out)) for word in self._words())
        ok = (0, *self.options.ok) if self.options.ok else ANY
        done = ctx.run(_tool(ctx, program), *arguments, ok=ok)
        record = ctx.out / "command.json"
        write_atomic(record, _record(done))
        ctx.report(record)
        output = self._output(ctx, done)
        matches = self._search(ctx, output)
        return parse(done, output, self.options, matches)

    def _search(self, ctx: Context, output: bytes) -> Mapping[str, Match]:
        """What each pattern finds: one supervised run for all, and none without patterns."""
        entries = [*self.options.metrics.values()]
        if not isinstance(self.options.examined, str):
            entries.append(self.options.examined)
        patterns = tuple(sorted({entry["pattern"] for entry in entries if "pattern" in entry}))
        if not patterns:
            return {}
        readings.refuse_long(output, what=self.options.output)
        # A file that the command left where ours goes, even a link, is replaced and not followed.
        files = tuple(ctx.out / name for name in ("patterns.py", "patterns.txt", "patterns.json"))
        contents = (pattern_search.PROGRAM.encode(), output, pattern_search.request(patterns))
        for path, content in zip(files, contents, strict=True):
            write_atomic(path, content)
        # Isolated and without site packages: nothing of the project is on the import path.
        done = ctx.run(_interpreter(), "-I", "-S", *(str(path) for path in files))
        return pattern_search.answers(done.stdout, patterns)

    def _words(self) -> list[str]:
        """The command split into words.

        Raises:
            ValueError: there is none, or a quote is not closed.
        """
        import shlex

        run = self.options.run
        words = shlex.split(run) if isinstance(run, str) else list(run)
        if not words or not words[0]:
            raise ValueError("`run` names no program")
        return words

    def _check_examined(self) -> None:
        examined = self.options.examined
        if isinstance(examined, str):
            if examined != EXIT_STATUS:
                raise ValueError(
                    "`examined` must be `exit-status`, or say where the command writes how much"
                    " it looked at: {json: /POINTER, unit: files}"
                )
            return
        readings.where(examined, name="examined", also=frozenset({"unit"}))
        if not examined.get("unit"):
            raise ValueError("`examined` needs `unit`: what is counted, in the plural")

    def _output(self, ctx: Context, done: Completed) -> bytes:
        name = self.options.output
        if name in STREAMS:
            return done.stdout if name == "stdout" else done.stderr
        return ctx.report(ctx.root / name.replace("{out}", str(ctx.out))).data


def parse(
    done: Completed, output: bytes, options: CommandOptions, matches: Mapping[str, Match]
) -> StageResult:
    """Read the numbers that the options name.

    Args:
        done: the run, with any exit code that is a result.
        output: what it wrote to where `output` says.
        options: checked options.
        matches: by pattern, what each found in the output.

    Raises:
        OutputUnreadable: a number is absent, stands there twice, or is no number.
    """
    text = Output(output, what=options.output, matches=matches)
    metrics = tuple(
        readings.metric(
            name,
            text.number(readings.where(entry, name=name, also=METRIC_KEYS), name=name),
            entry.get("unit", "number"),
        )
        for name, entry in options.metrics.items()
    )
    examined, notes = _examined(text, options)
    return StageResult(
        metrics=(count("exit_status", done.exit_code), *metrics),
        examined=examined,
        tool=done.tool,
        notes=notes,
    )


def _examined(text: Output, options: CommandOptions) -> tuple[Examined, tuple[str, ...]]:
    if isinstance(options.examined, str):
        return Examined(count=1, unit="commands", note=ONLY_STATUS), (ONLY_STATUS,)
    place = readings.where(options.examined, name="examined", also=frozenset({"unit"}))
    number = readings.whole(text.number(place, name="examined"), name="examined")
    return Examined(count=number, unit=options.examined["unit"]), ()


def _noun(name: str, unit: str) -> str:
    """What one of them is called: only a count has something that could be more or fewer."""
    return f"counted as `{name}`" if UNITS[unit][0] is Unit.COUNT else ""


def _tool(ctx: Context, program: str) -> Tool:
    """A program by name from the project's environment, or by path: the project's own."""
    if "/" not in program:
        return ctx.tool(program, ask=False)
    path = ctx.root / program
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise ToolMissing(
            "tool-missing",
            f"`{program}` is not a program",
            hint="a path is relative to the folder of gates.yaml, and must be executable",
            place=program,
        )
    return Tool(name=path.name, version="", path=str(path), how="named by its path")


def _interpreter() -> Tool:
    """The interpreter that runs this program, for a child that needs nothing else."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Tool(
        name="pattern-search", version=version, path=sys.executable, how="runs gates itself"
    )


def _record(done: Completed) -> bytes:
    """What ran and how it ended, for the digest in the run record."""
    import json
    from hashlib import sha256

    record = {
        "argv": list(done.argv),
        "exit_status": done.exit_code,
        "stdout_sha256": sha256(done.stdout).hexdigest(),
        "stderr_sha256": sha256(done.stderr).hexdigest(),
    }
    return json.dumps(record, indent=1).encode()
