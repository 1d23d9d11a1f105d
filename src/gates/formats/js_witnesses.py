"""Do a runner's exit status, its JSON and our reporter tell the same? Nothing else is a result.

Each of them alone can be green without a run behind it: `process.exit(0)` in a test of Jest, an
error outside of every test, `passWithNoTests`, a setting that takes errors for nothing, a
configuration that changes results or names reporters of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.js_proof import JsProof
from gates.formats.js_tests import JsModule, JsOutcome, JsReport, counts_of, first_line

SKIPPED = "look for `.skip`, `.todo` and `.only`, and run the tests with `--reporter=verbose`"
"""The next step where tests are there and none ran."""

_NO_TESTS = (
    "see where it looks: `paths` of the gate, and `include`, `exclude`, `testMatch` and"
    " `testPathIgnorePatterns` of its configuration"
)
_ENDED_EARLY = "look for what ends the process: `process.exit` in a test, a hook or a set-up file"
_NOT_A_TEST = (
    "something else than a test decided, such as a threshold of coverage in its configuration; give"
    " that threshold to a gate of its own"
)
_HIDING = "take it out of the configuration, which decides there what is told"
_TEAR_DOWN = re.compile(
    r"(?:error during close\b|(?:Error: )?Jest: Got error running globalTeardown\b)[ :-]*(.*)"
)
_REWRITTEN = "look for a set-up or tear-down file that ends the process or sets its exit code"


def why_no_record(name: str, exit_code: int, output: str) -> StageError:
    """The reason why there is no run, from the exit status and what the runner wrote."""
    lines = [line for line in map(first_line, output.splitlines()) if line]
    if any(line.startswith(("No test files found", "No tests found")) for line in lines):
        return StageError("no-tests", f"{name} found no test", hint=_NO_TESTS)
    if exit_code == 0:
        summary = f"{name} ended early, with exit code 0: it left no completion proof"
        return StageError("ended-early", summary, hint=_ENDED_EARLY)
    errors = (line for line in lines if "rror" in line and "Startup" not in line)
    told = next(errors, lines[-1] if lines else "nothing")
    summary = f"{name} broke before its tests ended, with exit code {exit_code}: {told}"
    return StageError("tool-crashed", summary, hint=_ENDED_EARLY)


def refuse_unproven(name: str, exit_code: int, proof: JsProof) -> None:
    """Refuse a run that did not come to its end, or that tells of itself in two ways.

    Args:
        name: the runner.
        exit_code: of the process, 0 or 1.
        proof: what our reporter wrote.

    Raises:
        StageError: with the first thing that is wrong.
    """
    if proof.partial:
        flags = ", ".join(f"`{flag}`" for flag in proof.partial)
        raise StageError("partial-run", f"{flags} keeps {name} from running every test")
    if proof.hiding:
        flags = ", ".join(proof.hiding)
        raise StageError("hidden", f"{flags} could keep {name} from telling all", hint=_HIDING)
    if not proof.planned:
        raise StageError("no-tests", f"{name} found no test", hint=_NO_TESTS)
    bad = counts_of(proof.report).bad
    if proof.untold:
        summary = (
            f"{proof.untold} tests passed in the end, of which {name} never told that they ran"
        )
        raise StageError("contradiction", summary, hint=_REWRITTEN)
    lost = proof.planned - min(proof.ended, len(proof.report.modules))
    if not bad and (lost or not proof.is_whole):
        summary = f"the run was stopped: {lost} of {proof.planned} files of tests did not end"
        raise StageError("run-cut-short", summary, hint=_ENDED_EARLY)
    if (exit_code == 0) != (bad == 0):
        count = f"{bad} tests or files" if bad else "no test"
        raise StageError(
            "contradiction",
            f"{name} ended with exit code {exit_code}, though {count} failed",
            hint=_REWRITTEN if bad else _NOT_A_TEST,
        )


def with_problems(proof: JsProof, problems: tuple[str, ...]) -> JsProof:
    """The proof, with what broke outside of its files."""
    report = replace(proof.report, problems=proof.report.problems + problems)
    return replace(proof, report=report)


def tear_down_problems(stderr: str) -> tuple[str, ...]:
    """Errors of global tear-downs, which a runner only prints: they come after its last report."""
    found = (_TEAR_DOWN.match(first_line(line)) for line in stderr.splitlines())
    return tuple(f"the global tear-down failed: {one[1]}" for one in found if one)


def refuse_contradiction(told: JsReport, proof: JsProof, *, what: str) -> None:
    """Refuse a report of the runner that tells otherwise than our reporter.

    Args:
        told: the runner's own JSON.
        proof: what our reporter wrote.
        what: the name of the JSON.

    Raises:
        OutputUnreadable: a test differs, or a broken file is not told.
    """
    ours, theirs = _tests(proof.report), _tests(told)
    differing = sorted((ours - theirs) + (theirs - ours))
    unseen = _broken(told) - _broken(proof.report)
    if not differing and not unseen:
        return
    path, name = differing[0][:2] if differing else (min(unseen), "the file")
    raise OutputUnreadable(
        "contradiction",
        f"the JSON and the completion proof differ on {max(len(differing), 1)} tests, such as"
        f" `{name}` of {path}",
        hint="look for a reporter, results processor or set-up file that changes results",
        place=what,
    )


def _tests(report: JsReport) -> Counter[tuple[str, str, int]]:
    """Every test with its outcome; not every JSON tells that a failure was expected."""
    same = {JsOutcome.XFAILED: JsOutcome.PASSED}
    return Counter(
        (module.path, _name(module, test.name), int(same.get(test.outcome, test.outcome)))
        for module in report.modules
        for test in module.tests
    )


def _name(module: JsModule, name: str) -> str:
    """A test's name without its file, which Vitest's JSON sets before tests of types."""
    first, _, rest = name.partition(" > ")
    return rest if rest and f"/{module.path}".endswith(f"/{first}") else name


def _broken(report: JsReport) -> frozenset[str]:
    return frozenset(module.path for module in report.modules if module.problems)
