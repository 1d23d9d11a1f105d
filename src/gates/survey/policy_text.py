"""A proposal as the text of a gates.yaml: short, with the reason beside each gate.

Its form is one that formatters of YAML leave as it is, so that the gate `format` finds nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from gates.domain.survey import Chosen, LeftOut, Proposal
from gates.toolkit.door import one_line

_WIDTH = 96
_LIST_WIDTH = 80
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./*-]*")
# YAML 1.1 reads these as something other than text.
_SURPRISES = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})


def policy_text(proposal: Proposal) -> str:
    """The file's text."""
    return "\n".join(_lines(proposal)) + "\n"


def roof_text(
    name: str, projects: Iterable[str], chosen: Sequence[Chosen], left_out: Sequence[LeftOut] = ()
) -> str:
    """The text of a gates.yaml that names projects.

    Args:
        name: the project's, or empty where that of its folder serves.
        projects: their folders.
        chosen: gates of the folder itself.
        left_out: what is left out there.
    """
    lines = [
        "# Written by `gates init`. Each project has a gates.yaml of its own; `gates check` here",
        "# checks them all, and tells one verdict.",
        "version: 1",
    ]
    if name:
        lines.append(f"project: {scalar(name)}")
    lines += ["projects:", *(f"  - {scalar(path)}" for path in projects)]
    if chosen:
        lines += ["", "# What looks at the whole repository:", *_gates(chosen)]
    if left_out:
        lines += ["", "# Left out:", *_left_out(left_out)]
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """A text as YAML: plain where nothing in it could be read otherwise, else quoted."""
    if _PLAIN.fullmatch(text) and text.lower() not in _SURPRISES:
        return text
    from json import dumps

    return dumps(text, ensure_ascii=False)


def _lines(proposal: Proposal) -> Iterator[str]:
    yield "# Written by `gates init`. Each gate holds its stage's default conditions, which"
    yield "# `gates plan` shows and `require:` changes; `gates check` runs them all."
    if proposal.launcher:
        yield f"# The project's environment is in use by `{proposal.launcher}gates check`."
    yield "version: 1"
    if proposal.project:
        yield f"project: {scalar(proposal.project)}"
    yield from _sources(proposal)
    if proposal.environment:
        yield f"environment: {scalar(proposal.environment)}"
    yield ""
    yield from _gates(proposal.chosen)
    if proposal.left_out:
        yield ""
        yield "# Left out:"
        yield from _left_out(proposal.left_out)


def _sources(proposal: Proposal) -> Iterator[str]:
    yield f"# {_comment(proposal.layout)}"
    if not proposal.exclude:
        yield from _listed("sources", proposal.sources)
        return
    yield "sources:"
    yield from _listed("  include", proposal.sources)
    yield "  # tests and the like among them"
    yield from _listed("  exclude", proposal.exclude)


def _gates(chosen: Iterable[Chosen]) -> Iterator[str]:
    yield "levels:"
    yield "  1:"
    yield "    name: Automated"
    yield "    gates:"
    for gate in chosen:
        yield from _gate(gate)


def _gate(gate: Chosen) -> Iterator[str]:
    yield from _commented(f"{gate.purpose}; {gate.why}", indent=" " * 6)
    # On one line, scanners for secrets take what follows the word for one.
    if not gate.options and "secret" not in gate.name:
        yield f"      {gate.name}: {gate.uses}"
        return
    yield f"      {gate.name}:"
    yield f"        uses: {gate.uses}"
    if gate.options:
        yield "        with:"
        yield from (f"          {name}: {scalar(text)}" for name, text in gate.options)


def _left_out(gates: Iterable[LeftOut]) -> Iterator[str]:
    for gate in gates:
        yield from _commented(f"{gate.name} ({gate.criterion}): {gate.why}", indent="", hang="  ")


def _commented(text: str, *, indent: str, hang: str = "") -> Iterator[str]:
    first = f"{indent}# {hang}"
    yield from textwrap.wrap(
        _comment(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=f"{first}{hang}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _comment(text: str) -> str:
    """Foreign text fit for a comment: printable, and on one line."""
    return one_line(text)


def _listed(key: str, texts: Iterable[str]) -> Iterator[str]:
    """A list in the form that Prettier and yamllint leave as it is."""
    items = [scalar(text) for text in texts]
    short = f"{key}: [{', '.join(items)}]"
    if len(short) <= _LIST_WIDTH:
        yield short
        return
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    yield f"{key}:"
    yield from (f"{indent}- {item}" for item in items)
