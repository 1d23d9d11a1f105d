"""Small projects with environments of stand-in programs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repositories import Repo

from gates.config.load import load
from gates.domain.plan import Plan
from gates.survey import layout
from gates.survey.configured import configured
from gates.survey.scene import Scene
from gates.toolkit.git import Git
from gates.toolkit.tools import Toolbox

TOOLS = {
    "bandit": "1.9.4",
    "coverage": "7.17.3",
    "detect-secrets": "1.5.0",
    "mypy": "2.4.1",
    "pip-audit": "2.10.1",
    "pytest": "9.2.0",
    "ruff": "0.17.6",
}


NODE_TOOLS = {
    "depcruise": "dependency-cruiser@17.4.3",
    "eslint": "eslint@10.15.0",
    "jest": "jest@30.5.2",
    "prettier": "prettier@3.10.1",
    "secretlint": "secretlint@11.7.1",  # pragma: allowlist secret
    "tsc": "typescript@5.9.3",
    "vitest": "vitest@4.1.11",
}
"""Programs of Node packages, with the package and its version."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A repository in which nothing but git is on PATH, and `gates` is installed nowhere."""

    repo: Repo
    home: Path

    @property
    def root(self) -> Path:
        return self.repo.root

    @property
    def environ(self) -> dict[str, str]:
        return {**self.repo.environ, "PATH": str(self.home / "bin"), "HOME": str(self.home)}

    @property
    def own(self) -> Path:
        return self.home / "gates-environment"

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self.repo.write(name, text)

    def environment(self, tools: Mapping[str, str] = TOOLS, folder: Path | None = None) -> Path:
        """An environment; each tool is a script that tells its version."""
        made = folder or self.root / ".venv"
        site = made / "lib" / "python3.11" / "site-packages"
        site.mkdir(parents=True)
        (made / "bin").mkdir()
        (made / "pyvenv.cfg").write_text("version = 3.11\n")
        self.program(made / "bin" / "python", "exit 0")
        for name, version in tools.items():
            self.program(made / "bin" / name, f"echo {name} {version}")
            (site / f"{name.replace('-', '_')}-{version}.dist-info").mkdir()
        if made.is_relative_to(self.root):
            (made / ".gitignore").write_text("*\n")
        return made

    def manifest(self, *packages: str, folder: str = "", **keys: object) -> None:
        """A package.json that asks for these packages."""
        told = {"name": "@acme/shop", "devDependencies": dict.fromkeys(packages, "*"), **keys}
        self.repo.write(f"{folder}package.json", json.dumps(told))

    def lock(self, name: str = "package-lock.json", *, workspaces: tuple[str, ...] = ()) -> None:
        """A lock of npm that has what each package.json asks for, and one more package."""
        paths = {at: self.root / at / "package.json" for at in ("", *workspaces)}
        asked = {at: json.loads(path.read_text()) for at, path in paths.items() if path.exists()}
        names = {"a", *(one for told in asked.values() for one in told.get("devDependencies", {}))}
        places = {f"node_modules/{package}": {"version": "1.0.0"} for package in sorted(names)}
        told = {"lockfileVersion": 3, "packages": {"": {}, **asked, **places}}
        self.repo.write(name, json.dumps(told))

    def packages(self, *programs: str, folder: Path | None = None) -> Path:
        """A node_modules with these programs; git ignores it, and `npm` is on PATH."""
        made = (folder or self.root) / "node_modules"
        (made / ".bin").mkdir(parents=True, exist_ok=True)
        for program in programs:
            package, _, version = NODE_TOOLS[program].partition("@")
            own = made / package
            self.program(own / "cli.js", f"echo {version}")
            (own / "package.json").write_text(json.dumps({"name": package, "version": version}))
            (made / ".bin" / program).symlink_to(own / "cli.js")
        self.repo.write(".gitignore", "node_modules\n.gates/\n")
        for name in ("node", "npm"):
            self.program(self.home / "bin" / name, f"echo {name} 20.1.2")
        return made

    def program(self, path: Path, script: str, interpreter: str = "/bin/sh") -> Path:
        """A stand-in program, always a file of its own in this test's folders.

        Never written through a link: what it leads to may be the machine's own program.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        real = path.parent.resolve()
        assert any(real.is_relative_to(own.resolve()) for own in (self.home, self.root)), path
        path.unlink(missing_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(f"#!{interpreter}\n{script}\n")
        path.chmod(0o755)
        return path

    def scene(self, environment: str | None = None, **environ: str) -> Scene:
        surrounding = {**self.environ, **environ}
        git = Git(self.root, surrounding)
        toolbox = Toolbox(
            root=self.root,
            git_root=git.toplevel(),
            environment=environment,
            environ=surrounding,
            own_prefix=self.own,
        )
        return Scene(
            root=self.root,
            git=git,
            toolbox=toolbox,
            environ=surrounding,
            layout=layout.look(self.root),
            configured=configured(self.root),
        )


def ground(repo: Repo, home: Path) -> Ground:
    """Where git alone is on PATH, by a script that starts it."""
    home.mkdir()
    program = shutil.which("git")
    assert program is not None
    made = Ground(repo, home)
    made.program(home / "bin" / "git", f'exec {program} "$@"')
    return made


def plan_of(text: str) -> Plan:
    """The plan of the gates of Level 1 that a text holds, one a line or in their own form."""
    lines = "".join(f"      {line}\n" for line in text.strip("\n").splitlines())
    whole = f"version: 1\nproject: shop\nlevels:\n  1:\n    gates:\n{lines}"
    return load(whole.encode(), name="gates.yaml", default_project="shop")
