"""What a JUnit suite says about itself, against what stands in it."""

from __future__ import annotations

from gates.formats import junit_words

HINT_MORE = (
    "jest-junit writes tests marked `todo` as passed: judge Jest's own JSON with the stage `jest`"
)
"""The next step where more tests ran than a suite declares."""

HINT_SAID = (
    "look at what the runner printed: a suite says that it went wrong, and no test in it tells why"
)
"""The next step where a suite speaks of a failure that does not stand in it."""

_TOTALS = ("tests", "failures", "errors", "skipped", "disabled")


class Suite:
    """One open suite: its declared totals and what was counted in it and in the suites below.

    Attributes:
        path: its name below the names of the suites around it; where its tests belong. Its host
            is part of that: Playwright writes there on which browser the tests of one file ran.
        said: what its other attributes say.
        records: test case elements.
        problems: failure and error elements, or cases whose status says so.
        skips: skipped elements and cases that were not run.
        new_tests: tests that ran and were not seen before.
        hint: the next step where a contradiction was found, or empty.
    """

    __slots__ = (
        "children",
        "declared",
        "hint",
        "name",
        "new_tests",
        "path",
        "problems",
        "records",
        "said",
        "skips",
    )

    def __init__(self, path: str, attributes: dict[str, str]) -> None:
        self.path = path
        self.name = attributes.get("name", "")
        self.declared = {key: attributes[key] for key in _TOTALS if attributes.get(key)}
        self.said = junit_words.of_suite(attributes)
        self.children: list[int | None] = []
        self.records = 0
        self.problems = 0
        self.skips = 0
        self.new_tests = 0
        self.hint = ""

    def below(self, attributes: dict[str, str]) -> Suite:
        """A suite that opens inside this one."""
        name, host = attributes.get("name", ""), attributes.get("hostname", "")
        own = f"{name}@{host}" if host else name
        return Suite(f"{self.path}/{own}" if self.path else own, attributes)

    def close(self, suite: Suite) -> None:
        """Take over what a suite inside this one has counted."""
        self.children.append(suite.declared_tests())
        self.records += suite.records
        self.problems += suite.problems
        self.skips += suite.skips
        self.new_tests += suite.new_tests

    def declared_tests(self) -> int | None:
        """The stated number of tests; where it is silent, that of the suites inside, if all say."""
        if "tests" in self.declared:
            return self._stated("tests")
        stated = [tests for tests in self.children if tests is not None]
        return sum(stated) if stated and len(stated) == len(self.children) else None

    def contradiction(self, *, subtests: bool) -> str:
        """How the declared totals contradict the counted elements; empty where they do not."""
        for key, value in self.declared.items():
            # isdigit alone would take `٣`; int() alone `+1` and `1_0`; 12 digits are plenty.
            if not (value.isascii() and value.isdigit() and len(value) <= 12):  # noqa: PLR2004
                return f"suite `{self.name}` declares {key}={value!r:.80}, which is no count"
        tests = self._stated("tests")
        comparisons = [
            (
                "failures and errors",
                self._stated("failures") + self._stated("errors"),
                self.problems,
            ),
            ("skipped tests", self._stated("skipped") + self._stated("disabled"), self.skips),
        ]
        if not (subtests and self.records):
            comparisons.append(("tests", tests, self.records))
        # Some writers leave out of an outer suite what its inner ones hold.
        if "tests" in self.declared and not self.children and tests < self.new_tests:
            self.hint = HINT_MORE
            return f"suite `{self.name}` declares {tests} tests, but {self.new_tests} ran"
        for noun, declared, counted in comparisons:
            if declared > counted:
                return f"suite `{self.name}` declares {declared} {noun}, but holds {counted}"
        return self._unexplained()

    def _unexplained(self) -> str:
        """What it says beside the usual counts, and no test in it bears out."""
        said = self.said
        self.hint = HINT_SAID
        if said.ended:
            return f"suite `{self.name}` says {said.ended}: it did not come to its end"
        if said.problems > self.problems:
            held = f"but holds {self.problems}"
            return f"suite `{self.name}` says that {said.problems} tests failed, {held}"
        if said.bad and not self.problems:
            return f"suite `{self.name}` says {said.bad}, but no failure stands in it"
        self.hint = ""
        return ""

    def _stated(self, key: str) -> int:
        return int(self.declared.get(key, "0"))
