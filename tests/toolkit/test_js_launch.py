from __future__ import annotations

from pathlib import Path

from gates.toolkit import js_launch


def test_each_run_has_its_own_reporter_and_record(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
    one, two = (
        js_launch.prepare(folder, name="reporter.mjs", text="// the reporter\n")
        for folder in (first, second)
    )
    text = one.reporter.read_text()
    assert text.startswith('const SETTINGS = {"format": 1, "nonce": "')
    assert one.nonce in text
    assert str(one.record) in text
    assert text.endswith("// the reporter\n")
    assert one.nonce != two.nonce
    assert one.reporter.name != two.reporter.name
    assert not one.record.exists()
    assert (one.report, one.coverage) == (first / "report.json", first / "coverage")
    assert one.sequencer is None
    assert one.reporter.with_name("package.json").read_text() == "{}"


def test_a_planted_test_has_a_run_of_its_own(tmp_path: Path) -> None:
    canary = tmp_path / "a.test.js"
    launch = js_launch.prepare(tmp_path, name="reporter.js", text="// it\n", canary=canary)
    assert launch.report == tmp_path / "canary" / "report.json"
    assert launch.sequencer is not None
    for file in (launch.reporter, launch.sequencer):
        assert f'"canary": "{canary}"' in file.read_text()
    assert "SETTINGS.canary" in launch.sequencer.read_text()


def test_paths_become_patterns_that_match_them() -> None:
    assert js_launch.as_globs(("src/a.ts", "src/[id]/{b}.ts")) == ("src/a.ts", "src/?id?/?b?.ts")


def test_documents_do_not_matter_where_no_test_reads_them() -> None:
    files = ("README.md", "docs/a.md", "docs/conf.ts", "src/a.ts", "tests/case.md", "package.json")
    assert js_launch.inputs_of_tests(files) == (
        "docs/conf.ts",
        "src/a.ts",
        "tests/case.md",
        "package.json",
    )
