"""A scratch repository of several projects, each with gates of its own that cost nothing."""

from __future__ import annotations

from repositories import Repo

GATE = """\
      {name}:
        uses: command
        with: {{run: {run}, examined: exit-status}}
"""


def policy(*gates: tuple[str, str], level: int = 1, head: str = "") -> str:
    """A gates.yaml whose gates run these commands; the exit status is all that they examine."""
    body = "".join(GATE.format(name=name, run=f'"{run}"') for name, run in gates)
    levels = f"levels:\n  {level}:\n    gates:\n{body}" if gates else ""
    return f"version: 1\n{head}{levels}"


def monorepo(repo: Repo, entries: str = "[services/*, packages/core]") -> Repo:
    """Two services, of which one depends on a package, and that package."""
    repo.write("gates.yaml", f"version: 1\nproject: shop\nprojects: {entries}\n")
    repo.write("services/api/gates.yaml", policy(("lint", "true"), ("unit", "true")))
    repo.write(
        "services/api/pyproject.toml",
        '[project]\nname = "api"\ndependencies = ["shop-core"]\n',
    )
    repo.write("services/api/src/api.py", "import shop_core\n")
    repo.write("services/mail/gates.yaml", policy(("lint", "true"), head="project: mailer\n"))
    repo.write("services/mail/requirements.txt", "requests\n")
    repo.write("packages/core/gates.yaml", policy(("lint", "true")))
    repo.write("packages/core/pyproject.toml", '[project]\nname = "shop_core"\n')
    repo.write("packages/core/core.py", "X = 1\n")
    repo.commit()
    return repo
