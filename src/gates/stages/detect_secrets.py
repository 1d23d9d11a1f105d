"""`detect-secrets`: secrets in the files of the repository, found by Yelp's detect-secrets.

Every file that git tracks or would track is handed over by name: the tool looks for none itself.
A filter of ours, which it asks about each file, writes down which ones it really reads, and has the
text itself scanned where the tool would scan only what it made of it. A submodule is a repository
of its own, with gates of its own.

A secret is never printed or kept. The tool names each by its bare SHA-1, from which a short one is
guessed at once, so its report is overwritten as soon as it is read; kept is a salted, slow hash.
The salt is the kind of secret and its path, and no random number: the hash is the name by which a
waiver knows the finding, and must be the same in every clone, a shallow one included, where no
first commit could serve as the salt.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import (
    detect_secrets_given,
    detect_secrets_json,
    detect_secrets_witness,
    planted_secrets,
)
from gates.formats.detect_secrets_call import (
    BY_PATH,
    PROGRAM,
    SILENCING,
    Call,
    batches,
    expected_of,
    merged,
    refuse_complaint,
    sighted,
)
from gates.formats.detect_secrets_given import SUPPRESSED
from gates.formats.detect_secrets_json import Entry, SecretsReport
from gates.formats.detect_secrets_names import refuse_unexplained, refuse_unread
from gates.formats.detect_secrets_result import COUNTED, Chosen, measured, nothing_read
from gates.formats.detect_secrets_tally import OWN, tally, without_own
from gates.formats.detect_secrets_witness import Witnessed
from gates.formats.tool_paths import arguments, some
from gates.plugin import (
    EVERYWHERE,
    Context,
    Default,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.aside import aside
from gates.toolkit.files import folder_stamp_ns, read_report, write_atomic
from gates.toolkit.git import Git

BASELINE = ".secrets.baseline"
"""The name that a baseline has by convention."""

PRAGMA = b"pragma:"
"""A file without it silences nothing by a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectSecretsOptions(ReportOptions):
    """Options of `detect-secrets`."""

    changed: bool = field(default=False, metadata=detect_secrets_given.CHANGED)
    exclude: tuple[str, ...] = field(default=(), metadata=detect_secrets_given.EXCLUDE)
    baseline: str = field(default="", metadata=detect_secrets_given.BASELINE)
    log: str = field(
        default="",
        metadata={"help": "what the runs behind `report` wrote to standard error with `-v`"},
    )


class DetectSecrets(Stage[DetectSecretsOptions]):
    """Secrets in the repository's files, each by kind and place and never by its text."""

    uses = "detect-secrets"
    title = "secrets in the repository"
    options_type = DetectSecretsOptions
    metrics = COUNTED
    defaults = (Default(text="secrets == 0"),)
    criteria = ("L1-SECRETS",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "the project is not in git",
        "no file was read",
        "a file is text but no UTF-8, could not be opened, or was passed over without a reason",
        "a file is tracked and not checked out, as in a sparse checkout",
        "a file's text was not scanned itself, but only what the scanner made of it",
        "no planted secret was found, or no detector is on for which one is known",
        "the scanner reports an error of its own, or tells of files that it was not given",
        "the baseline names filters of the project's own",
        "the log beside a given report does not name a file, or does not fit the report",
    )
    programs = (PROGRAM,)
    written_by = "detect-secrets -v scan > out/secrets.json 2> out/secrets.log"

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            ValueError: a report stands without its log or the reverse, or beside `changed`.
        """
        if bool(self.given) != bool(self.options.log):
            raise ValueError(
                f"`report` and `log` need each other; both are written by `{self.written_by}`"
            )
        if self.given and self.options.changed:
            raise ValueError("`changed` chooses what to scan, and `report` tells what was")

    def specs(self) -> tuple[MetricSpec, ...]:
        """The metrics; that of what is silenced only where it runs."""
        return tuple(of for of in self.metrics if not (self.given and of.name == SUPPRESSED))

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All files of the project."""
        return ctx.files(".")

    def run(self, ctx: Context) -> StageResult:
        """Scan without what silences, then again with it, then the canary."""
        _refuse_no_repository(ctx)
        baseline = self._baseline(ctx)
        audited = detect_secrets_given.audited(baseline, self.options.baseline)
        chosen = self._chosen(ctx)
        tool = ctx.tool(PROGRAM)
        if not chosen.files:
            return nothing_read(tool, chosen)
        scanner = Scanner(ctx, tool, baseline, self.options.baseline)
        bare, seen = scanner.scan(chosen.files, without=SILENCING)
        canary, notes = scanner.canary(bare.detectors)
        if baseline:
            raised = detect_secrets_json.raised_limits(baseline, what=self.options.baseline)
            notes = (*raised, *notes)
        refuse_unread(seen, lambda path: (ctx.root / path).read_bytes())
        if not seen.read:
            return replace(nothing_read(tool, chosen), canary=canary)
        kept = self._kept(ctx, scanner, bare)
        path = ctx.out / "detect-secrets.json"
        names = detect_secrets_json.fingerprints(kept)
        write_atomic(path, detect_secrets_json.render(bare, names, seen.read), mode=0o600)
        ctx.report(path)
        sums = tally(bare=bare.entries, kept=kept, audited=audited, read=seen.read.difference(OWN))
        result = measured(tool, chosen, seen, sums, names)
        return replace(result, canary=canary, notes=(*result.notes, *notes))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports beside the log of the same runs, which names what was read."""
        _refuse_no_repository(ctx)
        audited = detect_secrets_given.audited(self._baseline(ctx), self.options.baseline)
        log, chosen = ctx.given_report(self.options.log), self._chosen(ctx)
        own = {os.path.relpath(of.path, ctx.root) for of in (*reports, log)}
        return detect_secrets_given.measured_by(
            [(of.name, of.data) for of in reports],
            (self.options.log, log.data),
            replace(chosen, files=tuple(path for path in chosen.files if path not in own)),
            lambda path: (ctx.root / path).read_bytes(),
            audited=audited,
        )

    def _baseline(self, ctx: Context) -> bytes:
        """The bytes of the baseline that the option names; empty without the option."""
        name = self.options.baseline
        if not name:
            return b""
        path = ctx.root / name
        if not path.is_file():
            raise StageError("config-missing", f"`{name}` is not there", place=name)
        return path.read_bytes()

    def _chosen(self, ctx: Context) -> Chosen:
        files = ctx.files(".")
        notes = []
        left_out = {os.path.normpath(self.options.baseline)}
        for pattern in self.options.exclude:
            found = ctx.files(pattern)
            left_out.update(found)
            if not found:
                notes.append(f"`exclude`: `{pattern}` matches nothing")
        others = [path for path in files if path.rpartition("/")[2] == BASELINE]
        if others and not self.options.baseline:
            told = f"`with: {{baseline: {others[0]}}}` obeys it"
            notes.append(f"`{others[0]}` is not obeyed, and scanned as any file; {told}")
        change = ctx.change() if self.options.changed else None
        wanted = files if change is None else [path for path in files if path in change.files]
        beside = aside(ctx.root).without(self.options.exclude)
        beside = beside.within(change.files) if change is not None else beside
        beside.refuse_withheld()
        if beside.deleted:
            notes.append(f"tracked, and deleted since: {some(beside.deleted)}")
        if change is not None and change.base.shallow_note:
            notes.append(change.base.shallow_note)
        return Chosen(
            files=tuple(path for path in wanted if path not in left_out),
            left_out=tuple(path for path in wanted if path in left_out),
            listed=len(files),
            base=change.base.commit[:12] if change is not None else "",
            notes=tuple(notes),
            links=beside.links,
            repositories=beside.repositories,
        )

    def _kept(self, ctx: Context, scanner: Scanner, bare: SecretsReport) -> tuple[Entry, ...]:
        """The results that no pragma or pattern silences.

        Only files with results are scanned again, and without a baseline, whose patterns may
        silence anything, only those of them that hold a pragma.
        """
        texts = {path: (ctx.root / path).read_bytes() for path in {e.path for e in bare.entries}}
        again = [path for path, text in texts.items() if self.options.baseline or PRAGMA in text]
        kept = [entry for entry in bare.entries if entry.path not in again]
        if again:
            second, seen = scanner.scan(sorted(again))
            if not seen.read.issuperset(again):
                summary = "the second scan did not read what the first one read"
                raise OutputUnreadable("contradiction", summary, place=PROGRAM)
            kept += second.entries
        return tuple(sorted(kept, key=lambda entry: (entry.path, entry.line, entry.rule)))


@dataclass(slots=True)
class Scanner:
    """Runs the tool with one configuration.

    Attributes:
        ctx: the stage's.
        tool: the program.
        baseline: the bytes of the baseline whose settings to use; empty: the tool's own.
        what: the baseline's name.
        runs: how often it ran.
    """

    ctx: Context
    tool: Tool
    baseline: bytes
    what: str
    runs: int = 0

    def scan(
        self, files: Sequence[str], *, without: tuple[str, ...] = ()
    ) -> tuple[SecretsReport, Witnessed]:
        """Scan files of the project, with some filters switched off."""
        done = [self._one(arguments(batch), without) for batch in batches(files)]
        report, seen = merged(done, files)
        refuse_unexplained(files, seen, report.filters)
        texts = {
            path: (self.ctx.root / path).read_bytes()
            for path in {entry.path for entry in report.entries}.intersection(OWN)
        }
        report = replace(report, entries=without_own(report.entries, texts))
        return report, seen

    def canary(self, detectors: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """Plant a secret for each known detector that is on, and tell what was found.

        Returns:
            What was planted, and a note where some detectors did not see theirs.

        Raises:
            StageError: none was found, or none of the detectors is known.
        """
        expected = expected_of(detectors)
        planted = self._planted(detectors)
        report, seen = self._one(tuple(map(str, planted)), BY_PATH, str(planted[0].parent))
        return sighted(expected, planted, report, seen, has_baseline=bool(self.baseline))

    def _planted(self, detectors: tuple[str, ...]) -> tuple[Path, ...]:
        """The files of the canary, all in one folder."""
        texts = planted_secrets.sources(detectors)
        first = self.ctx.plant(planted_secrets.FILE, texts[planted_secrets.FILE])
        for name, text in texts.items():
            write_atomic(first.with_name(name), text)
        return tuple(first.with_name(name) for name in texts)

    def _one(
        self, names: tuple[str, ...], without: tuple[str, ...], root: str = ""
    ) -> tuple[SecretsReport, Witnessed]:
        self.runs += 1
        path = self.ctx.out / f"scan-{self.runs}.json"
        seen = self.ctx.out / f"scan-{self.runs}.seen"
        bare = without == SILENCING
        seed = detect_secrets_json.seed(self.baseline, what=self.what, bare=bare)
        write_atomic(path, seed, mode=0o600)
        call = Call(
            settings=str(path),
            witness=str(self._witness()),
            has_baseline=bool(self.baseline),
            without=without,
            root=root,
            cores=cores(),
        )
        env = {
            detect_secrets_witness.VARIABLE: str(seen),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
        }
        since_ns = folder_stamp_ns(self.ctx.out)
        try:
            done = self.ctx.run(self.tool, *call.words(), *names, env=env)
            refuse_complaint(done.stderr)
            report = detect_secrets_json.parse(
                read_report(path, since_ns=since_ns).data, what=path.name
            )
        finally:
            # No digest stays there, and the command can be run again by hand.
            write_atomic(path, seed, mode=0o600)
        written = read_report(seen, since_ns=since_ns).data if seen.exists() else b""
        return report, detect_secrets_witness.parse(written, what=seen.name)

    def _witness(self) -> Path:
        """Our filter, in a place that can be named; beside the reports where that is one."""
        path = self.ctx.out / detect_secrets_witness.FILE
        if not detect_secrets_witness.is_nameable(str(path)):
            return self.ctx.plant(path.name, detect_secrets_witness.SOURCE)
        write_atomic(path, detect_secrets_witness.SOURCE)
        return path


def _refuse_no_repository(ctx: Context) -> None:
    if Git(ctx.root).toplevel() is None:
        summary = "what is in version control is told by git, and this folder is in none"
        raise StageError("no-repository", summary, hint="run it in a clone of the repository")


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
