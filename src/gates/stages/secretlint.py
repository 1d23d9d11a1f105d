"""`secretlint`: secrets in the files of the repository, found by secretlint's configured rules.

Every file that git tracks or would track is handed over by name, and must come back in the report.
What secretlint passes over by its name or a list is looked at in a second call, as a copy beside
planted secrets: a text may be called `key.pdf`, and a list of ignored files may hide anything.

A secret is never printed or kept: the report holds the text of each file, and is overwritten as
soon as it is read. Kept are places and a salted, slow hash.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.domain.errors import OutputUnreadable
from gates.formats import (
    secretlint_canary,
    secretlint_given,
    secretlint_json,
    secretlint_result,
    strict_json,
)
from gates.formats.counts import counted
from gates.formats.detect_secrets_call import batches
from gates.formats.secretlint_canary import Sight
from gates.formats.secretlint_json import Looked, Message
from gates.formats.secretlint_result import IGNORE, Scan
from gates.formats.tool_paths import arguments, relative, some
from gates.plugin import (
    EVERYWHERE,
    Context,
    Default,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.aside import aside
from gates.toolkit.files import folder_stamp_ns, read_report, write_atomic
from gates.toolkit.git import Git

PROGRAM = "secretlint"
NAMES = tuple(
    f".secretlintrc{ending}" for ending in ("", ".json", ".yaml", ".yml", ".js", ".cjs", ".mjs")
)
"""Names of its configuration, in its order; package.json may hold it too."""

MANIFEST = "package.json"
FIELD = "secretlint"

_SAMPLE = """\
[{{"filePath": "src/a.ts", "sourceContentType": "text", "messages": [{one}]}},
 {{"filePath": "src/b.ts", "sourceContentType": "text", "messages": [{two}]}}]
"""
_SAMPLED = """\
{"ruleId": "sample", "messageId": "SAMPLE", "severity": "error", "range": [13, 14],
 "loc": {"start": {"line": 1, "column": 13}, "end": {"line": 1, "column": 14}}}"""

UNLISTED = "--secretlintignore="
"""Without a name, no list of ignored files is obeyed, which fails on what lies elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretlintOptions(ReportOptions):
    """Options of `secretlint`."""

    exclude: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "files, folders and globs to leave out; counted and shown",
            "stricter": "fewer",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which files to scan.

    Attributes:
        files: to hand over, relative.
        excluded: what is left out, by the reason.
        notes: what to tell of it.
    """

    files: tuple[str, ...]
    excluded: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


class Secretlint(Stage[SecretlintOptions]):
    """Secrets in the repository's files, each by kind and place and never by its text.

    A report that secretlint itself writes holds the text of every file, whatever it masks: keep it
    out of what a pipeline stores.
    """

    uses = "secretlint"
    title = "secrets in the repository"
    options_type = SecretlintOptions
    metrics = (
        counted("secrets", "what looks like a secret", "findings"),
        counted(
            "suppressed",
            "findings in ignored files, and `secretlint-disable` comments",
            "silenced findings and comments",
        ),
    )
    defaults = (Default(text="secrets == 0"),)
    criteria = ("L1-SECRETS",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "the project is not in git",
        "no file was looked at, but for secretlint's own settings",
        "a file was passed over, and neither its name nor .secretlintignore tells why",
        "a file is text but no UTF-8, or is tracked and not checked out",
        "there is no configuration in the repository, or no planted secret was found",
        "a given report looked at another text, or leaves out a file that holds text",
    )
    programs = (PROGRAM,)
    sample = Sample(
        files={
            "src/a.ts": "export const a = 1;\n",
            "src/b.ts": "export const b = 2;\n",
            "out/secretlint.json": _SAMPLE.format(one="", two=""),
        },
        faulty={"out/secretlint.json": _SAMPLE.format(one=_SAMPLED, two=_SAMPLED)},
        options={"report": "out/secretlint.json", "exclude": ["gates.yaml"]},
        reports=("out/secretlint.json",),
        vital=("src/a.ts", "src/b.ts"),
    )
    written_by = 'npx secretlint --format json "**/*" > out/secretlint.json'

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All files of the project."""
        return ctx.files(".")

    def run(self, ctx: Context) -> StageResult:
        """Scan each file by name, then the canary and copies of what was passed over."""
        chosen = self._chosen(ctx)
        scanner = Scanner(ctx, ctx.tool(PROGRAM), _configuration(ctx))
        first = scanner.scan(chosen.files)
        texts = {path: (ctx.root / path).read_bytes() for path in chosen.files}
        for path, data in texts.items():
            secretlint_result.refuse_wide(path, data)
        missing = frozenset(path for path in chosen.files if path not in first)
        has_list = (ctx.root / IGNORE).is_file()
        ignored = frozenset(path for path in missing if not secretlint_result.is_passed_over(path))
        if ignored and not has_list:
            raise StageError(
                "file-passed-over",
                f"secretlint did not look at {some(ignored)}, and nothing tells why",
                hint="run it again; what cannot be looked at needs `exclude`",
                place=min(ignored),
            )
        unseen = missing | {path for path, each in first.items() if each.is_binary}
        copies = {path: texts[path] for path in unseen if secretlint_result.is_plain(texts[path])}
        copied, sight = scanner.canary(copies)
        seen = {path: each.messages for path, each in first.items() if path not in unseen} | copied
        scan = Scan(
            looked=seen,
            ignored=ignored & seen.keys(),
            binary=frozenset(unseen - copies.keys()),
            excluded=chosen.excluded,
            texts=texts,
            notes=(*sight.notes, *chosen.notes),
        )
        kept = ctx.out / "secretlint.json"
        write_atomic(kept, secretlint_json.render(seen), mode=0o600)
        ctx.report(kept)
        return replace(secretlint_result.measured(scan, scanner.tool), canary=sight.told)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Read secretlint's own reports, which must name every file that holds text."""
        chosen = self._chosen(ctx)
        roots = (str(ctx.root), os.path.realpath(ctx.root))
        merged: dict[str, Looked] = {}
        for report in reports:
            for each in secretlint_json.parse(report.data, what=report.name):
                path = relative(each.path, *roots)
                if path in merged:
                    summary = f"two reports looked at `{path}`"
                    raise OutputUnreadable("contradiction", summary, place=report.name)
                merged[path] = each
        # The reports lie in no version control, but git may not have been told to ignore them.
        given_ones = {relative(str(report.path), *roots) for report in reports}
        texts = {
            path: (ctx.root / path).read_bytes() for path in chosen.files if path not in given_ones
        }
        has_list = (ctx.root / IGNORE).is_file()
        given = secretlint_given.given(merged, texts, has_list=has_list)
        for note in given.notes:
            ctx.note(note)
        own = {"by .secretlintignore or by secretlint itself": given.ignored}
        scan = Scan(
            looked=given.looked,
            ignored=frozenset(),
            binary=given.binary,
            excluded={**chosen.excluded, **own},
            texts=texts,
            notes=chosen.notes,
        )
        return secretlint_result.measured(scan, Tool(name=PROGRAM, version=""))

    def _chosen(self, ctx: Context) -> Chosen:
        """Every file of the project but for what is excluded.

        Raises:
            StageError: there is no repository or no such file, or one is not checked out.
        """
        if Git(ctx.root).toplevel() is None:
            summary = "what is in version control is told by git, and this folder is in none"
            raise StageError("no-repository", summary, hint="run it in a clone of the repository")
        files = ctx.files(".")
        left_out: set[str] = set()
        notes = []
        for pattern in self.options.exclude:
            found = ctx.files(pattern)
            left_out.update(found)
            if not found:
                notes.append(f"`exclude`: `{pattern}` matches nothing")
        beside = aside(ctx.root).without(self.options.exclude)
        beside.refuse_withheld()
        if beside.deleted:
            notes.append(f"tracked, and deleted since: {some(beside.deleted)}")
        chosen = tuple(path for path in files if path not in left_out)
        if not chosen:
            summary = "there is no file that could be scanned"
            raise StageError("nothing-examined", summary, hint="see `exclude`")
        excluded = {
            "by `exclude`": tuple(sorted(left_out)),
            "as links": beside.links,
            "as repositories of their own": beside.repositories,
        }
        return Chosen(files=chosen, excluded=excluded, notes=tuple(notes))


@dataclass(slots=True)
class Scanner:
    """Runs secretlint with one configuration.

    Attributes:
        ctx: the stage's.
        tool: secretlint.
        config: the file of the configuration, absolute; empty where package.json holds it.
        runs: how often it ran.
    """

    ctx: Context
    tool: Tool
    config: str
    runs: int = 0

    def scan(self, files: Collection[str]) -> dict[str, Looked]:
        """Scan files of the project.

        Raises:
            OutputUnreadable: it tells of a file that it was not given.
        """
        roots = (str(self.ctx.root), os.path.realpath(self.ctx.root))
        looked = {relative(each.path, *roots): each for each in self._all(arguments(files))}
        foreign = looked.keys() - set(files)
        if foreign:
            summary = f"it tells of files that it was not given: {some(foreign)}"
            raise OutputUnreadable("contradiction", summary, place=PROGRAM)
        return looked

    def canary(self, copies: Mapping[str, bytes]) -> tuple[dict[str, tuple[Message, ...]], Sight]:
        """Scan a planted file, and copies of others under plain names.

        Args:
            copies: what the files hold, by path.

        Returns:
            What was found in each of them, and what was seen of the planted file.

        Raises:
            StageError: none of the planted secrets was found.
            OutputUnreadable: a copy was not looked at.
        """
        planted = self.ctx.plant(secretlint_canary.FILE, secretlint_canary.text())
        names = {str(planted): ""}
        for number, path in enumerate(sorted(copies)):
            copy = planted.with_name(f"copy-{number}.txt")
            write_atomic(copy, copies[path], mode=0o600)
            names[str(copy)] = path
        looked = {
            names[each.path]: each.messages
            for each in self._all(tuple(names), UNLISTED)
            if each.path in names and not each.is_binary
        }
        if looked.keys() != set(names.values()):
            lost = set(names.values()) - looked.keys()
            summary = f"secretlint did not look at copies of {some(lost)}"
            raise OutputUnreadable("contradiction", summary, place=PROGRAM)
        sight = secretlint_canary.sight({each.kind for each in looked.pop("")})
        return looked, sight

    def _all(self, names: Collection[str], *more: str) -> Iterator[Looked]:
        for batch in batches(tuple(names)):
            yield from self._one(batch, more)

    def _one(self, names: tuple[str, ...], more: tuple[str, ...]) -> tuple[Looked, ...]:
        self.runs += 1
        path = self.ctx.out / f"scan-{self.runs}.json"
        since_ns = folder_stamp_ns(self.ctx.out)
        config = (f"--secretlintrc={self.config}",) if self.config else ()
        words = ("--format=json", f"--output={path}", "--no-glob", *config, *more)
        try:
            self.ctx.run(self.tool, *words, *names)
            report = read_report(path, since_ns=since_ns)
            return secretlint_json.parse(report.data, what=path.name)
        finally:
            write_atomic(path, b"[]\n", mode=0o600)  # it held the text of every file


def _configuration(ctx: Context) -> str:
    """The configuration's file, absolute; empty where it stands in package.json.

    Raises:
        StageError: there is none where secretlint looks, up to the top of the repository.
    """
    top = Git(ctx.root).toplevel() or ctx.root
    root = Path(os.path.realpath(ctx.root))
    for folder in (root, *root.parents):
        for name in NAMES:
            if (folder / name).is_file():
                return str(folder / name)
        manifest = folder / MANIFEST
        if manifest.is_file():
            told = strict_json.read(manifest.read_bytes(), what=MANIFEST)
            if told.find(FIELD) is not None:
                return ""
        if folder == top:
            break
    raise StageError(
        "config-missing",
        "secretlint has no configuration in the repository, so no rule is on",
        hint="run `npx secretlint --init`",
        place=NAMES[1],
    )
