from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of

from gates.formats import secretlint_canary
from gates.formats.secretlint_result import IGNORE
from gates.plugin import OutputUnreadable, StageError, StageResult
from gates.stages.secretlint import UNLISTED, Secretlint, SecretlintOptions

TOKEN = "hunter2hunter2"
KINDS = tuple(secretlint_canary.secrets())
PRESET = '{"rules": [{"id": "@secretlint/secretlint-rule-preset-recommend"}]}'
Answer = Callable[[tuple[str, ...]], None]


def found(path: str, text: str, *kinds: str) -> dict[str, object]:
    """An entry of the report; the secrets are the text's first signs."""
    messages = [
        {
            "ruleId": "rule",
            "messageId": kind,
            "severity": "error",
            "range": [0, len(TOKEN)],
            "loc": {"start": {"line": 1, "column": 0}},
        }
        for kind in kinds
    ]
    plain = {"filePath": path, "sourceContentType": "text", "sourceContent": text}
    return {**plain, "messages": messages}


def binary(path: str) -> dict[str, object]:
    return {"filePath": path, "sourceContentType": "binary", "messages": []}


def scanning(root: Path, *, blind: tuple[str, ...] = (), skipped: tuple[str, ...] = ()) -> Answer:
    """A secretlint that finds `TOKEN` at the start of a text, and takes `.png` for binary."""

    def scan(argv: tuple[str, ...]) -> None:
        (output,) = (word.partition("=")[2] for word in argv if word.startswith("--output="))
        names = [word for word in argv[1:] if not word.startswith("--")]
        entries = []
        for name in names:
            path = root / name
            if path.name.startswith(".secretlint") or path.name in skipped:
                continue
            text = path.read_bytes().decode("utf-8", "replace")
            kinds = ["TOKEN"] if text.startswith(TOKEN) else []
            if path.name == secretlint_canary.FILE:
                kinds = [kind for kind in KINDS if kind not in blind]
            is_binary = path.suffix in {".png", ".dat"}
            entries.append(binary(str(path)) if is_binary else found(str(path), text, *kinds))
        Path(output).write_text(json.dumps(entries), encoding="utf-8")

    return scan


def project(folder: Path, files: Mapping[str, str | bytes] | None = None) -> FakeContext:
    ctx = fake_context(folder)
    every = {"src/a.ts": f"{TOKEN}\n", "src/b.ts": "plain\n", ".secretlintrc.json": PRESET}
    for path, data in {**every, **(files or {})}.items():
        ctx.write(path, data)
    subprocess.run(["/usr/bin/env", "git", "init", "--quiet"], cwd=ctx.root, check=True)
    ctx.answer("secretlint", "--format=json", does=scanning(ctx.root))
    return ctx


def run(
    ctx: FakeContext, *, exclude: tuple[str, ...] = (), report: tuple[str, ...] = ()
) -> StageResult:
    return Secretlint(SecretlintOptions(exclude=exclude, report=report)).measure(ctx)


def test_a_secret_is_found_and_never_kept(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"logo.dat": b"\0\1\xff"})

    result = run(ctx)

    assert metrics_of(result) == {"secrets": 1, "suppressed": 0}
    (finding,) = result.findings
    assert (finding.place, len(finding.fingerprint)) == ("src/a.ts:1:1", 32)
    assert (result.examined.count, result.examined.excluded) == (3, 1)
    assert result.canary == "6 of 6 made-up secrets in a planted file"
    kept = b"".join(path.read_bytes() for path in ctx.out.iterdir()).decode()
    assert TOKEN not in kept
    assert TOKEN not in repr(result)
    assert sorted(path.name for path in ctx.out.iterdir()) == [
        "scan-1.json", "scan-2.json", "secretlint.json",
    ]  # fmt: skip


def test_files_are_handed_over_by_name_and_the_canary_without_the_list(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    run(ctx)

    first, second = ctx.runs
    config = f"--secretlintrc={ctx.root}/.secretlintrc.json"
    assert first[1:] == (
        "--format=json", f"--output={ctx.out}/scan-1.json", "--no-glob", config,
        "./.secretlintrc.json", "./src/a.ts", "./src/b.ts",
    )  # fmt: skip
    assert second[4:6] == (config, UNLISTED)
    assert second[6].endswith(secretlint_canary.FILE)
    assert len(second) == 8  # a copy of the configuration, which is passed over under its own name


def test_a_text_by_the_name_of_a_picture_is_looked_at_as_a_copy(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"b.png": f"{TOKEN}\n", "c.png": b"\x89PNG\0\xff\1\2"})

    result = run(ctx)

    assert {each.path for each in result.findings} == {"src/a.ts", "b.png"}
    assert result.examined.details == (("binary", 1),)


def test_what_the_list_of_ignored_files_hides_is_counted(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"kept.txt": f"{TOKEN}\n", IGNORE: "kept.txt\n"})
    ctx.answer("secretlint", does=scanning(ctx.root, skipped=("kept.txt",)))

    result = run(ctx)

    assert metrics_of(result) == {"secrets": 1, "suppressed": 1}
    assert f"not scanned, by {IGNORE}: `kept.txt`" in result.notes


def test_a_file_that_nothing_explains_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("secretlint", does=scanning(ctx.root, skipped=("b.ts",)))

    with pytest.raises(StageError, match=r"did not look at `src/b\.ts`") as caught:
        run(ctx)
    assert caught.value.problem.slug == "file-passed-over"


def test_a_copy_that_is_not_looked_at_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("secretlint", does=scanning(ctx.root, skipped=("copy-0.txt",)))

    with pytest.raises(OutputUnreadable, match=r"copies of `\.secretlintrc\.json`"):
        run(ctx)


def test_rules_that_find_nothing_planted_are_blind(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("secretlint", does=scanning(ctx.root, blind=KINDS))

    with pytest.raises(StageError, match="secretlint is blind") as caught:
        run(ctx)
    assert caught.value.problem.slug == "scanner-blind"


def test_a_kind_that_the_rules_do_not_see_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("secretlint", does=scanning(ctx.root, blind=("GITHUB_TOKEN",)))

    result = run(ctx)

    assert result.canary == "5 of 6 made-up secrets in a planted file"
    assert result.notes == ("the rules are blind to `GITHUB_TOKEN`: planted, and not found",)


def test_a_list_that_hides_all_but_the_settings_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path, {IGNORE: "**\n"})
    ctx.answer("secretlint", does=scanning(ctx.root, skipped=("a.ts", "b.ts")))

    with pytest.raises(StageError, match="no file of the project, but for its own settings"):
        run(ctx)


def test_a_file_that_it_was_not_given_is_a_contradiction(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    def other(argv: tuple[str, ...]) -> None:
        (output,) = (word.partition("=")[2] for word in argv if word.startswith("--output="))
        Path(output).write_text(json.dumps([found(f"{ctx.root}/z.ts", "plain")]))

    ctx.answer("secretlint", does=other)

    with pytest.raises(OutputUnreadable, match=r"was not given: `z\.ts`"):
        run(ctx)


def test_a_scan_that_writes_nothing_is_an_error_and_leaves_no_text(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("secretlint")

    with pytest.raises(OutputUnreadable):
        run(ctx)
    assert (ctx.out / "scan-1.json").read_bytes() == b"[]\n"


def test_text_that_is_no_utf_8_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"wide.txt": "a text\n".encode("utf-16")})

    with pytest.raises(StageError, match=r"`wide\.txt` is text but no UTF-8"):
        run(ctx)
    assert run(ctx, exclude=("wide.txt",)).metrics


def test_what_is_excluded_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    (ctx.root / "link").symlink_to("nowhere")

    result = run(ctx, exclude=("src/a.ts", "nothing"))

    assert metrics_of(result)["secrets"] == 0
    assert result.examined.excluded == 2
    assert result.notes == (
        "`exclude`: `nothing` matches nothing",
        "not scanned, by `exclude`: `src/a.ts`",
        "not scanned, as links: `link`",
        "a large share is not scanned: 2 of 4 files are left out",
    )
    with pytest.raises(StageError, match="no file that could be scanned"):
        run(ctx, exclude=(".",))


def test_a_file_that_was_deleted_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"gone.txt": "plain\n"})
    subprocess.run(["/usr/bin/env", "git", "add", "-A"], cwd=ctx.root, check=True)
    (ctx.root / "gone.txt").unlink()

    assert run(ctx).notes == ("tracked, and deleted since: `gone.txt`",)


def test_outside_of_git_nothing_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.txt": "plain\n"})

    with pytest.raises(StageError, match="this folder is in none"):
        run(ctx)


def test_without_a_configuration_no_rule_is_on(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"package.json": "{}"})
    (ctx.root / ".secretlintrc.json").unlink()

    with pytest.raises(StageError, match="has no configuration in the repository"):
        run(ctx)
    assert not ctx.runs


def test_the_configuration_may_stand_in_package_json(tmp_path: Path) -> None:
    ctx = project(tmp_path, {"package.json": f'{{"secretlint": {PRESET}}}'})
    (ctx.root / ".secretlintrc.json").unlink()

    run(ctx)

    assert not [word for argv in ctx.runs for word in argv if word.startswith("--secretlintrc=")]


def test_the_configuration_may_stand_above_in_the_repository(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    subprocess.run(["/usr/bin/env", "git", "init", "--quiet"], cwd=tmp_path, check=True)
    (ctx.root / ".secretlintrc.json").rename(tmp_path / ".secretlintrc.yaml")
    subprocess.run(["/usr/bin/env", "rm", "-r", f"{ctx.root}/.git"], check=True)

    run(ctx)

    assert f"--secretlintrc={tmp_path}/.secretlintrc.yaml" in ctx.runs[0]


def given(ctx: FakeContext, *entries: dict[str, object], name: str = "out/one.json") -> None:
    ctx.write(name, json.dumps(entries))


def of(ctx: FakeContext, path: str, *kinds: str) -> dict[str, object]:
    return found(f"{ctx.root}/{path}", (ctx.root / path).read_text(), *kinds)


def test_reports_of_an_earlier_step_are_parts_of_one_whole(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, of(ctx, "src/a.ts", "TOKEN"))
    given(ctx, of(ctx, "src/b.ts"), name="out/two.json")

    result = run(ctx, report=("out/*.json",))

    assert not ctx.runs
    assert metrics_of(result) == {"secrets": 1, "suppressed": 0}
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    told = "not scanned, by .secretlintignore or by secretlint itself: `.secretlintrc.json`"
    share = "a large share is not scanned: 1 of 3 files are left out"
    assert result.notes == (told, share)
    assert ctx.notes[0].startswith("no secret was planted for this report")
    assert result.canary == ""


def test_a_file_in_two_reports_is_a_contradiction(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, of(ctx, "src/a.ts"))
    given(ctx, of(ctx, "src/a.ts"), of(ctx, "src/b.ts"), name="out/two.json")

    with pytest.raises(OutputUnreadable, match=r"two reports looked at `src/a\.ts`"):
        run(ctx, report=("out/*.json",))


def test_a_report_that_leaves_a_file_out_is_an_error(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, of(ctx, "src/a.ts"))

    with pytest.raises(StageError, match=r"says nothing of `src/b\.ts`"):
        run(ctx, report=("out/one.json",))


def test_inputs_are_all_files(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    assert Secretlint(SecretlintOptions()).inputs(ctx) == (
        ".secretlintrc.json", "src/a.ts", "src/b.ts",
    )  # fmt: skip
