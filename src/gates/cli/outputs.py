"""`--report FORMAT[=PATH]`: which renderings of a run go where."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gates.cli import destination
from gates.domain.errors import StageError
from gates.domain.rollup import RollUp
from gates.domain.run import Run


def _json(run: Run, record: str) -> str:
    del record  # where it is stored is no part of it
    from gates.reports.record_v1 import render

    return render(run)


def _console(run: Run, record: str) -> str:
    from gates.cli.terminal import PLAIN_WIDTH
    from gates.reports.console import report

    return report(run, colour=False, width=PLAIN_WIDTH, record=record)


def _markdown(run: Run, record: str) -> str:
    from gates.reports.markdown import report

    return report(run, record=record)


def _junit(run: Run, record: str) -> str:
    del record  # CI systems keep the file and name it themselves
    from gates.reports.junit import report

    return report(run)


def _rollup_json(rollup: RollUp, record: str) -> str:
    del record
    from gates.reports.rollup_v1 import render

    return render(rollup)


def _rollup_console(rollup: RollUp, record: str) -> str:
    from gates.cli.terminal import PLAIN_WIDTH
    from gates.reports.rollup_console import report

    return report(rollup, colour=False, width=PLAIN_WIDTH, record=record)


def _rollup_markdown(rollup: RollUp, record: str) -> str:
    from gates.reports.rollup_markdown import report

    return report(rollup, record=record)


def _rollup_junit(rollup: RollUp, record: str) -> str:
    del record
    from gates.reports.rollup_junit import report

    return report(rollup)


FORMATS: Mapping[str, Callable[[Run, str], str]] = {
    "console": _console,
    "json": _json,
    "junit": _junit,
    "markdown": _markdown,
}
"""Formats by name, each with the function that renders a run, and its record's path, in it."""

ROLLUP_FORMATS: Mapping[str, Callable[[RollUp, str], str]] = {
    "console": _rollup_console,
    "json": _rollup_json,
    "junit": _rollup_junit,
    "markdown": _rollup_markdown,
}
"""The same formats for a roll-up of several runs."""


@dataclass(frozen=True, slots=True)
class Output:
    """One rendering that was asked for.

    Attributes:
        format: its name.
        path: the file it goes to; None for standard output.
    """

    format: str
    path: Path | None


def parse_outputs(texts: Sequence[str]) -> tuple[Output, ...]:
    """Read all `--report` options.

    Raises:
        click.BadParameter: for an unknown format, or two that want standard output.
    """
    outputs = tuple(_parse(text) for text in texts)
    if sum(output.path is None for output in outputs) > 1:
        raise click.BadParameter(
            "only one format can go to standard output; give the others a path, FORMAT=PATH",
            param_hint="--report",
        )
    return outputs


def _parse(text: str) -> Output:
    name, given, path = text.partition("=")
    if name not in FORMATS or (given and not path):
        raise click.BadParameter(
            f"`{text}` is not FORMAT[=PATH]; formats: {', '.join(FORMATS)}", param_hint="--report"
        )
    if not given or destination.descriptor(Path(path)) == destination.STDOUT:
        return Output(name, None)
    output = Output(name, Path(path))
    try:
        destination.prepare(Path(path))
    except OSError as error:
        problem = f"no file can be written to {path}: {error.strerror}"
        raise click.BadParameter(problem, param_hint="--report") from error
    return output


def write_outputs(run: Run | RollUp, outputs: Sequence[Output], *, record: str = "") -> None:
    """Write each rendering whole: to its file, or to standard output.

    Args:
        run: what is rendered.
        outputs: in which formats, and where to.
        record: the file that it was read from, where that is not the one in the run's folder.

    Raises:
        StageError: where one could not be written.
    """
    for output in outputs:
        if isinstance(run, Run):
            text = FORMATS[output.format](run, record)
        else:
            text = ROLLUP_FORMATS[output.format](run, record)
        try:
            if output.path is None:
                sys.stdout.write(text)
                sys.stdout.flush()
            else:
                destination.write(output.path, text.encode())
        except OSError as error:
            where = str(output.path or "standard output")
            summary = f"the {output.format} report could not be written: {error.strerror}"
            raise StageError("report-unwritten", summary, place=where) from error
