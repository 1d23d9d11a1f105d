"""The words by which a file silences a tool, as each tool documents its own.

A mark is looked for in a comment. Where it names what it silences, the names are in the group
`codes`; a mark without any silences everything, however long its explanation is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

_CODES = r"(?P<codes>[A-Z]+[0-9]+(?:(?:\s*,\s*|\s+)[A-Z]+[0-9]+\b)*)"
_BRACKETS = r"(?:\s*\[(?P<codes>[^\]]*)\])?"
_BANDIT = r"(?:B\d{3}|[a-z]+(?:_[a-z0-9]+)+)\b"
_NAMES = r"(?P<codes>[@\w./-]*\w(?:\s*,\s*[@\w./-]*\w)*)"


class Reach(Enum):
    """How much of a file a mark silences."""

    LINE = auto()
    REGION = auto()
    FILE = auto()
    ENDS = auto()  # it silences nothing: it ends a region, or asks for strictness


@dataclass(frozen=True, slots=True)
class Mark:
    """One form of suppression.

    Attributes:
        rule: its short name.
        pattern: what it looks like in a comment.
        reach: how much it silences.
    """

    rule: str
    pattern: re.Pattern[str]
    reach: Reach


_PYTHON: Mapping[str, tuple[str, Reach]] = {
    "noqa": (rf"#\s*noqa\b(?::\s*{_CODES})?", Reach.LINE),
    "flake8-noqa": (rf"#\s*flake8[:=]\s*noqa\b(?::\s*{_CODES})?", Reach.FILE),
    "ruff-noqa": (rf"#\s*ruff\s*:\s*noqa\b(?::\s*{_CODES})?", Reach.FILE),
    "ruff-file-ignore": (rf"#\s*ruff\s*:\s*file-ignore\b{_BRACKETS}", Reach.FILE),
    "ruff-ignore": (rf"#\s*ruff\s*:\s*ignore\b{_BRACKETS}", Reach.LINE),
    "ruff-disable": (rf"#\s*ruff\s*:\s*disable\b{_BRACKETS}", Reach.REGION),
    "nosec": (
        rf"#\s*nosec\b:?(?:\s*(?P<codes>{_BANDIT}(?:(?:\s*,\s*|\s+){_BANDIT})*))?",
        Reach.LINE,
    ),
    "type-ignore": (rf"#\s*type:\s*ignore\b{_BRACKETS}", Reach.LINE),
    "mypy-inline": (r"#\s*mypy\s*:\s*(?!strict\s*$)\S.*", Reach.FILE),
    "pyright-ignore": (rf"#\s*pyright:\s*ignore\b{_BRACKETS}", Reach.LINE),
    "pyright-inline": (r"#\s*pyright:\s*(?!ignore\b|strict\s*$)\S.*", Reach.FILE),
    "pyre-ignore": (rf"#\s*pyre-(?:ignore(?!-all)|fixme)\b{_BRACKETS}", Reach.LINE),
    "pyre-file": (r"#\s*pyre-(?:ignore-all-errors|unsafe|do-not-strict)\b", Reach.FILE),
    "pytype-disable": (rf"#\s*pytype:\s*(?:disable|skip-file)\b(?:\s*=\s*{_NAMES})?", Reach.REGION),
    "ty-ignore": (rf"#\s*ty:\s*ignore\b{_BRACKETS}", Reach.LINE),
    "pylint-disable": (
        rf"#\s*pylint:\s*disable(?:-next|-msg|-all)?\b(?:\s*=\s*{_NAMES})?",
        Reach.REGION,
    ),
    "pylint-skip-file": (r"#\s*pylint:\s*skip-file\b", Reach.FILE),
    "fmt-off": (r"#\s*fmt:\s*off\b", Reach.REGION),
    "fmt-skip": (r"#\s*fmt:\s*skip\b", Reach.LINE),
    "yapf-disable": (r"#\s*yapf:\s*disable\b", Reach.REGION),
    "autopep8-off": (r"#\s*autopep8:\s*off\b", Reach.REGION),
    "isort-off": (r"#\s*isort:\s*off\b", Reach.REGION),
    "isort-skip-file": (r"#\s*isort:\s*skip_file\b", Reach.FILE),
    "isort-skip": (r"#\s*isort:\s*skip\b(?!_)", Reach.LINE),
    "no-cover": (r"#\s*pragma[:\s]?\s*no\s*cover\b", Reach.LINE),
    "no-branch": (r"#\s*pragma[:\s]?\s*no\s*branch\b", Reach.LINE),
    "no-mutate": (r"#\s*pragma[:\s]?\s*no\s*mutate\b", Reach.LINE),
    "no-type-check": (r"^\s*@\s*(?:\w+\.)*no_type_check\b", Reach.LINE),
    # Under most other encodings a tool reads other comments than stand there.
    "source-encoding": (
        r"^[ \t\f]*#.*?coding[:=][ \t]*(?!utf[-_]?8|(?:us-)?ascii|latin|iso[-_]?8859|cp125)\w.*",
        Reach.FILE,
    ),
    "fmt-on": (r"#\s*fmt:\s*on\b", Reach.ENDS),
    "yapf-enable": (r"#\s*yapf:\s*enable\b", Reach.ENDS),
    "autopep8-on": (r"#\s*autopep8:\s*on\b", Reach.ENDS),
    "isort-on": (r"#\s*isort:\s*on\b", Reach.ENDS),
    "ruff-enable": (r"#\s*ruff\s*:\s*enable\b", Reach.ENDS),
    "pylint-enable": (r"#\s*pylint:\s*enable\b", Reach.ENDS),
    "pyright-strict": (r"#\s*pyright:\s*strict\s*$", Reach.ENDS),
    "mypy-strict": (r"#\s*mypy\s*:\s*strict\s*$", Reach.ENDS),
}

_JAVASCRIPT: Mapping[str, tuple[str, Reach]] = {
    "eslint-disable": (rf"\beslint-disable(?![\w-])(?:\s+(?!--){_NAMES})?", Reach.REGION),
    "eslint-disable-line": (
        rf"\beslint-disable-(?:next-)?line(?![\w-])(?:\s+(?!--){_NAMES})?",
        Reach.LINE,
    ),
    "eslint-inline": (r"(?:^|\s)eslint\s+(?:[\w@\"'/-]+)\s*:.*", Reach.FILE),
    "oxlint-disable": (rf"\boxlint-disable[\w-]*(?:\s+(?!--){_NAMES})?", Reach.REGION),
    "biome-ignore": (rf"\bbiome-ignore(?:-all|-start)?(?![\w-])(?:\s+{_NAMES})?", Reach.REGION),
    "deno-lint-ignore": (rf"\bdeno-lint-ignore(?:-file)?(?![\w-])(?:\s+{_NAMES})?", Reach.REGION),
    "tslint-disable": (r"\btslint:disable[\w-]*", Reach.REGION),
    "stylelint-disable": (r"\bstylelint-disable[\w-]*", Reach.REGION),
    "jshint-ignore": (r"\bjshint\s+ignore\b", Reach.REGION),
    "ts-ignore": (r"@ts-ignore\b", Reach.LINE),
    "ts-expect-error": (r"@ts-expect-error\b", Reach.LINE),
    "ts-nocheck": (r"@ts-nocheck\b", Reach.FILE),
    "flow-ignore": (r"\$Flow(?:FixMe|Ignore|Issue|ExpectedError)\b", Reach.LINE),
    "prettier-ignore": (r"\bprettier-ignore(?!-end)(?:-start)?(?![\w-])", Reach.REGION),
    "coverage-ignore": (
        r"\b(?:istanbul|vitest|[cv]8)\s+ignore\s+(?!stop\b)\w+|\bnode:coverage\s+(?:disable|ignore)",
        Reach.REGION,
    ),
    "stryker-disable": (r"\bStryker\s+disable\b", Reach.REGION),
    "eslint-enable": (r"\beslint-enable\b", Reach.ENDS),
    "prettier-ignore-end": (r"\bprettier-ignore-end\b", Reach.ENDS),
    "coverage-stop": (
        r"\b(?:istanbul|vitest|[cv]8)\s+ignore\s+stop\b|\bnode:coverage\s+enable\b",
        Reach.ENDS,
    ),
    "ts-check": (r"@ts-check\b", Reach.ENDS),
}

_SECRETS: Mapping[str, tuple[str, Reach]] = {
    "allowlist-secret": (
        r"\bpragma:?\s*(?:allow|white)list[\s-]*(?:nextline[\s-]*)?secret",
        Reach.LINE,
    ),
    "gitleaks-allow": (r"\bgitleaks:\s*allow\b", Reach.LINE),
    "trufflehog-ignore": (r"\btrufflehog:\s*ignore\b", Reach.LINE),
    "ggignore": (r"\bggignore\b", Reach.LINE),
    "secretlint-disable": (r"\bsecretlint-disable[\w-]*", Reach.REGION),
}

_SCANNERS: Mapping[str, tuple[str, Reach]] = {
    "nosemgrep": (rf"\bnosem(?:grep)?\b(?::\s*{_NAMES})?", Reach.LINE),
    "nosonar": (r"\bNOSONAR\b(?:\((?P<codes>[^)]*)\))?", Reach.LINE),
    "codeql": (r"\b(?:codeql|lgtm)\s*\[(?P<codes>[^\]]*)\]", Reach.LINE),
    "skipcq": (rf"\bskipcq\b(?::\s*{_NAMES})?", Reach.LINE),
    "noinspection": (rf"\bnoinspection\s+{_NAMES}", Reach.REGION),
    "checkov-skip": (r"\bcheckov:skip=(?P<codes>\w+)", Reach.REGION),
    "trivy-ignore": (r"\b(?:trivy|tfsec):ignore:(?P<codes>[\w-]+)", Reach.LINE),
    "hadolint-ignore": (rf"\bhadolint\s+(?:global\s+)?ignore={_NAMES}", Reach.LINE),
    "shellcheck-disable": (rf"\bshellcheck\s+disable={_NAMES}", Reach.REGION),
    "zizmor-ignore": (r"\bzizmor:\s*ignore(?:\[(?P<codes>[^\]]*)\])?", Reach.LINE),
    "yamllint-disable": (r"\byamllint\s+disable\b[\w-]*", Reach.REGION),
    "kics-ignore": (r"\bkics-scan\s+(?:ignore|disable)[\w-]*", Reach.REGION),
    "snyk-ignore": (r"\b(?:file\s+)?deepcode\s+ignore\b", Reach.LINE),
}

_OTHERS: Mapping[str, tuple[str, Reach]] = {
    "nolint": (
        r"\bNOLINT(?:NEXTLINE|BEGIN)?\b(?:[:(]\s*(?P<codes>[\w./-]+(?:\s*,\s*[\w./-]+)*))?",
        Reach.LINE,
    ),
    "nosec": (r"#\s*nosec\b(?:\s*(?P<codes>G\d{3}(?:\s+G\d{3})*))?", Reach.LINE),
    "coverage-marker": (r"\b(?:LCOV|GCOVR?|GRCOV)_EXCL_(?:BR_)?(?:LINE|START)\b", Reach.REGION),
    "coverage-exclusion": (
        r":nocov:|@codeCoverageIgnore\w*|ExcludeFromCodeCoverage|@\w*Generated\b",
        Reach.REGION,
    ),
    "suppress-warnings": (
        r"@Suppress(?:Warnings|Lint|FBWarnings)?\b|\bSuppressMessage\b",
        Reach.REGION,
    ),
    "pragma-warning": (r"#pragma\s+warning\s*\(?\s*disable|#nullable\s+disable", Reach.REGION),
    "pragma-diagnostic": (r"#pragma\s+(?:GCC|clang)\s+diagnostic\s+ignored", Reach.REGION),
    "allow": (
        r"#!?\[\s*(?:cfg_attr\([^\]]*)?(?:allow|expect)\s*\((?P<codes>[^)]*)\)",
        Reach.REGION,
    ),
    "rubocop-disable": (rf"\brubocop:(?:disable|todo)\s+{_NAMES}", Reach.REGION),
    "php-ignore": (
        r"\bphpcs:(?:ignore|disable)\b|@(?:phpstan-ignore|psalm-suppress)[\w-]*",
        Reach.LINE,
    ),
    "swiftlint-disable": (rf"\bswiftlint:disable\S*\s+{_NAMES}", Reach.REGION),
    "dart-ignore": (rf"//\s*ignore(?:_for_file)?:\s*{_NAMES}", Reach.LINE),
}


@lru_cache(1)
def of_python() -> tuple[Mark, ...]:
    """What Python's tools obey, and the scanners that read any language."""
    return _compiled({**_PYTHON, **_SECRETS, **_SCANNERS})


@lru_cache(1)
def of_javascript() -> tuple[Mark, ...]:
    """What the tools of JavaScript and TypeScript obey, and the scanners of any language."""
    return _compiled({**_JAVASCRIPT, **_SECRETS, **_SCANNERS})


@lru_cache(1)
def of_others() -> tuple[Mark, ...]:
    """What tools of other languages obey, and the scanners of any language."""
    return _compiled({**_OTHERS, **_SECRETS, **_SCANNERS})


@lru_cache(1)
def of_prose() -> tuple[Mark, ...]:
    """What is obeyed in any text at all: scanners for secrets read documents too."""
    return _compiled(_SECRETS)


def _compiled(table: Mapping[str, tuple[str, Reach]]) -> tuple[Mark, ...]:
    return tuple(
        Mark(rule, re.compile(pattern, re.IGNORECASE | re.MULTILINE), reach)
        for rule, (pattern, reach) in table.items()
    )
