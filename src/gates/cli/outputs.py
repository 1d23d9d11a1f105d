"""`--report FORMAT[=PATH]`: which renderings of a run go where."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gates.cli import destination, streams
from gates.domain.errors import StageError
from gates.domain.run import Run
from gates.toolkit import ci_door

if TYPE_CHECKING:
    from gates.domain.rollup import RollUp


def _json(run: Run, record: str) -> str:
    del record  # where it is stored is no part of it
    from gates.reports.record_v1 import render

    return render(run)


def _console(run: Run, record: str) -> str:
    from gates.cli.terminal import PLAIN_WIDTH
    from gates.reports.console import report

    return report(run, colour=False, width=PLAIN_WIDTH, record=record)


def _html(run: Run | RollUp, record: str) -> str:
    from gates.cli.page import page

    return page(run, record)


def _markdown(run: Run, record: str) -> str:
    from gates.reports.markdown import comment

    return comment(run, record=record)


def _junit(run: Run, record: str) -> str:
    del record  # CI systems keep the file and name it themselves
    from gates.reports.junit import report

    return report(run)


def _sarif(run: Run | RollUp, record: str) -> str:
    del record
    from gates.reports.sarif import report

    return report(run)


def _github(run: Run | RollUp, record: str) -> str:
    del record
    from gates.reports.github import report

    return report(run)


def _gitlab(run: Run | RollUp, record: str) -> str:
    del record
    from gates.reports.gitlab import report

    return report(run)


def _badge(run: Run | RollUp, record: str) -> str:
    del record
    from gates.reports.badge import report

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
    from gates.reports.rollup_markdown import comment

    return comment(rollup, record=record)


def _rollup_junit(rollup: RollUp, record: str) -> str:
    del record
    from gates.reports.rollup_junit import report

    return report(rollup)


FORMATS: Mapping[str, Callable[[Run, str], str]] = {
    "console": _console,
    "html": _html,
    "json": _json,
    "junit": _junit,
    "markdown": _markdown,
    "sarif": _sarif,
    "github": _github,
    "gitlab": _gitlab,
    "badge": _badge,
}
"""Formats by name, each with the function that renders a run, and its record's path, in it."""

ROLLUP_FORMATS: Mapping[str, Callable[[RollUp, str], str]] = {
    "console": _rollup_console,
    "html": _html,
    "json": _rollup_json,
    "junit": _rollup_junit,
    "markdown": _rollup_markdown,
    "sarif": _sarif,
    "github": _github,
    "gitlab": _gitlab,
    "badge": _badge,
}
"""The same formats for a roll-up of several runs."""

GITHUB = "github"
"""The one format whose text is commands for a CI system."""

JSON_FORMATS = frozenset({"json", "sarif", "gitlab"})
MARKUP_FORMATS = frozenset({"junit", "html", "badge"})


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
        write_text(text, output)
        if output.format == GITHUB and output.path is None:
            from gates.cli import github_files

            github_files.write(run, os.environ, record=record)


def write_text(text: str, output: Output) -> None:
    """Write one rendering whole: to its file, or to standard output.

    Raises:
        StageError: where it could not be written.
    """
    try:
        if output.path is None:
            _print(text, output.format)
        else:
            destination.write(output.path, _to_descriptor(text, output).encode())
    except OSError as error:
        where = str(output.path or "standard output")
        summary = f"the {output.format} report could not be written: {error.strerror}"
        raise StageError("report-unwritten", summary, place=where) from error


def _print(text: str, name: str) -> None:
    """Print a report; no line of it is a command of a CI system but those of its own format."""
    if name == GITHUB:
        streams.write_commands(text)
    else:
        sys.stdout.write(_disarmed(text, name))
    sys.stdout.flush()


def _to_descriptor(text: str, output: Output) -> str:
    """The text for a path, disarmed where that is a stream that a CI system reads."""
    is_stream = output.path is not None and destination.descriptor(output.path) is not None
    return _disarmed(text, output.format) if is_stream and output.format != GITHUB else text


def _disarmed(text: str, name: str) -> str:
    """A report that means the same and holds no command, where a CI system reads it."""
    if not ci_door.is_ci(os.environ):
        return text
    if name in JSON_FORMATS:
        return ci_door.disarmed_json(text)
    return ci_door.disarmed_markup(text) if name in MARKUP_FORMATS else ci_door.disarmed(text)
