"""A proposal as the text of a gates.yaml: short, with the reason beside each gate."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from gates.domain.survey import Chosen, LeftOut, Proposal
from gates.toolkit.door import one_line

_WIDTH = 96
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
# YAML 1.1 reads these as something other than text.
_SURPRISES = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})


def policy_text(proposal: Proposal) -> str:
    """The file's text."""
    return "\n".join(_lines(proposal)) + "\n"


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
    yield "levels:"
    yield "  1:"
    yield "    name: Automated"
    yield "    gates:"
    for gate in proposal.chosen:
        yield from _gate(gate)
    if proposal.left_out:
        yield ""
        yield "# Left out:"
        yield from _left_out(proposal.left_out)


def _sources(proposal: Proposal) -> Iterator[str]:
    include = _listed(proposal.sources)
    if not proposal.exclude:
        yield f"sources: {include}  # {_comment(proposal.layout)}"
        return
    yield f"sources:  # {_comment(proposal.layout)}"
    yield f"  include: {include}"
    yield f"  exclude: {_listed(proposal.exclude)}  # tests among them"


def _gate(gate: Chosen) -> Iterator[str]:
    yield from _commented(f"{gate.purpose}; {gate.why}", indent=" " * 6)
    # On one line, scanners for secrets take what follows the word for one.
    if not gate.options and "secret" not in gate.name:
        yield f"      {gate.name}: {gate.uses}"
        return
    yield f"      {gate.name}:"
    yield f"        uses: {gate.uses}"
    if gate.options:
        options = ", ".join(f"{name}: {scalar(text)}" for name, text in gate.options)
        yield f"        with: {{{options}}}"


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


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(scalar(text) for text in texts)}]"
