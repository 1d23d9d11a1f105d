"""JUnit XML reports, counted from their elements and never from their headers.

There is no standard; this reads what pytest, Surefire, Gradle, GoogleTest, Jest and their kin
write. What makes a report unreadable, so that it proves nothing:

- it is not whole XML with a JUnit root, a test case stands elsewhere than in a suite, or has no
  name (which `pytest.exit` leaves behind), a test or a suite holds an element that is not known, a
  reason holds another, a status is not known, a time or a count is no number;
- a suite declares more failures and errors, or more skipped and disabled ones, than stand in it;
- a suite declares more tests than stand in it. pytest counts each subtest there and writes one
  record for all of them, so its caller says `subtests=True` and compares with another source;
- a suite says in another way that it failed, and no failure stands in it, or that it was stopped;
- a suite declares fewer tests than the differently named ones that ran in it, as jest-junit does
  where it writes a `todo` as a test that passed.

Records of one identity (suite, class, name and file) are one test, and the worst record decides:
pytest-rerunfailures writes each failed attempt as if it had passed, so worst and last are the same
there, while two tests that share a name, or a test that fails before its teardown has an error,
must never become a pass. Several records count as retried, but for an error that follows a record
which did not pass: that is the teardown of the same attempt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

from gates.domain.errors import OutputUnreadable
from gates.formats import junit_words
from gates.formats.junit_cases import JunitCase, JunitCounts, Ledger, Outcome, identity
from gates.formats.junit_suites import Suite
from gates.formats.junit_words import ATTEMPTS, BESIDE, REASONS, ROOTS
from gates.formats.xml_stream import Source, attributes_of, feed, guarded_parser, local_name

if TYPE_CHECKING:
    from pyexpat import XMLParserType

__all__ = ["JunitCase", "JunitCounts", "JunitReport", "Outcome", "read"]

MAX_DEPTH = 100
MAX_TESTS = 1_000_000
MAX_CASES = 200_000  # that did not pass
MAX_NAME = 64 * 1024

_MESSAGE_CHARACTERS = 1000
_DETAIL_CHARACTERS = 4000
_MAX_TIME_DIGITS = 9
_ALL_DETAILS_CHARACTERS = 8 * 1024 * 1024  # later cases keep their message only


@dataclass(frozen=True, slots=True)
class JunitReport:
    """A whole report.

    Attributes:
        cases: those that did not pass, in the order of their first record.
        counts: of distinct tests.
        retried: identities of the tests with more than one attempt, in order.
        records: test case elements, of which one test may have several.
        declared: how many tests the report says it has, or None where it does not say.
        seconds: sum of the records' times.
        ledger: all tests, for `junit_merge`.
    """

    cases: tuple[JunitCase, ...]
    counts: JunitCounts
    retried: tuple[str, ...]
    records: int
    declared: int | None
    seconds: Decimal
    ledger: Ledger = field(default_factory=Ledger, repr=False, compare=False)


def read(data: Source, *, what: str, subtests: bool = False) -> JunitReport:
    """The report in `data`, read as a stream.

    Args:
        data: a binary file, its pieces, or all of it.
        what: the file's name, for messages.
        subtests: accept that suites declare more tests than they record.

    Raises:
        OutputUnreadable: the report is cut, contradicts itself or is no JUnit XML.
    """
    reader = _Reader(what, guarded_parser(), subtests=subtests)
    feed(reader.parser, data, what=what)
    return JunitReport(
        cases=reader.ledger.cases(),
        counts=reader.ledger.counts(),
        retried=reader.ledger.retried(),
        records=reader.suites[0].records,
        declared=reader.suites[0].declared_tests(),
        seconds=reader.seconds,
        ledger=reader.ledger,
    )


_PASSED = Outcome.PASSED  # looked up once: an enum's attributes are slow


class _Reason:
    """A child element that says why a case, or a suite, did not pass."""

    __slots__ = ("depth", "left", "message", "outcome", "parts")

    def __init__(self, outcome: Outcome, attributes: dict[str, str], depth: int, left: int) -> None:
        is_expected = outcome == Outcome.SKIPPED and attributes.get("type") == "pytest.xfail"
        self.outcome = Outcome.XFAILED if is_expected else outcome
        self.message = attributes.get("message", "")[:_MESSAGE_CHARACTERS]
        self.depth = depth
        self.left = left
        self.parts: list[str] = []

    def text(self, text: str) -> None:
        self.parts.append(text[: self.left])
        self.left = max(self.left - len(text), 0)


class _Reader:
    """Expat's handlers for one report."""

    def __init__(self, what: str, parser: XMLParserType, *, subtests: bool) -> None:
        self.what = what
        self.parser = parser
        self.subtests = subtests
        self.ledger = Ledger()
        self.suites = [Suite("", {})]
        self.seconds = Decimal(0)
        self.time = lru_cache(4096)(self.parsed_time)  # most tests take one of a few times
        self.depth = 0
        self.inside = 1  # the depth of what stands in the open suite itself
        self.prefix = ""  # the root's, with its colon
        self.details_left = _ALL_DETAILS_CHARACTERS
        self.case: list[str] | None = None  # its attributes
        self.case_depth = -1  # no depth is one more
        self.reasons: list[_Reason] = []
        self.attempts = 1
        self.tests_left = MAX_TESTS
        self.reason: _Reason | None = None
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end

    def start(self, tag: str, flat: list[str]) -> None:
        depth = self.depth = self.depth + 1
        # Nearly all are cases without a prefix, or their output: the shortest way is theirs.
        if tag == "testcase" and depth == self.inside > 1:
            self.case_depth = depth
            self.case = flat
        elif tag not in BESIDE or not 1 < depth <= MAX_DEPTH:
            self.start_other(tag, flat)

    def end(self, tag: str) -> None:
        if tag == "testcase":
            self.end_case()
        elif tag not in BESIDE:
            self.end_other(local_name(tag))
        self.depth -= 1

    def start_other(self, tag: str, flat: list[str]) -> None:
        name = local_name(tag)
        if self.depth > MAX_DEPTH:
            raise self.error("junit-limit", f"nested more than {MAX_DEPTH} deep")
        if self.depth == 1:
            if name not in ROOTS:
                raise self.error("junit-root", f"`{name:.80}` is no root of a JUnit report")
            self.prefix = tag[: -len(name)]
        if name == "testcase":
            self.start_case(flat)
        elif name in ROOTS:
            self.start_suite(name, attributes_of(flat))
        elif name in REASONS:
            self.start_reason(name, attributes_of(flat))
        elif name in ATTEMPTS and self.case is not None:
            self.attempts += 1
        elif name not in BESIDE and tag in (name, self.prefix + name):
            self.refuse_unknown(name)

    def end_other(self, name: str) -> None:
        if name == "testcase":
            self.end_case()
        elif self.reason is not None and self.depth == self.reason.depth:
            self.end_reason(self.reason)
        elif name in ROOTS:
            self.end_suite()

    def refuse_unknown(self, name: str) -> None:
        """What stands in a test or a suite itself must be known; what is below that may be odd."""
        holder = {self.case_depth + 1: "test", self.inside: "suite"}.get(self.depth)
        if holder:
            raise self.error("junit-element", f"a {holder} holds the unknown element `{name:.80}`")

    def start_suite(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth != self.inside:
            raise self.misplaced(name)
        try:
            self.suites.append(self.suites[-1].below(attributes))
        except junit_words.UnknownWordError as error:
            raise self.error(
                "junit-status", f"a suite has the unknown status `{error!s:.80}`"
            ) from None
        self.inside += 1

    def end_suite(self) -> None:
        suite = self.suites.pop()
        self.inside -= 1
        problem = suite.contradiction(subtests=self.subtests)
        if problem:
            raise self.contradiction(problem, hint=suite.hint)
        self.suites[-1].close(suite)

    def start_case(self, flat: list[str]) -> None:
        if self.depth != self.inside:
            raise self.misplaced("testcase")
        self.case_depth = self.depth
        self.case = flat

    def end_case(self) -> None:
        case = self.case
        if case is None:  # pragma: no cover - expat pairs the tags
            return
        self.case, self.case_depth = None, -1
        suite = self.suites[-1]
        suite.records += 1
        self.tests_left -= 1
        at_name, at_owner, at_file, at_time, is_plain = junit_words.places(tuple(case[::2]))
        case.append("")  # what stands where an attribute is absent
        name, owner, file = case[at_name], case[at_owner], case[at_file]
        group = (suite.path, owner, file)
        size = len(name) + len(owner) + len(file)
        if not name or size > MAX_NAME or not self.tests_left:
            raise self.bad_case(size)
        seconds = self.time(case[at_time])
        self.seconds += seconds
        outcome = _PASSED if is_plain else self.stated(attributes_of(case[:-1]))
        attempts, self.attempts = self.attempts, 1
        if outcome == _PASSED and not self.reasons:
            suite.new_tests += self.ledger.record(group, name, _PASSED, attempts)
            return
        if all(reason.outcome != outcome for reason in self.reasons):
            self.tally(outcome)
        worst = max([outcome, *(reason.outcome for reason in self.reasons)])
        is_new = self.ledger.record(group, name, worst, attempts)
        suite.new_tests += is_new and worst >= Outcome.ERROR
        self.ledger.keep(group, self.explained(attributes_of(case[:-1]), worst, seconds))
        self.reasons = []

    def bad_case(self, size: int) -> OutputUnreadable:
        if not self.tests_left:
            return self.error("junit-limit", f"{MAX_TESTS} test cases or more")
        if size > MAX_NAME:
            return self.error("junit-limit", f"a test's name is longer than {MAX_NAME} characters")
        # What pytest.exit leaves of the test that called it.
        return self.contradiction("a test case has no name: the run ended inside it")

    def start_reason(self, name: str, attributes: dict[str, str]) -> None:
        if self.reason is not None:
            raise self.misplaced(name)
        outcome = REASONS[name]
        left = min(_DETAIL_CHARACTERS, self.details_left)
        self.reason = _Reason(outcome, attributes, self.depth, left)
        self.parser.CharacterDataHandler = self.reason.text

    def end_reason(self, reason: _Reason) -> None:
        self.parser.CharacterDataHandler = None
        self.reason = None
        self.details_left -= sum(map(len, reason.parts))
        self.tally(reason.outcome)
        # The first of each outcome is told; keeping all would let one case fill the memory.
        if all(known.outcome != reason.outcome for known in self.reasons):
            self.reasons.append(reason)
        if self.case is None:
            suite = self.suites[-1]
            about = {"name": suite.name or suite.path, "file": ""}
            case = self.explained(about, reason.outcome, Decimal(0))
            self.ledger.keep_suite(case)
            self.reasons = []

    def tally(self, outcome: Outcome) -> None:
        """Count an element, or a status that stands for one, against the declared totals."""
        suite = self.suites[-1]
        if outcome in (Outcome.FAILED, Outcome.ERROR):
            suite.problems += 1
        elif outcome != Outcome.PASSED:
            suite.skips += 1

    def stated(self, case: dict[str, str]) -> Outcome:
        """The worst of what the case's attributes say."""
        try:
            return junit_words.of_case(case)
        except junit_words.UnknownWordError as error:
            raise self.error(
                "junit-status", f"a test has the unknown status `{error!s:.80}`"
            ) from None

    def parsed_time(self, text: str) -> Decimal:
        """A record's seconds; Surefire separates thousands by a comma, some use a decimal one."""
        if not text:
            return Decimal(0)
        if "," in text:
            text = text.replace(",", "" if "." in text else ".")
        try:
            seconds = Decimal(text)
        except InvalidOperation:
            seconds = Decimal("NaN")
        if not seconds.is_finite() or seconds.adjusted() > _MAX_TIME_DIGITS:
            raise self.error("junit-time", f"`{text:.80}` is no time in seconds")
        return seconds

    def explained(self, case: dict[str, str], outcome: Outcome, seconds: Decimal) -> JunitCase:
        """The case with the first of its reasons that has this outcome."""
        if self.ledger.kept >= MAX_CASES:
            raise self.error("junit-limit", f"more than {MAX_CASES} tests did not pass")
        message, detail = "", ""
        for reason in self.reasons:
            if reason.outcome == outcome:
                detail = "".join(reason.parts)
                message = reason.message or detail.strip().partition("\n")[0][:_MESSAGE_CHARACTERS]
                break
        line = case.get("line", "")
        classname, file, name = case.get("classname", ""), case.get("file", ""), case["name"]
        return JunitCase(
            identity=identity(classname, file, name),
            name=name,
            classname=classname,
            file=file,
            line=int(line) if line.isascii() and line.isdigit() and len(line) < 10 else None,  # noqa: PLR2004
            outcome=outcome,
            message=message,
            detail=detail,
            seconds=seconds,
        )

    def misplaced(self, name: str) -> OutputUnreadable:
        where = "inside a test case, a failure or another element that holds none"
        hint = "give the report as the runner wrote it: no known one nests these"
        return self.contradiction(f"`{name:.80}` stands {where}", hint=hint)

    def contradiction(self, summary: str, *, hint: str = "") -> OutputUnreadable:
        return self.error("junit-contradiction", summary, hint=hint)

    def error(self, slug: str, summary: str, *, hint: str = "") -> OutputUnreadable:
        place = f"{self.what}:{self.parser.CurrentLineNumber}"
        return OutputUnreadable(slug, summary, hint=hint, place=place)
