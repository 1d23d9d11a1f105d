"""Changes that the gates of a commit must find, and what they must say of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hooks.conftest import Project

CLEAN = '''\
"""Sums."""


def total(one: int, other: int) -> int:
    """Both together."""
    return one + other
'''
TEST = "tests/test_settings.py"
"""The tests that the policy runs."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A staged change.

    Attributes:
        staged: what is staged: whole files, or for one that is there what is put to its end.
        found: how the gates stand that find something, or cannot look; no other gate may.
        untracked: files beside them that are not staged.
    """

    staged: Mapping[str, str]
    found: Mapping[str, str] = field(default_factory=dict)
    untracked: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code of `gates`: a failed gate outranks one that could not look."""
        statuses = set(self.found.values())
        return 1 if "failed" in statuses else 3 if statuses else 0

    def stage(self, project: Project) -> None:
        """Put it there; nothing else is changed, and no record of a run is left."""
        project.git("reset", "--quiet", "--hard")
        project.git("clean", "--quiet", "-d", "--force")
        project.forget()
        for name, text in {**self.staged, **self.untracked}.items():
            path = project.root / name
            path.write_text((path.read_text() if path.exists() else "") + text)
        project.git("add", "--", *self.staged)


PLANTS: Mapping[str, Plant] = {
    "clean": Plant({"src/orders/sums.py": CLEAN}),
    # Four in one go, each for a gate of its own: a manager starts `gates` once for them.
    "lint, format, secret, test": Plant(
        {
            "src/orders/lint.py": CLEAN.replace("\n\n\n", "\n\nimport os\n\n\n", 1),
            "src/orders/format.py": CLEAN.replace("one + other", "(one+other)"),
            "src/orders/secret.py": f'{CLEAN}\n\nKEY = "AKIA{"Q3EGV7T2KW5ZRX4M"}"\n',
            TEST: "\n\ndef test_none() -> None:\n    assert Settings.from_env({}) is None\n",
        },
        dict.fromkeys(("lint", "format", "secrets", "tests"), "failed"),
    ),
    # The module lies there, so whoever looks at the working tree finds nothing wrong.
    "untracked module": Plant(
        {
            "src/orders/__init__.py": '\nfrom orders.more import MORE\n\n__all__ = ["MORE"]\n',
        },
        {"tests": "errored"},
        {"src/orders/more.py": '"""More."""\n\nMORE = 1\n'},
    ),
}
"""What is staged, by name: one clean change, and five faults that must be found."""

MESSAGES: Mapping[str, bool] = {"feat: add up sums": True, "added sums": False}
"""Messages of a commit, and whether they are in order."""


def found(project: Project) -> dict[str, str]:
    """How the gates of the recorded run stand that found something, or could not look."""
    calm = {"passed", "unaffected"}
    return {name: status for name, status in project.statuses().items() if status not in calm}
