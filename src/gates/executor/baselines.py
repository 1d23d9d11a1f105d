"""Baselines: the limits that earlier runs of the same gates give to conditions of this one.

Only the records in `.gates/local/runs` of this folder are looked at, the newest first, and only
where a condition asks for a baseline. A run is comparable where the gate measured in the same way
(`GatePlan.options_sha256`) on the same kind of machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gates.domain.allowance import MOST
from gates.domain.baseline import MEASURED, Past, counts, settled
from gates.domain.condition import UNKNOWN, Condition, Operator, Role
from gates.domain.errors import OutputUnreadable
from gates.domain.metric import Metric, tags_of
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import Where
from gates.domain.status import Status
from gates.toolkit.door import one_line
from gates.toolkit.files import read_report
from gates.toolkit.state import list_runs

if TYPE_CHECKING:
    from gates.formats.strict_json import Value

T = TypeVar("T")

SCHEMA = "gates/run/v1"
"""The one form of record that is read here."""

RECORD = "run.json"

LARGEST_BYTES = 32 << 20
"""A record beyond this size is not read: no run with findings in sensible numbers writes one."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a condition still looks for.

    Attributes:
        gate: the gate that it stands in.
        condition: the condition.
        past: what was found so far, the newest first.
    """

    gate: GatePlan
    condition: Condition
    past: list[Past] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return len(self.past) < MOST


def settle(plan: Plan, level: int, root: Path, where: Where) -> tuple[Plan, tuple[str, ...]]:
    """Give conditions on a baseline their limits; also what every output must tell.

    Args:
        plan: what gates.yaml says.
        level: the judged level; gates above it are left as they are.
        root: the folder of gates.yaml.
        where: the machine of this run.
    """
    wanted = tuple(
        _Wanted(gate, condition)
        for gate in plan.up_to(level)
        for condition in gate.conditions
        if condition.baseline is not None
    )
    if not wanted:
        return plan, ()
    notes = tuple(_search(wanted, root, where))
    gates = tuple(_settled(gate, wanted) for gate in plan.gates)
    return replace(plan, gates=gates), notes


def _settled(gate: GatePlan, wanted: tuple[_Wanted, ...]) -> GatePlan:
    past = {id(each.condition): each.past for each in wanted if each.gate is gate}
    if not past:
        return gate
    conditions = tuple(settled(each, past.get(id(each), ())) for each in gate.conditions)
    return replace(gate, conditions=conditions)


def _search(wanted: tuple[_Wanted, ...], root: Path, where: Where) -> Iterator[str]:
    """Look through the records until nothing is wanted; tells of those that cannot be read."""
    for folder in reversed(list_runs(root)):
        open_ = [each for each in wanted if each.is_open]
        if not open_:
            return
        path = folder / RECORD
        if not path.exists():
            continue  # a run that did not reach its end
        try:
            _look(path, open_, where)
        except OutputUnreadable as error:
            what = one_line(error.problem.summary)
            yield f"the record of run `{folder.name}` is left out of the baselines: {what}"


def _look(path: Path, wanted: list[_Wanted], where: Where) -> None:
    """Take from a record what it shows of the conditions.

    Raises:
        OutputUnreadable: it cannot be read, or is damaged.
    """
    from gates.formats import strict_json

    data = read_report(path, max_bytes=LARGEST_BYTES).data
    digests = {each.gate.options_sha256 for each in wanted}
    # To parse a record takes much longer than to see that it tells of none of these gates.
    is_whole = data.rstrip().endswith(b"}")
    if is_whole and not any(digest.encode() in data for digest in digests):
        return
    top = strict_json.read(data, what=path.name, max_bytes=LARGEST_BYTES)
    if not _is_comparable(top, path, where):
        return
    found = [
        (each, value)
        for each in wanted
        for entry in top.member("gates").items()
        if (value := _measured(entry, each)) is not None
    ]
    # Nothing is taken from a record of which a later part turns out to be damaged.
    for each, value in found:
        each.past.append(Past(path.parent.name, value))


def _is_comparable(top: Value, path: Path, where: Where) -> bool:
    """Whether a record is of a whole run, on the same kind of machine.

    Machines of a CI system have another name each time; elsewhere the name tells them apart.
    """
    if top.member("schema").text() != SCHEMA or not top.member("complete").flag():
        return False
    if top.member("id").text() != path.parent.name:
        raise top.member("id").unreadable("is that of another run")
    there, ci = top.member("where"), top.member("where").find("ci")
    told = (there.member("os").text(), there.member("cpus").count(), ci.text() if ci else None)
    is_alike = told == (where.os, where.cpus, where.ci)
    return is_alike and (where.ci is not None or there.member("host").text() == where.host)


def _measured(entry: Value, wanted: _Wanted) -> tuple[int, int] | None:
    """What a recorded gate measured for a condition; None where it cannot be compared."""
    gate, condition = wanted.gate, wanted.condition
    digest = entry.find("options_sha256")
    said = (entry.member("name").text(), digest.text() if digest else "")
    if not gate.options_sha256 or said != (gate.name, gate.options_sha256):
        return None
    if _word(Status, entry.member("status")) not in MEASURED or entry.member("cached").flag():
        return None
    for each in entry.member("metrics").items():
        if _is_about(each, "name", condition) and each.member("unit").text() == condition.unit:
            metric = _metric(each)
            return metric.fraction if _counts(entry, metric, condition) else None
    return None


def _metric(entry: Value) -> Metric:
    name, top = entry.member("name").text(), entry.find("numerator")
    if top is None:
        return Metric(name=name, value=entry.member("value").number())
    bottom = entry.member("denominator").count()
    if not bottom:
        raise entry.unreadable("is a ratio of nothing")
    return Metric(name=name, numerator=top.integer(), denominator=bottom)


def _counts(entry: Value, metric: Metric, condition: Condition) -> bool:
    return all(
        _stands(each, metric, condition)
        for each in entry.member("conditions").items()
        if _is_about(each, "metric", condition)
    )


def _stands(entry: Value, metric: Metric, condition: Condition) -> bool:
    """Whether a recorded condition leaves its run fit to stand in a baseline."""
    if entry.member("baseline").raw is None:
        return True
    limit = entry.find("limit")
    recorded = replace(
        condition,
        operator=_word(Operator, entry.member("operator")),
        role=_word(Role, entry.member("role")),
        limit=limit.number() if limit else UNKNOWN,
    )
    known = recorded.known_limit
    holds = known is not None and recorded.operator.holds(metric.fraction, known)
    return counts(recorded, _word(Status, entry.member("status")), holds=holds)


def _word(kind: Callable[[str], T], entry: Value) -> T:
    try:
        return kind(entry.text())
    except ValueError:
        raise entry.unreadable(f"is `{entry.text()}`, which is no known word") from None


def _is_about(entry: Value, name: str, condition: Condition) -> bool:
    tags = tags_of({key: value.text() for key, value in entry.member("tags").entries()})
    return (entry.member(name).text(), tags) == (condition.metric, condition.tags)
