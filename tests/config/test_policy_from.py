"""Each way to weaken a gates.yaml is seen, and no other way to write it is taken for one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates import stages
from gates.config.load import load
from gates.config.policy_from import Names, compared, first, guarded, policy_gate
from gates.config.policy_sides import BasePolicy
from gates.config.waivers import load as load_waivers
from gates.domain.plan import Plan
from gates.domain.policy_change import Kind, PolicyChange, PolicySide
from gates.domain.waiver import Waiver

Policy = dict[str, object]
"""A gates.yaml as plain values; JSON is YAML."""

GATES: dict[str, tuple[int, dict[str, object]]] = {
    "lint": (1, {"uses": "ruff", "with": {"paths": ["src", "tests"]}}),
    "types": (1, {"uses": "mypy", "with": {"strict": True}, "require": ["errors == 0"]}),
    "sast": (1, {"uses": "bandit", "when": ["push", "ci"]}),
    "tests": (1, {"uses": "pytest", "timeout": "5m", "criteria": ["L1-ARCH"]}),
    "coverage": (
        1,
        {
            "uses": "coverage",
            "with": {"critical": {"src/a.py": "95%"}},
            "require": ["line >= 90%", "changed_line >= 80%", "line >= baseline - 1pt"],
            "warn": ["branch >= 70%"],
        },
    ),
    "secrets": (1, {"uses": "detect-secrets", "with": {"exclude": ["docs"]}}),
    "audit": (1, {"uses": "pip-audit", "with": {"grace": {"high": "7d"}, "internal": ["own"]}}),
    "style": (1, {"uses": "ruff-format"}),
    "load": (
        2,
        {
            "uses": "load",
            "service": "api",
            "with": {"rate": "100/s", "duration": "60s", "paths": ["GET /orders"]},
            "require": ["p95 < 100ms", 'p95{endpoint="GET /orders"} < 50ms'],
        },
    ),
    "contract": (2, {"uses": "schemathesis", "service": "api", "with": {"examples": 50}}),
}
HEAD: Policy = {
    "version": 1,
    "sources": {"include": ["src"], "exclude": ["src/generated"]},
    "services": {"api": {"run": "serve --port {port}", "expected_traffic": "400/s"}},
    "allow_hosts": ["staging.registry.example"],
    "not_applicable": {"L2-REALTIME": {"reason": "no sockets", "owner": "ana"}},
}
WAIVERS: list[dict[str, str]] = [
    {
        "gate": "tests", "condition": "failed", "reason": "flaky", "owner": "ana",
        "created": "2026-01-01", "expires": "2026-02-01",
    },
    {
        "gate": "lint", "finding": "E501", "scope": "src/a", "reason": "old", "owner": "bo",
        "created": "2026-01-01", "expires": "2026-02-01",
    },
]  # fmt: skip
OPTIONAL = ("sast", "secrets", "audit", "style", "load", "contract")


def policy_of(names: set[str]) -> Policy:
    """A gates.yaml with some of the gates."""
    levels: dict[str, object] = {}
    for name, (level, body) in GATES.items():
        if name in names:
            held = levels.setdefault(f"{level}", {"gates": {}})
            assert isinstance(held, dict)
            held["gates"][name] = deepcopy(body)
    return {**deepcopy(HEAD), "levels": levels}


def text_of(value: object, rng: random.Random | None = None, depth: int = 0) -> str:
    """Plain values as YAML in block style; with comments and keys in any order where asked."""
    pad = "  " * depth
    if isinstance(value, dict):
        items = list(value.items())
        if rng is not None:
            rng.shuffle(items)
        lines = []
        for key, each in items:
            note = f"{pad}# about {key}\n" if rng is not None and rng.random() < 0.3 else ""
            block = isinstance(each, dict) and bool(each)
            below = f"\n{text_of(each, rng, depth + 1)}" if block else f" {json.dumps(each)}"
            name = key if key in {"1", "2", "3"} else json.dumps(key)
            lines.append(f"{note}{pad}{name}:{below}")
        return "\n".join(lines)
    return f"{pad}{json.dumps(value)}"


def side(
    policy: Policy, waivers: list[dict[str, str]], rng: random.Random | None = None
) -> PolicySide:
    plan = load(f"{text_of(policy, rng)}\n".encode(), name="gates.yaml", default_project="shop")
    known = {"policy", *(gate.name for gate in plan.gates)}
    kept = [each for each in waivers if each["gate"] in known]
    data = json.dumps({"version": 1, "waivers": kept}).encode()
    return PolicySide(plan=plan, waivers=load_waivers(data, plan))


def gates(policy: Policy, name: str) -> dict[str, object]:
    """The gates of the level that holds one; KeyError where none does."""
    levels = policy["levels"]
    assert isinstance(levels, dict)
    for level in levels.values():
        if name in level["gates"]:
            found: dict[str, object] = level["gates"]
            return found
    raise KeyError(name)


def at(policy: Policy, name: str, *keys: str) -> dict[str, object]:
    found: object = gates(policy, name)[name]
    for key in keys:
        assert isinstance(found, dict)
        found = found.setdefault(key, {})
    assert isinstance(found, dict)
    return found


def setting(name: str, *path: str, to: object) -> Callable[[Policy], None]:
    def mutate(policy: Policy) -> None:
        at(policy, name, *path[:-1])[path[-1]] = to

    return mutate


def without(name: str, *path: str) -> Callable[[Policy], None]:
    def mutate(policy: Policy) -> None:
        del at(policy, name, *path[:-1])[path[-1]]

    return mutate


def removed(name: str) -> Callable[[Policy], None]:
    def mutate(policy: Policy) -> None:
        held = gates(policy, name)
        del held[name]
        if not held:
            levels = policy["levels"]
            assert isinstance(levels, dict)
            for number in [n for n, level in levels.items() if not level["gates"]]:
                del levels[number]

    return mutate


def raised(name: str) -> Callable[[Policy], None]:
    """A gate moved to a higher level."""

    def mutate(policy: Policy) -> None:
        body = gates(policy, name)[name]
        removed(name)(policy)
        levels = policy["levels"]
        assert isinstance(levels, dict)
        levels.setdefault("3", {"gates": {}})["gates"][name] = body

    return mutate


def head(key: str, to: object) -> Callable[[Policy], None]:
    def mutate(policy: Policy) -> None:
        policy[key] = to

    return mutate


def service(key: str, to: object) -> Callable[[Policy], None]:
    def mutate(policy: Policy) -> None:
        services = policy["services"]
        assert isinstance(services, dict)
        services["api"][key] = to
        gates(policy, "load")

    return mutate


def warned(policy: Policy) -> None:
    body = at(policy, "load")
    body["require"], body["warn"] = ["p95 < 100ms"], ['p95{endpoint="GET /orders"} < 50ms']


COVER = ("line >= 90%", "changed_line >= 80%", "line >= baseline - 1pt")
WEAKENINGS: dict[str, Callable[[Policy], None]] = {
    **{f"{name} removed": removed(name) for name in GATES if name != "tests"},
    **{f"{name} raised": raised(name) for name in GATES if GATES[name][0] == 1 and name != "tests"},
    "threshold": setting("coverage", "require", to=["line >= 85%", *COVER[1:]]),
    "other threshold": setting(
        "coverage", "require", to=[COVER[0], "changed_line >= 70%", COVER[2]]
    ),
    "condition lost": setting("coverage", "require", to=[*COVER[:2]]),
    "allowance": setting("coverage", "require", to=[*COVER[:2], "line >= baseline - 5pt"]),
    "default dropped": setting("lint", "drop", to=["warnings"]),
    "require to warn": warned,
    "default replaced": setting("lint", "require", to=["errors <= 5"]),
    "flag dropped": without("types", "with", "strict"),
    "floor lowered": setting("coverage", "with", "critical", to={"src/a.py": "60%"}),
    "floor lost": setting("coverage", "with", "critical", to={}),
    "paths": setting("lint", "with", "paths", to=["src"]),
    "exclude": setting("secrets", "with", "exclude", to=["docs", "src"]),
    "grace": setting("audit", "with", "grace", to={"high": "30d"}),
    "graces": setting("audit", "with", "grace", to={"high": "7d", "critical": "1d"}),
    "internal": setting("audit", "with", "internal", to=["own", "jinja2"]),
    "report": setting("tests", "with", to={"report": "out.xml"}),
    "arguments": setting("tests", "with", to={"args": ["-k", "not slow"]}),
    "tag": setting("load", "require", to=["p95 < 100ms"]),
    "narrowed": setting("load", "require", to=['p95{endpoint="GET /x"} < 50ms']),
    "looser operator": setting(
        "load", "require", to=["p95 <= 100ms", 'p95{endpoint="GET /orders"} < 50ms']
    ),
    "rate": setting("load", "with", "rate", to="10/s"),
    "duration": setting("load", "with", "duration", to="5s"),
    "asked": setting("load", "with", "paths", to=["GET /health"]),
    "when": setting("sast", "when", to=["ci"]),
    "when of a default": setting("style", "when", to="ci"),
    "other stage": setting("style", "uses", to="black"),
    "criteria": setting("tests", "criteria", to=[]),
    "environment": setting("sast", "env", to={"BANDIT": "1"}),
    "examples": setting("contract", "with", "examples", to=1),
    "operations": setting("contract", "with", "exclude", to={"GET /x": "later"}),
    "sources": head("sources", {"include": ["src/a"], "exclude": ["src/generated"]}),
    "excluded": head("sources", {"include": ["src"], "exclude": ["src/generated", "src/b"]}),
    "tools": head("environment", "other"),
    "hosts": head("allow_hosts", ["staging.registry.example", "prod.registry.example"]),
    "exempt": head(
        "not_applicable",
        {
            "L2-REALTIME": {"reason": "no sockets", "owner": "ana"},
            "L2-LOAD": {"reason": "batch", "owner": "ana"},
        },
    ),
    "service": service("run", "true --port {port}"),
    "traffic": service("expected_traffic", "10/s"),
}

CHOSEN = st.sets(st.sampled_from(OPTIONAL)).map(
    lambda chosen: {"lint", "types", "tests", "coverage", *chosen}
)


@settings(max_examples=60, deadline=None)
@given(CHOSEN, st.sampled_from(sorted(WEAKENINGS)))
def test_each_weakening_of_any_policy_is_seen(chosen: set[str], name: str) -> None:
    before, after = policy_of(chosen), policy_of(chosen)
    try:
        WEAKENINGS[name](after)
    except KeyError:
        return  # this policy has no such gate
    found = compared(side(before, []), side(after, []))
    assert any(change.loosens for change in found), (name, found)


@pytest.mark.parametrize("name", sorted(WEAKENINGS))
def test_each_weakening_of_the_whole_policy_is_seen(name: str) -> None:
    after = policy_of(set(GATES))
    WEAKENINGS[name](after)
    found = compared(side(policy_of(set(GATES)), []), side(after, []))
    assert any(change.loosens for change in found), found


@settings(max_examples=40, deadline=None)
@given(CHOSEN, st.integers(min_value=0, max_value=2**16))
def test_what_is_only_written_otherwise_is_no_change(chosen: set[str], seed: int) -> None:
    policy = policy_of(chosen)
    found = compared(side(policy, WAIVERS), side(policy, WAIVERS, random.Random(seed)))  # noqa: S311
    assert found == ()


def _later(waiver: dict[str, str], **changed: str) -> dict[str, str]:
    return {**waiver, **changed}


@pytest.mark.parametrize(
    "waivers",
    [
        [*WAIVERS, _later(WAIVERS[1], finding="F401")],
        [WAIVERS[0], _later(WAIVERS[1], scope="src")],
        [_later(WAIVERS[0], expires="2026-12-01"), WAIVERS[1]],
        [_later(WAIVERS[0], gate="coverage", condition="line"), WAIVERS[1]],
        [*WAIVERS, _later(WAIVERS[1], gate="policy", finding="policy-loosened")],
    ],
)
def test_each_weakening_by_waivers_is_seen(waivers: list[dict[str, str]]) -> None:
    policy = policy_of(set(GATES))
    found = compared(side(policy, WAIVERS), side(policy, waivers))
    assert any(change.loosens for change in found), found


@settings(max_examples=30, deadline=None)
@given(CHOSEN, st.sampled_from(sorted(WEAKENINGS)))
def test_the_way_back_from_one_weakening_is_never_called_equal(chosen: set[str], name: str) -> None:
    before, after = policy_of(chosen), policy_of(chosen)
    try:
        WEAKENINGS[name](before)
    except KeyError:
        return
    assert compared(side(before, []), side(after, []))


COMMIT = "c" * 40
NAMES = Names(ref="main", commit=COMMIT, head="gates.yaml")


def based(plan: Plan, waivers: tuple[Waiver, ...] = ()) -> BasePolicy:
    there = PolicySide(plan=plan, waivers=waivers)
    return BasePolicy(commit=COMMIT, plan=plan, waivers=None, side=there)


@pytest.fixture
def plan() -> Plan:
    return side(policy_of({"lint", "tests"}), []).plan


def test_the_plan_is_the_bases_with_one_more_gate(plan: Plan) -> None:
    looser = policy_of({"tests"})
    found = guarded(based(plan), side(looser, []), NAMES)
    gate, *others = found.gates
    assert tuple(others) == plan.gates
    assert (gate.name, gate.uses, gate.level) == ("policy", "policy", 1)
    assert gate.options["base"] == COMMIT
    changes = gate.options["changes"]
    assert isinstance(changes, dict)
    assert changes["1"]["kind"] == "removed"
    assert "loosened == 0" in [each.text for each in gate.conditions]
    assert found.policy.notes == (
        "judged by the policy of `main` (commit cccccccccccc), not by the one here",
    )


def test_gates_that_the_head_adds_are_told_as_not_judged(plan: Plan) -> None:
    more = side(policy_of({"lint", "tests", "types"}), [])
    told = guarded(based(plan), more, NAMES).policy.notes
    assert told[1] == "gate `types`: added by this change, and not judged before it is merged"


def test_further_changes_come_first(plan: Plan) -> None:
    gone = PolicyChange(kind=Kind.REMOVED, what="project `a`")
    found = guarded(based(plan), PolicySide(plan=plan), NAMES, (gone,))
    assert found.gates[0].options["changes"] == {"1": gone.plain()}


def test_the_first_policy_is_told_as_that(plan: Plan) -> None:
    found = first(PolicySide(plan=plan), NAMES, ("services/a",))
    assert found.gates[0].options["changes"] == {}
    (note,) = found.policy.notes
    assert note == (
        "the first policy: `main` (commit cccccccccccc) has no gates.yaml here, so the one of this"
        " change is used; it has one in `services/a`"
    )
    assert first(PolicySide(plan=plan), NAMES, ()).policy.notes[0].endswith("is used")


def test_a_policy_without_a_level_1_gets_one() -> None:
    upper = load(b"version: 1\nlevels: {2: [ruff]}\n", name="gates.yaml", default_project="shop")
    found = guarded(based(upper), PolicySide(plan=upper), NAMES)
    assert [(level.number, level.name) for level in found.levels] == [
        (1, "Automated"),
        (2, "Integration"),
    ]


def test_the_gate_is_one_that_its_stage_can_read() -> None:
    gate = policy_gate((PolicyChange(kind=Kind.LOOSENED, what="x"),), NAMES)
    kind = stages.load("policy").options_type
    assert kind.from_plain(gate.options) == kind.from_plain(
        {
            "base": COMMIT,
            "source": "gates.yaml",
            "changes": {
                "1": {"kind": "loosened", "what": "x", "before": "", "after": "", "place": ""}
            },
        }
    )
    assert len(gate.options_sha256) == 64


@pytest.mark.parametrize(
    ("before", "after", "kind", "what"),
    [
        (None, ["skips == 0"], Kind.TIGHTENED, "condition on `skips` of gate `policy`"),
        (["skips == 0"], None, Kind.REMOVED, "condition on `skips` of gate `policy`"),
        (["skips == 0"], ["skips <= 1"], Kind.LOOSENED, "condition on `skips` of gate `policy`"),
    ],
)
def test_what_is_asked_of_a_change_is_compared_too(
    before: list[str] | None, after: list[str] | None, kind: Kind, what: str
) -> None:
    def asking(texts: list[str] | None) -> PolicySide:
        said = {} if texts is None else {"policy": {"require": texts}}
        return side({**policy_of({"lint"}), **said}, [])

    (change,) = compared(asking(before), asking(after))
    assert (change.kind, change.what) == (kind, what)


def test_what_is_dropped_or_only_told_is_told() -> None:
    plain = policy_of({"lint"})
    dropped = side({**plain, "policy": {"drop": ["skips"], "warn": ["omits <= 3"]}}, [])
    found = compared(side(plain, []), dropped)
    assert [(each.kind, each.what) for each in found] == [
        (Kind.CHANGED, "`drop` of gate `policy`"),
        (Kind.ADDED, "condition on `omits` of gate `policy`"),
    ]
    strict = side({**plain, "policy": {"require": ["skips == 0"]}}, [])
    lost = compared(strict, dropped)
    assert lost[0].kind is Kind.LOOSENED
    assert (lost[0].before, lost[0].after) == ("skips == 0", "dropped")


def test_the_base_says_what_is_asked_of_a_change() -> None:
    plain = policy_of({"lint"})
    strict = side({**plain, "policy": {"require": ["skips == 0"], "drop": ["omits"]}}, [])
    base = BasePolicy(commit=COMMIT, plan=strict.plan, waivers=None, side=strict)
    gate = guarded(base, side(plain, []), NAMES).gates[0]
    asked = {each.text: each.role.value for each in gate.conditions}
    assert (asked["loosened == 0"], asked["skips == 0"]) == ("require", "require")
    assert "omits == 0" not in asked
    assert gate.dropped == ("omits == 0",)
