"""The double of the runner does what the runner does to a composite action."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from runner.double import BadActionError, Ended, Machine, run_action
from runner.fakes import KNOWN, refused_sarif

SHA = "0123456789abcdef0123456789abcdef01234567"  # pragma: allowlist secret


def machine(tmp_path: Path) -> Machine:
    for name in ("work", "temp", "action"):
        (tmp_path / name).mkdir(exist_ok=True)
    return Machine(
        workspace=tmp_path / "work",
        temp=tmp_path / "temp",
        environ={"PATH": os.environ["PATH"]},
        fakes=KNOWN,
    )


def run(tmp_path: Path, steps: str, outputs: str = "{}", **given: str) -> Ended:
    here = machine(tmp_path)
    text = f"inputs: {{who: {{default: you}}}}\noutputs: {outputs}\n"
    text += f"runs:\n  using: composite\n  steps:\n{steps}"
    (tmp_path / "action" / "action.yml").write_text(text)
    return run_action(tmp_path / "action", given, here)


def step(script: str, **more: str) -> str:
    said = "".join(
        f"      {key.rstrip('_').replace('_', '-')}: {value}\n" for key, value in more.items()
    )
    return f"    - run: {json.dumps(script)}\n      shell: bash\n{said}"


def test_steps_hand_on_outputs_variables_and_paths(tmp_path: Path) -> None:
    steps = step(
        'echo "a=$WHO" >> "$GITHUB_OUTPUT"; echo B=2 >> "$GITHUB_ENV"; echo /own >> "$GITHUB_PATH";'
        ' echo hello >> "$GITHUB_STEP_SUMMARY"',
        id="one",
        env="{WHO: '${{ inputs.who }}'}",
    )
    steps += step('echo "c=$B:${PATH%%:*}" >> "$GITHUB_OUTPUT"', id="two")
    outputs = "{a: {value: '${{ steps.one.outputs.a }}'}, c: {value: '${{ steps.two.outputs.c }}'}}"
    ended = run(tmp_path, steps, outputs, who="Ann")
    assert ended.has_succeeded
    assert ended.outputs == {"a": "Ann", "c": "2:/own"}
    assert ended.summary == b"hello\n"


def test_bash_ends_at_the_first_failure_in_a_pipe_too(tmp_path: Path) -> None:
    ended = run(tmp_path, step("false | true\necho reached"))
    assert not ended.has_succeeded
    assert ended.log == ""


def test_after_a_failure_only_steps_that_ask_for_it_run(tmp_path: Path) -> None:
    steps = step("exit 3", id="bad") + step("echo no", id="passed_over")
    steps += step("echo yes", id="asked", if_="always() && steps.bad.outcome == 'failure'")
    ended = run(tmp_path, steps)
    outcomes = {name: each.outcome for name, each in ended.steps.items()}
    assert outcomes == {"bad": "failure", "passed_over": "skipped", "asked": "success"}
    assert (ended.has_succeeded, ended.steps["bad"].exit_code) == (False, 3)


def test_a_failure_that_is_forgiven(tmp_path: Path) -> None:
    ended = run(tmp_path, step("exit 1", id="bad", continue_on_error="true"))
    assert ended.has_succeeded
    assert (ended.steps["bad"].outcome, ended.steps["bad"].conclusion) == ("failure", "success")


def test_all_steps_share_the_limit_of_annotations(tmp_path: Path) -> None:
    told = 'for n in 1 2 3 4 5 6; do echo "::error::$n"; done'
    ended = run(tmp_path, step(told) + step(told))
    assert len(ended.told.annotations) == 10
    assert ended.told.dropped == {"error": 2}


def test_an_output_of_the_file_overrides_a_forged_one(tmp_path: Path) -> None:
    script = "echo '##[set-output name=a]forged'; echo a=true >> \"$GITHUB_OUTPUT\""
    ended = run(tmp_path, step(script, id="one"), "{a: {value: '${{ steps.one.outputs.a }}'}}")
    assert ended.outputs == {"a": "true"}


@pytest.mark.parametrize(
    "script",
    [
        "echo nonsense >> $GITHUB_OUTPUT",
        "echo NODE_OPTIONS=x >> $GITHUB_ENV",
        "echo '::set-env name=A::1'",
    ],
)
def test_what_fails_a_step_that_ended_well(tmp_path: Path, script: str) -> None:
    assert not run(tmp_path, step(script)).has_succeeded


def test_a_summary_that_is_too_large_is_dropped_whole(tmp_path: Path) -> None:
    ended = run(tmp_path, step("head -c 1048577 /dev/zero > $GITHUB_STEP_SUMMARY"))
    assert ended.summary == b""
    assert ended.has_succeeded
    assert len(ended.told.annotations) == 1


@pytest.mark.parametrize(
    "steps",
    [
        "    - run: 'true'\n",
        "    - uses: actions/cache@v6\n",
        f"    - uses: other/action@{SHA}\n",
        f"    - uses: actions/cache@{SHA}\n      with: {{pathh: x}}\n",
        "    - run: 'true'\n      shell: bash\n      timeout-minutes: 3\n",
    ],
)
def test_what_is_no_step(tmp_path: Path, steps: str) -> None:
    with pytest.raises(BadActionError):
        run(tmp_path, steps)


def test_an_input_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadActionError, match="levle"):
        run(tmp_path, step("true"), levle="1")


def test_foreign_actions_are_told_and_act_at_the_end(tmp_path: Path) -> None:
    steps = (
        f"    - uses: actions/cache@{SHA}\n      with: {{path: x, key: '${{{{ inputs.who }}}}'}}\n"
    )
    ended = run(tmp_path, steps)
    assert [(each.action, each.given["key"]) for each in ended.used] == [("actions/cache", "you")]
    assert ended.posts == ("save the cache",)
    assert run(tmp_path, steps + step("false")).posts == ()


def test_artifacts_have_no_hidden_files_and_their_own_names(tmp_path: Path) -> None:
    here = machine(tmp_path)
    for name in ("a", ".hidden/b"):
        path = tmp_path / "work" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    upload = KNOWN["actions/upload-artifact"]
    given = {"name": "n", "path": str(here.workspace)}
    assert upload(given, here).has_succeeded
    assert here.artifacts == {"n": ("a",)}
    assert not upload(given, here).has_succeeded
    assert not upload({**given, "name": "a/b"}, here).has_succeeded
    nothing = {"name": "m", "path": str(tmp_path / "none"), "if-no-files-found": "error"}
    assert not upload(nothing, here).has_succeeded


def test_code_scanning_has_limits(tmp_path: Path) -> None:
    here = machine(tmp_path)
    path = tmp_path / "s.sarif"
    given = {"sarif_file": str(path)}
    for runs, has_succeeded in ((1, True), (21, False)):
        path.write_text(json.dumps({"runs": [{"results": []}] * runs}))
        answer = KNOWN["github/codeql-action/upload-sarif"](given, here)
        assert answer.has_succeeded is has_succeeded
    assert not refused_sarif(given, here).has_succeeded
