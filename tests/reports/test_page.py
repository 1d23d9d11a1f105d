from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.pages import Page
from reports.rollups import projects, sample_rollup
from reports.runs import against_baseline, gate_runs, sample_run, undecided

from gates.domain.errors import Problem
from gates.domain.finding import Finding, Severity
from gates.domain.plan import Exemption
from gates.domain.rollup import RollUp
from gates.domain.run import GateRun, Run
from gates.domain.service import ServiceRun
from gates.domain.standing import Standing
from gates.domain.status import Status, Verdict
from gates.reports.page import prose, report, rollup_report
from gates.toolkit.door import neutralise

STYLE = Path(__file__).parents[2] / "src" / "gates" / "reports" / "page.css"
DIGEST = "0a" * 32
CHROMIUM = shutil.which("chromium") or ""

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>x</script>",
    "</td></tr></table><h1>passed</h1>",
    "<!-- x --> <![CDATA[ y ]]> <?php z ?>",
    "\"><img src=x onerror=alert(1)> ' onclick='x",
    "&lt;b&gt; &amp; &#60;b&#62; &",
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "`<b>x</b>` and `y` `",
    "``",
    "javascript:alert(1) https://evil.example",
    "\x1b[31mred\x1b[0m \x00 \u202eback \ud800",
]


def everything() -> Run:
    """A run that makes the page show each thing that it can show."""
    lint, coverage, sast, audit, later = gate_runs()
    many = tuple(
        Finding(rule=f"R{n % 10}", severity=Severity.INFO, message="m", counts=("line",))
        for n in range(300)
    )
    judged = replace(coverage.judged, findings=(*coverage.judged.findings, *many))
    service = ServiceRun(name="api", url="http://127.0.0.1:8000", is_local=True)
    gates = (
        replace(lint, cached=True, services=(service,)),
        replace(coverage, judged=judged),
        sast,
        audit,
        later,
        undecided(),
        against_baseline(109, 100, 98, 102),
    )
    run = sample_run(*gates)
    waiver = sast.judged.waivers[0]
    return replace(
        run,
        plan=replace(
            run.plan, not_applicable=(Exemption(criterion="L1-BENCH", reason="r", owner="o"),)
        ),
        criteria=replace(run.criteria, not_applicable=(("L1-BENCH", "r"),)),
        waivers=Standing(source="w.yaml", sha256="1" * 64, total=2, expired=(waiver,)),
    )


def page_of(run: Run) -> Page:
    return Page(report(run, sha256=DIGEST))


def sound(page: Page) -> None:
    """A page is whole, and can be walked through by its headings, tables and links."""
    assert page.faults == []
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.values("href")} <= set(ids)
    assert {name for text in page.values("aria-labelledby") for name in text.split()} <= set(ids)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert page.tags.count("table") == 0  # each says its role, which CSS may otherwise take away
    heads = [tag for tag in page.tags if tag.split()[0] == "th"]
    assert heads
    assert all(tag.split()[1:3] == ["role", "scope"] for tag in heads)
    assert [tag for tag in page.tags if tag.startswith("html")] == ["html lang"]
    assert "<title>" not in page.text


@pytest.mark.parametrize("run", [sample_run(), everything(), sample_run(gate_runs()[0])])
def test_a_page_is_whole(run: Run) -> None:
    sound(page_of(run))


def test_the_page_of_a_rollup_is_whole() -> None:
    sound(Page(rollup_report(sample_rollup(), sha256=DIGEST)))


def test_the_page_asks_nothing_of_a_network() -> None:
    for html in (report(everything()), rollup_report(sample_rollup())):
        page = Page(html)
        assert not {"src", "srcset", "action", "style", "data", "poster"} & {
            name for _, name, _ in page.attributes
        }
        assert all(link.startswith("#") for link in page.values("href"))
        assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & {
            tag.split()[0] for tag in page.tags
        }
        assert "url(" not in page.style
        assert "@import" not in page.style
        assert not any(name.startswith("on") for _, name, _ in page.attributes)


def test_the_policy_allows_the_one_style_sheet_and_nothing_else() -> None:
    page = page_of(everything())
    digest = b64encode(sha256(page.style.encode()).digest()).decode()
    policy = next(value for _, name, value in page.attributes if "default-src" in value)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert page.style == STYLE.read_text(encoding="utf-8")


def filled(run: Run, text: str) -> Run:
    """A run in which a tool, a checkout and gates.yaml each wrote the same text wherever they can.

    Names by which parts of a run find each other stay.
    """

    def gate(each: GateRun) -> GateRun:
        judged = each.judged
        finding = replace(
            Finding(rule=text, severity=Severity.HIGH, message=text),
            path=text, fix=text, owasp=text, subject=text,
        )  # fmt: skip
        problem = judged.problem
        if problem is not None:
            problem = Problem("slug", text, place=text, hint=text)
        return replace(
            each,
            plan=replace(each.plan, name=text, uses=text, place=text, criteria=(text,)),
            judged=replace(
                judged,
                reason=text,
                problem=problem,
                caused_by=text if judged.caused_by else None,
                findings=(finding,) * len(judged.findings),
                checks=tuple(replace(check, reason=text, advice=text) for check in judged.checks),
                waived=tuple(
                    (finding, replace(waiver, reason=text, owner=text))
                    for _, waiver in judged.waived
                ),
            ),
            tool=replace(each.tool, name=text, version=text, how=text) if each.tool else None,
            artifacts=tuple(
                replace(artifact, path=text, sha256=text) for artifact in each.artifacts
            ),
            argv=(text,) if each.argv else (),
            notes=(text,) * len(each.notes),
            logs=(text,) * len(each.logs),
            canary=text if each.canary else "",
            examined=replace(each.examined, unit=text, note=text) if each.examined else None,
        )

    return replace(
        run,
        id=text,
        plan=replace(run.plan, project=text, policy=replace(run.policy, source=text, sha256=text)),
        gates=tuple(map(gate, run.gates)),
        commit=text,
        tree=text,
        base=text,
        selection=text,
        where=replace(run.where, host=text, os=text, ci=text),
        originator=text,
        gates_version=text,
        notes=(text,) * len(run.notes),
        criteria=replace(run.criteria, met=(text,), failed=(text,), not_covered=(text,)),
    )


def tags_without_code(page: Page) -> list[str]:
    return [tag for tag in page.tags if tag != "code"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_never_becomes_markup(text: str) -> None:
    plain, hostile = page_of(filled(everything(), "plain")), page_of(filled(everything(), text))
    sound(hostile)
    assert tags_without_code(hostile) == tags_without_code(plain)
    shown = hostile.words.replace("`", "")
    for word in neutralise(text).replace("`", " ").split():
        assert word in shown


@given(st.text(st.sampled_from("<>&\"'`{}%#-!/ab =\n\\"), min_size=1, max_size=20))
@settings(max_examples=15, deadline=None)
def test_no_text_breaks_out(text: str) -> None:
    said = text if text.strip() else "x"
    plain, hostile = page_of(filled(sample_run(), "plain")), page_of(filled(sample_run(), said))
    assert hostile.faults == []
    assert tags_without_code(hostile) == tags_without_code(plain)


def test_hostile_text_in_a_rollup_never_becomes_markup() -> None:
    def filled_rollup(text: str) -> RollUp:
        entries = tuple(
            replace(
                entry,
                path=text,
                name=text,
                reason=text if entry.reason else "",
                record=text if entry.record else "",
                problem=Problem("s", text, hint=text) if entry.problem else None,
            )
            for entry in projects()
        )
        return replace(sample_rollup(*entries), project=text, notes=(text,))

    plain = Page(rollup_report(filled_rollup("plain")))
    for text in HOSTILE:
        hostile = Page(rollup_report(filled_rollup(text)))
        sound(hostile)
        assert tags_without_code(hostile) == tags_without_code(plain)


def test_prose_makes_code_of_what_stands_between_backticks() -> None:
    assert prose("a `b<` c") == "a <code>b&lt;</code> c"
    assert prose("a `b") == "a `b"
    assert prose("``x") == "x"


def test_the_page_begins_with_the_verdict_and_its_reason() -> None:
    words = page_of(sample_run()).words
    head = words[words.index("Skip to the gates") :]
    assert head.index("Failed") < head.index("coverage does not hold") < head.index("exit code")
    assert "line is 89.5 %, required >= 90 %; 1 more covered line would pass" in head
    assert "pip-audit was not found" in head


def test_a_gate_tells_numbers_limits_and_proof() -> None:
    words = page_of(everything()).words
    for part in (
        "line 89.5 % >= 90 %",
        "179 of 200",
        "10 files ruff 1.0",
        "planted and found B307 in a planted file",
        f"sha256 {'a' * 64}",
        "Next step: pip install pip-audit",
        "src/orders/pricing.py:45:1",
        "service api http://127.0.0.1:8000",
        "an earlier run of the same inputs",
        "does not apply",
        "between 88 % and 92 %",
    ):
        assert part in words


def test_waivers_and_exemptions_are_told() -> None:
    words = page_of(everything()).words
    assert "sast B602 src/orders/mail.py:12 2026-02-01 ana input is a constant" in words
    assert "2 waivers in w.yaml: 1 expired." in words
    assert "not applicable L1-BENCH API benchmark of single operations" in words
    assert "r (o)" in words


def test_each_status_has_a_word_and_a_shape() -> None:
    gates = tuple(
        replace(gate_runs()[0], judged=replace(gate_runs()[0].judged, status=status))
        for status in Status
    )
    page = page_of(sample_run(*gates))
    for status in Status:
        assert f" {status.value} " in page.words
    shapes = [value for tag, name, value in page.attributes if (tag, name) == ("use", "href")]
    assert len(set(shapes)) >= 6


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_has_a_page(verdict: Verdict) -> None:
    page = page_of(replace(sample_run(), verdict=verdict))
    sound(page)
    assert f" {verdict.value.capitalize()} " in page.words


def test_the_page_says_how_the_record_is_verified() -> None:
    page = page_of(sample_run())
    path = ".gates/local/runs/20260131T120000Z-abcdef/run.json"
    assert f"sha256sum {path}" in page.words
    assert f"gates report html --record {path}" in page.words
    assert DIGEST in page.words
    elsewhere = Page(report(sample_run(), record="a b/run.json")).words
    assert "sha256sum 'a b/run.json'" in elsewhere
    assert "sha256 of the file" not in elsewhere
    assert "Verify it" not in Page(report(replace(sample_run(), folder=""))).words


def test_ten_thousand_findings_stay_usable() -> None:
    finding = Finding(rule="R1", severity=Severity.LOW, message="m", path="a.py", counts=("line",))
    coverage = gate_runs()[1]
    found = tuple(replace(finding, line=n) for n in range(1, 10_001))
    run = sample_run(replace(coverage, judged=replace(coverage.judged, findings=found)))
    html = report(run)
    assert len(html) < 200_000
    words = Page(html).words
    assert "180 more findings" in words
    assert (
        "9,800 further findings of 10,000 stand in the record. Most frequent: R1 10,000." in words
    )


def test_the_page_of_many_projects_shares_what_can_be_unfolded() -> None:
    finding = Finding(rule="R1", severity=Severity.LOW, message="m", path="a.py", counts=("line",))
    coverage = gate_runs()[1]
    run = sample_run(
        replace(coverage, judged=replace(coverage.judged, findings=(finding,) * 10_000))
    )
    entry = replace(projects()[1], run=run)
    rollup = sample_rollup(*(replace(entry, path=f"p{n}") for n in range(60)))
    assert len(rollup_report(rollup)) < 2_000_000


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        lights = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * lights[0] + 0.7152 * lights[1] + 0.0722 * lights[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def themes() -> Iterator[dict[str, str]]:
    style = STYLE.read_text(encoding="utf-8")
    for block in style.split(":root {")[1:3]:
        yield dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block.partition("}")[0]))


def test_texts_can_be_read_in_the_light_and_in_the_dark() -> None:
    for theme in themes():
        grounds = [theme[name] for name in ("ground", "card", "sunken")]
        for ink in ("text", "quiet", "link", "good", "bad", "doubt", "warn"):
            assert min(contrast(theme[ink], ground) for ground in grounds) >= 4.5, ink
        for tone in ("good", "bad", "doubt", "warn"):
            for ink in (tone, "text", "quiet", "link"):
                assert contrast(theme[ink], theme[f"{tone}-soft"]) >= 4.5, (ink, tone)


@pytest.mark.live
@pytest.mark.skipif(not CHROMIUM, reason="no chromium here, so no browser looked at the page")
@pytest.mark.parametrize("html", [report(everything()), rollup_report(sample_rollup())])
def test_a_browser_shows_the_page_and_refuses_nothing_of_it(html: str, tmp_path: Path) -> None:
    planted = html.replace("</main>", "<script>document.title = 'ran'</script></main>")
    told = {}
    for name, text in (("sound", html), ("planted", planted)):
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [
                CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
                "--disable-background-networking", "--enable-logging=stderr", "--v=0",
                f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
                f"file://{tmp_path / name}.html",
            ],
            capture_output=True, timeout=60, check=True,
        )  # fmt: skip
        told[name] = done.stdout.decode(), done.stderr.decode()
    assert "Content Security Policy" not in told["sound"][1]
    assert Page(told["sound"][0]).words == Page(html).words
    assert "Content Security Policy" in told["planted"][1]
    assert "<title>ran" not in told["planted"][0]
