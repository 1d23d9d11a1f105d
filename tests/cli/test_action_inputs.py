"""Inputs come as variables, and everything that is wrong in them is told at once."""

from __future__ import annotations

import pytest

from gates.cli.action_inputs import Inputs, read
from gates.domain.errors import ConfigError


def given(**inputs: str) -> Inputs:
    return read({f"GATES_INPUT_{name.upper()}": text for name, text in inputs.items()})


def test_what_is_empty_has_its_default() -> None:
    assert read({"PATH": "/bin"}) == Inputs()
    names = ("level", "gates", "args", "policy_from", "install", "annotations", "summary", "sarif")
    assert given(**dict.fromkeys(names, ""), artifact=" ", accept="", token="") == Inputs()


def test_each_input() -> None:
    assert given(
        level="2",
        gates="lint, tests\ntypes",
        args="--jobs 2 --report 'junit=a b.xml'",
        policy_from="origin/main",
        install="sh make.sh 'a b'",
        annotations="off",
        summary="off",
        sarif="file",
        category="own",
        artifact="mine",
        accept="pending partial",
        token="t0ken",
    ) == Inputs(
        level=2,
        gates=("lint", "tests", "types"),
        args=("--jobs", "2", "--report", "junit=a b.xml"),
        policy_from="origin/main",
        install="sh make.sh 'a b'",
        annotations=False,
        summary=False,
        sarif="file",
        category="own",
        artifact="mine",
        accept=("pending", "partial"),
        token="t0ken",
    )


@pytest.mark.parametrize("args", ["$(touch x)", "; true", "`x`", "a && b"])
def test_no_shell_reads_the_arguments(args: str) -> None:
    assert given(args=args).args == tuple(args.split())


@pytest.mark.parametrize(
    "args",
    ["--level 1", "--level=1", "-j 2 --gate lint", "--policy-from HEAD", "--staged", "--shard 1"],
)
def test_no_argument_changes_what_is_judged(args: str) -> None:
    with pytest.raises(ConfigError, match="the input `args` is `--"):
        given(args=args)


def test_all_that_is_wrong_is_told() -> None:
    with pytest.raises(ConfigError) as raised:
        given(
            level="4",
            annotations="yes",
            sarif="on",
            accept="failed",
            args="'",
            policy_from="--all",
            category="a\nb",
        )
    named = [problem.summary.split("`")[1] for problem in raised.value.problems]
    assert named == ["level", "annotations", "sarif", "accept", "args", "policy-from", "category"]
    assert raised.value.exit_code == 2
