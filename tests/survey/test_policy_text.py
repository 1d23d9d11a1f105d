from dataclasses import replace

import pytest

from gates.config.load import load
from gates.domain.plan import Plan
from gates.domain.survey import Chosen, LeftOut, Proposal
from gates.survey.policy_text import policy_text, roof_text, scalar

LINT = Chosen(name="lint", uses="ruff", purpose="0 lint errors", why="ruff is installed")
PROPOSAL = Proposal(project="", layout="src layout", sources=("src",), chosen=(LINT,))


def read(proposal: Proposal) -> Plan:
    return load(policy_text(proposal).encode(), name="gates.yaml", default_project="folder")


def test_the_shortest_file() -> None:
    lines = policy_text(PROPOSAL).splitlines()
    assert lines[2:] == [
        "version: 1",
        "# src layout",
        "sources: [src]",
        "",
        "levels:",
        "  1:",
        "    name: Automated",
        "    gates:",
        "      # 0 lint errors; ruff is installed",
        "      lint: ruff",
    ]
    assert policy_text(PROPOSAL).endswith("ruff\n")


def test_it_says_what_was_proposed() -> None:
    audit = Chosen(
        name="audit", uses="pip-audit", purpose="p", why="w", options=(("lock", "uv.lock"),)
    )
    secrets = Chosen(name="secrets", uses="detect-secrets", purpose="p", why="w")
    proposal = replace(
        PROPOSAL,
        project="shop",
        sources=("my shop", "no", "src/a-b.py"),
        exclude=("**/tests/**",),
        environment="venv",
        chosen=(LINT, audit, secrets),
    )
    plan = read(proposal)
    assert (plan.project, plan.include, plan.exclude, plan.environment) == (
        "shop",
        ("my shop", "no", "src/a-b.py"),
        ("**/tests/**",),
        "venv",
    )
    assert [(gate.name, gate.uses) for gate in plan.gates] == [
        ("lint", "ruff"),
        ("audit", "pip-audit"),
        ("secrets", "detect-secrets"),
    ]
    assert plan.gate("audit").options["lock"] == "uv.lock"


def test_no_line_looks_like_a_secret() -> None:
    gate = Chosen(name="secrets", uses="detect-secrets", purpose="p", why="w")
    text = policy_text(replace(PROPOSAL, chosen=(gate,)))
    assert "      secrets:\n        uses: detect-secrets\n" in text


def test_what_is_left_out_stands_below_as_a_comment() -> None:
    left = LeftOut(name="types", criterion="L1-TYPES", why="mypy is not installed " * 10, hint="h")
    text = policy_text(replace(PROPOSAL, left_out=(left,)))
    below = text.partition("# Left out:\n")[2].splitlines()
    assert below[0].startswith("#   types (L1-TYPES): mypy is not installed")
    assert below[1].startswith("#     ")
    assert all(len(line) <= 96 for line in below)
    assert "h" not in text.splitlines()[-1].split()


def test_a_launcher_is_told() -> None:
    text = policy_text(replace(PROPOSAL, launcher="poetry run "))
    assert "# The project's environment is in use by `poetry run gates check`.\n" in text


def test_foreign_text_stays_within_its_comment() -> None:
    gate = replace(LINT, why="configured by x\n      evil: ruff\x1b[31m")
    plan = read(replace(PROPOSAL, chosen=(gate,), layout="a\nb: c"))
    assert [gate.name for gate in plan.gates] == ["lint"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("src", "src"),
        ("src/a-b.py", "src/a-b.py"),
        ("no", '"no"'),
        ("True", '"True"'),
        ("1e3", '"1e3"'),
        ("a b", '"a b"'),
        ("**/x", '"**/x"'),
        ('a"b', '"a\\"b"'),
        ("src/**/*.test.*", "src/**/*.test.*"),
    ],
)
def test_a_text_is_quoted_where_it_could_be_read_otherwise(text: str, written: str) -> None:
    assert scalar(text) == written


def test_long_lists_stand_line_by_line() -> None:
    names = tuple(f"packages/part_{number}" for number in range(9))
    text = policy_text(replace(PROPOSAL, sources=names, exclude=names))
    assert "  include:\n    - packages/part_0\n" in text
    assert max(map(len, text.splitlines())) <= 96
    plan = read(replace(PROPOSAL, sources=names, exclude=names))
    assert (plan.include, plan.exclude) == (names, names)
    assert read(replace(PROPOSAL, sources=names)).include == names


def test_a_file_over_projects_names_them() -> None:
    left = LeftOut(name="secrets", criterion="L1-SECRETS", why="nothing is installed")
    text = roof_text("shop", ("services/api", "my web"), (LINT,), (left,))
    plan = load(text.encode(), name="gates.yaml", default_project="folder")
    assert [entry.pattern for entry in plan.projects] == ["services/api", "my web"]
    assert (plan.project, [gate.name for gate in plan.gates]) == ("shop", ["lint"])
    assert text.endswith("# Left out:\n#   secrets (L1-SECRETS): nothing is installed\n")
    bare = roof_text("", ("api",), ())
    assert bare.endswith("version: 1\nprojects:\n  - api\n")
    assert load(bare.encode(), name="gates.yaml", default_project="folder").gates == ()
