"""Words of command lines that make a tool look at less: in `addopts`, in scripts, in steps."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

_WEAKENING = re.compile(
    r"-k(?:=.*|\S+)?$|-m$|--deselect(?:=|$)|--ignore(?:-glob|-path)?(?:=|$)|--no-cov(?:-on-fail)?$"
    r"|--co$|--collect-only$|-p=?no:|no:\S+$|--exit-zero(?:$|=)|--ignore-missing-imports$"
    r"|--no-verify$|--disable(?:=|$)|--extend-ignore(?:=|$)|--extend-exclude(?:=|$)"
    r"|--exclude(?:=|$)|--skip(?:=|$)|--per-file-ignores(?:=|$)|--passWithNoTests$"
    r"|--pass-with-no-tests$|--no-strict\S*$|--allow-\S+$|--reruns(?:=|$)|--lf$|--last-failed$"
    r"|--ff$|--sw$|--stepwise$|--maxfail(?:=|$)|--no-fail\S*$|--testPathIgnorePatterns(?:=|$)"
    r"|--no-audit$|--force$|--if-present$|--quiet-errors$|\|\|$|true$|--help$|--version$|-h$"
    r"|--ignore-vuln(?:=|$)|--confcutdir(?:=|$)|--noconftest$"
    r"|--override-ini(?:=|$)|(?:-o)?(?:python_(?:files|classes|functions)|testpaths|norecursedirs)="
    r"|--ignore-errors$|-i$|--collect\S*$|--fixtures$|--setup-plan$"
)
_STRENGTHENING = re.compile(
    r"--strict\S*$|--cov(?:=|$|-branch$|-fail-under)|-W$|error\S*$|--cov-config|--fail\S*$"
    r"|--check\S*$|--runInBand$|--coverage\S*$|--ci$|--require\S*$|-p=?\S*$|--select(?:=|$)"
    r"|--error\S*$|--all\S*$"
)
_CEILINGS = re.compile(r"(--max-warnings)[= ](-?\d+)")
_FLOORS = re.compile(r"(--cov-fail-under|--fail-under)[= ](\d+(?:\.\d+)?)")


def weaker(before: str, after: str) -> tuple[str, ...]:
    """What makes the later command line look at less than the earlier one, in a few words each."""
    return (*_weaker(before, after), *_more_allowed(before, after))


def _weaker(before: str, after: str) -> Iterator[str]:
    old, new = _split(before), _split(after)
    left = list(old)
    for word in new:
        if word in left:
            left.remove(word)
        elif _WEAKENING.match(word):
            yield f"adds `{word}`"
    kept = list(new)
    for word in old:
        if word in kept:
            kept.remove(word)
        elif _STRENGTHENING.match(word) and not _is_raised(word, after):
            yield f"drops `{word}`"


def _more_allowed(before: str, after: str) -> Iterator[str]:
    """Limits that stood there and are higher now, or gone: without one there is no limit."""
    old, new = dict(_CEILINGS.findall(before)), dict(_CEILINGS.findall(after))
    for name, number in old.items():
        now = int(new.get(name, -1))
        if now != int(number) and (now < 0 or 0 <= int(number) < now):
            yield f"raises `{name}` from {number}" if name in new else f"drops `{name} {number}`"


def _is_raised(word: str, after: str) -> bool:
    """Whether a floor that is no longer there stands there with a number that is no lower."""
    floors = {name: float(number) for name, number in _FLOORS.findall(after)}
    found = _FLOORS.match(word)
    return found is not None and floors.get(found[1], -1.0) >= float(found[2])


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=False)
    except ValueError:  # a quote is not closed
        return text.split()
