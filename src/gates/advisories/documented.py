"""What the stages that audit packages say of themselves in the same words."""

from __future__ import annotations

from typing import Final

LOCK: Final = {
    "help": "requirements.txt, uv.lock, poetry.lock or pylock.toml, one or a list;"
    " else the packages of the project's environment"
}
INTERNAL: Final = {
    "help": "names of the project's own packages, not looked up",
    "stricter": "fewer",
}
GRACE: Final = {
    "help": "days from publication in which a severity is in grace: `{high: 14d}`",
    "stricter": "lower",
}
"""Help of the options `lock`, `internal` and `grace`."""

OSV_URL: Final = {"help": "base address of the OSV service; else https://api.osv.dev"}
"""Help of the option `osv_url`."""

OMIT: Final = {
    "help": "kinds of packages that need not be looked up: `dev`, and for npm `optional` and"
    " `peer`",
    "stricter": "fewer",
}
SBOM: Final = {
    "help": "the SBOM that the scanner read (CycloneDX or Syft JSON), which an earlier step wrote:"
    " its packages are taken as examined, and every output says so"
}
ASSUME_LOCK: Final = {
    "help": "take the packages of `lock` as examined where the report does not list any; every"
    " output says so",
    "stricter": "off",
}
LOG: Final = {"help": "what the tool wrote to its standard error beside the report"}
"""Help of further options of stages that judge a report."""

CONDITIONS: Final = ("critical == 0", "high == 0", "unknown == 0")
AGE_CONDITION: Final = "advisory_age < 7d"
"""Default conditions; that on age decides from Level 3 on and only tells below."""

SUPPRESSED_CONDITION: Final = "suppressed == 0"
"""What a tool's own rules leave out is told, and decides from Level 3 on."""

ERRORED_WHEN: Final = (
    "there is no package to look up",
    "a package has no released version and is not named as internal",
    "the lock is absent, damaged, not pinned, or has hashes for some packages only",
)
"""Where the packages in use are not known."""


REPORT_ERRORED_WHEN: Final = (
    "the report is cut short, of another form, or contradicts itself",
    "the report does not tell what was examined, and neither `sbom` nor `assume_lock` is given",
    "no package was examined",
    "a package of `lock` is not in the report",
    "parts tell different vulnerabilities of one package",
)
"""Where a report of another tool proves nothing."""


NOT_ASKED: Final = "whether these are this project's packages is not asked; `lock` asks it"
"""Note of a report that no lock is held against."""


def planted(package: object, by: str) -> str:
    """How a result tells of its canary.

    Args:
        package: what was planted among the packages in use.
        by: what found it.
    """
    return f"planted {package}, and {by} found it"
