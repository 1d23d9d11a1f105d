"""How true the generator's figures are on one machine: what `gates doctor load` found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.latency import PERCENTILES, rank
from gates.formats.strict_json import Value

SCHEMA = "gates/load-calibration/v1"

FILE = "calibration.json"
"""Its name in the folder that a gate keeps."""

WORST = Decimal("1.5")
"""Milliseconds that a percentile may be off on a machine that is fit to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """One server with known delays, and what the generator made of it.

    Attributes:
        server: what its delays are.
        rate: requests a second.
        requests: how many were measured.
        true_us: p50, p95 and p99 by the server's own clock, in microseconds.
        told_us: the same by the generator.
        late: share of the generator's looks at its clock that came late.
        cpu: share of a core that it took.
    """

    server: str
    rate: int
    requests: int
    true_us: tuple[int, int, int]
    told_us: tuple[int, int, int]
    late: Decimal
    cpu: Decimal

    @property
    def off_ms(self) -> tuple[Decimal, ...]:
        """How much longer the generator says, in milliseconds, percentile by percentile."""
        pairs = zip(self.told_us, self.true_us, strict=True)
        return tuple(Decimal(told - true).scaleb(-3) for told, true in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """All servers of one calibration.

    Attributes:
        day: when it was (UTC).
        biases: what each showed.
    """

    day: date
    biases: tuple[Bias, ...]

    @property
    def worst_ms(self) -> Decimal:
        """The percentile that is off most, in milliseconds."""
        return max((off for bias in self.biases for off in bias.off_ms), key=abs)

    @property
    def note(self) -> str:
        """What each load verdict tells of it."""
        return (
            f"calibrated on {self.day}: against known delays the generator was at most"
            f" {abs(self.worst_ms):.2f} ms off at p50, p95 and p99"
        )

    def to_json(self) -> bytes:
        """The calibration as a file."""
        biases = [
            asdict(bias) | {"late": str(bias.late), "cpu": str(bias.cpu)} for bias in self.biases
        ]
        whole = {"schema": SCHEMA, "day": self.day.isoformat(), "biases": biases}
        return json.dumps(whole, indent=1).encode()


def read(data: bytes, *, what: str = FILE) -> Calibration:
    """Read what `to_json` wrote.

    Raises:
        OutputUnreadable: it is none.
    """
    top = strict_json.read(data, what=what)
    if top.member("schema").text() != SCHEMA:
        raise top.member("schema").unreadable("is none that is known")
    try:
        day = date.fromisoformat(top.member("day").text())
        biases = tuple(_bias(each) for each in top.member("biases").items())
    except (ValueError, ArithmeticError):
        raise OutputUnreadable("load-calibration", "holds no day or number", place=what) from None
    if not biases:
        raise top.member("biases").unreadable("are none")
    return Calibration(day=day, biases=biases)


def percentiles(times_us: list[int]) -> tuple[int, int, int]:
    """p50, p95 and p99 of times, by nearest rank.

    Args:
        times_us: at least one, in any order.
    """
    ordered = sorted(times_us)
    found = {name: ordered[rank(p, len(ordered)) - 1] for name, p in PERCENTILES.items()}
    return found["p50"], found["p95"], found["p99"]


def _bias(value: Value) -> Bias:
    return Bias(
        server=value.member("server").text(),
        rate=value.member("rate").count(),
        requests=value.member("requests").count(),
        true_us=_three(value.member("true_us")),
        told_us=_three(value.member("told_us")),
        late=Decimal(value.member("late").text()),
        cpu=Decimal(value.member("cpu").text()),
    )


def _three(value: Value) -> tuple[int, int, int]:
    one, two, three = (each.count() for each in value.items())
    return one, two, three
