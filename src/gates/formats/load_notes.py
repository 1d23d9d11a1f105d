"""What every output must tell of a run of load, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gates.formats.latency import MAX_TAGGED, rank
from gates.formats.load_model import LoadRecord
from gates.formats.load_part import Part
from gates.formats.load_slices import SLICES

BURSTY = 2.0
"""From so many times the variation of chance on, it is told that slow requests came in bursts."""

SHOWN_REASONS = 3

_P95 = 95
_MS = 1000


def of(record: LoadRecord, whole: Part, parts: Sequence[Part], died: str) -> tuple[str, ...]:
    """The notes of a run: what ended it, failures, warm-up, bursts, and what is left out."""
    return tuple(_notes(record, whole, parts, died))


def _notes(record: LoadRecord, whole: Part, parts: Sequence[Part], died: str) -> Iterator[str]:
    if died:
        yield f"the service did not outlive the load: {died}"
    if whole.failed:
        told = ", ".join(
            f"{many:,} by: {reason}" for reason, many in record.failures[:SHOWN_REASONS]
        )
        yield f"{whole.failed:,} of {whole.requests:,} requests failed, and have no times: {told}"
    if record.redirects:
        yield (
            f"{record.redirects:,} of {whole.completed:,} answers that count as a success were"
            " redirects, which nobody followed: where that is right, name the status that is due"
        )
    if warm_up := _warm_up(record, whole):
        yield warm_up
    if record.unasked:
        others = f" and {len(record.unasked) - 1:,} more" if len(record.unasked) > 1 else ""
        yield f"`{record.unasked[0]}`{others} got no request after the warm-up: nothing tells of it"
    if not whole.has_slices:
        yield (
            f"the run is too short to be cut into {SLICES} slices: its intervals take the requests"
            " to be independent"
        )
    elif (times := burstiness(record, whole)) > BURSTY:
        yield (
            f"slow requests came in bursts: how many a second has varied {times:.1f} times as much"
            " as it would by chance, and the intervals are as wide as that makes them"
        )
    if len(parts) > MAX_TAGGED:
        yield f"of {len(parts):,} endpoints {MAX_TAGGED} have metrics of their own"


def _warm_up(record: LoadRecord, whole: Part) -> str:
    """How much was left out, and what p95 would have been with it."""
    cells = [cell for cell in record.cells if cell.at < 0]
    left_out = sum(cell.succeeded + cell.failures for cell in cells)
    if not left_out:
        return ""
    told = f"{left_out:,} requests of {record.warmup_s:.0f} s of warm-up are left out"
    if failed := sum(cell.failures for cell in cells):
        reasons = Counter[str]()
        for cell in cells:
            reasons.update(dict(cell.failed))
        ((reason, _),) = reasons.most_common(1)
        told += f", {failed:,} of which failed, most by: {reason}"
    times = Counter[int]()
    for key, many in whole.keyed.items():
        times[key // SLICES] += many
    before = dict(times)
    for cell in cells:
        times.update(dict(zip(cell.times, cell.counts, strict=True)))
    if not before or not times:
        return told
    return f"{told}; with them p95 would be {_p95(times)} in place of {_p95(before)}"


def _p95(times: dict[int, int]) -> str:
    due, upto = rank(_P95, sum(times.values())), 0
    for time in sorted(times):
        upto += times[time]
        if upto >= due:
            return f"{time / _MS:.4g} ms"
    raise AssertionError(due)  # pragma: no cover - the rank is one of the times


def burstiness(record: LoadRecord, whole: Part) -> float:
    """How many times as much as by chance the slow requests of a second vary.

    Slow are those from the 95th percentile on. For independent requests their number in a second
    is binomial; this is the mean square of its deviations, each in units of that variance (the
    dispersion of K. Pearson's chi-squared).
    """
    times = Counter[int]()
    for key, many in whole.keyed.items():
        times[key // SLICES] += many
    total = times.total()
    if not total:
        return 0.0
    limit, upto = 0, 0
    for limit in sorted(times, reverse=True):
        upto += times[limit]
        if upto * 20 >= total:
            break
    share = upto / total
    sizes, slow = Counter[int](), Counter[int]()
    for cell in record.measured:
        sizes[cell.at] += cell.succeeded
        slow[cell.at] += sum(
            many for time, many in zip(cell.times, cell.counts, strict=True) if time >= limit
        )
    held = [at for at, size in sizes.items() if size]
    if share in {0.0, 1.0} or len(held) < SLICES:
        return 0.0
    squares = sum(
        (slow[at] - share * sizes[at]) ** 2 / (share * (1 - share) * sizes[at]) for at in held
    )
    return squares / (len(held) - 1)
