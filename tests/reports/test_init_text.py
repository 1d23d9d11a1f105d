from collections.abc import Iterable
from dataclasses import replace

from gates.domain.survey import Chosen, LeftOut, Proposal
from gates.reports.init_text import (
    next_lines,
    next_of_projects,
    own_lines,
    projects_lines,
    proposal_lines,
    skipped_lines,
    written_lines,
    wrote,
)
from gates.reports.style import Line, render

LINT = Chosen(
    name="lint", uses="ruff", purpose="0 errors", why="ruff is installed", found="ruff 1 (.venv)"
)
COMMITS = Chosen(name="commits", uses="commit-message", purpose="form", why="they are")
PROPOSAL = Proposal(
    project="shop",
    layout="2 packages at the top",
    sources=("a", "b"),
    tools_from=".venv",
    chosen=(LINT, COMMITS),
)


def shown(proposal: Proposal) -> str:
    return render(proposal_lines(proposal, "folder"), colour=False)


def test_each_gate_is_shown_with_its_reason_and_tool() -> None:
    assert shown(PROPOSAL) == (
        "\n"
        "shop · 2 packages at the top: a, b · tools from .venv\n"
        "\n"
        "  lint     ruff            ruff is installed  ruff 1 (.venv)\n"
        "  commits  commit-message  they are\n"
    )


def test_what_is_left_out_is_shown_with_the_next_step() -> None:
    left = (
        LeftOut(name="types", criterion="L1-TYPES", why="mypy is not installed", hint="install it"),
        LeftOut(name="sast", criterion="L1-SAST", why="no reason"),
    )
    proposal = Proposal(
        project="", layout="src layout", sources=("src",), left_out=left, notes=("look out",)
    )
    text = shown(proposal)
    assert text.startswith("\nfolder · src layout · tools from\nnote look out\n")
    assert text.endswith(
        "left out\n"
        "  types  L1-TYPES  mypy is not installed\n"
        "         next: install it\n"
        "  sast   L1-SAST  no reason\n"
    )


def test_what_was_written_and_what_comes_next() -> None:
    one = render(written_lines("gates.yaml", (LINT,), ()), colour=False)
    assert one == "\nwrote gates.yaml with 1 gate\n"
    two = render(written_lines("gates.yaml", (LINT, COMMITS), ("lint",)), colour=False)
    assert "with 2 gates\nthe quickest of them, run now: lint\n" in two
    assert "`uv run gates check` runs all gates\n" in render(
        next_lines("uv run ", ()), colour=False
    )
    assert "no part of this command's exit code" in render(next_lines("", ("lint",)), colour=False)


def test_lines_keep_within_the_screen() -> None:
    words = "it is installed and it is configured by a file " * 3
    left = LeftOut(name="types", criterion="L1-TYPES", why=words, hint=words)
    chosen = (replace(LINT, why=words, found=words), COMMITS)
    proposal = replace(PROPOSAL, chosen=chosen, left_out=(left,), notes=(words,), layout=words)
    for width in (60, 80):
        lines = render(proposal_lines(proposal, "folder", width), colour=False).splitlines()
        assert max(map(len, lines)) <= width
    wide = render(proposal_lines(PROPOSAL, "folder", 120), colour=False)
    assert wide == shown(PROPOSAL)
    narrow = render(proposal_lines(PROPOSAL, "folder", 54), colour=False)
    assert f"ruff is installed  ruff 1\n{' ' * 27}(.venv)\n" in narrow


def test_what_comes_next_names_the_folder_where_the_shell_stands_elsewhere() -> None:
    text = render(next_lines("", (), "'my shop'"), colour=False)
    assert "`gates -C 'my shop' check` runs all gates\n" in text
    assert "`gates -C 'my shop' doctor`" in text


def test_projects_are_listed_and_each_stands_by_its_folder() -> None:
    def text(lines: Iterable[Line]) -> str:
        return render(lines, colour=False)

    assert text(projects_lines("shop", ("api", "web"))) == "\nshop · 2 projects: api, web\n"
    assert text(projects_lines("shop", ("api",))) == "\nshop · 1 project: api\n"
    placed = text(proposal_lines(PROPOSAL, "folder", place="services/api"))
    assert placed.startswith("\nservices/api · 2 packages at the top: a, b · ")
    assert text(skipped_lines("web", "no gate", "npm ci")) == "\nweb · no gate\n  next: npm ci\n"
    assert text(skipped_lines("web", "has one", "")) == "\nweb · has one\n"
    left = LeftOut(name="secrets", criterion="L1-SECRETS", why="no tool")
    own = text(own_lines((COMMITS,), (left,)))
    assert own.startswith("\nthe whole repository\n\n  commits  commit-message  they are\n")
    assert own.endswith("left out\n  secrets  L1-SECRETS  no tool\n")
    assert text(own_lines((), (left,))).startswith("\nthe whole repository\n\nleft out\n")
    assert text(own_lines((), ())) == ""
    assert text([wrote("gates.yaml", (), projects=1)]) == "wrote gates.yaml with 1 project\n"
    both = text([wrote("gates.yaml", (LINT,), projects=2)])
    assert both == "wrote gates.yaml with 2 projects and 1 gate\n"


def test_what_comes_next_for_projects() -> None:
    whole = render(next_of_projects("", ".", ()), colour=False)
    assert whole == "\nnext `gates check` checks all projects, and tells one verdict\n"
    some = render(next_of_projects("uv run ", "shop", ("web",)), colour=False)
    assert "next `uv run gates -C shop check`" in some
    assert "     once gates can run there: `gates -C shop/web init`; then add" in some
