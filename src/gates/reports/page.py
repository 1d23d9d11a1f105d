"""The HTML report: one page that holds all it needs, for a browser, a mail or an artifact.

It has no script and asks nothing of a network, and its Content-Security-Policy allows neither: the
one style sheet is allowed by its digest. All that a tool, a checkout or gates.yaml wrote is
foreign: the template escapes every value.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import TYPE_CHECKING

from gates import __version__
from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.reports import told
from gates.reports.page_rollup import rollup_view
from gates.reports.page_run import run_view

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_SHAPES = {
    "passed": "passed",
    "unaffected": "passed",
    "met": "passed",
    "judged": "passed",
    "failed": "failed",
    "errored": "errored",
    "pending": "pending",
    "waived": "waived",
    "overridden": "waived",
    "not applicable": "waived",
    "inconclusive": "open",
    "partial": "open",
    "not covered": "open",
    "warn": "open",
    "skipped": "skipped",
}
"""The shape beside each word that tells how something stands."""


def report(run: Run, *, record: str = "", sha256: str = "") -> str:
    """The page of a run.

    Args:
        run: what is rendered.
        record: the file behind it, if not the one in its folder.
        sha256: hexadecimal digest of that file's bytes, or empty where it is not known.
    """
    path = record or (f"{told.shown_folder(run)}/run.json" if run.folder else "")
    view = run_view(run, path, sha256)
    title = f"{view.verdict}: {view.project}, {view.level}"
    return _render(title, run=view, rollup=None)


def rollup_report(rollup: RollUp, *, record: str = "", sha256: str = "") -> str:
    """The page of a roll-up, with each judged project's own parts below; arguments as above."""
    path = record or (f".gates/local/runs/{rollup.id}/rollup.json" if rollup.folder else "")
    view = rollup_view(rollup, path, sha256)
    title = f"{view.verdict}: {view.project}, Level {view.level}"
    return _render(title, run=None, rollup=view)


def _render(title: str, **views: object) -> str:
    from markupsafe import Markup

    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    allowed = b64encode(digest_of(style.encode()).digest()).decode()
    return _template().render(
        title=title,
        version=__version__,
        style=Markup(style),  # noqa: S704 - our own file; the digest covers just these bytes
        style_hash=f"sha256-{allowed}",
        **views,
    )


def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["prose"] = prose
    made.filters["amount"] = _amount
    made.filters["slug"] = _slug
    made.filters["shape"] = _SHAPES.__getitem__
    return made.get_template("page.html.j2")


def prose(text: str) -> Markup:
    """Foreign text, escaped, with what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    made = (
        Markup("<code>{}</code>").format(part) if at % 2 and part else escape(part)
        for at, part in enumerate(parts)
    )
    return Markup("").join(made)


def _amount(number: int) -> str:
    return f"{number:,}"


def _slug(word: str) -> str:
    return word.replace(" ", "-")
