"""How fast large reports are read, and in how much memory, beside other readers of the format."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.scratch import environment, program, repository
from bench.timing import Contender, Sample, in_turn, ratio, run_once, show

CASES = 100_000
CASES_OF_SUITE = 200
LINES = 1_000_000
LINES_OF_FILE = 500
RESULTS = 100_000

OURS = "gates"

DATA = "from pathlib import Path\ndata = Path(path).read_bytes()\n"
"""As the stages read a report: whole."""

COVERAGE = (
    "report = {reader}.read(data, what='r')\n"
    "found = sum(len(file.executed) + len(file.missing) for file in report.files)\n"
)

DIFF_COVER = """
from diff_cover.git_path import GitPathTool
from diff_cover.violationsreporters import violations_reporter as reporters
GitPathTool.set_cwd(None)
{reader}
found = sum(len(reporter.measured_lines(f'src/m{{n}}.py')) for n in range({files}))
"""
FILES = LINES // LINES_OF_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format, its large file, and the programs that read it.

    Attributes:
        title: what is read.
        name: the file's name.
        write: its lines.
        expected: how many cases, lines or results it holds; a reader must find as many.
        readers: by name the Python code of each, which sets `found`; the first is ours.
        peers: which of them run in an environment of their own.
    """

    title: str
    name: str
    write: Iterator[str]
    expected: int
    readers: Mapping[str, str]
    peers: frozenset[str] = field(default_factory=frozenset)


def junit() -> Iterator[str]:
    """Cases in suites; of each hundred, one failed and one was skipped."""
    yield "<?xml version='1.0' encoding='utf-8'?>\n<testsuites>"
    bad = CASES_OF_SUITE // 100
    for first in range(0, CASES, CASES_OF_SUITE):
        suite, count = first // CASES_OF_SUITE, CASES_OF_SUITE
        totals = f'errors="0" failures="{bad}" skipped="{bad}" tests="{count}" time="1.5"'
        yield f'<testsuite name="shop-{suite}" {totals}>\n'
        for case in range(first, first + count):
            of = f'classname="tests.test_{suite}.TestOrders"'
            body = {1: '<failure message="assert 1 == 2">at one\nat two</failure>', 2: "<skipped/>"}
            reason = body.get(case % 100, "")
            named = f'name="test_order[{case}-{case * 7}]" time="0.{case % 9:03}"'
            yield f"<testcase {of} {named}>{reason}</testcase>\n"
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def cobertura() -> Iterator[str]:
    """Files as coverage.py writes them: half of the lines ran, every tenth branches."""
    branches = LINES // 10
    yield '<?xml version="1.0" ?>\n'
    yield (
        f'<coverage version="7.0" timestamp="1" lines-valid="{LINES}" lines-covered="{LINES // 2}"'
        f' line-rate="0.5" branches-covered="{branches}" branches-valid="{branches * 2}"'
        ' branch-rate="0.5" complexity="0">\n<packages>\n'
        '<package name="src" line-rate="0.5" branch-rate="0.5" complexity="0">\n<classes>\n'
    )
    for number in range(FILES):
        yield (
            f'<class name="m{number}.py" filename="src/m{number}.py" complexity="0"'
            ' line-rate="0.5" branch-rate="0.5">\n<methods/>\n<lines>\n'
        )
        for line in range(1, LINES_OF_FILE + 1):
            more = "" if line % 10 else ' branch="true" condition-coverage="50% (1/2)"'
            yield f'\t\t<line number="{line}" hits="{line % 2}"{more}/>\n'
        yield "</lines>\n</class>\n"
    yield "</classes>\n</package>\n</packages>\n</coverage>\n"


def lcov() -> Iterator[str]:
    """The same lines without branches."""
    for number in range(FILES):
        yield f"TN:\nSF:src/m{number}.py\n"
        yield "".join(f"DA:{line},{line % 2}\n" for line in range(1, LINES_OF_FILE + 1))
        yield f"LF:{LINES_OF_FILE}\nLH:{LINES_OF_FILE // 2}\nend_of_record\n"


def coverage_json() -> Iterator[str]:
    """The same as coverage.py's JSON."""
    yield '{"meta": {"format": 3, "version": "7.0", "branch_coverage": false}, "files": {'
    executed = list(range(1, LINES_OF_FILE + 1, 2))
    missing = list(range(2, LINES_OF_FILE + 1, 2))
    for number in range(FILES):
        lines = f'"executed_lines": {executed}, "missing_lines": {missing}, "excluded_lines": []'
        comma = ", " if number else ""
        yield f'{comma}"src/m{number}.py": {{{lines}, "summary": {_summary(LINES_OF_FILE)}}}'
    yield f'}}, "totals": {_summary(LINES)}}}'


def sarif() -> Iterator[str]:
    """Results of a hundred rules."""
    rules = ", ".join(f'{{"id": "R{number}"}}' for number in range(100))
    yield '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan", "rules": ['
    yield f'{rules}]}}}}, "invocations": [{{"executionSuccessful": true}}], "results": ['
    for number in range(RESULTS):
        place = (
            f'{{"physicalLocation": {{"artifactLocation": {{"uri": "src/m{number % 999}.py"}},'
            f' "region": {{"startLine": {number % 500 + 1}, "startColumn": 5}}}}}}'
        )
        told = f'"level": "warning", "message": {{"text": "the result {number}"}}'
        comma = ", " if number else ""
        yield f'{comma}{{"ruleId": "R{number % 100}", {told}, "locations": [{place}]}}'
    yield "]}]}"


def formats() -> tuple[Format, ...]:
    """All formats with the programs that read them."""
    loaded = f"import json\n{DATA}document = json.loads(data)\n"
    parsed = "reporters.LcovCoverageReporter([reporters.LcovCoverageReporter.parse(path)])"
    tree = "import xml.etree.ElementTree as tree\n"
    return (
        Format(
            title=f"JUnit, {CASES:,} cases",
            name="junit.xml",
            write=junit(),
            expected=CASES,
            readers={
                OURS: f"from gates.formats import junit\n{DATA}"
                "found = junit.read(data, what='r').counts.tests\n",
                "junitparser": "from junitparser import JUnitXml\n"
                "found = sum(len(list(suite)) for suite in JUnitXml.fromfile(path))\n",
            },
        ),
        Format(
            title=f"Cobertura, {LINES:,} lines",
            name="cobertura.xml",
            write=cobertura(),
            expected=LINES,
            readers={
                OURS: "from gates.formats import cobertura\n"
                + DATA
                + COVERAGE.format(reader="cobertura"),
                "diff-cover": tree
                + DIFF_COVER.format(
                    reader="reporter = reporters.XmlCoverageReporter([tree.parse(path)])",
                    files=FILES,
                ),
            },
            peers=frozenset({"diff-cover"}),
        ),
        Format(
            title=f"LCOV, {LINES:,} lines",
            name="lcov.info",
            write=lcov(),
            expected=LINES,
            readers={
                OURS: "from gates.formats import lcov\n" + DATA + COVERAGE.format(reader="lcov"),
                "diff-cover": DIFF_COVER.format(reader=f"reporter = {parsed}", files=FILES),
            },
            peers=frozenset({"diff-cover"}),
        ),
        Format(
            title=f"coverage.py JSON, {LINES:,} lines",
            name="coverage.json",
            write=coverage_json(),
            expected=LINES,
            readers={
                OURS: "from gates.formats import coverage_json\n"
                + DATA
                + COVERAGE.format(reader="coverage_json"),
                "json alone": loaded + "found = document['totals']['num_statements']\n",
                "coverage, its own data": "from coverage import CoverageData\n"
                "data = CoverageData(path + '.sqlite')\n"
                "data.read()\n"
                "found = 2 * sum(len(data.lines(name)) for name in data.measured_files())\n",
            },
        ),
        Format(
            title=f"SARIF, {RESULTS:,} results",
            name="results.sarif",
            write=sarif(),
            expected=RESULTS,
            readers={
                OURS: f"from gates.formats import sarif\n{DATA}"
                "runs = sarif.read(data, what='r', relative=str)\n"
                "found = sum(len(run.results) for run in runs)\n",
                "json alone": loaded + "found = len(document['runs'][0]['results'])\n",
            },
        ),
    )


def compared(
    each: Format, folder: Path, env: Mapping[str, str], peers: Mapping[str, str], rounds: int
) -> str:
    """Write the file of a format, have all its readers read it in turn, and tell how they did."""
    path = folder / each.name
    with path.open("w") as file:
        file.writelines(each.write)
    if each.name == "coverage.json":
        _write_data(f"{path}.sqlite", folder, env)
    contenders = []
    for name, code in each.readers.items():
        python = peers.get(name, "") if name in each.peers else sys.executable
        if not python:
            show(f"{name} is not here: name the Python of its environment, --peer {name}=PYTHON")
            continue
        whole = f"path = {str(path)!r}\n{code}\nraise SystemExit(found != {each.expected})\n"
        argv = (python, "-c", whole)
        contenders.append(Contender(name=name, argv=argv, cwd=folder, env=env))
    samples = in_turn(contenders, rounds=rounds)
    return table(f"{each.title}, {path.stat().st_size / 1e6:.1f} MB", samples, path.stat().st_size)


def table(title: str, samples: Mapping[str, Sequence[Sample]], size: int) -> str:
    """Time, throughput and peak memory as text; ratios of times are ours to the other's."""
    width = max(len(name) for name in samples)
    lines = [title, f"{'':{width}}  {'wall s':>7}  {'MB/s':>6}  {'peak MiB':>8}  {'ours/it':>7}"]
    walls = {name: [run.wall_s for run in runs] for name, runs in samples.items()}
    for name, runs in samples.items():
        seconds = statistics.median(walls[name])
        peak = max(run.peak_bytes for run in runs) / 2**20
        lines.append(
            f"{name:{width}}  {seconds:7.2f}  {size / 1e6 / seconds:6.1f}  {peak:8.0f}"
            f"  {ratio(walls[OURS], walls[name]):7.2f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="formats whose title begins so")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    options = parser.parse_args()
    named = dict(text.split("=", 1) for text in options.peer)
    peers = {name: found for name, path in named.items() if (found := program(path, path))}
    with tempfile.TemporaryDirectory() as made:
        env = environment(Path(made) / "home")
        folder = repository(Path(made) / "reports", env, {"README": "reports\n"})
        for each in formats():
            if each.title.startswith(options.only):
                show(compared(each, folder, env, peers, options.rounds))
    show("whole processes, each with its start; medians of rounds in turn, the highest peak")


def _summary(lines: int) -> str:
    half = lines // 2
    return (
        f'{{"covered_lines": {half}, "missing_lines": {half}, "num_statements": {lines},'
        ' "excluded_lines": 0}'
    )


def _write_data(path: str, folder: Path, env: Mapping[str, str]) -> None:
    """What coverage.py itself keeps of the same lines: those that ran."""
    code = f"""
from coverage import CoverageData
data = CoverageData({path!r})
executed = list(range(1, {LINES_OF_FILE} + 1, 2))
data.add_lines({{f"{folder}/src/m{{n}}.py": executed for n in range({FILES})}})
data.write()
"""
    # In a process of its own: what this one takes counts as taken by all that it starts.
    run_once(Contender(name="data", argv=(sys.executable, "-c", code), cwd=folder, env=env))


if __name__ == "__main__":
    main()
