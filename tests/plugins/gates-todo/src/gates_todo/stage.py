"""`todo`: TODO comments in Python sources, counted by `count-todos`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from gates.plugin import (
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    JsonValue,
    MetricSpec,
    Options,
    OutputUnreadable,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Unit,
    count,
    read_json,
)

WORD = "TO" + "DO"


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoOptions(Options):
    """Options of `todo`."""

    exclude: tuple[str, ...] = field(
        default=(), metadata={"help": "sources that may hold such comments"}
    )


class Todo(Stage[TodoOptions]):
    """Counts comments that say that something is still to be done."""

    uses = "todo"
    title = "comments on what is still to be done"
    options_type = TodoOptions
    metrics = (
        MetricSpec(
            name="todos",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="such comments",
            noun="comments",
        ),
    )
    defaults = (Default(text="todos == 0"),)
    criteria = ("L1-LINT",)
    examines = "files"
    errored_when = (
        "there is no Python source",
        "the report does not name the files that were handed over",
        "the exit code and the report contradict each other",
    )
    programs = ("count-todos",)
    sample: ClassVar[Sample | None] = Sample(
        files={"src/shop/__init__.py": "", "src/shop/prices.py": "PRICE = 3\n"},
        faulty={
            "src/shop/one.py": f"# {WORD}: one\n",
            "src/shop/two.py": f"# {WORD}: two\n",
        },
        vital=("src/shop/__init__.py", "src/shop/prices.py"),
    )

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """The sources."""
        return ctx.sources(".py").files

    def run(self, ctx: Context) -> StageResult:
        """Have the sources read, and believe the report where it speaks of all of them."""
        handed = tuple(
            path for path in ctx.sources(".py").files if path not in self.options.exclude
        )
        if not handed:
            raise StageError("nothing-examined", "there is no Python source")
        report = ctx.out / "todos.json"
        paths = (f"./{path}" for path in handed)  # a file named like an option is none
        done = ctx.run(ctx.tool("count-todos", ask=False), str(report), *paths, ok=(0, 1))
        return parse(done, ctx.report(report).data, handed)


def parse(done: Completed, data: bytes, handed: tuple[str, ...]) -> StageResult:
    """Read the report beside the exit code and the files that were handed over.

    Raises:
        OutputUnreadable: they do not tell one story.
    """
    report = read_json(data, what="todos.json")
    files = sorted(item.text().removeprefix("./") for item in report.member("files").items())
    findings = tuple(_finding(item) for item in report.member("todos").items())
    if files != sorted(handed) or (done.exit_code == 1) != bool(findings):
        summary = f"`count-todos` ended with {done.exit_code} and read {len(files)} files"
        raise OutputUnreadable("contradiction", summary, place="count-todos")
    return StageResult(
        metrics=(count("todos", len(findings)),),
        examined=Examined(count=len(files), unit="files"),
        findings=findings,
        tool=done.tool,
    )


def _finding(item: JsonValue) -> Finding:
    return Finding(
        rule="todo",
        severity=Severity.LOW,
        message=item.member("text").text(),
        path=item.member("path").text().removeprefix("./"),
        line=item.member("line").count(),
        counts=("todos",),
    )
