from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from markdown_it import MarkdownIt
from reports.runs import gate_runs, sample_run, undecided

from gates.domain.finding import Finding, Severity
from gates.domain.run import GateRun
from gates.domain.status import Status
from gates.reports.markdown import (
    COMMAND_LIMIT,
    COMMENT_BYTES,
    SHOWN_FINDINGS,
    code,
    comment,
    escaped,
    fenced,
    marker,
    report,
)
from gates.toolkit.door import one_line

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()
RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

SOUGHT = re.compile(r"@\w|#\d|\bgh-\d|://|\bwww\.\w|:[\w+-]+:", re.IGNORECASE)
"""What forges make links, mentions and pictures of, after Markdown was rendered."""

HOSTILE = [
    "a | b",
    "a \\| b \\",
    "`a` and `b",
    "`a``b` `c`",
    "```\n# x\n```",
    "`a|b` `c\\`",
    "<script>alert(1)</script>",
    "<!-- x --> &lt; &amp; <a href=x>",
    "[link](https://evil.example) ![i](x) [r]: /x",
    "<https://evil.example> https://evil.example www.evil.example ftp://x",
    "@someone and @org/team, mail@evil.example",
    "#1 GH-1 gh-22 org/repo#3",
    ":tada: a:100:b file.py:100:5",
    "**bold** __bold__ *it* _it_ ~~gone~~ a_b_c",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "> quote",
    "===",
    "---",
    "    code",
    "\ttab",
    "a\n\nb\r\n| c |",
    "line\u2028line\u2029line\x0bx",
    "\x1b[31mred\x1b[0m \x00 \u202eback",
    "$x$ $`x`$",
    "</td></table>",
    "![x",
    "(a) [b] {c} \"d\" 'e' ^f^ ~g~ %h =i",
    "",
    " ",
    "`",
    "``",
    "` `",
    "…",
]


class Text(HTMLParser):
    """The tags of a page, and its text within code and outside it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.all = ""
        self.outside = ""
        self.depth = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.append(tag)
        self.depth += tag in {"code", "pre"}

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in {"code", "pre"}

    def handle_data(self, data: str) -> None:
        self.all += data
        self.outside += "\0" if self.depth else data


def shown(text: str) -> str:
    """What a reader sees of a text that is harmless: no breaks, and no backticks of ours."""
    return text.replace("\u200b", "")


def check(text: str, made: str) -> None:
    """A text means the same, and nothing else, wherever a report puts it."""
    wanted = "".join(one_line(text, limit=500).split("`")).split()
    for source, tags in (
        (f"- {made}\n- next\n", ["ul", "li", "li"]),
        (f"### {made}\n", ["h3"]),
        (f"- x: {made}\n", ["ul", "li"]),
        (
            f"| a | b |\n|---|---|\n| {made} | end |\n",
            ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"],
        ),
    ):
        page = Text(RENDERER.render(source))
        assert [tag for tag in page.tags if tag != "code"] == tags, source
        seen = shown(page.all).replace("`", "")
        for word in wanted:
            assert word in seen, (source, word)
        assert not SOUGHT.search(page.outside), page.outside


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_means_nothing(text: str) -> None:
    check(text, escaped(text))
    check(text, code(text))


SIGNS = st.text(st.sampled_from("ab1 `|\\@#:/.<>[]()!*_~-+=&;\n$gGhHwW"), max_size=24)


@given(SIGNS)
def test_no_text_breaks_out(text: str) -> None:
    check(text, escaped(text))
    check(text, code(text))


def test_names_between_backticks_are_code() -> None:
    assert escaped("`time` imported but unused") == "`time` imported but unused"
    assert escaped("`a` and `b`") == "`a` and `b`"
    assert escaped("pin `a|b`") == "pin &#8203;a&#124;b&#8203;"
    assert escaped("@`1\\`") == "&#64;&#8203;1&#92;&#8203;"
    assert escaped("a ` b") == "a &#96; b"


def test_a_long_text_is_cut() -> None:
    assert escaped("x" * 600) == "x" * 499 + "…"


@pytest.mark.parametrize("text", ["a\n```\n# x", "`" * 40, "a\n~~~\n</pre>\n"])
def test_nothing_in_a_block_ends_it(text: str) -> None:
    page = Text(RENDERER.render(f"{fenced(text, 'sh')}\nafter\n"))
    assert page.tags == ["pre", "code", "p"]
    assert text in page.all


def test_the_report() -> None:
    assert report(sample_run()) == snapshot("""\
## failed · orders · Level 1 Level 1

1 passed, 1 waived, 1 errored, 1 failed, 1 skipped · 3.2 s · exit code 1

| status | gate | measured | examined | tool | time |
|---|---|---|---|---|---:|
| passed | lint | errors 0 (== 0) | 10 files | ruff 1.0 | 1.2 s |
| **failed** | coverage | line 89.5 % (>= 90 %)<br>errors 2 (== 0 warn) | 10 files | ruff 1.0 | 1.2 s |
| **waived** | sast | errors 0, 1 waived (== 0) | 10 files | ruff 1.0 | 1.2 s |
| **errored** | audit | `pip-audit` was not found |  |  | 0.01 s |
| **skipped** | later | not selected on the command line |  |  |  |

### failed: coverage (`gates.yaml:8:5`)

- line is 89.5 %, required >= 90 %; 1 more covered line would pass

| place | rule | severity | message |
|---|---|---|---|
| `src/orders/pricing.py:45:1` | `uncovered` |  | lines 45-52 are not covered |

Again, in the folder of gates.yaml:

```sh
/env/bin/tool check 'a file'
```

### errored: audit

- `pip-audit` was not found
- next: pip install pip-audit

### Told

- run: files changed while they were judged
- lint: a note
- coverage: `line >= 90%` replaces the default `line >= 85%`
- coverage: changed_line does not apply: no executable line changed
- coverage: warning: errors is 2, required == 0
- coverage: the default `branch >= 80%` is dropped in gates.yaml
- coverage: a note
- sast: a note

### Waived

| gate | what | until | owner | reason |
|---|---|---|---|---|
| sast | B602 src/orders/mail.py:&#8203;12 | 2026-02-01 | ana | input is a constant |

2 of 11 documented criteria up to Level 1 are met<br>
no gate shows L1-FORMAT, L1-TYPES, L1-TESTS, L1-SECRETS, L1-BENCH, L1-ARCH, L1-COMMIT<br>
record `20260131T120000Z-abcdef` · commit `cccccccccccccccccccccccccccccccccccccccc`, with changes that are not in it · selected by `--gate lint`
""")  # noqa: E501


def page_of(*gates: GateRun) -> Text:
    return Text(RENDERER.render(report(sample_run(*gates))))


def test_the_report_is_a_page_of_headings_and_tables() -> None:
    page = page_of()
    assert page.tags.count("table") == 3
    assert page.tags.count("h2") == 1
    assert page.tags.count("h3") == 4
    assert page.tags.count("pre") == 1


def test_the_verdict_stands_first() -> None:
    assert report(sample_run()).startswith("## failed · orders · Level 1 Level 1\n")
    assert "**interrupted**" in report(replace(sample_run(), complete=False))


def test_a_run_that_passed_has_no_details() -> None:
    page = page_of(LINT)
    assert page.tags.count("table") == 1
    assert "Again" not in page.all


def test_what_a_sample_leaves_open_is_told_with_both_ends() -> None:
    page = report(sample_run(undecided()))
    assert page.startswith("## errored")
    assert "| **inconclusive** | load | line between 88 % and 92 % (>= 90 %) |" in page
    assert "### inconclusive: load" in page
    assert "- line lies between 88 % and 92 %, required >= 90 %: the sample cannot" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_gate_changes_no_structure(text: str) -> None:
    finding = Finding(rule=text, severity=Severity.HIGH, message=text, path=text, line=3, fix=text)
    waived = tuple((finding, replace(waiver, reason=text)) for _, waiver in SAST.judged.waived)
    bad = replace(
        COVERAGE,
        plan=replace(COVERAGE.plan, name=f"x{text}", place=text),
        judged=replace(COVERAGE.judged, findings=(finding,), waived=waived),
        argv=("tool", text),
        notes=(text,),
    )
    run = replace(sample_run(bad), notes=(text,), selection=text, commit=text)
    tame = replace(sample_run(COVERAGE), notes=("x",))
    page = Text(RENDERER.render(report(run, record=text)))
    for tag in ("h2", "h3", "table", "pre", "a", "img", "script", "em", "strong", "hr"):
        due = Text(RENDERER.render(report(tame))).tags.count(tag)
        # Waived things have a heading and a table of their own.
        assert page.tags.count(tag) == due + (tag in {"h3", "table"})
    assert not SOUGHT.search(page.outside)


def test_many_findings_are_cut_and_counted() -> None:
    many = tuple(
        Finding(rule="r", severity=Severity.LOW, message=str(n), path="a", line=n + 1)
        for n in range(SHOWN_FINDINGS + 5)
    )
    text = report(sample_run(replace(COVERAGE, judged=replace(COVERAGE.judged, findings=many))))
    assert "… and 5 more in the record" in text
    assert text.count("| `r` |") == SHOWN_FINDINGS


def test_a_long_command_is_cut_and_counted() -> None:
    text = report(sample_run(replace(COVERAGE, argv=("tool", "x" * COMMAND_LIMIT))))
    assert "… and 5 more characters in the record" in text


def test_what_does_not_fit_is_left_out_at_a_border_and_counted() -> None:
    gates = tuple(
        replace(COVERAGE, plan=replace(COVERAGE.plan, name=f"coverage-{n}"), notes=())
        for n in range(40)
    )
    whole = report(sample_run(*gates))
    limit = len(whole.encode()) - 1
    text = report(sample_run(*gates), limit=limit)
    assert len(text.encode()) <= limit
    assert "**Cut:** this report was too long; the record also holds 1 section below it." in text
    assert "### failed: coverage-38" in text
    assert "### failed: coverage-39" not in text
    assert "### Told" in text
    assert text.splitlines()[-1] == whole.splitlines()[-1]
    Text(RENDERER.render(text))


def test_a_table_that_does_not_fit_loses_rows() -> None:
    gates = tuple(replace(LINT, plan=replace(LINT.plan, name=f"lint-{n}")) for n in range(400))
    run = sample_run(*gates)
    text = report(run, limit=20_000)
    assert len(text.encode()) <= 20_000
    found = re.search(r"record also holds (\d+) rows of the table", text)
    assert found
    assert text.count("| passed |") == 400 - int(found[1])


def test_a_whole_report_says_nothing_of_a_cut() -> None:
    assert "Cut" not in report(sample_run())


def test_what_was_judged_is_told() -> None:
    run = replace(sample_run(LINT), commit=None, selection=None)
    assert "outside git" in report(run)
    assert "selected" not in report(run)
    assert "record `20260131T120000Z-abcdef` in `kept/run.json`" in report(
        run, record="kept/run.json"
    )


def test_gates_that_need_no_words_get_none() -> None:
    skipped = replace(LINT, judged=replace(LINT.judged, status=Status.SKIPPED))
    assert "### " not in report(replace(sample_run(replace(skipped, notes=())), notes=()))


def test_a_comment_begins_with_a_line_to_find_it_by() -> None:
    text = comment(sample_run(), record="kept.json")
    first, rest = text.split("\n", 1)
    assert first == "<!-- gates: orders level 1 -->"
    assert rest == report(sample_run(), record="kept.json", limit=COMMENT_BYTES - len(first) - 1)


@pytest.mark.parametrize(
    ("project", "due"),
    [
        ("my shop/api (v2)", "my shop/api (v2)"),
        ("a--><script>", "a-%2D%3E%3Cscript%3E"),
        ("---", "-%2D-"),
        ("a\nb", "a b"),
        ("é", "%C3%A9"),
    ],
)
def test_a_marker_cannot_be_ended_from_within(project: str, due: str) -> None:
    made = marker(project, 2)
    assert made == f"<!-- gates: {due} level 2 -->\n"
    assert "--" not in made.removeprefix("<!--").removesuffix("-->\n")


def test_a_comment_is_short_enough_for_a_forge() -> None:
    many = tuple(
        replace(COVERAGE, plan=replace(COVERAGE.plan, name=f"gate-{n}")) for n in range(400)
    )
    text = comment(sample_run(*many))
    assert 30_000 < len(text) < 65_536
    assert "**Cut:**" in text
