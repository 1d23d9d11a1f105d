from __future__ import annotations

from collections.abc import Callable

import pytest

from gates.config.load import load
from gates.config.resolve import REGRESSION, Stages
from gates.domain.errors import ConfigError, Problem
from gates.domain.moment import EVERYWHERE, FROM_PUSH, IN_CI, Moment
from gates.domain.plan import Plan
from gates.plugin import Options, Stage

LoadText = Callable[[str], Plan]
Refuse = Callable[[str], tuple[Problem, ...]]
Lines = Callable[[str], list[str]]
LoadStage = Callable[[str], type[Stage[Options]]]
Fakes = tuple[LoadStage, Callable[[], tuple[str, ...]]]


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [("90s", 90), ("10m", 600), ("10min", 600), ("1h", 3600), ("999999s", 999999)],
)
def test_a_timeout_is_read_in_its_unit(load_text: LoadText, timeout: str, seconds: int) -> None:
    text = f"version: 1\nlevels: {{1: [{{uses: ruff, timeout: {timeout}}}]}}\n"
    assert load_text(text).gates[0].timeout_s == seconds


@pytest.mark.parametrize("timeout", ["90", "0s", "10", "1d", "1.5h", "-1s", "'90'", '"9s\\n"', "s"])
def test_a_timeout_that_is_no_time_is_refused(refuse: Refuse, timeout: str) -> None:
    (problem,) = refuse(f"version: 1\nlevels: {{1: [{{uses: ruff, timeout: {timeout}}}]}}\n")
    assert "`90s`" in problem.hint
    assert problem.place == "gates.yaml:2:36"


def test_the_stage_gives_the_timeout_and_whether_it_runs_alone(load_text: LoadText) -> None:
    plan = load_text("version: 1\nlevels: {2: [load, ruff]}\n")
    assert (plan.gate("load").timeout_s, plan.gate("load").exclusive) == (120, True)
    assert (plan.gate("ruff").timeout_s, plan.gate("ruff").exclusive) == (600, False)


@pytest.mark.parametrize(
    ("gate", "place"),
    [("[ruf]", 14), ("[{uses: ruf}]", 21), ("{gates: {a: ruf}}", 25), ("{gates: {ruf: ruf}}", 22)],
)
def test_an_unknown_stage_names_the_nearest(refuse: Refuse, gate: str, place: int) -> None:
    (problem,) = refuse(f"version: 1\nlevels: {{1: {gate}}}\n")
    assert problem.summary == "no stage is named `ruf`"
    assert problem.hint == ("did you mean `ruff`? stages: command, coverage, load, pytest, ruff")
    assert problem.place.startswith("gates.yaml:2:")
    assert int(problem.place.rsplit(":", 1)[1]) == place


@pytest.mark.parametrize("uses", ["broken", "not-a-stage", "misspelled"])
def test_a_stage_that_cannot_be_loaded_is_told(refuse: Refuse, uses: str) -> None:
    (problem,) = refuse(f"version: 1\nlevels: {{1: [{uses}]}}\n")
    assert problem.slug == "broken-stage"


def test_each_stage_is_loaded_once(stages: tuple[LoadStage, Callable[[], tuple[str, ...]]]) -> None:
    load, names = stages
    loaded: list[str] = []

    def counting(uses: str) -> type[Stage[Options]]:
        loaded.append(uses)
        return load(uses)

    known = Stages(counting, names)
    assert known.is_known("ruff")
    assert known.find("ruff") is known.find("ruff")
    assert not known.is_known("nothing")
    assert loaded == ["ruff", "nothing"]


def test_a_gate_serves_further_criteria(load_text: LoadText, lines: Lines) -> None:
    text = "version: 1\nlevels: {1: [{uses: ruff, criteria: [L1-ARCH]}]}\n"
    assert load_text(text).gates[0].criteria == ("L1-LINT", "L1-ARCH")
    assert lines(text.replace("L1-ARCH", "L1-LINT")) == [
        "2:38 same-criterion: gate `ruff` serves `L1-LINT` already"
    ]
    assert lines(text.replace("L1-ARCH", "L1-ARC")) == [
        "2:38 unknown-criterion: no criterion is named `L1-ARC`"
    ]


@pytest.mark.parametrize(
    ("level", "keys", "is_served"),
    [
        (2, "require: p95 <= baseline + 10%", True),
        (3, "require: [p95 < 1s, p95 <= baseline + 10%]", True),
        (2, "require: p95 <= baseline + 10%, criteria: [L2-REGRESSION]", True),
        (1, "require: p95 <= baseline + 10%", False),
        (2, "require: p95 < 1s, warn: p95 <= baseline + 10%", False),
        (2, "require: [p95 < 1s, slope <= baseline + 5%]", False),
    ],
)
def test_a_gate_that_holds_a_time_against_its_baseline_shows_regressions(
    load_text: LoadText, level: int, keys: str, *, is_served: bool
) -> None:
    static = f"{{uses: load, {keys}}}"
    (gate,) = load_text(f"version: 1\nlevels: {{{level}: [{static}]}}\n").gates
    assert gate.criteria.count(REGRESSION) == is_served


def test_gates_that_measure_alike_have_one_digest(load_text: LoadText) -> None:
    one = "{uses: ruff, name: a, require: errors <= 3}"
    other = "{uses: ruff, name: b, env: {A: b}}"
    first, same, differs = load_text(f"version: 1\nlevels: {{1: [ruff, {one}, {other}]}}\n").gates
    assert first.options_sha256 == same.options_sha256
    assert len(differs.options_sha256) == 64
    assert differs.options_sha256 != first.options_sha256


def test_what_does_not_hang_on_refused_options_is_judged(lines: Lines) -> None:
    static = "{uses: load, with: {rat: 1}, require: p96 < 1ms, criteria: nothing}"
    shown = lines(f"version: 1\nlevels: {{2: [{static}]}}\n")
    assert [line.split()[1] for line in shown] == [
        "unknown-option:",
        "unknown-metric:",
        "unknown-criterion:",
    ]
    dynamic = "{uses: coverage, with: {repot: x}, require: lin >= 1%, drop: nothing}"
    shown = lines(f"version: 1\nlevels: {{2: [pytest, {dynamic}]}}\n")
    assert [line.split()[1] for line in shown] == ["unknown-option:", "unknown-metric:"]
    unknown = "{uses: command, with: {rn: x}, require: todo <= 1}"
    shown = lines(f"version: 1\nlevels: {{2: [{unknown}]}}\n")
    assert [line.split()[1] for line in shown] == ["unknown-option:"]


def test_options_that_are_no_mapping_hide_nothing_else(lines: Lines) -> None:
    shown = lines("version: 1\nlevels: {1: [{uses: ruff, with: [a], require: error == 0}]}\n")
    assert [line.split()[1] for line in shown] == ["bad-value:", "unknown-metric:"]


def test_sources_may_be_a_list_or_left_out(load_text: LoadText) -> None:
    text = "version: 1\nlevels: {1: [ruff]}\n"
    assert (load_text(text).include, load_text(text).exclude) == ((), ())
    assert load_text(f"{text}sources: [a, b]\n").include == ("a", "b")
    assert load_text(f"{text}sources: {{exclude: [a]}}\n").exclude == ("a",)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ("[]", "empty-value: `sources` is empty"),
        ("{include: []}", "empty-value: `include` is empty"),
        ("{includ: [a]}", "unknown-key: unknown key `includ`"),
        ("[a, 5]", "bad-value: item 2 of `sources` should be text, not a number"),
        ("['']", "empty-value: item 1 of `sources` is empty"),
        ("src", "bad-value: `sources` should be a list or a mapping, not text"),
        ('["a\\0"]', "yaml-control: the control character U+0000"),
    ],
)
def test_sources_that_name_nothing_are_refused(lines: Lines, sources: str, expected: str) -> None:
    (line,) = lines(f"version: 1\nlevels: {{1: [ruff]}}\nsources: {sources}\n")
    assert line.partition(" ")[2] == expected


def test_new_findings_can_be_asked_of_any_stage_that_tells_findings(load_text: LoadText) -> None:
    text = "version: 1\nlevels: {1: [pytest, {uses: ruff, require: [new_findings == 0]}]}\n"
    plan = load_text(text)
    assert plan.gate("ruff").spec("new_findings") is not None
    assert plan.gate("pytest").spec("new_findings") is None


def test_new_findings_are_not_asked_of_a_stage_that_tells_none(
    load_text: LoadText, stages: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages[0]("ruff"), "tells_findings", False)
    text = "version: 1\nlevels: {1: [{uses: ruff, require: [new_findings == 0]}]}\n"
    with pytest.raises(ConfigError, match="new_findings"):
        load_text(text)


@pytest.mark.parametrize(
    ("body", "when"),
    [
        ("{uses: ruff}", EVERYWHERE),
        ("{uses: pytest}", FROM_PUSH),
        ("{uses: command, with: {run: x, examined: exit-status}}", FROM_PUSH),
        ("{uses: ruff, when: [ci, commit]}", (Moment.COMMIT, Moment.CI)),
        ("{uses: pytest, when: commit}", (Moment.COMMIT,)),
    ],
)
def test_a_gate_is_due_when_it_says_else_when_its_stage_says(
    body: str, when: tuple[Moment, ...]
) -> None:
    assert real(f"version: 1\nlevels: {{1: [{body}]}}\n").gates[0].when == when


def test_a_gate_that_measures_a_service_is_due_in_ci() -> None:
    text = (
        "version: 1\nservices: {api: {url: 'http://127.0.0.1:8000', ready: /}}\n"
        "levels: {1: [{uses: pytest, service: api}]}\n"
    )
    assert real(text).gates[0].when == IN_CI


def test_a_gate_that_judges_a_report_is_due_in_ci() -> None:
    text = "version: 1\nlevels: {1: [{uses: pytest, with: {report: out/junit.xml}}]}\n"
    assert real(text).gates[0].when == IN_CI


def real(text: str) -> Plan:
    return load(text.encode(), name="gates.yaml", default_project="shop")


def _sharded(gate: str) -> Plan:
    text = f"version: 1\nservices: {{api: {{run: serve}}}}\nlevels: {{1: [{gate}]}}\n"
    return load(text.encode(), name="gates.yaml", default_project="x")


def test_tests_can_be_split() -> None:
    assert _sharded("{uses: pytest, shards: 4}").gates[0].shards == 4
    assert _sharded("{uses: ruff, shards: 1}").gates[0].shards == 1
    assert _sharded("pytest").gates[0].shards == 1


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("{uses: ruff, shards: 2}", "what stage `ruff` measures cannot be split"),
        ("{uses: pytest, shards: 2, with: {report: a.xml}}", "a report cannot be split"),
        ("{uses: pytest, shards: 2, service: api}", "measures a service"),
        ("{uses: pytest, shards: 0}", "shards"),
        ("{uses: pytest, shards: 257}", "shards"),
        ("{uses: pytest, shards: two}", "shards"),
    ],
)
def test_what_cannot_be_split_is_refused(gate: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        _sharded(gate)
    (problem,) = error.value.problems
    assert words in problem.summary
