from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.dependency_cruiser_json import SEVERITIES, Breach, Cruise, Rule, parse

DATA = "dependency_cruiser/17.4.3"


def read(data: bytes) -> Cruise:
    return parse(data, what="dependencies.json")


def document(name: str = "findings") -> dict[str, object]:
    loaded: object = json.loads(recorded(f"{DATA}/{name}.json"))
    assert isinstance(loaded, dict)
    return loaded


def at(value: object, *keys: str | int) -> dict[str, object]:
    """The object at a place of a document."""
    for key in keys:
        if isinstance(key, int):
            assert isinstance(value, list)
            value = value[key]
        else:
            assert isinstance(value, dict)
            value = value[key]
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    ("exclude", "dropped"),
    [({}, None), ({"path": "x"}, None), ({"dynamic": True}, True), ({"dynamic": False}, False)],
)
def test_imports_that_are_dropped_for_being_dynamic(
    exclude: dict[str, object], *, dropped: bool | None
) -> None:
    changed = document()
    at(changed, "summary", "optionsUsed")["exclude"] = exclude

    assert read(json.dumps(changed).encode()).drops_dynamic is dropped


def test_a_recorded_report() -> None:
    cruise = read(recorded(f"{DATA}/findings.json"))

    assert cruise.folder == "/project"
    assert cruise.cruised == ("src/core/total.ts", "src/web/rate.ts", "src/left.ts")
    assert (cruise.imports, cruise.unresolved) == (2, ())
    assert (cruise.sees_types, cruise.is_cached) == (True, False)
    assert "es6" in cruise.systems
    assert cruise.drops_dynamic is None
    assert cruise.rules == (
        Rule(name="no-circular", severity="warn"),
        Rule(
            name="core-knows-no-web",
            severity="error",
            paths=("^src/core",),
            comment="the core stands alone",
        ),
        Rule(name="jobs-know-no-web", severity="error", paths=("^src/jobs",)),
    )
    core, web = "src/core/total.ts", "src/web/rate.ts"
    assert cruise.breaches == (
        Breach(rule="core-knows-no-web", severity="error", source=core, target=web),
        Breach(rule="no-circular", severity="warn", source=core, target=web, way=(web, core)),
    )


def test_a_recorded_report_with_every_kind_of_breach() -> None:
    cruise = read(recorded(f"{DATA}/kinds.json"))

    assert [(one.rule, one.source, one.target, len(one.way)) for one in cruise.breaches] == [
        ("cyc", "src/app/b.js", "src/lib/x.js", 2),
        ("dep", "src/app/a.js", "left-pad", 0),
        ("folder-cycle", "src/app", "src/lib", 2),
        ("folder-cycle", "src/lib", "src/app", 2),
        ("no-secret", "src/app/a.js", "src/lib/secret.js", 2),
        ("no-secret", "src/app/b.js", "src/lib/secret.js", 2),
        ("no-unreach", "src/lib/unused.js", "src/lib/unused.js", 0),
        ("shared", "src/lib/secret.js", "src/lib/secret.js", 0),
    ]
    assert cruise.unresolved == (("src/app/a.js", "left-pad"),)
    assert len(cruise.cruised) == 5


def test_a_recorded_report_with_known_breaches() -> None:
    breaches = read(recorded(f"{DATA}/known.json")).breaches

    assert [one.severity for one in breaches] == ["error"] * 2 + ["ignore"] * 6


def test_older_reports_have_less() -> None:
    older = document()
    summary = at(older, "summary")
    for key in ("ignore", "totalDependenciesCruised"):
        del summary[key]
    at(summary, "violations", 1)["cycle"] = ["src/web/rate.ts", "src/core/total.ts"]

    assert read(json.dumps(older).encode()).breaches[1].way[0] == "src/web/rate.ts"


def test_a_report_without_rules() -> None:
    bare = {
        "modules": [],
        "summary": {
            **dict.fromkeys(("error", "warn", "info", "totalCruised"), 0),
            "violations": [],
            "optionsUsed": {"moduleSystems": [], "cache": {"folder": "x"}},
        },
    }

    cruise = read(json.dumps(bare).encode())

    assert (cruise.rules, cruise.folder, cruise.sees_types) == ((), "", False)
    assert cruise.is_cached


def test_rules_of_every_kind() -> None:
    whole = document()
    at(whole, "summary")["ruleSetUsed"] = {
        "forbidden": [{"name": "a", "severity": "error", "from": {"path": ["^x", "^y"]}}],
        "required": [{"name": "b", "severity": "info", "module": {"path": "^z"}}],
        "allowed": [{"from": {}, "to": {}}],
        "allowedSeverity": "warn",
    }

    assert read(json.dumps(whole).encode()).rules == (
        Rule(name="a", severity="error", paths=("^x", "^y")),
        Rule(name="b", severity="info", paths=("^z",)),
        Rule(name="not-in-allowed", severity="warn"),
    )


def test_a_rule_about_a_module_has_no_from() -> None:
    whole = document()
    at(whole, "summary")["ruleSetUsed"] = {
        "forbidden": [{"name": "a", "severity": "error", "module": {}}],
        "allowed": [],
    }

    assert read(json.dumps(whole).encode()).rules == (Rule(name="a", severity="error"),)


def total(whole: dict[str, object]) -> None:
    at(whole, "summary")["totalCruised"] = 9


def imports(whole: dict[str, object]) -> None:
    at(whole, "summary")["totalDependenciesCruised"] = 9


def errors(whole: dict[str, object]) -> None:
    at(whole, "summary")["error"] = 0


def summary_is_emptied(whole: dict[str, object]) -> None:
    at(whole, "summary").update({"violations": [], "error": 0, "warn": 0})


def cycle_is_left_out(whole: dict[str, object]) -> None:
    summary = at(whole, "summary")
    summary.update({"violations": [at(summary, "violations", 0)], "warn": 0})


def modules_are_cleaned(whole: dict[str, object]) -> None:
    edge = at(whole, "modules", 0, "dependencies", 0)
    edge["valid"] = True
    del edge["rules"]


def valid_without_reason(whole: dict[str, object]) -> None:
    at(whole, "modules", 2)["valid"] = False


def rules_of_a_valid_module(whole: dict[str, object]) -> None:
    at(whole, "modules", 2)["rules"] = [{"name": "a", "severity": "error"}]


@pytest.mark.parametrize(
    "lie",
    [
        total,
        imports,
        errors,
        summary_is_emptied,
        cycle_is_left_out,
        modules_are_cleaned,
        valid_without_reason,
        rules_of_a_valid_module,
    ],
)
def test_a_report_that_lies_is_unreadable(lie: Callable[[dict[str, object]], None]) -> None:
    whole = document()
    lie(whole)

    with pytest.raises(OutputUnreadable) as caught:
        read(json.dumps(whole).encode())

    assert caught.value.problem.slug == "contradiction"


def test_a_folder_whose_breach_is_left_out_is_unreadable() -> None:
    whole = document("kinds")
    summary = at(whole, "summary")
    found = summary["violations"]
    assert isinstance(found, list)
    kept = [one for one in found if one["rule"]["name"] != "folder-cycle"]
    summary.update({"violations": kept, "error": 5})

    with pytest.raises(OutputUnreadable, match="`folder-cycle`"):
        read(json.dumps(whole).encode())


@pytest.mark.parametrize("word", ["fatal", "", "ERROR"])
def test_an_unknown_severity_is_unreadable(word: str) -> None:
    whole = document()
    at(whole, "summary", "violations", 0, "rule")["severity"] = word

    with pytest.raises(OutputUnreadable, match="no severity of dependency-cruiser"):
        read(json.dumps(whole).encode())
    assert word not in SEVERITIES


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"modules": []}',
        b'{"modules": [], "modules": [], "summary": {}}',
        b'{"modules": [], "summary": {"totalCruised": NaN}}',
        b'{"modules": ' + b"[" * 300 + b"]" * 300 + b"}",
    ],
)
def test_an_empty_foreign_or_hostile_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        read(data)


@pytest.mark.parametrize("name", ["findings", "kinds", "known"])
def test_a_report_that_is_cut_short_is_unreadable(name: str) -> None:
    refuses_every_cut(read, recorded(f"{DATA}/{name}.json"))
