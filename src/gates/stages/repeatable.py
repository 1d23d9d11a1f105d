"""`repeatable`: a command, run in two copies of the project, makes the same files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    Options,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    ToolCrashed,
    Unit,
    count,
    ratio,
)
from gates.plugin.commands import Words, found, split
from gates.toolkit import build_home
from gates.toolkit.build_aside import THERE_BEFORE, outputs
from gates.toolkit.files import sha256_file
from gates.toolkit.tree_copy import copy_files

PROGRAM = "gates.toolkit.build_aside"

MAX_BYTES = 1 << 30
"""How large one output may be."""

ONE_DAY = "both builds were made within seconds: a date of the day in an output would not show"

MISSING = "output-missing"
DIFFERS = "output-differs"


@dataclass(frozen=True, slots=True)
class Output:
    """A file that a build made.

    Attributes:
        path: where it was put.
        sha256: its digest.
        mode: its permissions.
    """

    path: Path
    sha256: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Build:
    """How one of the two builds differs from the other.

    Attributes:
        folder: the name of the copy's folder.
        at_s: the time of its files.
        zone: its time zone.
        least_s: how long it lasts at least.
    """

    folder: str
    at_s: int
    zone: str
    least_s: float


BUILDS = (
    Build("first", 1_000_000_000, "UTC0", 2.1),
    Build("the-second-of-two", 1_300_000_000, "OTHER-11", 0.0),
)
"""Two folders of unequal names, at two times, in two zones; neither time is before 1980.

The first lasts so long that a clock that is written into an output moves on: a zip counts its times
in steps of 2 s.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatableOptions(Options):
    """Options of `repeatable`."""

    run: Words = field(
        default="",
        metadata={
            "help": "the command that builds: a text, split as a shell splits words, or a list; no"
            " shell runs it; it starts in a copy of the project's files"
        },
    )
    outputs: tuple[str, ...] = field(
        default=(),
        metadata={"help": "what it makes: paths or globs, as in `dist/*`", "or_text": True},
    )
    own_home: bool = field(
        default=True,
        metadata={
            "help": "give each build a HOME of its own, so that the second finds nothing that the"
            " first kept there",
            "stricter": "on",
        },
    )
    source_date_epoch: bool = field(
        default=True,
        metadata={"help": "set SOURCE_DATE_EPOCH, the same for both, as packagers do"},
    )


class Repeatable(Stage[RepeatableOptions]):
    """Two builds, in folders, at file times and in time zones that differ; then every byte."""

    uses = "repeatable"
    title = "repeatable build"
    options_type = RepeatableOptions
    metrics = (
        MetricSpec(
            name="differing",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="outputs that are not the same in both builds",
            noun="outputs",
        ),
        MetricSpec(
            name="same",
            unit=Unit.RATIO,
            direction=Direction.HIGHER,
            title="outputs that are the same in both builds",
            noun="outputs",
        ),
    )
    defaults = (Default(text="differing == 0"),)
    criteria = ("L3-BUILD",)
    examines = "outputs"
    when = IN_CI
    errored_when = (
        "the command does not end with 0",
        "an entry of `outputs` names no file that it makes",
        "every output is empty, or the copy of a file of the project",
        "a file that `outputs` names is there before it ran",
    )
    timeout_s = 1200
    sample = Sample(
        files={
            "build.py": "from pathlib import Path\nPath('out').mkdir()\n"
            "Path('out/one.txt').write_text('one')\nPath('out/two.txt').write_text('two')\n"
        },
        faulty={
            "build.py": "import os\nfrom pathlib import Path\nPath('out').mkdir()\n"
            "Path('out/one.txt').write_text(os.path.basename(os.getcwd()))\n"
            "Path('out/two.txt').write_text(os.environ['TZ'])\n"
        },
        options={"run": "python build.py", "outputs": ["out/*"]},
    )

    def check(self) -> None:
        """Refuse options that do not say what is built.

        Raises:
            ValueError: with one line that says why.
        """
        split(self.options.run)
        if not self.options.outputs:
            raise ValueError("`outputs` names what is compared: add it under `with:`")
        for name in self.options.outputs:
            if Path(name).is_absolute() or ".." in Path(name).parts or not name:
                raise ValueError(f"`{name}` does not stay in the project")

    def run(self, ctx: Context) -> StageResult:
        """Build twice, and compare."""
        place = ctx.plant("copies", b"").parent
        names = ctx.files("**")
        ctx.note(ONE_DAY)
        collected: list[Path] = []
        for build in BUILDS:
            folder = place / build.folder
            copy_files(ctx.root, names, folder, at_s=build.at_s)
            collected.append(ctx.out / build.folder)
            collected[-1].mkdir()
            ctx.progress(f"build {len(collected)} of {len(BUILDS)}")
            self._build(ctx, build, folder, collected[-1])
            shutil.rmtree(folder)
        shared = build_home.shared(ctx.setting) if self.options.own_home else ("HOME",)
        if shared:
            ctx.note(f"both builds shared {', '.join(shared)}: one may have used what it holds")
        for pattern in self.options.outputs:
            if not any(outputs(folder, (pattern,)) for folder in collected):
                raise _nothing(f"the command made no file that `{pattern}` of `outputs` names")
        sides = [_digests(ctx, folder) for folder in collected]
        _refuse_unmade(ctx, sides[0], names)
        return parse(sides[0], sides[1], _tool(split(self.options.run)[0]))

    def _build(self, ctx: Context, build: Build, folder: Path, collected: Path) -> None:
        program, *arguments = split(self.options.run)
        path = program if "/" in program else found(ctx, program).path
        wanted = json.dumps(list(self.options.outputs))
        env = {"TZ": build.zone}
        if self.options.own_home:
            env |= build_home.made(folder.with_name(f"home-{build.folder}"), ctx.setting)
        if self.options.source_date_epoch:
            env["SOURCE_DATE_EPOCH"] = str(BUILDS[0].at_s)
        words = (str(folder), str(collected), wanted, str(build.least_s), path, *arguments)
        itself = ctx.itself()
        tool = Tool(name=program, version=itself.version, path=itself.path, how=itself.how)
        done = ctx.run(tool, "-P", "-m", PROGRAM, *words, ok=(0, THERE_BEFORE), env=env)
        if done.exit_code == THERE_BEFORE:
            raise ToolCrashed(
                "output-there",
                f"a file of {', '.join(f'`{name}`' for name in self.options.outputs)} is among the"
                " project's own, so it would be the same without any build",
                hint="name files that only the build makes",
            )


def parse(first: Mapping[str, Output], second: Mapping[str, Output], tool: Tool) -> StageResult:
    """Compare the outputs of two builds, by name.

    Raises:
        StageError: there is none.
    """
    names = sorted(first.keys() | second.keys())
    if not names:
        raise _nothing("the command made no file that `outputs` names")
    findings: list[Finding] = []
    for name in names:
        here, there = first.get(name), second.get(name)
        if here is None or there is None:
            findings.append(_finding(MISSING, name, "only one of the two builds made it"))
        elif here.sha256 != there.sha256:
            findings.append(_finding(DIFFERS, name, _difference(here.path, there.path)))
        elif here.mode != there.mode:
            told = f"the two builds differ in permissions: {here.mode:o} and {there.mode:o}"
            findings.append(_finding(DIFFERS, name, told))
    return StageResult(
        metrics=(
            count("differing", len(findings)),
            ratio("same", len(names) - len(findings), len(names)),
        ),
        examined=Examined(count=len(names), unit="outputs"),
        tool=tool,
        findings=tuple(findings),
    )


def _digests(ctx: Context, folder: Path) -> dict[str, Output]:
    """All that one build made; an empty file is an output too, though no report."""
    found: dict[str, Output] = {}
    for name in outputs(folder, ("**",)):
        path = folder / name
        is_empty = path.stat().st_size == 0
        digest = sha256_file(path) if is_empty else ctx.report(path, max_bytes=MAX_BYTES).sha256
        found[name] = Output(path, digest, path.stat().st_mode & 0o777)
    return found


def _refuse_unmade(ctx: Context, made: Mapping[str, Output], names: Sequence[str]) -> None:
    """Refuse outputs of which none was made: they are empty, or were in the project before.

    Raises:
        StageError: that is so of all of them.
    """
    sizes = {name: output.path.stat().st_size for name, output in made.items()}
    full = [name for name, size in sizes.items() if size]
    if made and not full:
        raise _nothing("every output is empty")
    files = [ctx.root / name for name in names]
    wanted = set(sizes.values())
    own = {sha256_file(path) for path in files if path.is_file() and path.stat().st_size in wanted}
    copied = [name for name in full if made[name].sha256 in own]
    if full and len(copied) == len(full):
        raise _nothing("every output is the copy of a file of the project: no build made it")
    if copied:
        ctx.note(f"{len(copied)} of {len(made)} outputs are copies of files of the project")


def _nothing(summary: str) -> StageError:
    return StageError(
        "nothing-built", summary, hint="see what the command wrote, and where it puts its files"
    )


def _difference(first: Path, second: Path) -> str:
    """In words, where two files first differ."""
    from gates.formats import archive_members

    inside = archive_members.difference(first, second)
    if inside:
        return f"the two builds differ in {inside}"
    at = 0
    with first.open("rb") as one, second.open("rb") as other:
        while (here := one.read(1 << 16)) == (there := other.read(1 << 16)):
            at += len(here)
    pairs = enumerate(zip(here, there, strict=False))
    at += next((i for i, (a, b) in pairs if a != b), min(len(here), len(there)))
    return f"the two builds differ from byte {at} on"


def _finding(rule: str, name: str, message: str) -> Finding:
    return Finding(
        rule=rule, severity=Severity.HIGH, message=message, path=name, counts=("differing",)
    )


def _tool(program: str) -> Tool:
    return Tool(name=program, version="", how="run in two copies of the project")
