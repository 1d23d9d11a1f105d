from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from cli.conftest import KEPT, Gates
from cli.test_imports import Loading, heavy
from cli.test_report import in_terminal
from monorepos import monorepo, policy

from gates.cli.outputs import FORMATS, ROLLUP_FORMATS

SCHEMA = json.loads((files("gates.reports") / "rollup_v1.schema.json").read_text())


@pytest.fixture
def shop(gates: Gates) -> Gates:
    monorepo(gates.repo)
    return gates


def broken(shop: Gates) -> Gates:
    shop.repo.write("services/mail/gates.yaml", policy(("lint", "false")))
    shop.repo.commit()
    return shop


def last(shop: Gates) -> Path:
    runs = sorted((shop.repo.root / ".gates/local/runs").iterdir())
    return runs[-1] / "rollup.json"


def test_all_projects_that_pass_pass(shop: Gates) -> None:
    done = shop("check")
    assert (done.code, done.err) == (0, "")
    assert "services/api · Level 1 Automated · 2 gates" in done.out
    assert "services/mail (mailer) · Level 1 Automated · 1 gate\n" in done.out
    assert "passed · Level 1 · projects: 3 passed · " in done.out
    for project in ("services/api", "services/mail", "packages/core"):
        (folder,) = (shop.repo.root / project / ".gates/local/runs").iterdir()
        assert f"record {project}/.gates/local/runs/{folder.name}/run.json" in done.out


def test_one_that_fails_decides_and_the_others_are_judged(shop: Gates) -> None:
    done = broken(shop)("check", "--report", "json", "--report", "junit=out/junit.xml")
    assert done.code == 1
    document = json.loads(done.out)
    jsonschema.validate(document, SCHEMA)
    assert [each["verdict"] for each in document["projects"]] == ["passed", "failed", "passed"]
    assert document == json.loads(last(shop).read_text())
    assert "failed lint: exit_status is 1, required == 0" in done.err
    assert (shop.repo.root / "out/junit.xml").read_text().count("<testsuite ") == 3


def test_a_project_judged_alone_says_the_same(shop: Gates) -> None:
    document = json.loads(broken(shop)("check", "--report", "json").out)
    alone = json.loads(shop("-C", "services/mail", "check", "--report", "json").out)
    entry = document["projects"][1]
    again = ("verdict", "exit_code", "commit", "tree", "level")
    assert {name: entry[name] for name in again} == {name: alone[name] for name in again}


def test_own_gates_are_judged_first(shop: Gates) -> None:
    head = "project: shop\nprojects: [services/*, packages/core]\n"
    shop.policy(policy(("links", "true"), head=head))
    document = json.loads(shop("check", "--report", "json").out)
    assert document["projects"][0]["path"] == "."
    assert (last(shop).parent / "run.json").is_file()
    assert document["id"] == document["projects"][0]["run"]
    assert shop("explain", "links").out.startswith("shop passed")
    assert shop("explain", ".:links").code == 0


def test_every_format_renders_the_stored_rollup(shop: Gates) -> None:
    assert FORMATS.keys() == ROLLUP_FORMATS.keys()
    first = broken(shop)("check")
    console = shop("report", "console")
    assert console.out.splitlines()[-12:] == first.out.splitlines()[-12:]
    assert shop("report", "json").out == last(shop).read_text()
    assert "# failed · shop" in shop("report", "markdown").out
    assert (
        "services/mail"
        in shop("report", "junit", "-o", "x.xml").out + (shop.repo.root / "x.xml").read_text()
    )
    named = shop("report", "console", "--record", last(shop).parent.name, "-o", "x.txt")
    assert (named.code, named.err) == (0, "")
    kept = shop.repo.write("kept.json", last(shop).read_text())
    assert shop("report", "console", "--record", str(kept)).out.endswith(f"record {kept}\n")
    project = shop("-C", "services/mail", "report", "console")
    assert project.out.count("exit code") == 1


def test_a_record_that_was_touched_is_not_rendered(shop: Gates) -> None:
    shop("check")
    entry = json.loads(last(shop).read_text())["projects"][0]
    record = shop.repo.root / entry["record"]
    record.write_text(record.read_text() + " ")
    done = shop("report", "console")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[record-changed]: ")
    record.unlink()
    assert shop("report", "json").err.startswith("error[report-absent]: ")
    assert shop("explain").code == 3


def test_only_affected_projects_are_checked(shop: Gates) -> None:
    shop.repo.write("services/mail/requirements.txt", "httpx\n")
    done = shop("check", "--changed-from", "HEAD")
    assert done.code == 0
    assert "unaffected  services/api" in done.out
    assert "touches none of its 3 files" in done.out
    assert "projects: 1 passed, 2 unaffected" in done.out
    assert not (shop.repo.root / "services/api/.gates").exists()
    shop.repo.commit()
    calm = shop("check", "--changed-from", "HEAD")
    assert (calm.code, "projects: 3 unaffected" in calm.out) == (0, True)
    assert shop("check", "--changed-from", "nowhere").code == 3


def test_a_gate_of_one_project_is_partial(shop: Gates) -> None:
    done = broken(shop)("check", "--gate", "services/api:unit")
    assert done.code == 0
    assert "partial · Level 1 · projects: 1 partial, 2 skipped" in done.out
    assert shop("check", "--gate", "lint").code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "--gate", "unti"), "did you mean `unit`?"),
        (("check", "--gate", "service/api:lint"), "no project lies at `service/api`"),
        (("check", "--level", "2"), "packages/core/gates.yaml"),
        (("plan", "--level", "2"), "level 2 has no gates"),
    ],
)
def test_what_names_nothing_is_a_usage_error(
    shop: Gates, arguments: tuple[str, ...], words: str
) -> None:
    done = shop(*arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not (shop.repo.root / ".gates").exists()


def test_all_files_that_are_wrong_are_told_and_nothing_runs(shop: Gates) -> None:
    shop.repo.write("services/api/gates.yaml", "version: 1\nlevels: {1: [ruf]}\n")
    shop.repo.write("services/mail/gates.yaml", "version: 1\nprojects: [x]\n")
    shop.repo.write("packages/core/.gates/waivers.yaml", "version: 7\n")
    done = shop("check")
    assert (done.code, done.out) == (2, "")
    assert "services/api/gates.yaml:2:14" in done.err
    assert "error[nested-projects]: the project `services/mail`" in done.err
    assert "packages/core/" in done.err
    shop.policy("version: 1\nprojects: [nothing/*]\n")
    assert "gates.yaml:2:12" in shop("check").err


def test_a_planted_environment_of_one_stops_all(shop: Gates) -> None:
    shop.repo.write("services/mail/.venv/pyvenv.cfg", "")
    shop.repo.git("add", "-f", "services/mail/.venv")
    done = shop("check")
    assert (done.code, "error[planted]" in done.err) == (2, True)
    assert not (shop.repo.root / "services/api/.gates").exists()


def test_what_is_not_judged_is_told(shop: Gates) -> None:
    shop.repo.write("services/old/x", "")
    shop.repo.write("tools/x/gates.yaml", policy(("lint", "true")))
    shop.repo.commit()
    for words in (("check",), ("plan",), ("report", "markdown")):
        out = shop(*words).out
        assert "services/old" in out
        assert "tools/x" in out


def test_the_plan_lists_the_gates_of_each(shop: Gates) -> None:
    done = shop("plan", "--gate", "services/api:unit")
    assert done.code == 0
    assert "services/api · Level 1 Automated · 1 gate" in done.out
    assert "packages/core · not selected on the command line" in done.out
    assert "services/mail (mailer)" in shop("plan").out


def test_a_gate_that_checks_the_whole_again_is_refused(shop: Gates) -> None:
    again = f"{sys.executable} -m gates -C ../.. check"
    shop.repo.write("services/mail/gates.yaml", policy(("again", again)))
    shop.repo.commit()
    done = shop("check", "--report", "json")
    assert done.code == 1
    entry = json.loads(done.out)["projects"][1]
    assert entry["open"][0]["reason"] == "exit_status is 2, required == 0"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_all_and_is_recorded(
    shop: Gates, number: signal.Signals, code: int
) -> None:
    slow = "sh -c 'touch ../../started; exec sleep 300'"
    shop.repo.write("services/mail/gates.yaml", policy(("slow", slow)))
    shop.repo.write(".gitignore", "started\n")
    shop.repo.commit()
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "gates", "check"],
        cwd=shop.repo.root,
        env={**shop.repo.environ, **kept},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not (shop.repo.root / "started").exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"the run was interrupted" in out
    document = json.loads(last(shop).read_text())
    jsonschema.validate(document, SCHEMA)
    assert (document["complete"], document["exit_code"]) == (False, code)
    assert [each["verdict"] for each in document["projects"]] == ["passed", "errored", "errored"]
    assert shop("report", "console").code == 0


def test_with_kept_plans_nothing_heavy_is_loaded(shop: Gates, tmp_path: Path) -> None:
    loading = Loading(shop.repo, tmp_path / "modules.txt")
    loading("plan")
    assert not heavy(loading("plan"))
    assert not heavy(loading("check", "--report", "json"))


def test_a_terminal_shows_each_project_as_it_runs(shop: Gates) -> None:
    shown = "\n".join(in_terminal(shop, 90, "check"))
    assert "services/api" in shown
    assert "projects: 3 passed" in shown


def test_the_doctor_of_the_top_claims_nothing_of_the_projects(shop: Gates) -> None:
    out = shop("doctor").out
    assert "no gate stands in this folder\n" in out
    assert "each gate can run" not in out
    assert out.endswith("looked at one by one: `gates -C DIR doctor`\n")
