"""The records of tests that ran in parts on several machines, proved to be one whole.

Each part lists all tests that it collected and those that it ran. The lists must be equal, and each
test must have run in exactly one part; then the records are added up, as if one process had run
them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from gates.domain.errors import OutputUnreadable
from gates.formats.pytest_proof import CaseCounts, Portion, PytestProof

_HINT = "let the names of tests not hang on the machine, the time or the order of a set"


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one part.

    Attributes:
        main: that of the main process.
        workers: those of xdist's workers, by id.
    """

    main: PytestProof
    workers: Mapping[str, PytestProof]

    @property
    def listed(self) -> frozenset[str]:
        """All tests that were collected, those of the other parts included."""
        return frozenset(self._collecting.listed)

    @property
    def portion(self) -> Portion:
        """Which part it is, and what ran.

        Raises:
            OutputUnreadable: the run was not one of a part.
        """
        if self.main.portion is None:
            raise _broken("a run of all tests stands in for a part of them")
        return self.main.portion

    @property
    def _collecting(self) -> Portion:
        """What a process tells that collected: under xdist, the workers do."""
        told = [each.portion for each in self.workers.values() if each.portion is not None]
        if len({each.listed for each in told}) > 1:
            raise _broken("its workers collected different tests", hint=_HINT)
        return told[0] if told else self.portion


def whole(parts: Sequence[Part]) -> Part:
    """The records of all parts as those of one run.

    Args:
        parts: each of them once, in order; at least one.

    Raises:
        OutputUnreadable: they are not the parts of one whole.
    """
    for at, part in enumerate(parts, 1):
        found = (part.portion.index, part.portion.count)
        if found != (at, len(parts)):
            raise _broken(f"part {found[0]} of {found[1]} stands in for part {at} of {len(parts)}")
    listed = _same_list(parts)
    seen: dict[str, int] = {}
    for at, part in enumerate(parts, 1):
        for nodeid in part.portion.ran:
            if nodeid in seen:
                raise _broken(f"`{nodeid:.200}` ran in part {seen[nodeid]} and in part {at}")
            seen[nodeid] = at
    strange = sorted(seen.keys() - listed)
    if strange:
        raise _broken(f"`{strange[0]:.200}` ran, and was never collected")
    missing = listed - seen.keys()
    if missing and not any(_stopped_at_a_failure(part) for part in parts):
        raise _broken(
            f"{len(missing)} of {len(listed)} collected tests ran in no part,"
            f" such as `{min(missing):.200}`"
        )
    return Part(_added(parts), _workers(parts))


def relocated(part: Part, origin: str, here: str) -> Part:
    """A part whose paths are those of this checkout, where it ran in another one.

    Args:
        part: its records.
        origin: the folder of gates.yaml there.
        here: the same folder in this checkout.
    """
    workers = {name: _moved(each, origin, here) for name, each in part.workers.items()}
    return Part(_moved(part.main, origin, here), workers)


def _same_list(parts: Sequence[Part]) -> frozenset[str]:
    first = parts[0].listed
    for at, part in enumerate(parts[1:], 2):
        if part.listed != first:
            example = min(part.listed ^ first)
            where = "1" if example in first else str(at)
            raise _broken(
                f"parts 1 and {at} did not collect the same tests:"
                f" only part {where} has `{example:.200}`",
                hint=_HINT,
            )
    if len({part.main.deselected for part in parts}) > 1:
        raise _broken("options took out different numbers of tests in different parts", hint=_HINT)
    return first


def _stopped_at_a_failure(part: Part) -> bool:
    """Whether an option such as `-x` ended it at a failure, as it would end one run of all."""
    tests = part.main.tests
    return bool(tests.failed or tests.errors) and bool(part.main.never_ran)


def _added(parts: Sequence[Part]) -> PytestProof:
    mains = [part.main for part in parts]
    return replace(
        mains[0],
        portion=None,
        partial=tuple(dict.fromkeys(flag for main in mains for flag in main.partial)),
        loop_ended=all(main.loop_ended for main in mains),
        stopped=next((main.stopped for main in mains if main.stopped), ""),
        collected=sum(main.collected for main in mains),
        never_ran=sum(main.never_ran for main in mains),
        # Every part collects all modules, so each tells of the same ones.
        deselected=max(main.deselected for main in mains),
        skipped_modules=max(main.skipped_modules for main in mains),
        tests=_sum(main.tests for main in mains),
        flaky=tuple(sorted({name for main in mains for name in main.flaky})),
        problems=tuple(problem for main in mains for problem in main.problems),
        warnings=sum(main.warnings for main in mains),
        workers={
            f"{at}/{name}": state
            for at, main in enumerate(mains, 1)
            for name, state in main.workers.items()
        },
    )


def _sum(counts: Iterable[CaseCounts]) -> CaseCounts:
    every = list(counts)
    return CaseCounts(
        **{each.name: sum(getattr(one, each.name) for one in every) for each in fields(CaseCounts)}
    )


def _workers(parts: Sequence[Part]) -> dict[str, PytestProof]:
    return {
        f"{at}/{name}": worker
        for at, part in enumerate(parts, 1)
        for name, worker in part.workers.items()
    }


def _moved(proof: PytestProof, origin: str, here: str) -> PytestProof:
    def path(text: str) -> str:
        if text == origin or text.startswith(f"{origin}/"):
            return here + text[len(origin) :]
        return text

    problems = tuple(replace(each, path=path(each.path)) for each in proof.problems)
    return replace(proof, rootdir=path(proof.rootdir), problems=problems)


def _broken(summary: str, *, hint: str = "") -> OutputUnreadable:
    return OutputUnreadable("parts-broken", summary, hint=hint or "run all shards again")
