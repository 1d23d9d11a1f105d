"""Stages for a small linter of the sample's own: one that is careful, and naive ones.

`lint REPORT` writes `{"files": [...], "errors": [...]}` there, prints one line an error, and ends
with 1 where it found any.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar

from gates.plugin import (
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    MetricSpec,
    Options,
    OutputUnreadable,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
    ToolCrashed,
    Unit,
    count,
    read_json,
)

LINT = """\
#!/bin/sh
report=$1
found= files= code=0
for file in src/*.txt; do
  files="$files${files:+, }\\"$file\\""
  if grep -q wrong "$file"; then
    found="$found${found:+, }\\"$file\\""
    echo "{\\"error\\": \\"$file\\"}"
    code=1
  fi
done
echo "{\\"files\\": [$files], \\"errors\\": [$found]}" > "$report"
exit $code
"""

SAMPLE = Sample(
    files={"lint": LINT, "src/a.txt": "right\n", "src/b.txt": "right\n"},
    faulty={"src/c.txt": "wrong\n", "src/d.txt": "wrong\n"},
    vital=("lint",),
)


class Careful(Stage[Options]):
    """Believes the report where it is whole, new, agrees with the exit code, and is complete."""

    uses = "small-lint"
    title = "small lint"
    metrics = (
        MetricSpec(name="errors", unit=Unit.COUNT, direction=Direction.LOWER, title="errors"),
    )
    defaults = (Default(text="errors == 0"),)
    examines = "files"
    sample: ClassVar[Sample | None] = SAMPLE

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        told = read_json(ctx.report(path).data, what="report.json")
        errors = [item.text() for item in told.member("errors").items()]
        files = [item.text() for item in told.member("files").items()]
        if (done.exit_code == 1) != bool(errors) or set(files) != set(ctx.files("src/*.txt")):
            raise OutputUnreadable("contradiction", "the report is not of this run")
        return result(done, len(errors), len(files))


class BelievesExit(Careful):
    """Takes the exit code for the number of errors."""

    def run(self, ctx: Context) -> StageResult:
        done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
        return result(done, done.exit_code, len(ctx.files("src/*.txt")))


class EmptyIsFine(Careful):
    """Takes a report that is not there, or empty, for one without errors."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        text = path.read_text(errors="replace") if path.exists() else ""
        errors = documents(text)["errors"] if text.strip() else []
        return result(done, len(errors), len(ctx.files("src/*.txt")))


class EmptyWhereExitAgrees(Careful):
    """The same, where the exit code is 0 too."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        text = path.read_text(errors="replace") if path.exists() else ""
        errors = documents(text)["errors"] if text.strip() else []
        if (done.exit_code == 1) != bool(errors):
            raise OutputUnreadable("contradiction", "exit code and report differ")
        return result(done, len(errors), len(ctx.files("src/*.txt")))


class IgnoresExit(Careful):
    """Believes the report whatever the exit code says."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        found = documents(ctx.report(path).data.decode(errors="replace"))
        return result(done, len(found["errors"]), len(found["files"]))


class ReadsOldOnes(Careful):
    """Opens the report itself, so that one of yesterday will do."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        if not path.exists():
            raise OutputUnreadable("absent", "there is no report")
        told = read_json(path.read_bytes(), what="report.json")
        errors, files = tuple(told.member("errors").items()), tuple(told.member("files").items())
        if (done.exit_code == 1) != bool(errors) or len(files) != len(ctx.files("src/*.txt")):
            raise OutputUnreadable("contradiction", "the report is not of this run")
        return result(done, len(errors), len(files))


class ReportsIntoProject(Careful):
    """Has the report written into the project, and does not ask of which run it is."""

    def run(self, ctx: Context) -> StageResult:
        done = ctx.run(lint(ctx), "r.json", ok=(0, 1))
        return of_project(ctx, done)


class ReportsIntoProjectAnew(Careful):
    """The same, where an earlier run's report is removed first."""

    def run(self, ctx: Context) -> StageResult:
        (ctx.root / "r.json").unlink(missing_ok=True)
        done = ctx.run(lint(ctx), "r.json", ok=(0, 1))
        return of_project(ctx, done)


class ReportsIntoProjectDated(Careful):
    """The same, where the report must be younger than the stage."""

    def run(self, ctx: Context) -> StageResult:
        done = ctx.run(lint(ctx), "r.json", ok=(0, 1))
        ctx.report(ctx.root / "r.json")
        return of_project(ctx, done)


class CountsWhatItHanded(Careful):
    """Counts as examined what there is, and never asks which files the report names."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        told = read_json(ctx.report(path).data, what="report.json")
        errors = [item.text() for item in told.member("errors").items()]
        if (done.exit_code == 1) != bool(errors):
            raise OutputUnreadable("contradiction", "the report is not of this run")
        return result(done, len(errors), len(ctx.files("src/*.txt")))


class ReadsWhatLiesThere(Careful):
    """Runs nothing; reads a file of the project, and takes its absence for no errors."""

    sample: ClassVar[Sample | None] = Sample(
        files={"old.json": "[]"}, faulty={"old.json": '["wrong"]'}
    )

    def run(self, ctx: Context) -> StageResult:
        path = ctx.root / "old.json"
        errors = len(json.loads(path.read_text())) if path.exists() else 0
        return StageResult(
            metrics=(count("errors", errors),),
            examined=Examined(count=1 + self.more(ctx), unit="files"),
            tool=Tool(name="none", version="1", path=""),
        )

    def more(self, ctx: Context) -> int:
        del ctx
        return 0


class ReadsWhatLiesThereToo(ReadsWhatLiesThere):
    """The same; it asks for a program's version besides, and examines less where less is there."""

    def more(self, ctx: Context) -> int:
        ctx.tool("git")
        return len(ctx.files("*.json"))


class SkipsBrokenLines(Careful):
    """Reads one JSON document a line, and passes over those that it cannot read."""

    def run(self, ctx: Context) -> StageResult:
        done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
        errors = 0
        for line in done.stdout.splitlines():
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                continue
            errors += isinstance(found, dict) and "error" in found
        return result(done, errors, len(ctx.files("src/*.txt")))


class CountsWhatIsLeft(Careful):
    """Takes as examined what the report names, without asking whether that is all."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        found = documents(ctx.report(path).data.decode(errors="replace"))
        if (done.exit_code == 1) != bool(found["errors"]):
            raise OutputUnreadable("contradiction", "exit code and report differ")
        return result(done, len(found["errors"]), len(found["files"]))


class SwallowsCrashes(Careful):
    """Takes a crash for a run without errors."""

    def run(self, ctx: Context) -> StageResult:
        try:
            return super().run(ctx)
        except ToolCrashed:
            return StageResult(
                metrics=(count("errors", 0),),
                examined=Examined(count=len(ctx.files("src/*.txt")), unit="files"),
                tool=lint(ctx),
            )


class Unguarded(Careful):
    """Lets whatever goes wrong in its reader out."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        told: object = json.loads(path.read_bytes())
        assert isinstance(told, dict)
        if (done.exit_code == 1) != bool(told["errors"]):
            raise OutputUnreadable("contradiction", "exit code and report differ")
        return result(done, len(told["errors"]), len(told["files"]))


class Shows(Careful):
    """Tags its metric with a text of the linter, as it is."""

    metrics = (
        MetricSpec(
            name="errors",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="errors",
            tags=("file",),
        ),
    )

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "report.json"
        done = ctx.run(lint(ctx), str(path), ok=(0, 1))
        told = read_json(ctx.report(path).data, what="report.json")
        files = [item.text() for item in told.member("errors").items()]
        found = result(done, len(files), len(ctx.files("src/*.txt")))
        tagged = tuple(count("errors", 1, file=name) for name in files)
        return replace(found, metrics=(*found.metrics, *tagged))


class CannotFail(Careful):
    """Runs the linter, and does not ask what it says."""

    def run(self, ctx: Context) -> StageResult:
        done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
        return result(done, 0, len(ctx.files("src/*.txt")))


class Unsteady(Careful):
    """Says something else each time."""

    seen: list[int] = []  # noqa: RUF012 - that is its defect

    def run(self, ctx: Context) -> StageResult:
        self.seen.append(1)
        done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
        return result(done, done.exit_code, len(self.seen))


def lint(ctx: Context) -> Tool:
    path = ctx.root / "lint"
    if not path.is_file():
        raise StageError("tool-missing", "there is no linter")
    return Tool(name="lint", version="1", path=str(path))


def of_project(ctx: Context, done: Completed) -> StageResult:
    """Read the report that lies in the project."""
    path = ctx.root / "r.json"
    if not path.exists():
        raise OutputUnreadable("absent", "there is no report")
    told = read_json(path.read_bytes(), what="r.json")
    errors, files = tuple(told.member("errors").items()), tuple(told.member("files").items())
    if (done.exit_code == 1) != bool(errors) or len(files) != len(ctx.files("src/*.txt")):
        raise OutputUnreadable("contradiction", "the report is not of this run")
    return result(done, len(errors), len(files))


def documents(text: str) -> dict[str, list[object]]:
    """A report as a lenient reader takes it: what is not there is empty."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OutputUnreadable("not-json", "no JSON") from error
    members = found if isinstance(found, dict) else {}
    lists = {name: members.get(name) for name in ("files", "errors")}
    return {name: value if isinstance(value, list) else [] for name, value in lists.items()}


def result(done: Completed, errors: int, examined: int) -> StageResult:
    return StageResult(
        metrics=(count("errors", errors),),
        examined=Examined(count=examined, unit="files"),
        tool=done.tool,
    )
