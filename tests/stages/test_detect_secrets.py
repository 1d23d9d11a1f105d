from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded
from stages.live_context import LiveContext, live_context

from gates.formats import planted_secrets
from gates.formats.detect_secrets_witness import VARIABLE
from gates.plugin import (
    Change,
    OutputUnreadable,
    StageError,
    StageResult,
    ToolMissing,
)
from gates.stages.detect_secrets import DetectSecrets, DetectSecretsOptions
from gates.toolkit.changes import Base, ChangedFile
from gates.toolkit.sources import find_files

DATA = "detect-secrets/1.5.0"
EMPTY = recorded(f"{DATA}/clean.json")
BARE = (recorded(f"{DATA}/bare.json"), recorded(f"{DATA}/bare.seen"))
FIRST = "detect-secrets scan --disable-filter=*allowlist*"
"""What only the first scan's command holds."""

PLANTED = b"<planted>"
"""Stands for the canary's path where a scan tells what it read."""

SEEN = b"".join(
    b"read %s/%s\0forms 2 %s/%s\0" % (PLANTED, name.encode(), PLANTED, name.encode())
    for name in planted_secrets.FILES
)

CANARY = "detect-secrets -C scan"
"""What only the canary's command holds."""

MADE_UP = "duL2jAR8pGXevM3kBS9q" + "HYfw"
PLAIN = f'pass{"word"} = "{MADE_UP}"\n'
SILENCED = f'pass{"word"} = "{MADE_UP}"  # pragma: allowlist secret\n'
FILES = {
    "src/a.py": PLAIN,
    "src/b.py": "X = 1\nY = 2  # pragma: allowlist secret\nZ = 3\n",
    "src/c.py": "",
    "uv.lock": "",
}


def in_git(folder: Path) -> None:
    subprocess.run(["/usr/bin/env", "git", "init", "--quiet"], cwd=folder, check=True)


def written(ctx: FakeContext, report: bytes, seen: bytes) -> Callable[[tuple[str, ...]], None]:
    """What the tool does: it writes its report over its settings, and asks our filter."""

    def does(argv: tuple[str, ...]) -> None:
        (settings,) = (word for word in argv if word.startswith("--baseline="))
        Path(settings.partition("=")[2]).write_bytes(report)
        if seen:
            Path(ctx.envs[-1][VARIABLE]).write_bytes(
                seen.replace(PLANTED, os.fsencode(Path(argv[-1]).parent))
            )

    return does


def answered(
    ctx: FakeContext, words: str, report: bytes, seen: bytes, *, stderr: bytes = b""
) -> None:
    ctx.answer(*words.split(), does=written(ctx, report, seen), stderr=stderr)


def canary(*unfound: str) -> bytes:
    rules = planted_secrets.expected(planted_secrets.KNOWN).values()
    results = [
        {"type": rule, "hashed_secret": "00", "line_number": 1}
        for rule in rules
        if rule not in unfound
    ]
    whole: dict[str, object] = json.loads(recorded(f"{DATA}/clean.json"))
    found = dict.fromkeys(planted_secrets.FILES, results)
    return json.dumps({**whole, "results": found}).encode()


def read(*paths: str) -> bytes:
    """What the filter writes of files of one form."""
    return b"".join(b"read %s\0forms 9 %s\0" % (path.encode(), path.encode()) for path in paths)


@dataclass(slots=True)
class InGit(FakeContext):
    """A fake whose files are those that git lists."""

    def files(self, *patterns: str) -> tuple[str, ...]:
        return find_files(self.root, patterns)


def project(folder: Path, files: Mapping[str, str] = FILES) -> FakeContext:
    """A project whose scans answer as recorded."""
    plain = fake_context(folder, files)
    in_git(plain.root)
    ctx = InGit(root=plain.root, out=plain.out)
    ctx.write("logo.dat", b"\0\xff")
    answered(
        ctx, "detect-secrets scan", recorded(f"{DATA}/again.json"), recorded(f"{DATA}/again.seen")
    )
    answered(ctx, FIRST, *BARE)
    answered(ctx, CANARY, canary(), SEEN)
    return ctx


def run(ctx: FakeContext, **options: object) -> StageResult:
    return DetectSecrets(DetectSecretsOptions.from_plain(options)).run(ctx)


def test_recorded_scans_are_put_together(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    result = run(ctx)

    assert metrics_of(result) == {"secrets": 3, "allowed": 0, "suppressed": 2}
    assert [(finding.rule, finding.place) for finding in result.findings] == [
        ("Base64 High Entropy String", "src/a.py:1"),
        ("Secret Keyword", "src/a.py:1"),
        ("Base64 High Entropy String", "src/b.py:3"),
    ]
    assert (result.examined.count, result.examined.excluded) == (3, 2)
    assert result.examined.details == (("binary", 1),)
    assert result.canary == "8 of 8 made-up secrets in each of 3 planted files"
    assert result.notes == (
        "2 silenced by a pragma or a pattern: `src/b.py:2`",
        "not scanned, by detect-secrets' filters on names: `uv.lock`",
    )


def test_only_files_with_results_and_a_pragma_are_scanned_again(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    run(ctx)

    first, second, third = ctx.runs
    assert first[-5:] == ("./logo.dat", "./src/a.py", "./src/b.py", "./src/c.py", "./uv.lock")
    assert sum(word.startswith("--disable-filter=") for word in first) == 4
    assert second[1] == "-C"
    assert [word for word in third if word.startswith("./")] == ["./src/b.py"]
    assert not any(word.startswith("--disable-filter=") for word in third)


def test_no_digest_and_no_secret_is_left_behind(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    result = run(ctx)

    digests = {
        entry["hashed_secret"]
        for entries in json.loads(BARE[0])["results"].values()
        for entry in entries
    }
    left = [path.read_bytes().decode() for path in ctx.out.iterdir()]
    assert len(left) == len(("witness", "kept report", *ctx.runs, *ctx.runs))
    assert not [text for text in left for digest in digests if digest in text]
    assert not [digest for digest in digests if digest in repr(result)]
    kept = json.loads((ctx.out / "detect-secrets.json").read_bytes())
    assert kept["results"]["src/b.py"][0]["fingerprint"] == result.findings[2].fingerprint
    assert kept["examined"] == ["src/a.py", "src/b.py", "src/c.py"]


def test_a_report_is_overwritten_where_the_scan_fails(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    answered(ctx, "detect-secrets scan", BARE[0], b"read src/a.py\0rea")

    with pytest.raises(OutputUnreadable, match="cut off"):
        run(ctx)
    assert b"hashed_secret" not in (ctx.out / "scan-1.json").read_bytes()


def test_outside_git_there_is_no_result(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, FILES)

    with pytest.raises(StageError, match="this folder is in none") as caught:
        run(ctx)
    assert caught.value.problem.slug == "no-repository"
    assert not ctx.runs


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.missing.add("detect-secrets")

    with pytest.raises(ToolMissing):
        run(ctx)


def test_no_file_is_no_result(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    with pytest.raises(StageError, match="no file that could be scanned"):
        run(ctx, exclude=("src", "uv.lock", "logo.dat"))
    assert not ctx.runs


def test_no_file_that_was_read_is_no_result(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"uv.lock": ""})
    answered(ctx, FIRST, EMPTY, b"undecoded logo.dat\0")
    answered(ctx, CANARY, canary(), SEEN)

    with pytest.raises(StageError, match="no file that could be scanned"):
        run(ctx)


def test_settings_that_nothing_was_written_over_are_no_report(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("detect-secrets", "scan")

    with pytest.raises(OutputUnreadable, match=r"generated_at|older than the stage"):
        run(ctx)


@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_report_that_is_cut_off_is_unreadable(tmp_path: Path, cut: int) -> None:
    ctx = project(tmp_path)
    answered(ctx, FIRST, BARE[0][:cut], b"")

    with pytest.raises(OutputUnreadable):
        run(ctx)


def test_results_without_a_word_of_the_filter_are_a_contradiction(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    answered(ctx, FIRST, BARE[0], b"")

    with pytest.raises(OutputUnreadable, match="did not read"):
        run(ctx)


def test_a_second_scan_that_reads_nothing_silences_nothing(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    answered(ctx, "detect-secrets scan", EMPTY, b"undecoded src/b.py\0")
    answered(ctx, FIRST, *BARE)
    answered(ctx, CANARY, canary(), SEEN)

    with pytest.raises(OutputUnreadable, match="the second scan"):
        run(ctx)


def test_a_complaint_of_the_scanner_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    complaint = b"[scan]\tERROR\tUnable to load plugins!\n"
    answered(ctx, FIRST, *BARE, stderr=complaint)

    with pytest.raises(StageError, match="Unable to load plugins!"):
        run(ctx)


def test_a_scanner_that_finds_nothing_planted_is_blind(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    answered(ctx, CANARY, EMPTY, SEEN)

    with pytest.raises(StageError, match="the scanner is blind") as caught:
        run(ctx)
    assert caught.value.problem.slug == "scanner-blind"


def test_a_canary_that_was_not_read_proves_nothing(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    answered(ctx, CANARY, canary(), b"")

    with pytest.raises(StageError, match="the scanner is blind"):
        run(ctx)


@pytest.mark.parametrize("records", [3, 5])
def test_files_that_were_passed_over_without_a_reason_are_an_error(
    tmp_path: Path, records: int
) -> None:
    ctx = project(tmp_path)
    seen = b"".join(part + b"\0" for part in BARE[1].split(b"\0")[:records])
    answered(ctx, FIRST, EMPTY, seen)

    with pytest.raises(StageError, match="no filter of its own tells why"):
        run(ctx)


def test_an_old_report_is_none(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    def does(argv: tuple[str, ...]) -> None:
        written(ctx, *BARE)(argv)
        os.utime(ctx.out / "scan-1.json", (1, 1))

    ctx.answer(*FIRST.split(), does=does)

    with pytest.raises(OutputUnreadable, match="is older than the stage"):
        run(ctx)


def test_a_detector_that_does_not_see_its_canary_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    answered(ctx, CANARY, canary("Secret Keyword"), SEEN)

    result = run(ctx)

    assert result.canary == "7 of 8 made-up secrets in each of 3 planted files"
    assert result.notes[-1] == "what was planted is not seen by `KeywordDetector`"


def test_the_canary_lies_outside_and_is_not_examined(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    result = run(ctx)

    paths = [Path(word) for word in ctx.runs[1][-3:]]
    texts = {path.name: path.read_bytes() for path in paths}
    assert texts == planted_secrets.sources(planted_secrets.KNOWN)
    assert not paths[0].is_relative_to(ctx.root)
    assert ctx.runs[1][1:3] == ("-C", str(paths[0].parent))
    assert "--disable-filter=detect_secrets.filters.regex.should_exclude_file" in ctx.runs[1]
    assert not [finding for finding in result.findings if "canary" in finding.path]


def test_what_is_excluded_is_left_out_and_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    answered(ctx, FIRST, EMPTY, read("src/c.py"))
    answered(ctx, CANARY, canary(), SEEN)

    result = run(ctx, exclude=("src/[ab].py", "gone", "logo.dat"))

    assert [word for word in ctx.runs[0] if word.startswith("./")] == ["./src/c.py", "./uv.lock"]
    assert (result.examined.count, result.examined.excluded) == (1, 4)
    assert result.notes[0] == "`exclude`: `gone` matches nothing"
    told = "not scanned, by `exclude` or as the baseline: `logo.dat`, `src/a.py`, `src/b.py`"
    assert result.notes[-1] == told


def test_text_that_the_tool_passes_over_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("logo.dat", "café".encode("latin-1"))

    with pytest.raises(StageError, match=r"`logo\.dat` is text but no UTF-8") as caught:
        run(ctx)
    assert caught.value.problem.place == "logo.dat"


def test_a_file_that_could_not_be_opened_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    seen = BARE[1] + b"unread uv.lock\0"
    answered(ctx, FIRST, BARE[0], seen)
    answered(ctx, CANARY, canary(), SEEN)

    with pytest.raises(StageError, match=r"`uv\.lock` could not be opened"):
        run(ctx)


def audited(*, is_secret: bool | None, **members: object) -> str:
    whole: dict[str, object] = json.loads(recorded(f"{DATA}/baseline.json"))
    results = whole["results"]
    assert isinstance(results, dict)
    for entry in results["src/a.py"]:
        entry["is_secret"] = is_secret
    return json.dumps({**whole, **members})


def based(folder: Path, text: str) -> FakeContext:
    """A project with a baseline; its second scan finds all that the first found."""
    ctx = project(folder, {**FILES, "base.json": text})
    answered(
        ctx,
        "detect-secrets scan ./src/a.py ./src/b.py",
        BARE[0],
        read("src/a.py", "src/b.py"),
    )
    answered(ctx, FIRST, *BARE)
    answered(ctx, CANARY, canary(), SEEN)
    return ctx


def test_what_an_audit_calls_no_secret_is_allowed_and_told(tmp_path: Path) -> None:
    ctx = based(tmp_path, audited(is_secret=False))

    result = run(ctx, baseline="base.json")

    assert metrics_of(result) == {"secrets": 3, "allowed": 2, "suppressed": 0}
    assert {finding.path for finding in result.findings} == {"src/b.py"}
    assert "2 no secret, by the baseline's audit: `src/a.py:1`" in result.notes
    assert "./base.json" not in ctx.runs[0]
    assert not any("--force-use-all-plugins" in call for call in ctx.runs)


def test_a_baseline_that_nobody_audited_allows_nothing(tmp_path: Path) -> None:
    ctx = based(tmp_path, audited(is_secret=None))

    result = run(ctx, baseline="base.json")

    assert metrics_of(result)["secrets"] == 5
    assert any("without an audit" in note for note in result.notes)


def test_a_baseline_that_is_not_named_is_not_obeyed(tmp_path: Path) -> None:
    ctx = project(tmp_path, {**FILES, ".secrets.baseline": audited(is_secret=False)})
    answered(ctx, FIRST, BARE[0], BARE[1] + read(".secrets.baseline"))
    answered(ctx, CANARY, canary(), SEEN)

    result = run(ctx)

    assert metrics_of(result)["allowed"] == 0
    assert "./.secrets.baseline" in ctx.runs[0]
    assert result.notes[0].startswith("`.secrets.baseline` is not obeyed")


def test_a_named_baseline_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"`base\.json` is not there"):
        run(project(tmp_path), baseline="base.json")


@pytest.mark.parametrize("detectors", [[], [{"name": "IPPublicDetector"}]])
def test_a_baseline_without_a_known_detector_is_blind(tmp_path: Path, detectors: object) -> None:
    ctx = based(tmp_path, audited(is_secret=None, plugins_used=detectors))

    with pytest.raises(StageError, match="no planted secret can prove") as caught:
        run(ctx, baseline="base.json")
    assert caught.value.problem.slug == "scanner-blind"
    assert not ctx.runs


def test_a_baseline_with_a_filter_of_its_own_is_refused(tmp_path: Path) -> None:
    filters = [{"path": "file://hide.py::everything"}]
    ctx = based(tmp_path, audited(is_secret=None, filters_used=filters))

    with pytest.raises(StageError, match="a filter of its own"):
        run(ctx, baseline="base.json")


def test_fingerprints_in_the_waivers_are_no_secrets(tmp_path: Path) -> None:
    name = "0123456789abcdef" * 2
    ctx = project(tmp_path, {"src/c.py": "", ".gates/waivers.yaml": f"- finding: {name}\n"})
    digest = sha1(name.encode(), usedforsecurity=False).hexdigest()
    own = {"type": "Hex High Entropy String", "hashed_secret": digest, "line_number": 1}
    other = {**own, "type": "Secret Keyword"}
    whole: dict[str, object] = json.loads(EMPTY)
    report = json.dumps({**whole, "results": {".gates/waivers.yaml": [own, other]}}).encode()
    answered(ctx, FIRST, report, read("src/c.py", ".gates/waivers.yaml") + b"undecoded logo.dat\0")
    answered(ctx, CANARY, canary(), SEEN)

    result = run(ctx)

    assert metrics_of(result) == {"secrets": 1, "allowed": 0, "suppressed": 0}
    assert result.findings[0].rule == "Secret Keyword"


def touching(*paths: str, note: str = "") -> Change:
    base = Base("0" * 40, "named", note)
    return Change(base, {path: ChangedFile(path, "M", ((1, 1),)) for path in paths})


def test_of_a_change_only_what_it_touches_is_scanned(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.difference = touching("src/c.py", "src/deleted.py", note="the clone is shallow")
    answered(ctx, FIRST, EMPTY, read("src/c.py"))
    answered(ctx, CANARY, canary(), SEEN)

    result = run(ctx, changed=True)

    assert ctx.runs[0][-1] == "./src/c.py"
    assert metrics_of(result) == {"secrets": 0, "allowed": 0, "suppressed": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 0)
    assert result.notes == ("the clone is shallow",)


def test_a_change_that_touches_nothing_leaves_the_gate_unaffected(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.difference = touching()

    result = run(ctx, changed=True)

    assert (result.metrics, result.examined.count) == ((), 5)
    assert {entry.metric for entry in result.not_applicable} == {
        spec.name for spec in DetectSecrets.metrics
    }
    assert not ctx.runs


def test_a_change_of_a_binary_file_alone_is_told_and_proved(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.difference = touching("logo.dat")
    answered(ctx, FIRST, EMPTY, b"undecoded logo.dat\0")
    answered(ctx, CANARY, canary(), SEEN)

    result = run(ctx, changed=True)

    assert result.canary
    assert result.not_applicable[0].reason.endswith("touches no file that is scanned: `logo.dat`")


def test_the_filter_is_planted_where_its_own_place_cannot_be_named(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.out = tmp_path / "c#"
    ctx.out.mkdir()

    run(ctx)

    (word,) = (word for word in ctx.runs[0] if word.startswith("--filter="))
    assert "#" not in word
    assert "gates_witness.py::see" in word


def test_processors_are_counted_where_the_system_cannot_tell_which_are_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    ctx = project(tmp_path)

    run(ctx)

    assert "--cores=7" in ctx.runs[0]


def test_inputs_are_all_files(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    found = DetectSecrets(DetectSecretsOptions()).inputs(ctx)

    assert found == ("logo.dat", "src/a.py", "src/b.py", "src/c.py", "uv.lock")


def test_what_is_no_file_of_the_project_is_told_and_counted(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    (ctx.root / "link").symlink_to("src/a.py")
    in_git(ctx.write("nested/d.py").parent)

    result = run(ctx)

    assert (result.examined.count, result.examined.excluded) == (3, 4)
    assert result.notes[-2:] == (
        "not scanned, as links: `link`",
        "not scanned, as repositories of their own: `nested`",
    )


def withhold(root: Path, name: str) -> None:
    """Let git leave out a tracked file, as in a sparse checkout."""
    for words in (("add", name), ("update-index", "--skip-worktree", name)):
        subprocess.run(["/usr/bin/env", "git", *words], cwd=root, check=True)
    (root / name).unlink()


def test_a_file_that_is_not_checked_out_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("src/d.py", PLAIN)
    withhold(ctx.root, "src/d.py")

    with pytest.raises(StageError, match=r"`src/d\.py` is in version control and not checked out"):
        run(ctx)
    assert not ctx.runs
    assert run(ctx, exclude=("src/d.py",)).metrics


def test_a_file_that_was_deleted_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("src/d.py", PLAIN)
    subprocess.run(["/usr/bin/env", "git", "add", "src/d.py"], cwd=ctx.root, check=True)
    (ctx.root / "src/d.py").unlink()

    assert "tracked, and deleted since: `src/d.py`" in run(ctx).notes


@pytest.mark.parametrize("form", planted_secrets.FILES)
def test_a_canary_whose_text_was_not_scanned_proves_nothing(tmp_path: Path, form: str) -> None:
    ctx = project(tmp_path)
    told = SEEN.replace(b"forms 2 %s/%s\0" % (PLANTED, form.encode()), b"")
    answered(ctx, CANARY, canary(), told)

    with pytest.raises(StageError, match="not proved that detect-secrets scanned the whole text"):
        run(ctx)


@pytest.mark.parametrize("form", planted_secrets.FILES)
def test_a_canary_that_is_found_in_two_of_three_files_is_none(tmp_path: Path, form: str) -> None:
    ctx = project(tmp_path)
    whole: dict[str, dict[str, object]] = json.loads(canary())
    del whole["results"][form]
    answered(ctx, CANARY, json.dumps(whole).encode(), SEEN)

    with pytest.raises(StageError, match="the scanner is blind"):
        run(ctx)


def test_a_fingerprint_is_computed_once_for_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[object] = []
    one = hashlib.pbkdf2_hmac

    def counting(*given: object) -> bytes:
        computed.append(given)
        return one(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)

    assert len(run(project(tmp_path)).findings) == len(computed) == 3


@dataclass(slots=True)
class LiveInGit(LiveContext):
    """Real programs, and the files that git lists."""

    def files(self, *patterns: str) -> tuple[str, ...]:
        return find_files(self.root, patterns)


def live(folder: Path, files: Mapping[str, str]) -> LiveInGit:
    plain = live_context(folder, files)
    in_git(plain.root)
    return LiveInGit(root=plain.root, out=plain.out, timeout_s=120)


@pytest.mark.live
def test_live_secrets_silenced_ones_and_files_that_are_passed_over(tmp_path: Path) -> None:
    ctx = live(
        tmp_path,
        {
            "a.py": PLAIN,
            "b.py": SILENCED,
            "-v.py": "",
            'odd\n"name.py': PLAIN,
            "swagger/c.py": PLAIN,
            "uv.lock": PLAIN,
            "ignored.py": PLAIN,
            ".gitignore": "ignored.py\n",
        },
    )
    ctx.write("logo.dat", b"\0\xff")

    result = run(ctx)

    assert metrics_of(result) == {"secrets": 4, "allowed": 0, "suppressed": 2}
    assert {finding.path for finding in result.findings} == {"a.py", 'odd\n"name.py'}
    assert (result.examined.count, result.examined.excluded) == (5, 3)
    assert result.canary == "8 of 8 made-up secrets in each of 3 planted files"
    assert result.notes[-1].endswith("filters on names: `swagger/c.py`, `uv.lock`")
    digest = sha1(MADE_UP.encode(), usedforsecurity=False).hexdigest()
    kept = b"".join(path.read_bytes() for path in ctx.out.iterdir()).decode()
    assert not [word for word in (digest, MADE_UP) if word in kept or word in repr(result)]


@pytest.mark.live
def test_live_a_baseline_whose_patterns_hide_everything_is_blind(tmp_path: Path) -> None:
    pattern = {"path": "detect_secrets.filters.regex.should_exclude_secret", "pattern": [".*"]}
    base = {
        "version": "1.5.0",
        "plugins_used": [{"name": "KeywordDetector"}],
        "filters_used": [pattern],
        "results": {},
    }
    ctx = live(tmp_path, {"a.py": PLAIN, "base.json": json.dumps(base)})

    with pytest.raises(StageError, match="the scanner is blind"):
        run(ctx, baseline="base.json")


@pytest.mark.live
def test_live_a_baseline_is_obeyed_and_its_paths_do_not_blind(tmp_path: Path) -> None:
    digest = sha1(MADE_UP.encode(), usedforsecurity=False).hexdigest()
    entry = {"type": "Secret Keyword", "hashed_secret": digest, "is_secret": False}
    base = {
        "version": "1.5.0",
        "plugins_used": [{"name": "KeywordDetector"}, {"name": "HexHighEntropyString", "limit": 8}],
        "filters_used": [
            {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^(?!a)"]},
            {"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": ["quiet"]},
        ],
        "results": {"a.py": [entry]},
    }
    text = f"{PLAIN}pass{'word'} = 'quiet-{MADE_UP}'\n"
    ctx = live(tmp_path, {"a.py": text, "b.py": PLAIN, "base.json": json.dumps(base)})

    result = run(ctx, baseline="base.json")

    assert metrics_of(result) == {"secrets": 0, "allowed": 1, "suppressed": 1}
    assert result.examined.count == 1
    assert result.canary == "1 of 2 made-up secrets in each of 3 planted files"
    assert json.loads((ctx.root / "base.json").read_text()) == base


@pytest.mark.live
def test_live_what_the_tools_own_readers_lose_is_found(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLQ"
    plain = "hunter2" + "hunterXyz9Qk"
    word = f"pass{'word'}"
    files = {
        "a.ini": f"[DEFAULT]\nregion = eu\n[db]\naws_key = {key}\n{word} = {plain}\n",
        "b.ini": f"[a]\nhome = /srv\nlog = %(home)s/log\n{word} = {plain}\naws = {key}\n",
        "c.conf": f"[DEFAULT]\nv = 1\n\n[d]\nc = mysql://n:{plain}@db.example/n\n",
        "d.cnf": f"[client]\nport = 3306\nuser\t\t= root\n{word}\t= {plain}\n",
        "e.yaml": f"a: b\n# aws_access_key_id: {key}\nno_{word}: true\n{word}: {plain} # x\n",
        "f.toml": f"# aws {key}\n[tool.x]\nname = 'x'\n",
        "g.service": f"[Unit]\n# {key}\nDescription=x\n",
        "h.env": f"# {key}\n{word}={plain}\n",
        "i.ini": f"[DEFAULT]\nv = 1\n[d]\nsalt = {sha1(b'x', usedforsecurity=False).hexdigest()}\n",
    }

    result = run(live(tmp_path, files))

    assert {(found.path, found.line, found.rule.split()[0]) for found in result.findings} == {
        ("a.ini", 4, "AWS"),
        ("a.ini", 5, "Secret"),
        ("b.ini", 4, "Secret"),
        ("b.ini", 5, "AWS"),
        ("c.conf", 5, "Basic"),
        ("d.cnf", 4, "Secret"),
        ("e.yaml", 2, "AWS"),
        ("e.yaml", 4, "Secret"),
        ("f.toml", 1, "AWS"),
        ("g.service", 2, "AWS"),
        ("h.env", 1, "AWS"),
        ("h.env", 2, "Secret"),
        ("i.ini", 4, "Hex"),
    }
    assert len(result.findings) == 13
    assert result.canary == "8 of 8 made-up secrets in each of 3 planted files"


@pytest.mark.live
def test_live_settings_of_detectors_that_hide_are_told(tmp_path: Path) -> None:
    base = {
        "version": "1.5.0",
        "plugins_used": [
            {"name": "KeywordDetector", "keyword_exclude": "quiet"},
            {"name": "HexHighEntropyString", "limit": 3.99},
            {"name": "Base64HighEntropyString", "limit": 5.99},
        ],
        "filters_used": [],
        "results": {},
    }
    text = f"pass{'word'} = '{MADE_UP}'  # quiet\n"
    ctx = live(tmp_path, {"a.py": text, "base.json": json.dumps(base)})

    result = run(ctx, baseline="base.json")

    assert metrics_of(result) == {"secrets": 0, "allowed": 0, "suppressed": 1}
    assert result.canary == "1 of 3 made-up secrets in each of 3 planted files"
    assert sum("above the tool's own" in note for note in result.notes) == 2
    unseen = "what was planted is not seen by `Base64HighEntropyString`, `HexHighEntropyString`"
    assert result.notes[-1] == unseen


@pytest.mark.live
def test_live_limits_that_no_key_reaches_are_blind(tmp_path: Path) -> None:
    limits = [{"name": "HexHighEntropyString", "limit": 3.99}]
    base = {"version": "1.5.0", "plugins_used": limits, "filters_used": [], "results": {}}
    ctx = live(tmp_path, {"a.py": PLAIN, "base.json": json.dumps(base)})

    with pytest.raises(StageError, match="the scanner is blind"):
        run(ctx, baseline="base.json")


@pytest.mark.live
def test_live_text_of_two_bytes_to_a_letter_is_an_error(tmp_path: Path) -> None:
    ctx = live(tmp_path, {"a.py": ""})
    ctx.write("wide.txt", PLAIN.encode("utf-16-le"))

    with pytest.raises(StageError, match=r"`wide\.txt` is text but no UTF-8"):
        run(ctx)


@pytest.mark.live
def test_live_a_lone_name_with_a_backslash_and_waivers(tmp_path: Path) -> None:
    name = sha1(b"a finding", usedforsecurity=False).hexdigest()[:32]
    ctx = live(tmp_path, {"a\\b.py": PLAIN, ".gates/waivers.yaml": f"- finding: {name}\n"})
    ctx.difference = touching("a\\b.py")

    lone, whole = run(ctx, changed=True), run(ctx)

    assert metrics_of(lone)["secrets"] == metrics_of(whole)["secrets"] == 2
    assert {finding.path for finding in whole.findings} == {"a\\b.py"}
    assert (lone.examined.count, whole.examined.count) == (1, 2)


@pytest.mark.live
def test_live_a_program_that_says_nothing(tmp_path: Path) -> None:
    ctx = live(tmp_path, {"a.py": PLAIN})
    ctx.stand_in("detect-secrets", "exit 0")

    with pytest.raises(OutputUnreadable, match=r"generated_at|older than the stage"):
        run(ctx)


def given(folder: Path, log: bytes, **options: object) -> StageResult:
    """What the stage makes of the recorded report and a log beside it."""
    files = {"src/a.py": PLAIN, "src/b.py": '"""B."""\n', ".gitignore": "", "package-lock.json": ""}
    plain = fake_context(folder, files)
    in_git(plain.root)
    ctx = InGit(root=plain.root, out=plain.out)
    ctx.write("logo.dat", b"\x89PNG\0\xff")
    ctx.write("given/x.json", recorded(f"{DATA}/given.json"))
    ctx.write("given/x.log", log)
    plain_options = {"report": ["given/x.json"], "log": "given/x.log", **options}
    stage = DetectSecrets(DetectSecretsOptions.from_plain(plain_options))
    stage.check()
    return stage.measure(ctx)


def test_a_given_report_is_judged_beside_its_log(tmp_path: Path) -> None:
    result = given(tmp_path, recorded(f"{DATA}/given.log"))

    assert metrics_of(result) == {"secrets": 1, "allowed": 0}
    assert (result.examined.count, result.tool.version) == (3, "1.5.0")
    assert any("nothing was planted" in note for note in result.notes)
    assert not result.canary


def test_a_given_report_must_be_of_each_file(tmp_path: Path) -> None:
    log = recorded(f"{DATA}/given.log").replace(b"src/b.py", b"src/z.py")

    with pytest.raises(StageError, match=r"read `src/b\.py`"):
        given(tmp_path, log)


def test_a_file_that_is_excluded_need_not_be_in_the_log(tmp_path: Path) -> None:
    log = recorded(f"{DATA}/given.log").replace(b"src/b.py", b"src/z.py")

    result = given(tmp_path, log, exclude=["src/b.py"])

    assert result.examined.count == 2


def test_a_given_report_needs_a_repository(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"given/x.json": "{}"})
    options = DetectSecretsOptions(report=("given/x.json",), log="given/x.log")

    with pytest.raises(StageError, match="this folder is in none"):
        DetectSecrets(options).measure(ctx)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"report": ["x.json"]}, "need each other; both are written by `detect-secrets -v scan"),
        ({"log": "x.log"}, "need each other"),
        ({"report": ["x.json"], "log": "x.log", "changed": True}, "`changed` chooses"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DetectSecrets(DetectSecretsOptions.from_plain(options)).check()


def test_what_a_report_does_not_tell_is_no_metric_of_it() -> None:
    stage = DetectSecrets(DetectSecretsOptions(report=("x.json",), log="x.log"))

    assert [spec.name for spec in stage.specs()] == ["secrets", "allowed"]
    assert DetectSecrets(DetectSecretsOptions()).specs() == DetectSecrets.metrics
