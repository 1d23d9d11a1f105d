"""What the stages that audit packages say of themselves in the same words."""

from __future__ import annotations

from typing import Final

LOCK: Final = {
    "help": "requirements.txt, uv.lock, poetry.lock or pylock.toml, one or a list;"
    " else the packages of the project's environment"
}
INTERNAL: Final = {"help": "names of the project's own packages, not looked up"}
GRACE: Final = {
    "help": "days from publication in which a severity is in grace: `{high: 14d}`",
}
"""Help of the options `lock`, `internal` and `grace`."""

CONDITIONS: Final = ("critical == 0", "high == 0", "unknown == 0")
AGE_CONDITION: Final = "advisory_age < 7d"
"""Default conditions; that on age decides from Level 3 on and only tells below."""

ERRORED_WHEN: Final = (
    "there is no package to look up",
    "a package has no released version and is not named as internal",
    "the lock is absent, damaged, not pinned, or has hashes for some packages only",
)
"""Where the packages in use are not known."""


def planted(package: object, by: str) -> str:
    """How a result tells of its canary.

    Args:
        package: what was planted among the packages in use.
        by: what found it.
    """
    return f"planted {package}, and {by} found it"
