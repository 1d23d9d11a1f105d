"""Runs one part of the tests, for the proof plugin; it runs inside the project's own pytest.

Several machines collect the same tests, and each runs the files that are dealt to it. Whole files:
what is set up once for a module is set up on one machine. Each tells the whole list, so that it can
be proved that all of them saw the same tests, and that each of these ran once.

Needs pytest 7.4 and Python 3.9, and nothing of `gates`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable
from hashlib import sha256

import pytest


class Portion:
    """Takes the tests of the other parts out of what was collected."""

    def __init__(self, index: int, count: int) -> None:
        self.index = index
        self.count = count
        self.listed: list[str] = []
        self.others: set[str] = set()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, object, None]:
        """Cut the list when every other plugin is done with it."""
        yield
        self.listed = sorted(item.nodeid for item in items)
        mine = dealt(self.listed, self.count)[self.index - 1]
        self.others = {nodeid for nodeid in self.listed if file_of(nodeid) not in mine}
        items[:] = [item for item in items if item.nodeid not in self.others]

    def told(self, ran: Iterable[str]) -> dict[str, object]:
        """What the record says of the part."""
        return {
            "index": self.index,
            "count": self.count,
            "listed": self.listed,
            "ran": sorted(ran),
        }


def dealt(nodeids: Iterable[str], count: int) -> list[set[str]]:
    """The files of tests for each of `count` parts, by nothing but the names of the tests.

    The files with the most tests are dealt first, each to the part that has fewest; a digest of
    the name decides between equals, so that neighbours in a folder do not end up together.
    """
    tests = Counter(map(file_of, nodeids))
    order = sorted(tests, key=lambda file: (-tests[file], sha256(file.encode()).hexdigest()))
    parts: list[set[str]] = [set() for _ in range(count)]
    sums = [0] * count
    for file in order:
        at = sums.index(min(sums))
        parts[at].add(file)
        sums[at] += tests[file]
    return parts


def file_of(nodeid: str) -> str:
    """The file in a node id: `tests/test_a.py` of `tests/test_a.py::TestA::test_b[1]`."""
    return nodeid.partition("::")[0]
